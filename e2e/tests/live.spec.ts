// Sessions at the practice site, as a person has them: over the real server, its browser, its stream and its recording.
import type { Browser, Page } from "@playwright/test";
import { expect, expectAccessible, signIn, useWeb } from "./fixtures.ts";
import { FIRST, test, type Account } from "./at-practice.ts";
import type { Practice } from "./practice.ts";
import { keyboard, solve } from "./stream.ts";
import type { Person, Server } from "./server.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/** Signing in may wait for a step of the token, a change for two more. */
const A_SIGN_IN = 90_000;
const A_CHANGE = 150_000;

const bar = (page: Page) => page.getByRole("region", { name: "Session" });

/** The same person at the site in a browser of their own, as large as the picture: where things are, and what is there. */
async function ownBrowser(
  browser: Browser,
  practice: Practice,
  { user }: Account,
  size: { width: number; height: number },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: Math.round(size.width), height: Math.round(size.height) },
  });
  const page = await context.newPage();
  await page.goto(practice.site);
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await page.getByLabel("Username").fill(user);
  await page.getByLabel("Password").fill(FIRST);
  await page.keyboard.press("Enter");
  return page;
}

async function withToken(page: Page, practice: Practice, { user }: Account): Promise<Page> {
  const code = page.locator("input[autocomplete=one-time-code]");
  await code.fill(await practice.token(user));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/feed$/);
  return page;
}

/** What the picture looks like, as a number. */
const look = (page: Page) =>
  page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let sum = 0;
    for (let i = 0; i < data.length; i += 401) sum = (sum * 31 + (data[i] ?? 0)) % 1_000_003;
    return sum;
  });

