// The bin: what was removed is restored or deleted for good.
import { expect, expectAccessible, fresh, signIn, test } from "./fixtures.ts";

test.beforeEach(async ({ context, server, admin }) => signIn(context, server, admin));

test("a credential is restored from the bin, also where its name was given away", async ({ page, server, admin }) => {
  const name = fresh("Bakery");
  const { id } = await server.credential(admin, { name });
  await server.call(admin, "DELETE", `/credentials/${id}`);
  await page.goto(`${server.address}/#/credentials`);
  await page.getByRole("link", { name: "Bin" }).click();
  await expect(page.getByRole("heading", { name: /^Bin/ })).toBeVisible();
  const row = page.getByRole("row", { name });
  await expect(row).toContainText(admin.name);
  await expectAccessible(page);

  // Meanwhile another has its name.
  await server.credential(admin, { name });
  await row.getByRole("button", { name: `Restore ${name}` }).click();
  const dialog = page.getByRole("dialog", { name: `Restore ${name}` });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(dialog.getByText("choose another name")).toBeVisible();
  await dialog.getByLabel("Name").fill(`${name}, the old one`);
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText(`${name}, the old one restored`)).toBeVisible();
  await expect(row).toBeHidden();
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("dialog", { name: `${name}, the old one` })).toBeVisible();
});

test("what is deleted in the bin is gone for good", async ({ page, server, admin }) => {
  const name = fresh("Bakery");
  const { id } = await server.credential(admin, { name });
  await server.call(admin, "DELETE", `/credentials/${id}`);
  await page.goto(`${server.address}/#/bin`);
  await page.getByRole("button", { name: `Delete ${name} permanently` }).click();
  const question = page.getByRole("dialog", { name: `Delete ${name} permanently?` });
  await expectAccessible(page);
  await question.getByRole("button", { name: "Delete permanently" }).click();
  await expect(page.getByText(`${name} deleted permanently`)).toBeVisible();
  await expect(page.getByRole("row", { name })).toBeHidden();
  const left = await server.call<{ items: { id: string }[] }>(admin, "GET", "/bin");
  expect(left.items.map((each) => each.id)).not.toContain(id);
});
