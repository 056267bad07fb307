// The extension as people have it: with access to no site but the server's, pressed at its button in the toolbar and by its keys.
import type { CDPSession, Page } from "@playwright/test";
import { FIRST } from "./at-practice.ts";
import { type Extended, FORM, pageWith, pass, test, user } from "./extended.ts";
import { expect } from "./fixtures.ts";

// The server is at `localhost`, the sites are at `127.0.0.1`: to those the extension has no access before it is pressed.
test.use({ sites: ["http://localhost/*"] });

/** A site of this test alone, whose pages the test brings: no other has a credential there. */
const SITE = "http://127.0.0.1:47117/";

interface Said {
  status: string;
  rows: string[];
  html: string;
}

/** The pop-up of the toolbar. Playwright knows no such page, so it is spoken to by the protocol. */
class Popup {
  readonly #debug: CDPSession;
  readonly #session: string;
  #last = 0;

  private constructor(debug: CDPSession, session: string) {
    this.#debug = debug;
    this.#session = session;
  }

  static async targets(debug: CDPSession): Promise<string[]> {
    const { targetInfos } = await debug.send("Target.getTargets");
    return targetInfos.filter((one) => one.url.endsWith("/popup.html")).map((one) => one.targetId);
  }

  /** The one that is open. */
  static async open(debug: CDPSession): Promise<Popup> {
    await expect.poll(async () => (await Popup.targets(debug)).length).toBe(1);
    const [targetId = ""] = await Popup.targets(debug);
    const { sessionId } = await debug.send("Target.attachToTarget", { targetId, flatten: false });
    return new Popup(debug, sessionId);
  }

  async evaluate<T>(expression: string): Promise<T> {
    const id = ++this.#last;
    const answer = new Promise<T>((resolve, reject) => {
      const heard = ({ sessionId, message }: { sessionId: string; message: string }) => {
        const told = JSON.parse(message) as { id?: number; result?: { result?: { value: T } } };
        if (sessionId !== this.#session || told.id !== id) return;
        this.#debug.off("Target.receivedMessageFromTarget", heard);
        if (told.result?.result) resolve(told.result.result.value);
        else reject(new Error(message));
      };
      this.#debug.on("Target.receivedMessageFromTarget", heard);
    });
    const params = { expression, awaitPromise: true, returnByValue: true };
    const message = JSON.stringify({ id, method: "Runtime.evaluate", params });
    await this.#debug.send("Target.sendMessageToTarget", { sessionId: this.#session, message });
    return answer;
  }

  said(): Promise<Said> {
    return this
      .evaluate(`({ status: document.getElementById("status")?.textContent ?? "", html: document.documentElement?.outerHTML ?? "",
      rows: [...document.querySelectorAll("li button")].map((one) => one.textContent) })`);
  }

  async press(name: string): Promise<void> {
    await expect.poll(async () => (await this.said()).rows.join()).toContain(name);
    const label = JSON.stringify(name);
    await this.evaluate(
      `[...document.querySelectorAll("li button")].find((one) => one.textContent.includes(${label})).click()`,
    );
  }
}

async function debuggerOf({ context }: Extended): Promise<CDPSession> {
  const browser = context.browser();
  if (!browser) throw new Error("There is no browser.");
  return browser.newBrowserCDPSession();
}

/** Presses the extension's button in the toolbar, over a page. */
async function pressButton(extended: Extended, page: Page): Promise<Popup> {
  const debug = await debuggerOf(extended);
  const { targetInfos } = await debug.send("Target.getTargets", { filter: [{}] });
  const tab = targetInfos.find((one) => one.type === "tab" && one.url === page.url());
  await debug.send("Extensions.triggerAction" as never, { id: extended.id, targetId: tab?.targetId } as never);
  return Popup.open(debug);
}

test("fills in at a press of its button in the toolbar, and keeps no secret", async ({
  extended,
  server,
  admin,
  practice,
  account,
}) => {
  const shop = await account("Pressed");
  await extended.pair(server, admin);
  const page = await pageWith(extended, practice.site, FORM);
  // Without a press on it, the extension has no access to the page, whichever way its page was opened.
  const unpressed = await extended.popup(page);
  await expect(unpressed.getByRole("listitem")).toHaveCount(0);
  await unpressed.close();
  await page.bringToFront();
  const popup = await pressButton(extended, page);
  await popup.press(shop.name);
  await expect.poll(async () => (await popup.said()).status).toBe("User name and password filled in.");
  await expect(pass(page)).toHaveValue(FIRST);
  const kept = await popup.evaluate<string>(`(async () => {
    const database = await new Promise((resolve) => { indexedDB.open("countersign").onsuccess = (event) => resolve(event.target.result); });
    const asked = database.transaction("keys").objectStore("keys").getAll();
    const keys = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
    return JSON.stringify([await chrome.storage.local.get(), await chrome.storage.session.get(), await chrome.storage.sync?.get(),
      { ...localStorage }, keys.map((one) => one.privateKey.extractable), document.documentElement.outerHTML, location.href]);
  })()`);
  expect(kept).not.toContain(FIRST);
  expect(kept).toContain("[false]");
});

/** Presses the extension's keys over a page: as the window gets them, since what Playwright presses reaches the page alone. */
async function pressKeys(page: Page): Promise<void> {
  await page.bringToFront();
  const debug = await page.context().newCDPSession(page);
  const key = { modifiers: 2 + 8, key: "Y", code: "KeyY", windowsVirtualKeyCode: 89, nativeVirtualKeyCode: 89 };
  await debug.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
  await debug.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  await debug.detach();
}

test("fills in at a press of its keys, and opens its pop-up where there is a choice", async ({
  extended,
  server,
  admin,
}) => {
  const debug = await debuggerOf(extended);
  const fresh = await pageWith(extended, SITE, FORM, "not-paired");
  await pressKeys(fresh);
  await expect.poll(() => extended.sign(fresh)).toMatchObject({ text: "!" });
  expect((await extended.sign(fresh)).title).toContain("not paired with Countersign yet");
  await expect(user(fresh)).toHaveValue("");
  await extended.pair(server, admin);
  const known = { password: FIRST, site: { url: SITE } };
  const first = await server.credential(admin, { ...known, name: "Only", username: "ana" });
  const page = await pageWith(extended, SITE, FORM, "by-keys");
  // Twice at once is once.
  const before = await server.records(admin, first.id, "password.revealed");
  await pressKeys(page);
  await pressKeys(page);
  await expect(pass(page)).toHaveValue(FIRST);
  await expect(user(page)).toHaveValue("ana");
  expect((await server.records(admin, first.id, "password.revealed")) - before).toBe(1);
  await server.credential(admin, { ...known, name: "Another", username: "ben" });
  const other = await pageWith(extended, SITE, FORM, "by-choice");
  await pressKeys(other);
  const popup = await Popup.open(debug);
  await popup.press("Another");
  await expect(user(other)).toHaveValue("ben");
});

test("types nothing behind what fills the screen, and fills in what is within", async ({ extended, server, admin }) => {
  await extended.pair(server, admin);
  const site = "http://127.0.0.1:47118/";
  await server.credential(admin, { name: "Screen", username: "ana", password: FIRST, site: { url: site } });
  const clear = `<button id="go" onclick="full.requestFullscreen()">Go</button>
    <div id="full" style="background:none;pointer-events:none"></div>`;
  const behind = await pageWith(extended, site, clear + FORM, "behind");
  await behind.locator("#go").click();
  await expect.poll(() => behind.evaluate(() => document.fullscreenElement?.id)).toBe("full");
  await pressKeys(behind);
  await expect
    .poll(async () => (await extended.sign(behind)).title)
    .toContain("Password not filled in: something lies over");
  await expect(pass(behind)).toHaveValue("");
  const within = clear.replace("none;pointer-events:none", "#fff").replace("</div>", `${FORM}</div>`);
  const page = await pageWith(extended, site, within, "within");
  await page.locator("#go").click();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement?.id)).toBe("full");
  await pressKeys(page);
  await expect(pass(page)).toHaveValue(FIRST);
});

