import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";

test("a grant is edited, reviewed and removed where all grants are listed", async ({
  context,
  page,
  server,
  admin,
}) => {
  test.slow();
  const ben = await server.person(admin, fresh("ben"), "member");
  const credential = await server.credential(admin, { name: fresh("Bank"), password: "sealed" });
  await server.call(admin, "POST", "/grants", {
    user: ben.id,
    credential: credential.id,
    permissions: { token: true },
    conditions: { reason: true, from: "2026-01-02T03:04:05Z" },
  });
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/access`);
  const row = page.getByRole("row").filter({ hasText: credential.name });
  await expect(row).toContainText("See, use the token");
  await expect(row).toContainText("Never");

  await row.getByRole("button", { name: /^Edit/ }).click();
  const dialog = page.getByRole("dialog", { name: "Edit access" });
  await expect(dialog).toContainText(credential.name);
  await expect(dialog.getByLabel("A reason is given")).toBeChecked();
  await dialog.getByLabel("See the password").check();
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("status")).toContainText(`${ben.name} gains: see the password`);
  await expectAccessible(page);
  await expectFits(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(row).toContainText("see the password");
  const [grant] = (
    await server.call<{ items: { conditions: { from: string; reason: boolean } }[] }>(
      admin,
      "GET",
      `/grants?credential=${credential.id}`,
    )
  ).items;
  // What nobody touched stays to the second.
  expect(grant?.conditions).toMatchObject({ reason: true, from: "2026-01-02T03:04:05.000Z" });

  await row.getByRole("checkbox").check();
  await page.getByRole("group", { name: "Chosen grants" }).getByRole("button", { name: "Keep" }).click();
  await expect(page.getByText("Grant kept")).toBeVisible();
  await row.getByRole("checkbox").check();
  await page.getByRole("group", { name: "Chosen grants" }).getByRole("button", { name: "Remove" }).click();
  const sure = page.getByRole("dialog", { name: "Remove this grant?" });
  await expect(sure).toContainText(ben.name);
  await sure.getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
});

test("each number of the dashboard leads to its list", async ({ context, page, server, admin }) => {
  const credential = await server.credential(admin, { name: fresh("No factor"), password: "sealed" });
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/dashboard`);
  await page.getByRole("link", { name: /Without a second factor$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Without a second factor");
  await page
    .getByRole("row")
    .filter({ hasText: credential.name })
    .getByRole("link", { name: /^Details/ })
    .click();
  await expect(page.getByRole("dialog", { name: credential.name })).toBeVisible();
});

test("who has no business with it finds neither the dashboard nor all grants", async ({
  context,
  page,
  server,
  admin,
}) => {
  const ben = await server.person(admin, fresh("ben"), "member");
  await signIn(context, server, ben);
  await page.goto(`${server.address}/#/credentials`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Dashboard" })).toHaveCount(0);
  await page.goto(`${server.address}/#/dashboard`);
  await expect(page.getByRole("alert")).toContainText("manage groups and access");
});
