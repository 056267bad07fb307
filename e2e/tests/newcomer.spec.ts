// A newcomer's first ten minutes, in the page alone: from an empty vault to a team that uses its accounts.
import type { Browser, Page } from "@playwright/test";
import { expect, shownSeed, test as base, useWeb } from "./fixtures.ts";
import { Practice } from "./practice.ts";
import { PASSWORD, Server } from "./server.ts";
import { totp } from "./totp.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const FIRST = "first-Harbour-7";
const USER = "harbour.coffee";

const test = base.extend<{ bare: Server; practice: Practice }>({
  bare: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },
  practice: async ({}, use) => {
    const practice = await Practice.start();
    await practice.account(USER, FIRST, SEED);
    await use(practice);
    await practice.stop();
  },
});

/** The authenticator's QR code is read as text; gives its seed. */
async function enrol(page: Page): Promise<string> {
  await expect(page.getByRole("heading", { name: "Your second factor" })).toBeVisible();
  const seed = await shownSeed(page);
  await page.getByLabel("Enter the code it shows").fill(totp({ seed }));
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("button", { name: "Saved" }).click();
  return seed;
}

/** Another person, on a device of their own. */
async function elsewhere(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  await useWeb(context);
  return context.newPage();
}

/** What a password manager exports: ten logins, of which one is at the practice site. */
function logins(site: string): Buffer {
  const login = (name: string, username: string, password: string, uri: string) => ({
    type: 1,
    name,
    folderId: "f",
    login: { username, password, totp: null, uris: [{ match: null, uri }] },
  });
  const others = Array.from({ length: 9 }, (_, n) =>
    login(`Supplier ${n + 1}`, "office", `pass phrase number ${n + 1}`, `https://supplier${n + 1}.example.org/`),
  );
  const items = [...others, login("Practice", USER, FIRST, site)];
  return Buffer.from(JSON.stringify({ encrypted: false, folders: [{ id: "f", name: "Marketing" }], items }));
}

test("from an empty vault to a shared token and a changed password", async ({ page, browser, bare, practice }) => {
  test.setTimeout(300_000);

  await test.step("set up", async () => {
    await page.goto(bare.link);
    await page.getByLabel("Name").fill("ana");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Set up" }).click();
    await enrol(page);
    await expect(page.getByRole("heading", { name: "No credentials yet" })).toBeVisible();
  });

  await test.step("ten credentials, password and second factor together", async () => {
    await page.locator("#main").getByRole("link", { name: "Import" }).first().click();
    const phone = `otpauth://totp/Practice:${USER}?secret=${SEED}&issuer=Practice\n`;
    await page.getByLabel("Files to import").setInputFiles([
      { name: "passwords.json", mimeType: "application/json", buffer: logins(practice.site) },
      { name: "phone.txt", mimeType: "text/plain", buffer: Buffer.from(phone) },
    ]);
    await expect(page.getByText(/^10 new, /)).toBeVisible();
    await page.getByRole("button", { name: /^Import 10 / }).click();
    await expect(page.getByText(/^10 created, /)).toBeVisible();
    await page.getByRole("link", { name: "All credentials" }).first().click();
    await expect(page.getByRole("row", { name: /Supplier 1\b/ })).toBeVisible();
  });

  const ben = await elsewhere(browser);

  await test.step("a colleague comes by a link", async () => {
    await page.goto(`${bare.address}/#/settings/users`);
    await page.getByRole("button", { name: "New user" }).click();
    await page.getByLabel("User name", { exact: true }).fill("ben");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await ben.goto(await page.getByRole("dialog").locator("output").innerText());
    await ben.getByLabel("Password", { exact: true }).fill("eleven brass lanterns humming");
    await ben.getByRole("button", { name: "Save password" }).click();
    await expect(ben.getByText("Sign in as ben")).toBeVisible();
    await ben.getByRole("link", { name: "Sign in" }).click();
    await ben.getByLabel("Name").fill("ben");
    await ben.getByLabel("Password", { exact: true }).fill("eleven brass lanterns humming");
    await ben.getByRole("button", { name: "Sign in" }).click();
    await enrol(ben);
    await expect(ben.getByRole("row", { name: "Practice" })).toHaveCount(0);
  });

  await test.step("the token is shared", async () => {
    await page.goto(`${bare.address}/#/credentials?search=Practice`);
    await page.getByRole("row", { name: "Practice" }).click();
    const dialog = page.getByRole("dialog", { name: "Practice" });
    await dialog.getByRole("tab", { name: "Access" }).click();
    await dialog.getByLabel("Add a user").selectOption({ label: "ben (Member)" });
    await dialog.getByRole("button", { name: "Save access" }).click();
    await expect(page.getByText("Access saved")).toBeVisible();

    await ben.reload();
    await ben.getByRole("row", { name: "Practice" }).click();
    const token = ben.getByRole("dialog", { name: "Practice" }).locator("[data-token=large]");
    await expect.poll(async () => (await token.innerText()) === totp({ seed: SEED })).toBe(true);
  });

  await test.step("the password is changed at its site", async () => {
    await page.goto(`${bare.address}/#/credentials?search=Practice`);
    await page.getByRole("row", { name: "Practice" }).getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Change password" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Change password" }).click();
    const status = page.getByRole("region", { name: "Status" });
    await expect(status.getByText("Changed", { exact: true })).toBeVisible({ timeout: 150_000 });
    expect(await practice.isRight(USER, FIRST), "the old one does not sign in any more").toBe(false);
  });

  await ben.context().close();
});
