// Passwords that change by themselves, seen from the page: over the real server, its worker and browser, and the practice site.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, openDetails, signIn } from "./fixtures.ts";
import { FIRST, test, type Account } from "./at-practice.ts";
import { Server, type Person } from "./server.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/** Signing in twice with a new step each time may wait for two steps. */
const A_CHANGE = 150_000;

const state = (page: Page) => page.getByRole("region", { name: "Status" });
const steps = (page: Page) => page.getByRole("log").getByRole("listitem");

/** From the list, by the row's menu, to the page of what was asked for. */
async function ask(
  page: Page,
  server: Server,
  { name }: Account,
  what: "Change password" | "Test run",
  reason = "",
): Promise<void> {
  await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(name)}`);
  await page.getByRole("row", { name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: what }).click();
  const dialog = page.getByRole("dialog");
  if (reason) await dialog.getByRole("textbox", { name: "Reason" }).fill(reason);
  await dialog.getByRole("button", { name: what }).click();
  await expect(page).toHaveURL(/#\/changes\/[0-9a-f-]{36}$/);
}

/** Ends what still waits, so that the next test finds nothing open. */
async function cancel(server: Server, admin: Person, page: Page): Promise<void> {
  await server.call(admin, "POST", `/changes/${page.url().split("/").at(-1)}/cancel`);
}

test("a password is changed, step by step before one's eyes, and the history shows it", async ({
  home: page,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE + 60_000);
  const one = await account("Changed", SEED);
  await page.addInitScript(() => {
    Object.assign(window, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.reload();
  await ask(page, server, one, "Change password", "a colleague has left the team");
  await expect(page.getByRole("heading", { level: 1, name: `Password change: ${one.name}` })).toBeFocused();
  await expect(page.getByText("“a colleague has left the team”")).toBeVisible();
  // Live: more and more steps, without a touch.
  await expect.poll(() => steps(page).count(), { timeout: A_CHANGE }).toBeGreaterThan(3);
  await expectAccessible(page);
  await expect(state(page).getByText("Changed", { exact: true })).toBeVisible({ timeout: A_CHANGE });
  await expect(page.getByRole("list", { name: "Progress" }).getByText("Not reached")).toHaveCount(0);
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.05);
  await expectAccessible(page);
  await expectFits(page);

  // The pictures, large, by keyboard.
  await page.getByRole("button", { name: /^Latest screenshot/ }).focus();
  await page.keyboard.press("Enter");
  const viewer = page.getByRole("dialog");
  await expect(viewer.getByRole("img")).toHaveJSProperty("complete", true);
  expect(await viewer.getByRole("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(300);
  const heading = await viewer.getByRole("heading").innerText();
  await page.keyboard.press("ArrowLeft");
  await expect(viewer.getByRole("heading")).not.toHaveText(heading);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: /^Latest screenshot/ })).toBeFocused();

  // The vault holds what signs in at the site, and the token still works.
  expect(await practice.isRight(one.user, FIRST)).toBe(false);
  const { password } = await server.call<{ password: string }>(admin, "POST", `/credentials/${one.id}/reveal`, {});
  expect(await practice.isRight(one.user, password)).toBe(true);
  expect(await page.content()).not.toContain(password);
  await page.getByRole("link", { name: "Credential", exact: true }).click();
  const details = page.getByRole("dialog", { name: one.name });
  await expect(details.locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  const history = details.getByRole("list", { name: `Changes of ${one.name}` }).getByRole("listitem");
  await expect(history).toHaveCount(1);
  await expect(history).toContainText("Changed");
  await expect(history).toContainText("a colleague has left the team");
  await expectAccessible(page);
});

test("a test run goes up to the last step and changes nothing, and the change can follow", async ({
  home: page,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE);
  const one = await account("Rehearsed");
  await ask(page, server, one, "Test run");
  await expect(page.getByRole("heading", { level: 1, name: `Test run: ${one.name}` })).toBeVisible();
  await expect(state(page).getByText("Passed", { exact: true })).toBeVisible({ timeout: A_CHANGE });
  expect(await practice.isRight(one.user, FIRST)).toBe(true);
  // What it has found can be used at once.
  await page.getByRole("button", { name: "Change password now" }).click();
  const dialog = page.getByRole("dialog", { name: `Change the password of ${one.name}?` });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Password change: ${one.name}` })).toBeVisible();
  await cancel(server, admin, page);
});

