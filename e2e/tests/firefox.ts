// A Firefox of this machine without a window, spoken to by Marionette, its own protocol for tests: JSON over a socket, in the page
// and in the browser's own window around it. Playwright drives only a Firefox of its own making.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";

const PLACES = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
/** Another program on a machine that has much else to do. */
export const PATIENT = { timeout: 30_000 };
/** `undefined` where this machine has none. */
export const FIREFOX = process.env["FIREFOX"] ?? PLACES.find((one) => existsSync(one));

type Answer = [type: 1, id: number, error: { error: string; message: string } | null, result: unknown];
type Waiting = { resolve: (value: unknown) => void; reject: (why: Error) => void };

/** The protocol: a command at a time, each message after its length. */
class Marionette {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #read = Buffer.alloc(0);
  #last = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (part: Buffer) => this.#take(part));
    const failed = (why: Error) => this.#waiting.forEach(({ reject }) => reject(why));
    socket.on("error", failed);
    socket.on("close", () => failed(new Error("Firefox has gone.")));
  }

  static connect(port: number): Promise<Marionette> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new Marionette(socket)));
      socket.once("error", reject);
    });
  }

  #take(part: Buffer): void {
    this.#read = Buffer.concat([this.#read, part]);
    for (;;) {
      const colon = this.#read.indexOf(":");
      const end = colon + 1 + Number(this.#read.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#read.length < end) return;
      const message = JSON.parse(this.#read.subarray(colon + 1, end).toString()) as Answer | object;
      this.#read = this.#read.subarray(end);
      // The first message greets, and answers nothing.
      if (!Array.isArray(message)) continue;
      const [, id, error, result] = message as Answer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(`${error.error}: ${error.message}`));
      else waiting?.resolve(result);
    }
  }

  command<T>(name: string, parameters: object = {}): Promise<T> {
    const id = ++this.#last;
    const text = JSON.stringify([0, id, name, parameters]);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #marionette: Marionette;

  private constructor(child: ChildProcess, profile: string, marionette: Marionette) {
    this.#process = child;
    this.#profile = profile;
    this.#marionette = marionette;
  }

  static async start(): Promise<Firefox> {
    if (!FIREFOX) throw new Error("There is no Firefox on this machine.");
    const profile = mkdtempSync(join(tmpdir(), "countersign-firefox-"));
    writeFileSync(join(profile, "user.js"), 'user_pref("marionette.port", 0);\n');
    const args = ["--marionette", "--headless", "--remote-allow-system-access", "--no-remote", "--profile", profile];
    const child = spawn(FIREFOX, args, { stdio: "ignore" });
    const port = join(profile, "MarionetteActivePort");
    const told = () => (existsSync(port) ? Number(readFileSync(port, "utf8")) : 0);
    await expect.poll(told, { ...PATIENT, message: "Firefox does not say its port" }).toBeGreaterThan(0);
    const marionette = await Marionette.connect(told());
    await marionette.command("WebDriver:NewSession", { capabilities: {} });
    return new Firefox(child, profile, marionette);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    await this.#marionette.command("Marionette:Quit", { flags: ["eForceQuit"] }).catch(() => this.#process.kill());
    await ended;
    this.#marionette.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }

  /** Takes an extension for as long as this Firefox runs; gives the address of its pages. */
  async install(path: string): Promise<string> {
    const { value: id } = await this.#marionette.command<{ value: string }>("Addon:Install", { path, temporary: true });
    const host = await this.inWindow<string>(
      "return WebExtensionPolicy.getByID(arguments[0]).mozExtensionHostname",
      id,
    );
    return `moz-extension://${host}/`;
  }

  async goto(url: string): Promise<void> {
    await this.#marionette.command("WebDriver:Navigate", { url });
  }

  /** Runs the body of a function in the page; what it returns, or what its promise brings. */
  async evaluate<T>(script: string, ...args: unknown[]): Promise<T> {
    const { value } = await this.#marionette.command<{ value: T }>("WebDriver:ExecuteScript", { script, args });
    return value;
  }

  /** The same in the browser's own window, with the browser's own rights. */
  async inWindow<T>(script: string, ...args: unknown[]): Promise<T> {
    return this.#outside(() => this.evaluate<T>(script, ...args));
  }

  async #outside<T>(work: () => Promise<T>): Promise<T> {
    await this.#marionette.command("Marionette:SetContext", { value: "chrome" });
    try {
      return await work();
    } finally {
      await this.#marionette.command("Marionette:SetContext", { value: "content" });
    }
  }

  async #element(selector: string): Promise<string> {
    const found = () =>
      this.#marionette
        .command<{ value: Record<string, string> }>("WebDriver:FindElement", { using: "css selector", value: selector })
        .then(({ value }) => Object.values(value)[0] ?? "");
    await expect(async () => expect(await found()).not.toBe("")).toPass(PATIENT);
    return found();
  }

  /** Presses an element of the page as its person would. */
  async click(selector: string): Promise<void> {
    const press = async () => this.#marionette.command("WebDriver:ElementClick", { id: await this.#element(selector) });
    await expect(press).toPass(PATIENT);
  }

  /** Presses a button of the browser's own in its toolbar. */
  async clickInWindow(selector: string): Promise<void> {
    await this.#outside(() => this.click(selector));
  }

  /** Says yes to what the browser asks its person for an extension. It takes no press that comes too soon, so until it is gone. */
  async allow(): Promise<void> {
    const shown = () =>
      this.inWindow<boolean>('return Boolean(PopupNotifications.getNotification("addon-webext-permissions"))');
    await expect.poll(shown, PATIENT).toBe(true);
    const press =
      'document.querySelector("#addon-webext-permissions-notification .popup-notification-primary-button")?.click()';
    await expect
      .poll(async () => {
        await this.inWindow(press);
        return shown();
      }, PATIENT)
      .toBe(false);
  }

  /** Types into a line of the page, once it takes anything. */
  async type(selector: string, text: string): Promise<void> {
    const id = await this.#element(selector);
    const typed = async () => this.#marionette.command("WebDriver:ElementSendKeys", { id, text });
    await expect(typed).toPass(PATIENT);
  }

  /** Presses keys together, as the window gets them: `["Control", "Shift", "y"]`. */
  async press(...keys: string[]): Promise<void> {
    const codes: Record<string, string> = { Control: "\uE009", Shift: "\uE008", Alt: "\uE00A", Escape: "\uE00C" };
    const values = keys.map((key) => codes[key] ?? key);
    const actions = [
      ...values.map((value) => ({ type: "keyDown", value })),
      ...values.reverse().map((value) => ({ type: "keyUp", value })),
    ];
    const sequence = { actions: [{ type: "key", id: "keyboard", actions }] };
    await this.#outside(() => this.#marionette.command("WebDriver:PerformActions", sequence));
  }
}

