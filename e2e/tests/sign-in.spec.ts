import { expect, expectAccessible, fresh, signIn, test } from "./fixtures.ts";
import { PASSWORD } from "./server.ts";
import { totp } from "./totp.ts";

test("password, then token, then back to where one wanted to be", async ({ page, server, admin }) => {
  const person = await server.person(admin, fresh("signer"), "auditor");
  await page.goto(`${server.address}/#/audit?act=user.signed_in`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();

  // Without a code and with a wrong one the answer is that of a wrong password: neither tells that the password is right.
  const said = await page.getByRole("alert").textContent();
  await page.getByLabel("Password").fill(PASSWORD);
  const token = page.getByLabel("Code");
  for (const typed of ["", "000000"]) {
    await token.fill(typed);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toHaveText(said ?? "");
    await expect(token).toHaveValue("");
  }

  // The step in which the second factor was confirmed is spent; the next one is taken already.
  await token.fill(totp({ seed: person.seed }, Date.now() + 30_000));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Audit records" })).toBeVisible();
  expect(page.url()).toContain("act=user.signed_in");
});

test("a recovery code stands in for the authenticator, once; new ones are made in the page", async ({
  page,
  context,
  server,
  admin,
}) => {
  const person = await server.person(admin, fresh("without phone"), "member");
  const signInWith = async (code: string) => {
    await page.goto(server.address);
    await page.getByLabel("Name").fill(person.name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Code").fill(code);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn(context, server, person);
  await page.goto(`${server.address}/#/settings/account`);
  await expect(page.getByText("10 left")).toBeVisible();
  await page.getByRole("button", { name: "Create new codes" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create new codes" }).click();
  const shown = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await expect(shown).toHaveCount(10);
  const codes = await shown.allInnerTexts();
  await expectAccessible(page);
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await waiting).suggestedFilename()).toBe("countersign-recovery-codes.txt");
  // They are shown this once, so leaving is asked about.
  await page
    .getByRole("link", { name: "Users" })
    .or(page.getByRole("link", { name: "API tokens" }))
    .first()
    .click();
  await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Saved" }).click();
  await expect(page.getByText(codes[0] ?? "")).toBeHidden();

  await context.clearCookies();
  await page.goto("about:blank");
  await signInWith(codes[0] ?? "");
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await context.clearCookies();
  await page.goto("about:blank");
  await signInWith(codes[0] ?? "");
  await expect(page.getByRole("alert")).toBeVisible();
});

test("someone without a second factor is led to it and nowhere else", async ({ page, server, admin }) => {
  const name = fresh("newcomer");
  await server.call(admin, "POST", "/users", { name, role: "member", password: PASSWORD });
  await page.goto(`${server.address}/#/settings/users`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  // The administrator knows the password, so it is changed first.
  await expect(page.getByRole("heading", { name: "Change your password" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByLabel("New password").fill(`${PASSWORD} of my own`);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("heading", { name: "Your second factor" })).toBeVisible();
});

/** What the frame looks for by itself, from time to time and as soon as a page stands: its numbers in the side menu. */
const COUNTED = /\/api\/v1\/(changes|requests|grants\/reviews)\?/;

for (const met of ["by saving", "by a look of the page's own"]) {
  test(`a session that ends under a form asks to sign in again and keeps what was typed: met ${met}`, async ({
    page,
    context,
    server,
    admin,
  }) => {
    const person = await server.person(admin, fresh("manager"), "manager");
    const name = fresh("Half typed");
    await signIn(context, server, person);
    // Its own looks wait until it is their turn, so that either way is the only one.
    let letLook = () => undefined as void;
    const turn = new Promise<void>((resolve) => (letLook = resolve));
    await page.route(COUNTED, async (route) => {
      await turn;
      await route.continue();
    });
    const looked = page.waitForRequest(COUNTED);
    await page.goto(`${server.address}/#/credentials/new`);
    await looked;
    await page.getByLabel("Name", { exact: true }).fill(name);
    await server.call(person, "POST", "/sign-out");
    await (met === "by saving" ? page.getByRole("button", { name: "Save" }).click() : letLook());

    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await expect(dialog).toBeVisible();
    letLook();
    await expectAccessible(page);
    await dialog.getByLabel("Name").fill(person.name);
    await dialog.getByLabel("Password").fill(PASSWORD);
    await dialog.getByLabel("Code").fill(totp({ seed: person.seed }, Date.now() + 30_000));
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("dialog", { name })).toBeVisible();
  });
}

test("an unreachable server is said so, and trying again helps", async ({ page, server, context, admin }) => {
  await signIn(context, server, admin);
  await page.route("**/api/v1/status", (route) => route.abort());
  await page.goto(server.address);
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  await page.unroute("**/api/v1/status");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
});

test("nothing secret is kept in the browser's storage", async ({ home }) => {
  await home.getByRole("button", { name: "Theme: system" }).click();
  const kept = await home.evaluate(() => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookies: document.cookie,
  }));
  expect(kept).toEqual({ local: { "countersign.theme": "light" }, session: {}, cookies: "" });
});
