// The extension in Firefox, as people have it there: a zip that is put in, a button in the toolbar, a question that Firefox asks.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { FIRST, test as base } from "./at-practice.ts";
import { FORM } from "./extended.ts";
import { Firefox, FIREFOX, FirefoxPopup, PATIENT } from "./firefox.ts";
import { expect } from "./fixtures.ts";
import { covers, effects, forms, frames, honest, swaps, type Hostile } from "./hostile-pages.ts";
import type { Person, Server } from "./server.ts";

const ZIP = join(import.meta.dirname, "../../target/extension/countersign-firefox.zip");
const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ID = "extension@countersign.invalid";
const BUTTON = "#extension_countersign_invalid-BAP";

/** Firefox with the extension in it. */
class Extended {
  readonly firefox: Firefox;
  readonly popup: FirefoxPopup;
  readonly #pages: string;

  constructor(firefox: Firefox, pages: string) {
    this.firefox = firefox;
    this.popup = new FirefoxPopup(firefox);
    this.#pages = pages;
  }

  open = (path: string): Promise<void> => this.firefox.goto(this.#pages + path);

  said = (): Promise<string> => this.firefox.evaluate<string>('return document.getElementById("status").textContent');

  async pair(server: Server, person: Person): Promise<void> {
    const before = await server.call<{ items: { id: string }[] }>(person, "GET", "/me/devices");
    for (const { id } of before.items) await server.call(person, "DELETE", `/me/devices/${id}`);
    const { code, address } = await server.call<{ code: string; address: string }>(person, "POST", "/me/devices/code");
    await this.open("pair.html");
    // Of a test before.
    if ((await this.disconnected()) !== true) await this.firefox.click("#disconnect");
    await this.firefox.type("#address", address);
    await this.firefox.type("#code", code.toLowerCase());
    await this.firefox.type("#name", "Test Firefox");
    await this.firefox.click("button[type=submit]");
    await this.firefox.allow();
    await expect.poll(() => this.said(), PATIENT).toContain("Connected");
  }

  /** Whether the page for pairing waits for an address; it shows nothing before it knows. */
  async disconnected(): Promise<boolean> {
    const busy = () => this.firefox.evaluate<boolean>('return document.querySelector("main").inert');
    await expect.poll(busy, PATIENT).toBe(false);
    return this.firefox.evaluate<boolean>('return document.getElementById("paired").hidden');
  }

  /** Presses the extension's button over the page in front, and a credential; gives what is said of it. */
  async fill(name: string): Promise<string> {
    await this.firefox.clickInWindow(BUTTON);
    await expect.poll(() => this.popup.isOpen(), PATIENT).toBe(true);
    await this.popup.press(name);
    await expect.poll(() => this.popup.status(), PATIENT).toMatch(/filled in|nothing to fill in/i);
    const said = await this.popup.status();
    await this.popup.close();
    return said;
  }

  value = (selector: string): Promise<string> =>
    this.firefox.evaluate<string>("return document.querySelector(arguments[0])?.value ?? ''", selector);
}

/** Pages that the tests bring, at an origin of their own. */
interface Brought {
  site: string;
  at(path: string, body: string): string;
}

const test = base.extend<object, { extended: Extended; brought: Brought }>({
  // This is not Playwright's browser: there is no page of its own to listen to.
  quiet: async ({}, use) => use(),
  brought: [
    async ({}, use) => {
      const bodies = new Map<string, string>([["/inner", FORM]]);
      const web = createServer((asked, answer) => {
        const body = bodies.get(new URL(asked.url ?? "/", "http://x").pathname);
        answer.writeHead(body === undefined ? 404 : 200, { "Content-Type": "text/html;charset=utf-8" });
        answer.end(`<!doctype html>${body ?? ""}`);
      });
      await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
      const site = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
      const at = (path: string, body: string) => {
        bodies.set(`/${path}`, body);
        return site + path;
      };
      await use({ site, at });
      web.closeAllConnections();
      web.close();
    },
    { scope: "worker" },
  ],
  extended: [
    async ({}, use) => {
      if (!existsSync(ZIP)) throw new Error("There is no extension: build it with `make extension`.");
      const firefox = await Firefox.start();
      await use(new Extended(firefox, await firefox.install(ZIP)));
      await firefox.stop();
    },
    { scope: "worker" },
  ],
});

const NONE =
  "There is no Firefox on this machine, so the extension is not tried in it: install firefox-esr, or name one by FIREFOX.";
// Once, as the tests are read: the list of what ran gives no reasons.
if (!FIREFOX && process.env["TEST_WORKER_INDEX"] === undefined) process.stderr.write(`${NONE}\n`);
// eslint-disable-next-line playwright/no-skipped-test -- what these tests need is no part of what `make test` puts on a machine
test.skip(!FIREFOX, NONE);

test("signs in with name, password and token, each at a press of its button in the toolbar", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const { firefox } = extended;
  const shop = await account("Fox", SEED);
  await extended.pair(server, admin);
  await firefox.goto(practice.site);
  await firefox.goto(await firefox.evaluate("return [...document.links].find((one) => /Sign in/.test(one.text)).href"));
  expect(await extended.fill(shop.name)).toBe("User name and password filled in.");
  await firefox.click("form button:not([type=button])");
  await expect
    .poll(() => firefox.evaluate("return document.querySelectorAll('input[type=password]').length"), PATIENT)
    .toBe(0);
  expect(await extended.fill(shop.name)).toBe("Token filled in.");
  await firefox.click("form button:not([type=button])");
  await expect.poll(() => firefox.evaluate<string>("return document.body.innerText"), PATIENT).toContain("Sign out");
  expect(await server.records(admin, shop.id, "password.revealed")).toBe(1);
  expect(await server.records(admin, shop.id, "token.read")).toBe(1);
});

