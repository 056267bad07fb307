// Every page, in both themes and two widths: no violation of axe's rules, nothing sticking out, the same landmarks.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";
import type { Person, Server } from "./server.ts";

const PAGES: [string, string, string][] = [
  ["credentials", "#/credentials", "All credentials"],
  ["nothing-found", "#/credentials?search=nothing%20like%20it", "All credentials"],
  ["new-credential", "#/credentials/new", "New credential"],
  ["import", "#/import", "Import"],
  ["export", "#/export", "Export"],
  ["bin", "#/bin", "Bin"],
  ["dashboard", "#/dashboard", "Dashboard"],
  ["dashboard-unused", "#/dashboard/unused", "Not used for 90 days"],
  ["access", "#/access", "Access"],
  ["access-due", "#/access?show=due", "Access"],
  ["requests", "#/requests", "Requests"],
  ["requests-to-decide", "#/requests?show=to-decide", "Requests"],
  ["requests-of-exports", "#/requests?show=exports", "Requests"],
  ["live-sessions", "#/sessions", "Sessions"],
  ["changes", "#/changes", "Changes"],
  ["changes-in-trouble", "#/changes?show=trouble", "Changes"],
  ["waiting", "#/changes/waiting", "Needs attention"],
  ["recipes", "#/recipes", "Recipes"],
  ["audit", "#/audit", "Audit records"],
  ["audit-of-one", "#/audit?credential=01938d1c-7a31-7000-8000-000000000000", "Audit records"],
  ["destinations", "#/audit/destinations", "Destinations"],
  ["verify", "#/audit/verify", "Verify and export"],
  ["account", "#/settings/account", "Password and second factor"],
  ["sessions", "#/settings/sessions", "Signed-in devices"],
  ["browser-extensions", "#/settings/browser-extensions", "Browser extensions"],
  ["api-tokens", "#/settings/api-tokens", "API tokens"],
  ["device-login", "#/device", "Sign in a command line"],
  ["device-login-link", "#/device?code=WDJB-MJHT", "Sign in a command line"],
  ["users", "#/settings/users", "Users"],
  ["service-accounts", "#/settings/service-accounts", "Service accounts"],
  ["groups", "#/settings/groups", "Groups"],
  ["provider", "#/settings/provider", "Sign-in provider"],
  ["provisioning", "#/settings/provisioning", "Provisioning"],
  ["exports", "#/settings/exports", "Exports"],
  ["notices", "#/settings/notices", "Notices"],
  ["doctor", "#/settings/doctor", "Doctor"],
  ["about", "#/settings/about", "About"],
  ["help", "#/help", "Help"],
  ["help-found", "#/help?search=second%20factor", "Help"],
  ["help-not-found", "#/help?search=nothing%20like%20it", "Help"],
  ["help-chapter", "#/help/changes/what-can-become-of-a-change", "Changing passwords"],
  ["missing", "#/nowhere", "Page not found"],
];

async function sample(server: Server, admin: Person): Promise<string> {
  const page = await server.call<{ items: { id: string; name: string }[] }>(
    admin,
    "GET",
    "/credentials?search=Harbour%20Coffee",
  );
  const there = page.items[0];
  if (there) return there.id;
  const { id } = await server.credential(admin, {
    name: "Harbour Coffee on a network",
    username: "harbour.coffee.with.a.rather.long.name@marketing.example.org",
    password: "sealed",
    site: { url: "https://www.example.org/a/rather/long/path/to/sign/in" },
    totp: { secret: "JBSWY3DPEHPK3PXP" },
    tags: ["social", "brand", "autumn campaign"],
    notes: "Posting only after the brand team's yes.",
  });
  return id;
}

/** Waits until the page no longer waits for the server. */
async function settled(page: Page): Promise<void> {
  // eslint-disable-next-line playwright/no-networkidle -- that is what is asked: pages differ in what they show then
  await page.waitForLoadState("networkidle");
}

test("no page of the menus is left out", () => {
  // Read and not run: its texts are looked up in the page.
  const sections = readFileSync(new URL("../../web/src/sections.ts", import.meta.url), "utf8");
  const offered = [...sections.matchAll(/href: "(#[^"]+)",\s+path: /g)].map(([, href]) => href);
  expect(offered.length).toBeGreaterThan(20);
  expect(offered.filter((href) => !PAGES.some(([, hash]) => hash === href))).toEqual([]);
});

