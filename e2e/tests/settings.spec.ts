import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";
import { PASSWORD } from "./server.ts";
import { totp } from "./totp.ts";

test("an API token is shown once, works, and is revoked", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/settings/api-tokens`);
  const name = fresh("nightly job");
  await page.getByRole("button", { name: "New API token" }).click();
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Expires").selectOption("In 30 days");
  await page.getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("dialog", { name: `API token for ${name}` });
  const token = await shown.getByLabel("API token", { exact: true }).innerText();
  expect(token).toMatch(/^cs_/);
  await expectAccessible(page);
  const ask = () =>
    fetch(`${server.address}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } }).then(
      (answer) => answer.status,
    );
  expect(await ask()).toBe(200);
  await shown.getByRole("button", { name: "Done" }).click();
  expect(await page.content()).not.toContain(token);

  await page.getByRole("row", { name }).getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("row", { name })).toBeHidden();
  expect(await ask()).toBe(401);
});

test("users: created, given another role, disabled, removed", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/settings/users`);
  const name = fresh("berta");
  await page.getByRole("button", { name: "New user" }).click();
  await page.getByLabel("User name", { exact: true }).fill(name);
  await page.getByLabel("Role", { exact: true }).selectOption("Auditor");
  await page.getByRole("radio", { name: /^I choose a first one/ }).check();
  await page.getByLabel("First password").fill(PASSWORD);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const row = page.getByRole("row", { name });
  await expect(row).toContainText("Auditor");
  await expect(row).toContainText("Not set up");

  const act = async (what: string, button: string) => {
    await row.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: what }).click();
    const dialog = page.getByRole("dialog");
    if (what === "Change role") await dialog.getByLabel("Role", { exact: true }).selectOption("Member");
    await dialog.getByRole("button", { name: button, exact: true }).click();
    await expect(dialog).toBeHidden();
  };
  await act("Change role", "Save");
  await expect(row).toContainText("Member");
  await act("Disable", "Disable");
  await expect(row).toContainText("Disabled");
  await act("Remove", "Remove");
  await expect(row).toBeHidden();
});

test("a new user chooses the password by a link that serves once", async ({ home: page, browser, server }) => {
  await page.goto(`${server.address}/#/settings/users`);
  const name = fresh("newcomer");
  await page.getByRole("button", { name: "New user" }).click();
  await page.getByLabel("User name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const link = await page.getByRole("dialog").locator("output").innerText();
  expect(link).toContain(`${server.address}/#/welcome/ci_`);
  await expectAccessible(page);

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await other.getByLabel("Password", { exact: true }).fill("football");
  await other.getByRole("button", { name: "Save password" }).click();
  await expect(other.getByText("common passwords")).toBeVisible();
  await other.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await expectAccessible(other);
  await other.getByRole("button", { name: "Save password" }).click();
  await expect(other.getByText(`Sign in as ${name}`)).toBeVisible();
  expect(other.url()).not.toContain("ci_");
  await other.goto("about:blank");
  await other.goto(link);
  await other.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await other.getByRole("button", { name: "Save password" }).click();
  await expect(other.getByText("not valid any more")).toBeVisible();
  await other.context().close();
});