test("is no longer listed when it is disconnected, and asks nothing more", async ({ extended, server, admin }) => {
  const { id } = await extended.pair(server, admin);
  const page = await extended.open("pair.html");
  await expect(page.getByText("This browser fills in for")).toContainText(admin.name);
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByRole("status")).toContainText("Disconnected: this browser is no longer listed");
  const { items } = await server.call<{ items: { id: string }[] }>(admin, "GET", "/me/devices");
  expect(items.map((one) => one.id)).not.toContain(id);
  await page.reload();
  await expect(page.getByText("Countersign still lists")).toBeHidden();
  const popup = await extended.open("popup.html");
  await expect(popup.getByRole("button", { name: "Connect to Countersign" })).toBeVisible();
  expect(await popup.evaluate(() => chrome.storage.session.get())).toEqual({});
});

test("says where it is still listed when its server does not hear of it", async ({ extended, server, admin }) => {
  const { id } = await extended.pair(server, admin);
  const page = await extended.open("pair.html");
  await page.route("**/api/v1/devices/self", (route) => route.abort());
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByRole("status")).toContainText("nothing can be filled in with it any more");
  await page.reload();
  await expect(page.getByText("Countersign still lists")).toContainText("Test browser");
  const link = page.getByRole("link", { name: "Settings › Browser extensions" });
  await expect(link).toHaveAttribute("href", /^http:\/\/localhost:\d+\/#\/settings\/browser-extensions$/);
  const { items } = await server.call<{ items: { id: string }[] }>(admin, "GET", "/me/devices");
  expect(items.map((one) => one.id)).toContain(id);
  await page.getByRole("button", { name: "It is removed" }).click();
  await expect(page.getByText("Countersign still lists")).toBeHidden();
  await expect(page.getByLabel("Address")).toBeVisible();
});

/** What of `chrome` is called within the extension. */
declare const chrome: { storage: { session: { get(): Promise<object> } } };
