// What every test starts from: a server with an administrator, and a page in which that person is signed in.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test as base, expect, type BrowserContext, type CDPSession, type Locator, type Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { Server, type Person } from "./server.ts";

export { expect };

interface Clipboard {
  read(): Promise<string>;
  write(text: string): Promise<void>;
}

interface TestFixtures {
  /** Which the page may read and write too. */
  clipboard: Clipboard;
  /** Fails the test when the page wrote an error to its console, a broken content policy among them. */
  quiet: void;
  /** Signed in as the administrator, on the list of credentials. */
  home: Page;
}

interface WorkerFixtures {
  server: Server;
  admin: Person;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  admin: [async ({ server }, use) => use(await server.setUp()), { scope: "worker" }],
  quiet: [
    async ({ context }, use) => {
      await useWeb(context);
      const errors: string[] = [];
      context.on("weberror", (error) => errors.push(error.error().message));
      context.on("console", (message) => {
        // An answer of 4xx is also logged by the browser; the tests look at those in the page.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          errors.push(message.text());
      });
      await use();
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
  clipboard: async ({ context, page }, use) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await use({
      read: () => page.evaluate(() => navigator.clipboard.readText()),
      write: (text) => page.evaluate((what) => navigator.clipboard.writeText(what), text),
    });
  },
  home: async ({ context, page, server, admin }, use) => {
    await signIn(context, server, admin);
    await page.goto(`${server.address}/`);
    await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
    await use(page);
  },
});

/** With COUNTERSIGN_WEB=web/dist: that folder's web app instead of the one built into the binary, under the same policy. */
export async function useWeb(context: BrowserContext): Promise<void> {
  const folder = process.env["COUNTERSIGN_WEB"];
  if (!folder) return;
  await context.route(
    (url) => !url.pathname.startsWith("/api/"),
    async (route) => {
      const path = new URL(route.request().url()).pathname;
      const file = join(folder, path === "/" ? "index.html" : path);
      if (route.request().resourceType() === "websocket" || !existsSync(file)) return route.fallback();
      const policy =
        (await route.fetch({ url: new URL("/", route.request().url()).href })).headers()["content-security-policy"] ??
        "";
      return route.fulfill({ path: file, headers: { "content-security-policy": policy } });
    },
  );
}

/** Gives a browser a person's session, without the walk through the sign-in page. */
export async function signIn(context: BrowserContext, server: Server, person: Person): Promise<void> {
  await context.addCookies([
    { name: "countersign_session", value: person.session, url: server.address, httpOnly: true, sameSite: "Strict" },
  ]);
}

/** A setup key of the smallest usual length. */
export const SEED = "JBSWY3DPEHPK3PXP";

/** Somebody who may use the token of a credential, and nothing else. */
export async function tokenOnly(server: Server, admin: Person): Promise<{ member: Person; id: string; name: string }> {
  const member = await server.person(admin, fresh("token only"), "member");
  const credential = { name: fresh("Kept"), password: "sealed", totp: { secret: SEED } };
  const { id, name } = await server.credential(admin, credential);
  await server.grant(admin, id, member, { token: true });
  return { member, id, name };
}

/** One of the actions in a row's menu. */
export async function choose(page: Page, name: string, act: string): Promise<void> {
  await page.getByRole("row", { name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: act }).click();
}

/** Where the page says what has just been done, in a dialog while one is open. */
export const said = (within: Page | Locator): Locator => within.locator("[data-saying]");

/** The documented way from wherever one is to the pop-up of one credential. */
export async function openDetails(page: Page, name: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Search" }).fill(name);
  // The rows move when the search is answered: a click before that may press on one thing and let go on another.
  await expect(page).toHaveURL((url) => new URLSearchParams(url.hash.split("?")[1]).get("search") === name);
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await choose(page, name, "Details");
  await expect(page.getByRole("dialog", { name })).toBeVisible();
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// One for each page, which stays: with the end of any, Chromium takes a page's virtual authenticator away.
const debuggers = new WeakMap<Page, CDPSession>();

async function debuggerOf(page: Page): Promise<CDPSession> {
  const there = debuggers.get(page) ?? (await page.context().newCDPSession(page));
  debuggers.set(page, there);
  return there;
}

/** The page as it stands: laid out and observed, with no colour on its way to another. */
const settled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const moves = document.getAnimations().filter((each) => Number(each.effect?.getComputedTiming().endTime) < 1_000);
    await Promise.allSettled(moves.map((each) => each.finished));
  });

/** No violation of axe's rules in what stands on the page now. All rules, contrast among them. */
export async function expectAccessible(page: Page): Promise<void> {
  await settled(page);
  // By the debugger, since the page's content policy lets no other script in.
  const debug = await debuggerOf(page);
  await debug.send("Runtime.evaluate", { expression: `window.axe === undefined && (() => { ${AXE} })()` });
  const { result, exceptionDetails } = await debug.send("Runtime.evaluate", {
    expression:
      "axe.run(document, { resultTypes: ['violations'] }).then((results) => JSON.stringify(results.violations))",
    awaitPromise: true,
  });
  expect(exceptionDetails).toBeUndefined();
  const violations = JSON.parse(String(result.value)) as AxeResults["violations"];
  const found = violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.target.join(" ")}: ${node.any.map((check) => check.message).join("; ")}`,
    ),
  );
  expect(found).toEqual([]);
}

/** Nothing sticks out sideways. */
export async function expectFits(page: Page): Promise<void> {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(beyond).toBeLessThanOrEqual(0);
}

let count = 0;
/** A name that no other test of this worker uses. */
export const fresh = (name: string): string => `${name} ${++count}`;

/** The setup key that an enrolment shows. Its place is there before the key is, which the server gives. */
export async function shownSeed(page: Page): Promise<string> {
  const seed = page.locator(".secret");
  await expect(seed).toHaveText(/^[A-Z2-7 ]{16,}$/);
  return seed.innerText();
}
