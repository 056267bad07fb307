// The pictures of the handbook: the token pop-up in both themes and on a phone, the list, the quick search, the form with a seed, an
// import, a change, a session.
import { join } from "node:path";
import { expect, signIn, test, useWeb } from "../tests/fixtures.ts";
import type { Page } from "@playwright/test";
import { Practice } from "../tests/practice.ts";
import type { Person, Server } from "../tests/server.ts";

const FOLDER = join(import.meta.dirname, "../../docs/handbook/src/pictures");

async function fill(server: Server, admin: Person): Promise<{ colleague: Person; id: string }> {
  const colleague = await server.person(admin, "ben", "manager");
  const add = (name: string, username: string, host: string, tags: string[], totp?: Record<string, unknown>) =>
    server.credential(admin, {
      name,
      username,
      password: "a sample, sealed",
      site: { url: `https://${host}/` },
      tags,
      ...(totp ? { totp } : {}),
    });
  const first = await add("Instagram", "harbour.coffee@example.org", "www.instagram.com", ["social", "marketing"], {
    secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  });
  await add("Facebook page", "harbour.coffee@example.org", "www.facebook.com", ["social", "marketing"], {
    secret: "KRSXG5CTMVRXEZLUKN2XAZLSKNSWG4TF",
    algorithm: "SHA256",
    digits: 8,
  });
  await add("Video channel", "studio@example.org", "www.youtube.com", ["social", "video"], {
    secret: "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U",
  });
  await add("Network switch, hall 2", "admin", "10.20.0.2", ["operations"], {
    secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    algorithm: "SHA512",
    digits: 8,
    period: 60,
  });
  await add("Certificate portal", "ops@example.org", "portal.example.org", ["operations"], {
    secret: "ONSWG4TFOQWTGMZNONSWG4TFOQWTGMZN".replace(/[^A-Z2-7]/g, ""),
    kind: "hotp",
    counter: 41,
  });
  await add("Newsletter tool", "letters@example.org", "letters.example.com", ["marketing"]);
  return { colleague, id: first.id };
}

/** A moment in the last ten seconds of a step, when the next token stands beside and a colleague has taken this one. */
async function goodMoment(page: Page, server: Server, colleague: Person, id: string): Promise<void> {
  const timer = page.getByRole("dialog").getByRole("timer");
  const left = async () => Number(await timer.innerText());
  await expect.poll(left, { timeout: 40_000 }).toBeGreaterThan(20);
  await server.call(colleague, "GET", `/credentials/${id}/token`);
  await expect(page.getByRole("dialog").locator("[data-token=small]")).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText(/Used by ben \d+ s ago/)).toBeVisible();
  await expect.poll(left, { timeout: 10_000 }).toBeLessThan(9);
}

/** The quick search with what one does with a credential, and an import before anything is stored. */
async function waysAround(page: Page, server: Server): Promise<void> {
  await page.goto(server.address);
  await expect(page.getByRole("row", { name: "Instagram" })).toBeVisible();
  await page.keyboard.press("Control+k");
  const search = page.getByRole("combobox", { name: "Credentials and pages" });
  await search.fill("insta");
  await expect(page.getByRole("option", { name: "Instagram" })).toBeVisible();
  await search.press("ArrowRight");
  await expect(page.getByRole("option", { name: "Copy token" })).toBeVisible();
  await page.screenshot({ path: join(FOLDER, "palette.png") });
  // Back to what was found, then away.
  await search.press("Escape");
  await search.press("Escape");

  await page.goto(`${server.address}/#/import`);
  const rows = [
    "name,url,username,password",
    "Shop,https://shop.example/,office@example.org,plum-velvet-7",
    "Printer,https://printer.example/,admin,harbour-anchor-3",
  ];
  await page
    .getByLabel("Files to import")
    .setInputFiles({ name: "logins.csv", mimeType: "text/csv", buffer: Buffer.from(`${rows.join("\n")}\n`) });
  await expect(page.getByRole("row", { name: "Printer" })).toBeVisible();
  await page.screenshot({ path: join(FOLDER, "import.png") });
}