test("a session at the practice site: scrolled, posted in, ended, replayed; and the post is there", async ({
  home: page,
  browser,
  server,
  practice,
  account,
}) => {
  test.setTimeout(A_SIGN_IN + 90_000);
  const one = await account("Streamed", SEED);
  await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(one.name)}`);
  await page.getByRole("row", { name: one.name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Start session" }).click();
  const dialog = page.getByRole("dialog", { name: `Start a session at ${one.name}?` });
  await expect(dialog).toContainText("Recorded");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("the autumn campaign");
  await dialog.getByRole("button", { name: "Start session" }).click();
  await expect(page).toHaveURL(/#\/sessions\/[0-9a-f-]{36}$/);
  const id = page.url().split("/").at(-1) ?? "";
  await expect(page.locator("canvas")).toBeVisible({ timeout: A_SIGN_IN });
  await expect(bar(page)).toContainText("Recorded");
  await expect(bar(page)).toContainText("in control");
  await expect(page.getByRole("textbox", { name: "URL" })).toHaveValue(/\/feed$/);
  await expect(bar(page).getByText(/^Live, /)).toBeVisible();
  await expectAccessible(page);

  // The page has the size there is for it.
  const canvas = page.locator("canvas");
  await expect
    .poll(() => canvas.evaluate((element: HTMLCanvasElement) => element.width === element.clientWidth))
    .toBe(true);
  const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  expect(box.width).toBeGreaterThan(1_200);
  const own = await withToken(await ownBrowser(browser, practice, one, box), practice, one);
  const field = (await own.locator("[name=post]").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };

  const before = await look(page);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, 700);
  await expect.poll(() => look(page)).not.toBe(before);
  await page.mouse.wheel(0, -2_000);
  await expect.poll(() => look(page)).toBe(before);

  await page.mouse.click(box.x + field.x + field.width / 2, box.y + field.y + field.height / 2);
  await expect(keyboard(page)).toHaveAttribute("inputmode", "text");
  await page.keyboard.type("Ahoi, ");
  await page.keyboard.insertText("schöne Grüße, à bientôt 😀⚓");
  await page.keyboard.press("Enter");
  const posted = "Ahoi, schöne Grüße, à bientôt 😀⚓";
  await expect
    .poll(async () => {
      await own.reload();
      return own.getByText(posted, { exact: true }).count();
    })
    .toBe(1);

  await bar(page).getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await expect(page.getByRole("heading", { name: `${one.name}: session ended` })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Replay" }).click();
  await expect(page.getByRole("heading", { name: `Recording: ${one.name}` })).toBeVisible();
  const events = page.getByRole("region", { name: "Events" }).getByRole("listitem");
  await expect(events.filter({ hasText: "/feed" }).first()).toBeVisible();
  await expect(events.filter({ hasText: "ana typed" }).first()).toBeVisible();
  await expect(events.filter({ hasText: "ana clicked" }).first()).toBeVisible();
  await expect(events.last()).toContainText("Ended");
  await expect(page.getByRole("note")).toHaveCount(0);
  await expectAccessible(page);
  const begin = await look(page);
  await page.getByRole("combobox", { name: "Speed" }).selectOption("8");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible({ timeout: 30_000 });
  expect(await look(page)).not.toBe(begin);

  // In the list, among the past ones.
  await page.getByRole("link", { name: "All sessions" }).click();
  await expect(page.getByRole("region", { name: "Past sessions" }).getByRole("row", { name: one.name })).toContainText(
    "“the autumn campaign”",
  );
  expect(id).not.toBe("");
  await own.context().close();
});

const stateOf = async (server: Server, admin: Person, change: string) =>
  (await server.call<{ state: string }>(admin, "GET", `/changes/${change}`)).state;

/** Asks for a change, waits until it parks, and opens its browser from *Waiting for a person*. */
async function parked(page: Page, server: Server, admin: Person, one: Account): Promise<string> {
  const { id } = await server.call<{ id: string }>(admin, "POST", `/credentials/${one.id}/changes`, {
    rehearse: false,
  });
  await expect.poll(() => stateOf(server, admin, id), { timeout: A_CHANGE }).toBe("waiting_for_a_person");
  await page
    .getByRole("navigation", { name: "PAM Core" })
    .getByRole("link", { name: /^Needs attention/ })
    .click();
  await page.getByRole("region", { name: one.name }).getByRole("button", { name: "Open browser" }).click();
  await expect(page).toHaveURL(/#\/sessions\/[0-9a-f-]{36}$/);
  await expect(page.locator("canvas")).toBeVisible({ timeout: A_SIGN_IN });
  await expect(bar(page)).toContainText("in control");
  await expect(bar(page).getByText(/^Live, /)).toBeVisible();
  return id;
}

/** It ended changed without another click, and the next run meets nobody. */
async function wentOn(
  page: Page,
  server: Server,
  admin: Person,
  practice: Practice,
  one: Account,
  change: string,
): Promise<void> {
  await expect.poll(() => stateOf(server, admin, change), { timeout: A_CHANGE }).toBe("changed");
  expect(await practice.isRight(one.user, FIRST)).toBe(false);
  await page.getByRole("link", { name: /^View progress/ }).click();
  await expect(page.getByRole("region", { name: "Status" }).getByText("Changed", { exact: true })).toBeVisible();
  const { id } = await server.call<{ id: string }>(admin, "POST", `/credentials/${one.id}/changes`, { rehearse: true });
  await expect
    .poll(() => stateOf(server, admin, id), { timeout: A_CHANGE })
    .toMatch(/^(passed|waiting_for_a_person|failed)$/);
  expect(await stateOf(server, admin, id)).toBe("passed");
}

test("a change parks on a CAPTCHA, is opened, solved in the stream, and ends changed by itself", async ({
  home: page,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE * 3);
  const one = await account("Solved");
  await practice.hurdles(one.user, { sign_in: { captcha: { sign_in: true, place: "own_page", remembered: true } } });
  const change = await parked(page, server, admin, one);
  await expect(page.getByText("Solve the CAPTCHA on the screen")).toBeVisible();
  await expectAccessible(page);
  await solve(page, practice, one.user);
  await wentOn(page, server, admin, practice, one, change);
});

test("a change parks on “Was this you?”, is confirmed in the stream, and ends changed by itself", async ({
  home: page,
  browser,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE * 3);
  const one = await account("Located");
  await practice.hurdles(one.user, { sign_in: { location: "new_browser" } });
  const change = await parked(page, server, admin, one);
  await expect(page.getByText("The site asks you to confirm this sign-in.")).toBeVisible();
  const canvas = page.locator("canvas");
  await expect
    .poll(() => canvas.evaluate((element: HTMLCanvasElement) => element.width === element.clientWidth))
    .toBe(true);
  const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const own = await ownBrowser(browser, practice, one, box);
  const yes = (await own.getByRole("button", { name: "Yes, it was me" }).boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  await own.context().close();
  await page.mouse.click(box.x + yes.x + yes.width / 2, box.y + yes.y + yes.height / 2);
  await wentOn(page, server, admin, practice, one, change);
});

test("who is let in by a link takes part, an auditor freezes and ends, and everybody sees it", async ({
  home: page,
  browser,
  server,
  admin,
  account,
}) => {
  test.setTimeout(A_SIGN_IN + 60_000);
  const one = await account("Shared");
  const enter = async (person: Person): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
    await useWeb(context);
    await signIn(context, server, person);
    return context.newPage();
  };
  const [ben, dora] = [
    await server.person(admin, `ben-${process.pid}`, "member"),
    await server.person(admin, `dora-${process.pid}`, "auditor"),
  ];
  const { id } = await server.call<{ id: string }>(admin, "POST", `/credentials/${one.id}/sessions`, {});
  await page.goto(`${server.address}/#/sessions/${id}`);
  await expect(page.locator("canvas")).toBeVisible({ timeout: A_SIGN_IN });
  await bar(page).getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share this session" });
  await dialog.getByLabel("Person").fill(ben.name);
  await dialog.getByRole("radio", { name: /^Interact/ }).check();
  await dialog.getByRole("button", { name: "Create link" }).click();
  const link = await dialog.locator("output").innerText();
  await dialog.getByRole("button", { name: "Close" }).click();

  const guest = await enter(ben);
  await guest.goto(link);
  await expect(guest.locator("canvas")).toBeVisible();
  // It serves once: it does not stay in the address, and coming again needs none.
  await expect(guest).toHaveURL(`${server.address}/#/sessions/${id}`);
  await expect(bar(page)).toContainText(`${ben.name} viewing`);
  await expect(bar(guest).getByRole("button", { name: "Take control" })).toBeDisabled();
  await bar(page).getByRole("button", { name: "Release control" }).click();
  await bar(guest).getByRole("button", { name: "Take control" }).click();
  await expect(bar(page)).toContainText(`${ben.name} in control`);
  await expect(bar(guest)).toContainText(`${ben.name} (you) in control`);
  await guest.reload();
  await expect(guest.locator("canvas")).toBeVisible();

  const auditor = await enter(dora);
  await auditor.goto(`${server.address}/#/sessions`);
  await auditor.getByRole("link", { name: `View the session at ${one.name}` }).click();
  await expect(auditor.locator("canvas")).toBeVisible();
  await expect(bar(auditor).getByRole("button", { name: /control/ })).toHaveCount(0);
  await bar(auditor).getByRole("button", { name: "Freeze" }).click();
  await expect(page.getByText(`Frozen by ${dora.name}.`)).toBeVisible();
  await bar(auditor).getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText(`Frozen by ${dora.name}.`)).toBeHidden();
  await bar(auditor).getByRole("button", { name: "End session" }).click();
  await auditor.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  for (const each of [page, guest, auditor])
    await expect(each.getByRole("heading", { name: `${one.name}: session ended` })).toBeVisible();
  await expect(page.getByRole("link", { name: "Replay" })).toBeVisible();
  await guest.context().close();
  await auditor.context().close();
});