test("fills in at a press of its keys, when its background has gone to sleep, and keeps no secret", async ({
  extended,
  server,
  admin,
  brought,
}) => {
  const { firefox, popup } = extended;
  await extended.pair(server, admin);
  const known = { password: FIRST, site: { url: brought.site } };
  await server.credential(admin, { ...known, name: "Only", username: "ana" });
  await firefox.goto(brought.at("by-keys", FORM));
  await firefox.inWindow("return WebExtensionPolicy.getByID(arguments[0]).extension.terminateBackground()", ID);
  await firefox.press("Control", "Alt", "y");
  await expect.poll(() => extended.value("#pass"), PATIENT).toBe(FIRST);
  expect(await extended.value("#user")).toBe("ana");
  await server.credential(admin, { ...known, name: "Another", username: "ben" });
  await firefox.goto(brought.at("by-choice", FORM));
  await firefox.press("Control", "Alt", "y");
  await expect.poll(() => popup.isOpen(), PATIENT).toBe(true);
  await popup.press("Another");
  await expect.poll(() => extended.value("#user"), PATIENT).toBe("ben");
  await popup.close();
  await extended.open("popup.html");
  const kept = await firefox.evaluate<string>(`
    return (async () => {
    const database = await new Promise((resolve) => { indexedDB.open("countersign").onsuccess = ({ target }) => resolve(target.result); });
    const asked = database.transaction("keys").objectStore("keys").getAll();
    const keys = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
    const { storage } = browser;
    return JSON.stringify([await storage.local.get(), await storage.session.get(), keys.map((one) => one.privateKey.extractable)]);
    })()`);
  expect(kept).not.toContain(FIRST);
  expect(kept).toContain("[false]");
});

test("stops a form that would put a password into an address", async ({ extended, server, admin, brought }) => {
  const { firefox } = extended;
  await extended.pair(server, admin);
  const name = "Open form";
  await server.credential(admin, { name, username: "ana", password: FIRST, site: { url: brought.site } });
  const address = brought.at("open", FORM.replace('method="post" action="/login"', ""));
  await firefox.goto(address);
  expect(await extended.fill(name)).toBe("User name and password filled in.");
  await firefox.click("form button");
  const sign = `const button = document.querySelector("${BUTTON}"); return button.getAttribute("label") + button.getAttribute("tooltiptext")`;
  await expect.poll(() => firefox.inWindow<string>(sign), PATIENT).toContain("into the address of the next page");
  expect(await firefox.evaluate("return location.href")).toBe(address);
});

test("belongs to no site where Firefox shows something else in its place", async ({ extended, brought }) => {
  const { firefox, popup } = extended;
  const page = brought.at("article", `<article>${"<p>Long enough to be read. ".repeat(60)}</article>${FORM}`);
  for (const address of [`about:reader?url=${encodeURIComponent(page)}`, "about:blank", "about:support"]) {
    await firefox.goto(address);
    await firefox.clickInWindow(BUTTON);
    await expect.poll(() => popup.isOpen(), PATIENT).toBe(true);
    await expect.poll(() => popup.status(), PATIENT).toBe("This page belongs to no site.");
    await popup.close();
  }
});

/** What stands in the password fields of the page and its frames; closed shadow trees tell it of themselves. */
const PASSWORDS = `
  // Through the prototype, as pages have pictures of such names.
  const within = (root) => (root.nodeType === 9 ? Document : DocumentFragment).prototype.querySelectorAll.call(root, "*");
  const all = (root) => [...within(root)].flatMap((el) => [
    ...(el.localName === "input" ? [el.value] : []),
    ...(el.shadowRoot ? all(el.shadowRoot) : []),
    ...(el.localName === "iframe" && el.contentDocument ? all(el.contentDocument) : []),
  ]);
  return [...all(document), ...(window.closedTree ? all(window.closedTree) : [])];`;

const kinds: [string, Hostile[]][] = [
  ["covered by what", covers],
  ["hidden by", effects],
  ["in a frame", frames],
  // A page in Firefox learns of the keyboard when the pop-up has closed: what it does then comes after the text.
  ["where the page", swaps.filter(([, body]) => !body.includes("onfocus"))],
  ["in a form with", forms],
  ["though the page", honest],
];
for (const [kind, pages] of kinds) {
  test(`types a secret only where it is seen: ${kind} …`, async ({ extended, server, admin, brought }) => {
    test.setTimeout(300_000);
    await extended.pair(server, admin);
    const name = `Hostile ${kind}`;
    await server.credential(admin, { name, username: "ana", password: FIRST, site: { url: brought.site } });
    for (const [place, [what, body, why]] of pages.entries()) {
      await extended.firefox.goto(brought.at(`page-${place}`, body));
      const said = await extended.fill(name);
      const has = (await extended.firefox.evaluate<string[]>(PASSWORDS)).includes(FIRST);
      const not = /Password not filled in: ([^.]+)/.exec(said)?.[1];
      expect.soft([...(has ? ["typed"] : []), ...(not ? [not] : [])].join(), what).toBe(why ?? "typed");
    }
  });
}