test("a stale password fails with what to do, and stands among those that failed", async ({
  home: page,
  server,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE);
  const one = await account("Stale");
  await practice.setPassword(one.user, "changed-by-hand-9");
  await ask(page, server, one, "Change password");
  await expect(state(page).getByText("Failed", { exact: true })).toBeVisible({ timeout: A_CHANGE });
  await expect(page.getByRole("list", { name: "Progress" })).toContainText("Stopped here");
  await expectAccessible(page);
  await page.goto(`${server.address}/#/changes?show=trouble`);
  const row = page.getByRole("list", { name: "Changes" }).getByRole("listitem").filter({ hasText: one.name });
  await expect(row).toContainText("Failed");
  await expectAccessible(page);
});

test("what needs attention says so wherever one looks, and can be cancelled", async ({
  home: page,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE);
  const one = await account("Puzzled");
  await practice.hurdles(one.user, { sign_in: { captcha: { sign_in: true, place: "own_page" } } });
  await ask(page, server, one, "Change password");
  await expect(state(page).getByText("Needs attention", { exact: true })).toBeVisible({ timeout: A_CHANGE });
  await expect(state(page).getByRole("timer")).toHaveText(/^Waits .* more, then gives up$/);
  await expect(page.getByRole("list", { name: "Progress" })).toContainText("Paused here");
  await expectAccessible(page);

  // A second one is not begun; the first can be watched.
  const place = page.url();
  await page.goto(`${server.address}/#/credentials/${one.id}?tab=changes`);
  await page.getByRole("dialog").getByRole("button", { name: "Test run" }).click();
  const dialog = page.getByRole("dialog", { name: `Start a test run at ${one.name}?` });
  await dialog.getByRole("button", { name: "Test run" }).click();
  await expect(dialog.getByRole("link", { name: "View progress" })).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("link", { name: "View progress" }).click();
  await expect(page).toHaveURL(place);

  await page
    .getByRole("navigation", { name: "PAM Core" })
    .getByRole("link", { name: /^Needs attention/ })
    .click();
  await expect(page.getByRole("heading", { level: 1, name: "Needs attention" })).toContainText("1");
  await expect(
    page.getByRole("navigation", { name: "PAM Core" }).getByRole("link", { name: "Needs attention , 1" }),
  ).toBeVisible();
  const card = page.getByRole("region", { name: one.name });
  await expect(card).toContainText("CAPTCHA");
  await expect(card.getByRole("timer")).toHaveText(/^Gives up in /);
  await expect(card.getByRole("img")).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await card.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Cancel change" }).click();
  // Its worker closes the browser first.
  await expect(page.getByRole("heading", { name: "Nothing needs attention" })).toBeVisible({ timeout: 30_000 });
  expect(await practice.isRight(one.user, FIRST)).toBe(true);
  expect((await server.call<{ state: string }>(admin, "GET", `/changes/${place.split("/").at(-1)}`)).state).toBe(
    "cancelled",
  );
});

test("the list is live, keeps its rows in place, and asks nothing while it is hidden", async ({
  home: page,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE);
  const first = await account("Live");
  const second = await account("Newer");
  for (const one of [first, second])
    await practice.hurdles(one.user, { sign_in: { captcha: { sign_in: true, place: "own_page" } } });
  await ask(page, server, first, "Change password");
  const place = page.url();
  await page.goto(`${server.address}/#/changes`);
  const rows = page.getByRole("list", { name: "Changes" }).getByRole("listitem");
  const row = rows.filter({ hasText: first.name });
  await expect(row).toContainText("Needs attention", { timeout: A_CHANGE });
  await expect(rows.first()).toContainText(first.name);

  const asked = await server.call<{ id: string }>(admin, "POST", `/credentials/${second.id}/changes`, {
    rehearse: false,
  });
  await expect(page.getByRole("button", { name: "Show 1 newer" })).toBeVisible({ timeout: 20_000 });
  await expect(rows.first()).toContainText(first.name);
  await page.getByRole("button", { name: "Show 1 newer" }).click();
  await expect(rows.first()).toContainText(second.name);
  await rows.first().getByRole("link").focus();
  await page.keyboard.press("ArrowDown");
  await expect(row.getByRole("link")).toBeFocused();
  await expectAccessible(page);
  await expectFits(page);

  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  let calls = 0;
  page.on("request", (request) => (calls += request.url().includes("/api/v1/changes") ? 1 : 0));
  await expect
    .poll(async () => (await server.call<{ state: string }>(admin, "GET", `/changes/${asked.id}`)).state, {
      timeout: A_CHANGE,
    })
    .toBe("waiting_for_a_person");
  expect(calls).toBe(0);

  await server.call(admin, "POST", `/changes/${asked.id}/cancel`);
  await page.goto(place);
  await cancel(server, admin, page);
});

