import type { BrowserContext, Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, said, test } from "./fixtures.ts";
import { PASSWORD, type Person, type Server } from "./server.ts";

/** The same server by a name: browsers take passkeys for names alone. */
const home = (server: Server) => server.address.replace("127.0.0.1", "localhost");

/** A device that holds passkeys and makes sure of its user. Gives what changes whether it does. */
async function withAuthenticator(page: Page): Promise<(verified: boolean) => Promise<void>> {
  const debug = await page.context().newCDPSession(page);
  await debug.send("WebAuthn.enable");
  const { authenticatorId } = await debug.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return async (verified) => {
    await debug.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: verified });
  };
}

async function signedIn(context: BrowserContext, server: Server, person: Person): Promise<void> {
  await context.addCookies([
    { name: "countersign_session", value: person.session, url: home(server), httpOnly: true, sameSite: "Strict" },
  ]);
}

async function signOut(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

async function add(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Add passkey" }).click();
}

const WITH_PASSKEY = "Sign in with a passkey";

test("a passkey is added, signs in alone, confirms, and is removed again", async ({ page, context, server, admin }) => {
  const person = await server.person(admin, fresh("keyed"), "member");
  const verifies = await withAuthenticator(page);
  await signedIn(context, server, person);
  await page.goto(`${home(server)}/#/settings/account`);
  await add(page, "Laptop");
  const passkeys = page.getByRole("region", { name: "Passkeys" });
  const row = passkeys.getByRole("row", { name: "Laptop" });
  await expect(row).toContainText("Never");
  await expectAccessible(page);
  // The same device has one already.
  await add(page, "Again");
  await expect(page.getByRole("alert")).toContainText("This device already has a passkey");
  await page.getByRole("button", { name: "Cancel" }).click();

  await signOut(page, person.name);
  await expectAccessible(page);
  await verifies(false);
  await page.getByRole("button", { name: WITH_PASSKEY }).click();
  await expect(page.getByRole("alert")).toContainText("No passkey was used");
  await verifies(true);
  await page.getByRole("button", { name: WITH_PASSKEY }).click();
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();

  // As it is fifteen minutes later.
  await page.goto(`${home(server)}/#/settings/account`);
  await expect(row).not.toContainText("Never");
  let asked = 0;
  await page.route("**/api/v1/me/passkeys/*", (route) =>
    asked++ > 0
      ? route.continue()
      : route.fulfill({
          status: 403,
          contentType: "application/problem+json",
          json: { type: "urn:countersign:problem:recent-sign-in-needed", title: "Not allowed this way", status: 403 },
        }),
  );
  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  const dialog = page.getByRole("dialog", { name: "Confirm it's you" });
  await expect(dialog.getByLabel("Password")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Use a passkey" }).click();
  await expect(said(page).getByText("Passkey removed")).toBeVisible();
  await expect(row).toBeHidden();
  expect(asked).toBe(2);

  // The device has it still, and is not let in by it.
  await signOut(page, person.name);
  await page.getByRole("button", { name: WITH_PASSKEY }).click();
  await expect(page.getByRole("alert")).toContainText("This passkey is not accepted");
});

test("a passkey is enough where the vault wants a second factor", async ({ page, server, admin }) => {
  const name = fresh("passkey only");
  const made = await server.call<{ setup_link: { link: string } }>(admin, "POST", "/users", { name, role: "member" });
  await server.call(null, "POST", "/choose-password", { link: made.setup_link.link, password: PASSWORD });
  await withAuthenticator(page);
  await page.goto(home(server));
  const byPassword = async () => {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  await byPassword();
  await expect(page.getByRole("heading", { name: "Your second factor" })).toBeVisible();
  await page.getByRole("button", { name: "Use a passkey instead" }).click();
  await expectAccessible(page);
  await page.getByLabel("Name").fill("Phone");
  await page.getByRole("button", { name: "Add passkey" }).click();
  const codes = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await expect(codes).toHaveCount(10);
  const code = await codes.first().innerText();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Saved" }).click();
  await expect(page.getByRole("heading", { name: "credentials", level: 1 })).toBeVisible();

  await signOut(page, name);
  await byPassword();
  await expect(page.getByRole("alert")).toContainText("Wrong user name, password or code");
  await page.getByLabel("Code").fill(code);
  await byPassword();
  await expect(page.getByRole("heading", { name: "credentials", level: 1 })).toBeVisible();
  await page.goto(`${home(server)}/#/settings/account`);
  await expect(page.getByText("Your passkeys are your second factor.")).toBeVisible();
  await expect(page.getByText("9 left")).toBeVisible();
  // It is the only one.
  await page.getByRole("row", { name: "Phone" }).getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("alert")).toContainText("This is your only second factor");

  const users = await server.call<{ items: { name: string; second_factors: string[] }[] }>(admin, "GET", "/users");
  expect(users.items.find((user) => user.name === name)?.second_factors).toEqual(["passkey"]);
});

test("where passkeys cannot be used the page says why, and the sign-in does not offer them", async ({
  page,
  context,
  server,
  admin,
}) => {
  await page.goto(server.address);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("button", { name: WITH_PASSKEY })).toBeHidden();
  await context.addCookies([
    { name: "countersign_session", value: admin.session, url: server.address, httpOnly: true, sameSite: "Strict" },
  ]);
  await page.goto(`${server.address}/#/settings/account`);
  await page.reload();
  await expect(page.getByText(`Passkeys work only at ${home(server)}: open this page there.`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Add a passkey" })).toBeHidden();
  await expectAccessible(page);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`pages with passkeys, ${colorScheme}, ${width} px wide`, async ({ page, context, server, admin }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 760 });
      await withAuthenticator(page);
      await page.goto(`${home(server)}/#/sign-in`);
      await expect(page.getByRole("button", { name: WITH_PASSKEY })).toBeVisible();
      await expectAccessible(page);
      await expectFits(page);
      const person = await server.person(admin, fresh("keyed"), "member");
      await signedIn(context, server, person);
      await page.goto(`${home(server)}/`);
      await page.reload();
      await page.goto(`${home(server)}/#/settings/account`);
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await expectAccessible(page);
      await page.getByLabel("Name").fill("A security key with a rather long name of its own, in the drawer");
      await page.getByRole("button", { name: "Add passkey" }).click();
      await expect(page.getByRole("region", { name: "Passkeys" })).toBeVisible();
      await expectAccessible(page);
      await expectFits(page);
    });
  }
}
