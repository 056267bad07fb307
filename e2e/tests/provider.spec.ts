// Signing in with a provider: set up in the page, who comes in, groups from a claim, and what they open and close.
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect, expectAccessible, fresh, openDetails, signIn, test, useWeb } from "./fixtures.ts";
import { CLIENT, CLIENT_SECRET, TestProvider } from "./provider.ts";
import type { Person, Server } from "./server.ts";

let provider: TestProvider;

test.beforeAll(async ({ server, admin }) => {
  // What is asked for by people comes after somebody has set the vault up.
  expect(admin.name).not.toBe("");
  provider = await TestProvider.start(server.address);
});

test.afterAll(async ({ server, admin }) => {
  await server.call(admin, "DELETE", "/provider").catch(() => undefined);
  await provider.stop();
});

async function configure(server: Server, admin: Person, more: Record<string, unknown>): Promise<void> {
  await server.call(admin, "PUT", "/provider", {
    name: "Example",
    issuer: provider.issuer,
    client_id: CLIENT,
    client_secret: CLIENT_SECRET,
    address: server.address,
    scopes: ["profile", "groups"],
    ...more,
  });
}

async function stranger(browser: Browser): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext();
  await useWeb(context);
  return { context, page: await context.newPage() };
}

/** From the sign-in page to the provider, where somebody says who they are, and back. */
async function comeBy(page: Page, server: Server, login: string): Promise<void> {
  await page.goto(`${server.address}/`);
  await page.getByRole("button", { name: "Sign in with Example" }).click();
  await sayWho(page, login);
}

async function sayWho(page: Page, login: string): Promise<void> {
  await page.waitForURL((url) => url.href.startsWith(provider.issuer));
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  // What the client may know of them.
  await page.getByRole("button", { name: "Continue" }).click();
}

test("an administrator sets the provider up in the page, and a group's claim opens and closes a credential", async ({
  browser,
  context,
  page,
  server,
  admin,
}) => {
  test.slow();
  const login = fresh("erin").replace(" ", "");
  const group = fresh("Operations");
  const { id, name } = await server.credential(admin, {
    name: fresh("Vendor portal"),
    totp: { secret: "JBSWY3DPEHPK3PXP" },
  });
  await server.call(admin, "POST", "/groups", { name: group });
  await server.call(admin, "POST", "/grants", {
    group: `name:${group}`,
    credential: id,
    permissions: { token: true },
  });
  provider.groups.set(login, ["ops", "everybody"]);

  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/settings/provider`);
  await page.getByLabel("Name", { exact: true }).fill("Example");
  await page.getByLabel("Issuer").fill(`${provider.issuer}/`);
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByRole("alert")).toContainText("to the letter");
  await page.getByLabel("Issuer").fill(provider.issuer);
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByText("The provider can be used.")).toBeVisible();
  await page.getByLabel("Client ID").fill(CLIENT);
  await page.getByLabel("Client secret").fill(CLIENT_SECRET);
  await page.getByLabel("Scopes").fill("profile groups");
  await page.getByLabel("A user that an administrator has added for the provider").selectOption("username");
  await page.getByLabel(/requires a second factor from everyone/).check();
  await page.getByRole("textbox", { name: /^Claim/ }).fill("groups");
  await page.getByRole("button", { name: "Add a mapping" }).click();
  await page.getByLabel("Value").fill("ops");
  await page.getByLabel("Group here").selectOption({ label: group });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Sign-in provider saved")).toBeVisible();
  await expect(page.getByText("It is not shown.")).toBeVisible();
  await page.goto(`${server.address}/#/settings/users`);
  await page.getByRole("button", { name: "New user" }).click();
  await page.getByRole("textbox", { name: "User name" }).fill(login);
  await page.getByLabel(/they sign in with Example/).check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("row", { name: login })).toBeVisible();

  const other = await stranger(browser);
  await comeBy(other.page, server, login);
  await expect(other.page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await openDetails(other.page, name);
  await expect(other.page.getByRole("dialog").locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  await page.goto(`${server.address}/#/settings/groups`);
  await page.getByRole("row", { name: group }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Members" }).click();
  await expect(page.getByRole("dialog").getByRole("row", { name: login })).toContainText("From Example");
  await expectAccessible(page);

  // What the provider says no more is no more, from the next sign-in on.
  provider.groups.set(login, ["everybody"]);
  const session = (await other.context.cookies()).find((cookie) => cookie.name === "countersign_session")?.value ?? "";
  await server.call(session, "POST", `/credentials/${id}/token`, {});
  await other.context.close();
  const again = await stranger(browser);
  await comeBy(again.page, server, login);
  await expect(again.page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await expect(again.page.getByText(name)).toHaveCount(0);
  await expect(server.call(session, "POST", `/credentials/${id}/token`, {})).rejects.toThrow(/40[34]/);

  // They have no password: what concerns their account, they confirm at the provider.
  await again.page.goto(`${server.address}/#/settings/account`);
  await expect(again.page.getByText("You can sign in with Example.")).toBeVisible();
  await expect(again.page.getByText("My password")).toHaveCount(0);
  const url = await again.page.evaluate(async () => {
    const asked = await fetch("api/v1/me/provider", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ purpose: "confirm" }),
    });
    return ((await asked.json()) as { url: string }).url;
  });
  await again.page.goto(url);
  await again.page.locator("input[name=login]").fill(login);
  await again.page.locator("input[name=password]").fill("any");
  await again.page.locator("button[type=submit]").click();
  await expect(again.page.getByRole("heading", { name: "Confirmed" })).toBeVisible();
  await again.context.close();
});

