// Starts the practice site, for passwords to be changed at, and speaks its control API.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BINARY = process.env["PRACTICE_BIN"] ?? join(import.meta.dirname, "../../target/debug/countersign-practice");

export class Practice {
  readonly site: string;
  readonly #control: string;
  readonly #process: ChildProcess | undefined;

  private constructor(site: string, control: string, child?: ChildProcess) {
    this.site = site;
    this.#control = control;
    this.#process = child;
  }

  /** One that somebody else has started. */
  static at(site: string, control: string): Practice {
    return new Practice(site, control);
  }

  static async start(): Promise<Practice> {
    const child = spawn(BINARY, ["--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
    const told = new Map<string, string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [what, address] = line.split(/\s+/);
      if (what && address) told.set(what, address);
      const site = told.get("site");
      const control = told.get("control");
      if (site && control) return new Practice(site, control, child);
    }
    throw new Error(`${BINARY} ended before it said where the site is.`);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
  }

  /** A new account; without a seed it has no second factor. */
  async account(name: string, password: string, seed = ""): Promise<void> {
    await this.#ask("POST", "users", { name, password, seed });
  }

  /** Switches of one account, or of all where it is `null`, by a merge patch. */
  async hurdles(user: string | null, patch: unknown): Promise<void> {
    await this.#ask("POST", user === null ? "hurdles" : `hurdles?user=${encodeURIComponent(user)}`, patch);
  }

  async isRight(user: string, password: string): Promise<boolean> {
    return (await this.#ask<{ right: boolean }>("POST", "check", { user, password })).right;
  }

  /** Somebody changes it at the site by hand. */
  async setPassword(user: string, password: string): Promise<void> {
    await this.#ask("POST", "password", { user, password });
  }

  /** The token of an account at the site's time. */
  async token(user: string): Promise<string> {
    return (await this.#ask<{ token: string }>("GET", `token?user=${encodeURIComponent(user)}`)).token;
  }

  /** The answer to the sum in the picture that a user's browser sees, as a person would read it there. */
  async sum(user: string): Promise<string> {
    const sittings = await this.#ask<{ user: string; captcha_answer: number | null }[]>("GET", "sittings");
    const answer = sittings.findLast(
      (sitting) => sitting.user === user && sitting.captcha_answer !== null,
    )?.captcha_answer;
    if (answer == null) throw new Error(`${user} sees no sum.`);
    return String(answer);
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#control}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}