for (const theme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`every page, ${theme}, ${width} px wide`, async ({ context, page, server, admin }) => {
      test.slow();
      const id = await sample(server, admin);
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 760 });
      await signIn(context, server, admin);
      for (const [, hash, heading] of PAGES) {
        await page.goto(`${server.address}/${hash}`);
        await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
        await settled(page);
        await expectAccessible(page);
        await expectFits(page);
      }
      for (const tab of ["information", "password", "changes", "sessions", "automation", "history", "access"]) {
        await page.goto(`${server.address}/#/credentials/${id}?tab=${tab}`);
        await expect(page.getByRole("dialog").locator("[data-token=large]")).toHaveText(/^\d{6}$/);
        await settled(page);
        await expectAccessible(page);
        await expectFits(page);
      }
    });
  }
}

for (const language of ["pt", "es"]) {
  test(`every page, ${language}, 360 px wide: its words are longer than the English ones`, async ({
    context,
    page,
    server,
    admin,
  }) => {
    test.slow();
    const id = await sample(server, admin);
    await context.addInitScript((chosen) => localStorage.setItem("countersign.language", chosen), language);
    await page.setViewportSize({ width: 360, height: 760 });
    await signIn(context, server, admin);
    const tabs = ["information", "password", "changes", "sessions", "automation", "history", "access"];
    const details = tabs.map((tab) => `#/credentials/${id}?tab=${tab}`);
    for (const hash of [...PAGES.map(([, hash]) => hash), ...details]) {
      await page.goto(`${server.address}/${hash}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await settled(page);
      await expectFits(page);
    }
  });
}

test("the pages of who has no password of their own yet, in both themes and widths", async ({
  browser,
  server,
  admin,
}) => {
  test.slow();
  const [byLink, byPassword] = [fresh("linked"), fresh("chosen")];
  const first = "Quartz-Lantern-Copper-88";
  const made = await server.call<{ setup_link: { link: string } }>(admin, "POST", "/users", {
    name: byLink,
    role: "member",
  });
  await server.call(admin, "POST", "/users", { name: byPassword, role: "member", password: first });
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 360]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 760 } });
      const page = await context.newPage();
      await page.goto(`${server.address}/#/welcome/${made.setup_link.link}`);
      await expect(page.getByRole("heading", { name: "Choose your password", level: 1 })).toBeVisible();
      await expectAccessible(page);
      await expectFits(page);
      await page.goto(`${server.address}/#/sign-in`);
      await page.getByRole("textbox", { name: "Name" }).fill(byPassword);
      await page.getByLabel("Password").fill(first);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("heading", { name: "Change your password", level: 1 })).toBeVisible();
      await expectAccessible(page);
      await expectFits(page);
      await context.close();
    }
  }
});

test("on a phone the side menu is behind a button", async ({ context, page, server, admin }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/settings/about`);
  const side = page.getByRole("navigation", { name: "Settings" });
  await expect(side).toBeHidden();
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(side).toBeVisible();
  await expectAccessible(page);
  await side.getByRole("link", { name: "Doctor" }).click();
  await expect(page.getByRole("heading", { name: "Doctor" })).toBeVisible();
  await expect(side).toBeHidden();
});

test("less motion for those who ask for less", async ({ context, page, server, admin }) => {
  const id = await sample(server, admin);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/credentials/${id}`);
  await expect(page.getByRole("dialog").locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  const easing = await page.evaluate(() =>
    document.getAnimations().map((animation) => animation.effect?.getTiming().easing),
  );
  expect(easing).toEqual([expect.stringMatching(/^steps\(30/)]);
});

test("the frame, the list and the pop-up as a screen reader finds them", async ({ context, page, server, admin }) => {
  const id = await sample(server, admin);
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/credentials?search=Harbour`);
  await expect(page.getByRole("row", { name: "Harbour Coffee" })).toBeVisible();
  await expect(page.getByRole("banner")).toMatchAriaSnapshot({ name: "banner.aria.yml" });
  await expect(page.getByRole("navigation", { name: "PAM Core" })).toMatchAriaSnapshot({ name: "side-menu.aria.yml" });
  await expect(page.getByRole("grid")).toMatchAriaSnapshot({ name: "list.aria.yml" });
  await page.goto(`${server.address}/#/credentials/${id}`);
  await expect(page.getByRole("dialog").locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  await expect(page.getByRole("dialog")).toMatchAriaSnapshot({ name: "details.aria.yml" });
  await page.goto(`${server.address}/#/credentials/new`);
  await expect(page.getByRole("main")).toMatchAriaSnapshot({ name: "new-credential.aria.yml" });
});