test("who is not known is told so, and a code is asked for where the provider is not trusted with it", async ({
  browser,
  server,
  admin,
}) => {
  test.slow();
  await configure(server, admin, { match_by: "username" });
  const { context, page } = await stranger(browser);
  await comeBy(page, server, fresh("zoe").replace(" ", ""));
  await expect(page.getByRole("alert")).toContainText("You have no account here");
  await expectAccessible(page);
  await page.getByRole("link", { name: "Back to sign-in" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  // A link that somebody else has made up leads nowhere.
  await page.goto(`${server.address}/api/v1/sign-in/oidc/callback?code=a&state=b`);
  await expect(page.getByRole("alert")).toContainText("not begun in this browser");
  await page.goto(`${server.address}/#/provider/sign-in`);
  await expect(page.getByRole("alert")).toContainText("not begun in this browser");
  await context.close();

  // The administrator connects their account, signs in with it, and is asked for their code.
  const own = await stranger(browser);
  await signIn(own.context, server, admin);
  await own.page.goto(`${server.address}/#/settings/account`);
  await own.page.getByRole("button", { name: "Connect" }).click();
  await sayWho(own.page, "the boss");
  await expect(own.page.getByText("You can sign in with Example.")).toBeVisible();
  await own.context.clearCookies({ name: "countersign_session" });
  await own.page.goto(`${server.address}/`);
  await own.page.reload();
  await own.page.getByRole("button", { name: "Sign in with Example" }).click();
  await expect(own.page.getByRole("heading", { name: "Enter your code" })).toBeVisible();
  await expectAccessible(own.page);
  await own.page.getByLabel("Code").fill("000000");
  await own.page.getByRole("button", { name: "Continue" }).click();
  await expect(own.page.getByRole("alert")).toContainText("Wrong user name, password or code");
  await own.context.close();
});

test("a provider that is not there is said to be, and the password still signs in", async ({
  browser,
  server,
  admin,
}) => {
  await configure(server, admin, { issuer: "http://localhost:1" });
  const { context, page } = await stranger(browser);
  await page.goto(`${server.address}/`);
  await page.getByRole("button", { name: "Sign in with Example" }).click();
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await expect(page.getByLabel("Password")).toBeEditable();
  await expectAccessible(page);
  await context.close();
});

test("whoever comes by the provider finds the language that they chose in another browser", async ({
  browser,
  server,
  admin,
}) => {
  const login = fresh("lea").replace(" ", "");
  await configure(server, admin, { match_by: "username", trusts_second_factor: true });
  await server.call(admin, "POST", "/users", { name: login, role: "member", sign_in: "provider" });
  const first = await stranger(browser);
  await comeBy(first.page, server, login);
  await first.page.getByRole("button", { name: "(you)" }).click();
  await first.page.getByRole("menuitem", { name: "Language and time zone" }).click();
  await first.page.getByRole("dialog").getByLabel("Language").selectOption("es");
  await expect(first.page.getByRole("heading", { name: "Todas las credenciales" })).toBeVisible();
  const second = await stranger(browser);
  await comeBy(second.page, server, login);
  await expect(second.page.getByRole("heading", { name: "Todas las credenciales" })).toBeVisible();
  for (const { context } of [first, second]) await context.close();
});
