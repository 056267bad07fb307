// The bin: what was removed is restored or deleted permanently.
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
  const field = dialog.getByLabel("Name");
  await expect(field).toBeFocused();
  expect(await field.evaluate((input: HTMLInputElement) => [input.selectionStart, input.selectionEnd])).toEqual([
    0,
    name.length,
  ]);
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("alert")).toHaveText("Another credential has this name. Choose another name.");
  await expect(field).toBeFocused();
  await page.keyboard.type(`${name}, the old one`);
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`${name}, the old one restored`)).toBeVisible();
  await expect(row).toBeHidden();
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByRole("dialog", { name: `${name}, the old one` })).toBeVisible();
});

test("what is deleted in the bin is gone permanently", async ({ page, server, admin }) => {
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

test("an undone removal asks for another name where its own is taken", async ({ page, server, admin }) => {
  const name = fresh("Bakery");
  const { id } = await server.credential(admin, { name });
  await page.goto(`${server.address}/#/credentials/${id}`);
  await page.getByRole("dialog", { name }).getByRole("button", { name: "Remove" }).click();
  await page
    .getByRole("dialog", { name: `Remove ${name}?` })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(page.getByText(`${name} removed`)).toBeVisible();
  await server.credential(admin, { name });
  await page.getByRole("button", { name: "Undo" }).click();
  const dialog = page.getByRole("dialog", { name: `Restore ${name}` });
  await dialog.getByLabel("Name").fill(`${name}, the old one`);
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect(page.getByText(`${name}, the old one restored`)).toBeVisible();
});

test("an address restores nothing by itself", async ({ page, server, admin }) => {
  const name = fresh("Bakery");
  const { id } = await server.credential(admin, { name });
  await server.call(admin, "DELETE", `/credentials/${id}`);
  await page.goto(`${server.address}/#/bin?restore=${id}`);
  await expect(page.getByRole("dialog", { name: `Restore ${name}` })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name })).toBeVisible();
  const left = await server.call<{ items: { id: string }[] }>(admin, "GET", "/bin");
  expect(left.items.map((each) => each.id)).toContain(id);
});

test("who may not remove credentials is told whose the bin is", async ({ page, context, server, admin }) => {
  const person = await server.person(admin, fresh("member"), "member");
  await signIn(context, server, person);
  await page.goto(`${server.address}/#/bin`);
  await expect(page.getByText("The bin is for managers and administrators")).toBeVisible();
  await expectAccessible(page);
});