test("pictures", async ({ browser, server, admin }) => {
  const { colleague, id } = await fill(server, admin);
  for (const [file, colorScheme, width, height] of [
    ["token-light", "light", 1280, 760],
    ["token-dark", "dark", 1280, 760],
    ["token-phone", "light", 390, 780],
  ] as const) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height },
      deviceScaleFactor: width < 500 ? 2 : 1,
      isMobile: width < 500,
      hasTouch: width < 500,
    });
    await useWeb(context);
    await signIn(context, server, admin);
    const page = await context.newPage();
    await page.goto(server.address);
    await page.getByRole("row", { name: "Instagram" }).getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Details" }).click();
    await goodMoment(page, server, colleague, id);
    await page.screenshot({ path: join(FOLDER, `${file}.png`) });
    await context.close();
  }

  const context = await browser.newContext({ colorScheme: "light", viewport: { width: 1280, height: 760 } });
  await useWeb(context);
  await signIn(context, server, admin);
  const page = await context.newPage();
  await page.goto(server.address);
  await expect(page.getByRole("row", { name: "Instagram" })).toBeVisible();
  await page.screenshot({ path: join(FOLDER, "list.png") });
  await page.goto(`${server.address}/#/credentials/new`);
  await page.getByRole("textbox", { name: "Setup key" }).fill("jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp");
  await expect(page.locator("[data-token=small]")).toBeVisible();
  await page
    .getByRole("textbox", { name: "Setup key" })
    .evaluate((field) => field.closest("section")?.scrollIntoView({ block: "center" }));
  await page.screenshot({ path: join(FOLDER, "seed.png") });
  // Another page: this one would ask whether to leave what was typed.
  await waysAround(await context.newPage(), server);
  await context.close();
});

test("a change", async ({ browser, server, admin }) => {
  const practice = await Practice.start();
  const seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  await practice.account("harbour.coffee", "first-Harbour-7", seed);
  const { id } = await server.credential(admin, {
    name: "Harbour Coffee",
    username: "harbour.coffee",
    password: "first-Harbour-7",
    site: { url: practice.site },
    totp: { secret: seed },
    tags: ["practice"],
  });
  const change = await server.call<{ id: string }>(admin, "POST", `/credentials/${id}/changes`, {
    reason: "a colleague has left the team",
  });
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 860 } });
    await useWeb(context);
    await signIn(context, server, admin);
    const page = await context.newPage();
    await page.goto(`${server.address}/#/changes/${change.id}`);
    // While the proof waits for an unused token, there is something of everything.
    await expect(page.getByRole("region", { name: "Status" })).toContainText(/Verifying|Changed/, { timeout: 60_000 });
    await expect(page.getByRole("log")).toContainText("for an unused token", { timeout: 60_000 });
    await expect(page.getByRole("img", { name: /^Latest screenshot/ })).toHaveJSProperty("complete", true);
    await page.screenshot({ path: join(FOLDER, `change-${colorScheme}.png`) });
    await context.close();
  }
  await practice.stop();
});

test("a session", async ({ browser, server, admin }) => {
  test.setTimeout(120_000);
  const practice = await Practice.start();
  await practice.account("harbour.coffee", "first-Harbour-7");
  const { id } = await server.credential(admin, {
    name: "Harbour Coffee, live",
    username: "harbour.coffee",
    password: "first-Harbour-7",
    site: { url: practice.site },
  });
  const session = await server.call<{ id: string }>(admin, "POST", `/credentials/${id}/sessions`, {
    reason: "answering guests",
  });
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 860 } });
    await useWeb(context);
    await signIn(context, server, admin);
    const page = await context.newPage();
    await page.goto(`${server.address}/#/sessions/${session.id}`);
    const field = page.getByRole("textbox", { name: "Keyboard of the remote page" });
    await expect(field).toBeEnabled({ timeout: 60_000 });
    await expect(page.getByRole("region", { name: "Session" })).toContainText(/recorded/i);
    // The whole feed stands there, at the size of this window.
    // eslint-disable-next-line playwright/no-wait-for-timeout -- frames have no end, and a picture is no test
    await page.waitForTimeout(4_000);
    await page.screenshot({ path: join(FOLDER, `session-${colorScheme}.png`) });
    await context.close();
  }
  await practice.stop();
});
