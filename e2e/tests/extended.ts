// A browser with the extension in it, for the tests of filling in: paired with a server, at pages that the tests bring.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Locator, type Page, type Worker } from "@playwright/test";
import { browser } from "../browser.ts";
import { test as base } from "./at-practice.ts";
import { expect } from "./fixtures.ts";
import type { Person, Server } from "./server.ts";

const BUILT = join(import.meta.dirname, "../../target/extension/chromium");

/** A browser with the extension in it, which is paired with somebody. */
export class Extended {
  readonly context: BrowserContext;
  readonly #worker: Worker;

  constructor(context: BrowserContext, worker: Worker) {
    this.context = context;
    this.#worker = worker;
  }

  /** The extension's own. */
  get id(): string {
    return new URL(this.#worker.url()).host;
  }

  async open(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`chrome-extension://${this.id}/${path}`);
    return page;
  }

  /** Pairs it as a person does, with the code that the page would show. Those of tests before are removed: there may be twenty. */
  async pair(server: Server, person: Person): Promise<{ id: string }> {
    const before = await server.call<{ items: { id: string }[] }>(person, "GET", "/me/devices");
    for (const { id } of before.items) await server.call(person, "DELETE", `/me/devices/${id}`);
    const { code, address } = await server.call<{ code: string; address: string }>(person, "POST", "/me/devices/code");
    const page = await this.open("pair.html");
    await page.getByLabel("Address").fill(address);
    await page.getByLabel("Code").fill(code.toLowerCase());
    await page.getByLabel("Name of this browser").fill("Test browser");
    await page.getByRole("button", { name: "Connect" }).click();
    await expect(page.getByRole("status")).toContainText("Connected");
    await page.close();
    const { items } = await server.call<{ items: { id: string; name: string }[] }>(person, "GET", "/me/devices");
    const device = items[0];
    if (!device) throw new Error("The server knows no extension.");
    return device;
  }

  /** The tab of a page. Where the extension may not see its address, it is the one in front. */
  async #tab(page: Page): Promise<number | undefined> {
    await page.bringToFront();
    return this.#worker.evaluate(async () => (await chrome.tabs.query({ active: true }))[0]?.id);
  }

  /** The pop-up, for the tab of a page. */
  async popup(page: Page): Promise<Page> {
    return this.open(`popup.html#tab=${await this.#tab(page)}`);
  }

  /** What the button says of the tab of a page. */
  async sign(page: Page): Promise<{ text: string; title: string }> {
    const tabId = (await this.#tab(page)) ?? 0;
    return this.#worker.evaluate(
      async (of) => ({ text: await chrome.action.getBadgeText(of), title: await chrome.action.getTitle(of) }),
      { tabId },
    );
  }

  /** Presses a credential in the pop-up; gives what it says of it. */
  async fill(page: Page, name: string): Promise<string> {
    const popup = await this.popup(page);
    await popup.getByRole("button", { name }).click();
    const status = popup.getByRole("status");
    await expect(status).toHaveText(/filled in|nothing to fill in/i);
    const said = (await status.textContent()) ?? "";
    await popup.close();
    return said;
  }
}

/** What of `chrome` is called within the extension. */
declare const chrome: {
  tabs: { query(filter: object): Promise<{ id: number }[]> };
  action: { getBadgeText(of: object): Promise<string>; getTitle(of: object): Promise<string> };
};

export const test = base.extend<{ extended: Extended; sites: string[] }>({
  // A press on the browser's own button, or on its keys, gives access to the tab in front. Where a test opens the pop-up as a page,
  // what stands for that is access to the sites of the tests.
  sites: [["http://127.0.0.1/*", "http://localhost/*"], { option: true }],
  extended: async ({ sites }, use) => {
    if (!existsSync(BUILT)) throw new Error("There is no extension: build it with `make extension`.");
    const folder = mkdtempSync(join(tmpdir(), "countersign-extension-"));
    const unpacked = join(folder, "extension");
    cpSync(BUILT, unpacked, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8")) as Record<string, unknown>;
    manifest["host_permissions"] = sites;
    writeFileSync(join(unpacked, "manifest.json"), JSON.stringify(manifest));
    const { args = [], executablePath } = browser.launchOptions ?? {};
    const off = args.map((one) =>
      one.startsWith("--disable-features=") ? `${one},DisableLoadExtensionCommandLineSwitch` : one,
    );
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      ...(executablePath ? { executablePath } : {}),
      args: [
        ...off,
        "--enable-unsafe-extension-debugging",
        `--disable-extensions-except=${unpacked}`,
        `--load-extension=${unpacked}`,
      ],
      ignoreDefaultArgs: ["--disable-extensions"],
      viewport: { width: 1280, height: 800 },
      ...(browser.locale ? { locale: browser.locale } : {}),
    });
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
    await use(new Extended(context, worker));
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  },
});

/** Opens the practice site's sign-in. */
export async function signInPage({ context }: Extended, site: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site);
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await expect(page.locator("input:not([type=hidden])").first()).toBeVisible();
  return page;
}

/** A page of the practice site's origin that the tests bring. */
export async function pageWith({ context }: Extended, site: string, body: string, path = "brought"): Promise<Page> {
  const url = new URL(path, site).href;
  await context.route(url, (route) => route.fulfill({ contentType: "text/html", body: `<!doctype html>${body}` }));
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

export const FORM = `<h1>Sign in</h1><form method="post" action="/login">
  <label>User name <input name="user" id="user" autocomplete="username"></label>
  <label>Password <input name="pass" id="pass" type="password" autocomplete="current-password"></label>
  <button>Sign in</button></form>`;

interface Holder {
  locator(selector: string): Locator;
}
export const user = (page: Holder) => page.locator("#user");
export const pass = (page: Holder) => page.locator("#pass");