test("typed text in a dialog is asked about before it is lost", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/settings/users`);
  await page.getByRole("button", { name: "New user" }).click();
  const dialog = page.getByRole("dialog", { name: "New user" });
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await page.getByRole("button", { name: "New user" }).click();
  await dialog.getByLabel("User name", { exact: true }).fill("half a name");
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  for (const leave of [
    () => page.keyboard.press("Escape"),
    () => dialog.getByRole("button", { name: "Close" }).click(),
    () => dialog.getByRole("button", { name: "Cancel" }).click(),
  ]) {
    await leave();
    await question.getByRole("button", { name: "Stay" }).click();
    await expect(dialog.getByLabel("User name", { exact: true })).toHaveValue("half a name");
  }
  await dialog.getByLabel("User name", { exact: true }).fill("");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await page.getByRole("button", { name: "New user" }).click();
  await dialog.getByLabel("User name", { exact: true }).fill("half a name");
  await page.keyboard.press("Escape");
  await question.getByRole("button", { name: "Leave" }).click();
  await expect(dialog).toBeHidden();
});

test("grants that were not saved are asked about", async ({ home: page, server, admin }) => {
  const member = await server.person(admin, fresh("nearly"), "member");
  const { id, name } = await server.credential(admin, { name: fresh("Nearly lent") });
  await page.goto(`${server.address}/#/credentials/${id}?tab=access`);
  const dialog = page.getByRole("dialog", { name });
  await dialog.getByLabel("Add a user").selectOption({ label: `${member.name} (Member)` });
  await dialog.getByRole("button", { name: "Close" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay" }).click();
  await dialog.getByRole("button", { name: "Save access" }).click();
  await expect(page.getByText("Access saved")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
});

test("a password that is half typed is asked about", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/settings/account`);
  await page.getByLabel("Current password").fill("half");
  await page.evaluate(() => (location.hash = "#/credentials"));
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
});

test("grants: given and taken in the pop-up", async ({ home: page, server, admin }) => {
  const member = await server.person(admin, fresh("grantee"), "member");
  const { id, name } = await server.credential(admin, { name: fresh("Lent"), totp: { secret: "JBSWY3DPEHPK3PXP" } });
  await page.goto(`${server.address}/#/credentials/${id}?tab=access`);
  const dialog = page.getByRole("dialog", { name });
  await expect(dialog.getByText("No access granted yet.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Add a user").selectOption({ label: `${member.name} (Member)` });
  await expect(dialog.getByRole("checkbox", { name: `${member.name} can use the token` })).toBeChecked();
  await dialog.getByRole("button", { name: "Save access" }).click();
  await expect(page.getByText("Access saved")).toBeVisible();
  await server.call(member, "GET", `/credentials/${id}/token`);

  await dialog.getByRole("checkbox", { name: `${member.name} can use the token` }).uncheck();
  await dialog.getByRole("button", { name: "Save access" }).click();
  await expect(dialog.getByText("No access granted yet.")).toBeVisible();
  await expect(server.call(member, "GET", `/credentials/${id}/token`)).rejects.toThrow(/40[34]/);
});

test("one's own password: the wrong one is said at its field, the right one changes it", async ({
  page,
  context,
  server,
  admin,
}) => {
  const person = await server.person(admin, fresh("changer"), "member");
  await signIn(context, server, person);
  await page.goto(`${server.address}/#/settings/account`);
  await page.getByLabel("Current password").fill("not it");
  await page.getByLabel("New password").fill("eleven brass lanterns humming");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Current password")).toHaveAccessibleDescription(/not your password/);
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Password changed. Your other sessions have ended.")).toBeVisible();
  await expect(page.getByLabel("Current password")).toHaveValue("");
});

test("the devices one is signed in with have names, and can be signed out", async ({ page, server, admin }) => {
  const person = await server.person(admin, fresh("two devices"), "member");
  await page.goto(server.address);
  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("Password").fill(PASSWORD);
  // The step in which the second factor was confirmed is spent.
  await page.getByLabel("Code").fill(totp({ seed: person.seed }, Date.now() + 30_000));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await page.goto(`${server.address}/#/settings/sessions`);
  const rows = page.getByRole("region", { name: "Signed-in devices" }).getByRole("row");
  await expect(rows.filter({ hasText: "This device" })).toContainText("Chrome on Linux");
  await expect(rows.filter({ hasText: "This device" })).toContainText("Signed in from 127.0.0.1");
  // The other one signed in without a browser.
  const other = rows.filter({ hasText: "node" });
  await expect(other).toHaveCount(1);
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  await other.getByRole("button", { name: /^Sign out node, signed in / }).click();
  await expect(page.getByText("Device signed out")).toBeVisible();
  await expect(other).toHaveCount(0);
});

test("the theme is chosen by hand and kept", async ({ home: page }) => {
  const colour = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await colour();
  await page.getByRole("button", { name: "Theme: system" }).click();
  await page.getByRole("button", { name: "Theme: light" }).click();
  await expect(page.getByRole("button", { name: "Theme: dark" })).toBeVisible();
  expect(await colour()).not.toBe(light);
  await page.reload();
  await expect(page.getByRole("button", { name: "Theme: dark" })).toBeVisible();
  expect(await colour()).not.toBe(light);
});

test("a member sees no page that is not theirs", async ({ page, context, server, admin }) => {
  const member = await server.person(admin, fresh("plain member"), "member");
  await signIn(context, server, member);
  await page.goto(server.address);
  await expect(page.getByText("You don't have access to any credential yet.")).toBeVisible();
  await expect(page.getByRole("link", { name: "New credential" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Import" })).toBeHidden();
  await page.getByRole("button", { name: "Products" }).click();
  await expect(page.getByRole("link", { name: "Audit" })).toBeHidden();
  await page.goto(`${server.address}/#/settings/users`);
  await expect(page.getByRole("alert")).toBeVisible();
  await expectAccessible(page);
});