test("the proof meets the CAPTCHA again: it asks in the same stream, is solved there, and ends changed", async ({
  home: page,
  server,
  admin,
  practice,
  account,
}) => {
  test.setTimeout(A_CHANGE * 3);
  const one = await account("Solved twice", SEED);
  // As the demo's second account: nothing that was solved once is remembered.
  await practice.hurdles(one.user, { sign_in: { captcha: { sign_in: true, place: "own_page" } } });
  const change = await parked(page, server, admin, one);
  const stream = page.url();
  const first = await practice.sum(one.user);
  await solve(page, practice, one.user);
  // Another sum: a new sign-in, on the way to prove the new password.
  await expect.poll(() => practice.sum(one.user).catch(() => first), { timeout: A_CHANGE }).not.toBe(first);
  await expect.poll(() => stateOf(server, admin, change), { timeout: A_CHANGE }).toBe("waiting_for_a_person");
  expect(page.url()).toBe(stream);
  // Why it is asked again stands beside what to do.
  await expect(page.getByText("Solve the CAPTCHA on the screen")).toContainText(
    "new sign-in that verifies the password",
  );
  await solve(page, practice, one.user);
  await expect.poll(() => stateOf(server, admin, change), { timeout: A_CHANGE }).toBe("changed");
  expect(await practice.isRight(one.user, FIRST)).toBe(false);
});