test("site and automation are written down, read back, and refused where they make no sense", async ({
  home: page,
  server,
  account,
}) => {
  const one = await account("Automated");
  await openDetails(page, one.name);
  const dialog = page.getByRole("dialog", { name: one.name });
  await dialog.getByRole("tab", { name: "Site and automation" }).click();
  await dialog.getByRole("radio", { name: /^Trust it/ }).check();
  await dialog.getByRole("checkbox", { name: "Every" }).check();
  await dialog.getByRole("spinbutton", { name: "Days between changes" }).fill("45");
  await dialog.getByRole("checkbox", { name: "Only between these hours" }).check();
  await dialog.getByText("Examples of rules").click();
  await dialog.getByRole("button", { name: /^Use the rules for 12 to 64/ }).click();
  for (const [i, [label, value]] of [
    ["Tenant", "north"],
    ["Branch", "7"],
  ].entries()) {
    await dialog.getByRole("button", { name: "Add field" }).click();
    const extra = dialog.getByRole("list", { name: "Extra sign-in fields" }).getByRole("listitem").nth(i);
    await extra.getByRole("textbox", { name: "Label" }).fill(label ?? "");
    await extra.getByRole("textbox", { name: "Value" }).fill(value ?? "");
  }
  await dialog.getByRole("button", { name: "Remove Tenant" }).click();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Site and automation saved")).toBeVisible();

  await page.goto(`${server.address}/#/credentials/${one.id}?tab=automation`);
  await page.reload();
  await expect(dialog.getByRole("radio", { name: /^Trust it/ })).toBeChecked();
  await expect(dialog.getByRole("spinbutton", { name: "Days between changes" })).toHaveValue("45");
  await expect(dialog.getByRole("textbox", { name: "Password rules" })).toHaveValue("minlength: 12; maxlength: 64");
  const extra = dialog.getByRole("list", { name: "Extra sign-in fields" }).getByRole("listitem");
  await expect(extra).toHaveCount(1);
  await expect(extra.getByRole("textbox", { name: "Label" })).toHaveValue("Branch");
  await expect(extra.getByRole("textbox", { name: "Value" })).toHaveValue("7");
  await expect(dialog.getByLabel("From (UTC)")).toHaveValue("22:00");
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();

  await dialog.getByRole("textbox", { name: "Allowed sign-in URLs" }).fill("not an origin");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("textbox", { name: "Allowed sign-in URLs" })).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
});

test("without a Chromium the page says what to do, and all else works", async ({ context, page }) => {
  const server = await Server.start({ COUNTERSIGN_CHROMIUM: "/nowhere/chromium" });
  const admin = await server.setUp();
  const { name } = await server.credential(admin, {
    name: "Nowhere",
    username: "n",
    password: FIRST,
    site: { url: "https://www.example.org/" },
  });
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/changes`);
  const note = page.getByRole("note").filter({ hasText: "Passwords cannot be changed at the moment." });
  await expect(note).toContainText("/nowhere/chromium");
  await expect(page.getByRole("heading", { name: "No changes yet" })).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${server.address}/#/credentials`);
  await page.getByRole("row", { name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Test run" }).click();
  await expect(page.getByRole("dialog").getByRole("note")).toContainText("Passwords cannot be changed at the moment.");
  await expectAccessible(page);
  await server.stop();
});

test("recipes can be searched and say what their status means", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/recipes`);
  const rows = page.getByRole("region", { name: "Recipes" }).getByRole("row");
  await expect(rows.filter({ hasText: "instagram.com" })).toContainText("Unverified");
  await page.getByRole("searchbox", { name: "Search" }).fill("github");
  await expect(rows).toHaveCount(2);
  await expectAccessible(page);
  await expectFits(page);
});