const POPUP = ".webextension-popup-browser";

/** The pop-up of an extension's button. The protocol knows no such page, so a script of the browser's own is put into it. */
export class FirefoxPopup {
  readonly #firefox: Firefox;

  constructor(firefox: Firefox) {
    this.#firefox = firefox;
  }

  isOpen(): Promise<boolean> {
    return this.#firefox.inWindow<boolean>(`return /^moz/.test(document.querySelector("${POPUP}")?.currentURI.spec)`);
  }

  /** What an expression over `document` gives there; nothing where another document took its place meanwhile. */
  async evaluate<T>(expression: string): Promise<T> {
    const script = `
      const { messageManager } = document.querySelector("${POPUP}");
      return new Promise((resolve) => {
        const name = "countersign-" + Math.random();
        messageManager.addMessageListener(name, function heard({ data }) {
          messageManager.removeMessageListener(name, heard);
          resolve(data);
        });
        const within = "{ const { document } = content; sendAsyncMessage(" + JSON.stringify(name) + ", " + arguments[0] + "); }";
        setTimeout(resolve, 2000);
        messageManager.loadFrameScript("data:text/javascript;charset=utf-8," + encodeURIComponent(within), false);
      });`;
    return this.#firefox.inWindow<T>(script, expression);
  }

  status(): Promise<string> {
    return this.evaluate<string>('document.getElementById("status")?.textContent ?? ""');
  }

  async press(name: string): Promise<void> {
    const named = `[...document.querySelectorAll("li button")].find((one) => one.textContent.includes(${JSON.stringify(name)}))`;
    await expect.poll(() => this.evaluate<boolean>(`${named} !== undefined`), PATIENT).toBe(true);
    await this.evaluate(`void ${named}.click()`);
  }

  async close(): Promise<void> {
    await this.#firefox.inWindow(`document.querySelector("${POPUP}")?.closest("panel").hidePopup()`);
    await expect.poll(() => this.#firefox.inWindow(`return document.querySelector("${POPUP}")`), PATIENT).toBe(null);
  }
}
