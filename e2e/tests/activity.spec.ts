import { expect, expectAccessible, expectFits, fresh, openDetails, signIn, test } from "./fixtures.ts";

const TOTP = { secret: "JBSWY3DPEHPK3PXP" };

test("a credential's history begins with how often it was used", async ({ context, page, server, admin }) => {
  const name = fresh("Pier");
  const { id } = await server.credential(admin, { name, password: "sealed", totp: TOTP });
  for (let i = 0; i < 3; i++) await server.call(admin, "GET", `/credentials/${id}/token`);
  await server.call(admin, "POST", `/credentials/${id}/reveal`, {});
  await signIn(context, server, admin);
  for (const [width, colorScheme] of [
    [1280, "light"],
    [360, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.address}/#/credentials`);
    await page.reload();
    await openDetails(page, name);
    const dialog = page.getByRole("dialog", { name });
    await dialog.getByRole("tab", { name: "History" }).click();
    const uses = dialog.getByRole("region", { name: "Uses in the last 30 days" });
    // The three, and those that this page has taken to show them.
    await expect(uses.getByRole("img", { name: /^Tokens taken per day: [4-9] in all, most on .*$/ })).toBeVisible();
    await expect(uses.getByRole("img", { name: /^Passwords revealed per day: 1 in all/ })).toBeVisible();
    await expect(uses.getByRole("img", { name: "Sessions: none" })).toBeVisible();
    await expectAccessible(page);
    await expectFits(page);
    await uses.getByText("As a table").click();
    await expect(uses.getByRole("row")).toHaveCount(2);
    await expect(uses.getByRole("row").nth(1).getByRole("cell")).toHaveText([/^[4-9]$/, "1", "0", "0"]);
    await expectAccessible(page);
    await expectFits(page);
  }
});

test("administrators see what somebody used, auditors too, and everybody what they did themselves", async ({
  context,
  page,
  server,
  admin,
}) => {
  test.slow();
  const credential = await server.credential(admin, { name: fresh("Quay"), totp: TOTP });
  const ben = await server.person(admin, fresh("ben"), "member");
  await server.grant(admin, credential.id, ben, { token: true });
  await server.call(ben, "GET", `/credentials/${credential.id}/token`);
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/settings/users`);
  await page.getByRole("button", { name: `Actions for ${ben.name}` }).click();
  await page.getByRole("menuitem", { name: "Activity" }).click();
  const dialog = page.getByRole("dialog", { name: `Activity of ${ben.name}` });
  await expect(dialog.getByRole("img", { name: /^Tokens taken per day: 1 in all/ })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("link", { name: "Open in the audit log" }).click();
  await expect(page).toHaveURL(new RegExp(`actor=${ben.id}`));
  await expect(page.getByRole("img", { name: /^Tokens taken per day: 1 in all/ })).toBeVisible();
  await expectAccessible(page);

  const ivy = await server.person(admin, fresh("ivy"), "auditor");
  await signIn(context, server, ivy);
  await page.goto(`${server.address}/#/audit?credential=${credential.id}`);
  await page.reload();
  await expect(page.getByRole("img", { name: /^Tokens taken per day: 1 in all/ })).toBeVisible();

  await signIn(context, server, ben);
  await page.goto(`${server.address}/#/settings/sessions`);
  await page.reload();
  await expect(page.getByRole("img", { name: /^Tokens taken per day: 1 in all/ })).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
});
