import { execFileSync } from "node:child_process";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, fresh, openDetails, said, signIn, test } from "./fixtures.ts";
import { hotp, totp } from "./totp.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const token = (page: Page) => page.getByRole("dialog").locator("[data-token=large]");
const next = (page: Page) => page.getByRole("dialog").locator("[data-token=small]");
const left = (page: Page) => page.getByRole("dialog").getByRole("timer");

test("the documented way, to the letter, ends at the token that oathtool makes", async ({
  home: page,
  server,
  admin,
}) => {
  const { name } = await server.credential(admin, {
    name: fresh("Documented"),
    username: "brand",
    totp: { secret: SEED },
  });
  await page.goto(`${server.address}/#/settings/about`);
  await page.getByRole("button", { name: "Products" }).hover();
  await page.getByRole("link", { name: "PAM Core" }).click();
  const side = page.getByRole("navigation", { name: "PAM Core" });
  await expect(side.getByRole("link", { name: "Credentials", exact: true })).toBeVisible();
  await side.getByRole("link", { name: "All credentials" }).click();
  await page.getByRole("row", { name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Details" }).click();

  const dialog = page.getByRole("dialog", { name });
  await expect(dialog.getByRole("heading", { name: "Token OTP" })).toBeVisible();
  await expect(token(page)).toHaveText(/^\d{6}$/);
  const shown = await token(page).innerText();
  const seconds = Math.floor(Date.now() / 1000);
  const right = [seconds - 1, seconds].map((at) =>
    execFileSync("oathtool", ["--totp", "-b", "-N", `@${at}`, SEED])
      .toString()
      .trim(),
  );
  expect(right).toContain(shown.replace(/\s/g, ""));
  await expectAccessible(page);
});

for (const [what, seed] of [
  ["SHA256, 8 digits, 60 s", { algorithm: "SHA256", digits: 8, period: 60 }],
  ["SHA512, 10 digits", { algorithm: "SHA512", digits: 10 }],
  ["7 digits", { digits: 7 }],
] as const) {
  test(`the token of ${what}`, async ({ home: page, server, admin }) => {
    const { name } = await server.credential(admin, { name: fresh(what), totp: { secret: SEED, ...seed } });
    await page.reload();
    await openDetails(page, name);
    await expect.poll(async () => (await token(page).innerText()) === totp({ seed: SEED, ...seed })).toBe(true);
  });
}

test("Products opens on hover, on focus and on click, and Escape closes it", async ({ home: page }) => {
  const button = page.getByRole("button", { name: "Products" });
  const link = page.getByRole("link", { name: "PAM Core" });
  await expect(link).toBeHidden();
  await button.hover();
  await expect(link).toBeVisible();
  await page.mouse.move(640, 700);
  await expect(link).toBeHidden();
  await button.focus();
  await expect(link).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(link).toBeHidden();
  await expect(button).toBeFocused();
  await button.click();
  await expect(link).toBeVisible();
  await expectAccessible(page);
  await page.mouse.click(640, 700);
  await expect(link).toBeHidden();
});

test("the token rolls over by itself, without a gap, and the next one becomes the current", async ({
  home: page,
  server,
  admin,
}) => {
  const seed = { seed: SEED, period: 5 };
  const { name } = await server.credential(admin, { name: fresh("Rolling"), totp: { secret: SEED, period: 5 } });
  await page.reload();
  await openDetails(page, name);
  await expect(next(page)).toHaveText(/^\d{6}$/);

  // Every change of the shown token, as it happens in the page.
  await page.evaluate(() => {
    const seen: { at: number; token: string }[] = [];
    Object.assign(window, { seen });
    const look = () => {
      const now = document.querySelector("dialog [data-token=large]")?.textContent ?? "";
      if (seen.at(-1)?.token !== now) seen.push({ at: Date.now(), token: now });
    };
    look();
    new MutationObserver(look).observe(document.querySelector("dialog") as Node, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  const first = await token(page).innerText();
  const promised = await next(page).innerText();
  await expect(token(page)).toHaveText(promised, { timeout: 10_000 });
  await expect(token(page)).not.toHaveText(first);
  const after = await next(page).innerText();
  await expect(token(page)).toHaveText(after, { timeout: 10_000 });

  const seen = await page.evaluate(() => (window as unknown as { seen: { at: number; token: string }[] }).seen);
  for (const { at, token: shown } of seen.slice(1)) {
    // Never empty, and at the step's begin: the two clocks agree within some milliseconds of either side.
    expect(shown).toBe(totp(seed, at + 150));
    expect((at + 150) % 5_000).toBeLessThan(650);
  }
  expect(seen.length).toBeGreaterThanOrEqual(3);
});

test("the ring counts down by the server's clock, not by this device's", async ({ home: page, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Clock"), totp: { secret: SEED } });
  await page.clock.install({ time: Date.now() + 47_000 });
  await page.reload();
  await openDetails(page, name);
  await expect(page.getByText(/This device's clock is 4\d s ahead of the server's/)).toBeVisible();
  await expect
    .poll(async () => {
      const shown = Number(await left(page).innerText());
      const real = 30 - (Math.floor(Date.now() / 1000) % 30);
      return Math.abs(shown - real) <= 1 || Math.abs(shown - real) >= 29;
    })
    .toBe(true);
});

test("refresh changes nothing before the step's end, and shows the next token as soon as it exists", async ({
  home: page,
  server,
  admin,
}) => {
  const { id, name } = await server.credential(admin, { name: fresh("Refreshed"), totp: { secret: SEED, period: 15 } });
  await page.reload();
  await openDetails(page, name);
  await expect(token(page)).toHaveText(/^\d{6}$/);
  // Early in a step, so that neither its end nor the next token comes in between; and not at its very begin, when the page
  // takes the new token by itself.
  const isEarly = (seconds: number) => seconds > 8 && seconds < 14;
  await expect.poll(async () => isEarly(Number(await left(page).innerText())), { timeout: 20_000 }).toBe(true);
  const before = await token(page).innerText();
  const records = await server.records(admin, id, "token.read");
  await page.getByRole("button", { name: "Refresh token" }).click();
  await expect(page.getByText("Still the current token")).toBeVisible();
  await expect(token(page)).toHaveText(before);
  expect(await server.records(admin, id, "token.read")).toBe(records + 1);

  // As if the page had missed the step's end: the server cannot be reached until it is over.
  await page.route("**/token*", (route) => route.abort());
  await expect(token(page)).toBeHidden({ timeout: 20_000 });
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  await page.unroute("**/token*");
  await page.getByRole("button", { name: "Refresh token" }).click();
  await expect.poll(async () => (await token(page).innerText()) === totp({ seed: SEED, period: 15 })).toBe(true);
  await expect(token(page)).not.toHaveText(before);
});

test("the next token stands beside only in the last ten seconds", async ({ home: page, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Next"), totp: { secret: SEED, period: 15 } });
  await page.reload();
  await openDetails(page, name);
  // From a fresh step on.
  await expect.poll(async () => Number(await left(page).innerText()), { timeout: 20_000 }).toBeGreaterThanOrEqual(13);
  await expect(next(page)).toBeHidden();
  await expect(page.getByText(/^in \d s$/)).toBeVisible();
  await expect(next(page)).toBeVisible({ timeout: 10_000 });
  const seconds = Number(await left(page).innerText());
  expect(seconds).toBeLessThanOrEqual(10);
  const now = Date.now();
  await expect(next(page)).toHaveText(totp({ seed: SEED, period: 15 }, now - (now % 15_000) + 15_000));
  await expect(page.getByText(/^Ends in \d s$/)).toBeVisible({ timeout: 10_000 });
});

test("the copy button and the c key put the token into the clipboard and say so", async ({
  home: page,
  clipboard,
  server,
  admin,
}) => {
  const { name } = await server.credential(admin, { name: fresh("Copied"), totp: { secret: SEED, period: 60 } });
  await page.reload();
  await page.getByRole("searchbox", { name: "Search" }).fill(name);
  await page.getByRole("searchbox", { name: "Search" }).press("ArrowDown");
  await expect(page.getByRole("row", { name })).toBeFocused();
  await page.keyboard.press("c");
  await expect(page.getByText(`Token of ${name} copied`)).toBeVisible();
  expect(await clipboard.read()).toMatch(/^\d{6}$/);

  await clipboard.write("something else");
  await openDetails(page, name);
  await expect(token(page)).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Copy token" }).click();
  await expect(said(page).getByText("Token copied")).toBeVisible();
  expect(await clipboard.read()).toBe(await token(page).innerText());

  await clipboard.write("something else");
  await page.keyboard.press("c");
  await expect.poll(() => clipboard.read()).toBe(await token(page).innerText());
});

test("copying works where the browser has no clipboard to write to, as without TLS", async ({
  home: page,
  clipboard,
  server,
  admin,
}) => {
  const { name } = await server.credential(admin, { name: fresh("Old way"), totp: { secret: SEED, period: 60 } });
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("not here"));
    navigator.clipboard.write = () => Promise.reject(new Error("not here"));
  });
  await page.reload();
  await openDetails(page, name);
  await expect(token(page)).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Copy token" }).click();
  await expect(said(page).getByText("Token copied")).toBeVisible();
  expect(await clipboard.read()).toBe(await token(page).innerText());
});

test("a colleague who took the same token is named", async ({ home: page, server, admin }) => {
  const colleague = await server.person(admin, fresh("ben"), "member");
  const { id, name } = await server.credential(admin, { name: fresh("Shared"), totp: { secret: SEED, period: 60 } });
  await server.grant(admin, id, colleague, { token: true });
  await page.reload();
  await openDetails(page, name);
  await expect(page.getByText("Not used by others")).toBeVisible();
  // Once more where the step ended in between.
  await expect(async () => {
    await server.call(colleague, "GET", `/credentials/${id}/token`);
    await page.getByRole("button", { name: "Refresh token" }).click();
    const used = page.getByText(new RegExp(`Used by ${colleague.name} (just now|\\d+ s ago)`));
    await expect(used).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 30_000 });
});

test("a hidden page reads no token", async ({ home: page, server, admin }) => {
  const { id, name } = await server.credential(admin, { name: fresh("Hidden"), totp: { secret: SEED, period: 2 } });
  await page.reload();
  await openDetails(page, name);
  await expect(token(page)).toBeVisible();
  const hide = (hidden: boolean) =>
    page.evaluate((is) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  const read = new Set<string>();
  page.on("request", (request) => {
    if (request.url().includes("/token")) read.add(request.url());
  });
  // Whole steps pass: the server's own clock says so.
  const steps = async () => (await server.call<{ step: number }>(admin, "GET", `/credentials/${id}/token`)).step;
  const begin = await steps();
  await expect.poll(steps, { timeout: 15_000 }).toBeGreaterThanOrEqual(begin + 3);
  expect([...read]).toEqual([]);
  await hide(false);
  await expect.poll(() => read.size).toBeGreaterThan(0);
  await expect.poll(async () => (await token(page).innerText()) === totp({ seed: SEED, period: 2 })).toBe(true);
});

test("closing the pop-up stops the reading and takes the token off the page", async ({ home: page, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Closed"), totp: { secret: SEED, period: 2 } });
  await page.reload();
  await openDetails(page, name);
  await expect(token(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("row", { name }).getByRole("button", { name: "Actions" })).toBeFocused();
  const asked = page
    .waitForRequest((request) => request.url().includes("/token"), { timeout: 5_000 })
    .then(
      () => true,
      () => false,
    );
  expect(await asked).toBe(false);
  expect(await page.content()).not.toContain("data-token");
});

test("HOTP gives the next code when it is asked for, and counts on", async ({ home: page, server, admin }) => {
  const { name } = await server.credential(admin, {
    name: fresh("Counted"),
    totp: { secret: SEED, kind: "hotp", counter: 41 },
  });
  await page.reload();
  await openDetails(page, name);
  await expect(token(page)).toBeHidden();
  await page.getByRole("button", { name: "Next token" }).click();
  await expect(token(page)).toHaveText(hotp(SEED, 41));
  await expectAccessible(page);
  await page.getByRole("button", { name: "Next token" }).click();
  await expect(token(page)).toHaveText(hotp(SEED, 42));
});

test("Steam's five characters", async ({ home: page, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Steam"), totp: { secret: SEED, encoder: "steam" } });
  await page.reload();
  await openDetails(page, name);
  await expect(token(page)).toHaveText(/^[23456789BCDFGHJKMNPQRTVWXY]{5}$/);
});

test("no seed, no grant: words, and no token", async ({ home: page, context, server, admin }) => {
  const bare = await server.credential(admin, { name: fresh("Bare") });
  await page.reload();
  await openDetails(page, bare.name);
  await expect(page.getByText("No setup key is stored.")).toBeVisible();

  const member = await server.person(admin, fresh("member"), "member");
  const kept = await server.credential(admin, { name: fresh("Kept"), password: "sealed", totp: { secret: SEED } });
  await server.grant(admin, kept.id, member, { reveal: true });
  await signIn(context, server, member);
  await page.goto(`${server.address}/#/credentials/${kept.id}`);
  await page.reload();
  await expect(page.getByText("You don't have access to this token.")).toBeVisible();
  await expect(token(page)).toBeHidden();
});
