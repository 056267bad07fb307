// Starts the real binary over a folder of its own, and speaks its API.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { totp } from "./totp.ts";

export const BINARY = process.env["COUNTERSIGN_BIN"] ?? join(import.meta.dirname, "../../target/debug/countersign");
export const PASSWORD = "seven quiet harbours at dawn";

export interface Person {
  name: string;
  id: string;
  /** Of their own second factor. */
  seed: string;
  /** The value of their browser's cookie. */
  session: string;
}

export interface NewCredential {
  name: string;
  username?: string;
  password?: string;
  site?: { url: string };
  totp?: Record<string, unknown>;
  tags?: string[];
  notes?: string;
}

export class Server {
  readonly address: string;
  /** As printed: the whole link of the first set-up. */
  readonly link: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(address: string, link: string, child: ChildProcess, folder: string) {
    this.address = address;
    this.link = link;
    this.#process = child;
    this.#folder = folder;
  }

  static async start(environment: Record<string, string> = {}): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "countersign-e2e-"));
    const child = spawn(BINARY, ["serve", "--data", join(folder, "data"), "--listen", "127.0.0.1:0"], {
      stdio: ["ignore", "pipe", "pipe"],
      // The practice site is on this machine.
      env: { ...process.env, COUNTERSIGN_ALLOW_PRIVATE: "1", ...environment },
    });
    const errors: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      const link = /http:\/\/\S+\/#\/setup\/\S+/.exec(line)?.[0];
      if (link) return new Server(new URL(link).origin, link, child, folder);
    }
    throw new Error(`${BINARY} ended without a set-up link.\n${lines.join("\n")}\n${errors.join("")}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One call; throws with the problem's text when it is refused. */
  async call<T>(as: Person | string | null, method: string, path: string, body?: unknown): Promise<T> {
    return (await this.#fetch(as, method, path, body)).body as T;
  }

  /** The first administrator, with a second factor. */
  async setUp(name = "ana"): Promise<Person> {
    const link = this.link.slice(this.link.lastIndexOf("/") + 1);
    const { cookie, body } = await this.#fetch(null, "POST", "/setup", { link, name, password: PASSWORD });
    return this.#enrol(name, cookie, body as { user: { id: string } });
  }

  /** Another person, made by an administrator, signed in and with a second factor. */
  async person(by: Person, name: string, role: string): Promise<Person> {
    const made = await this.call<{ setup_link: { link: string } }>(by, "POST", "/users", { name, role });
    await this.call(null, "POST", "/choose-password", { link: made.setup_link.link, password: PASSWORD });
    const { cookie, body } = await this.#fetch(null, "POST", "/sign-in", { name, password: PASSWORD });
    return this.#enrol(name, cookie, body as { user: { id: string } });
  }

  async credential(by: Person, credential: NewCredential): Promise<{ id: string; name: string }> {
    return this.call(by, "POST", "/credentials", credential);
  }

  async grant(by: Person, id: string, to: Person, what: { token?: boolean; reveal?: boolean }): Promise<void> {
    await this.call(by, "PUT", `/credentials/${id}/grants`, { items: [{ user_id: to.id, ...what }] });
  }

  /** How many records there are of an act with a credential. */
  async records(by: Person, credential: string, act: string): Promise<number> {
    const page = await this.call<{ items: unknown[] }>(
      by,
      "GET",
      `/audit/records?credential=${credential}&act=${act}&limit=200`,
    );
    return page.items.length;
  }

  async #enrol(name: string, session: string, me: { user: { id: string } }): Promise<Person> {
    const { secret } = await this.call<{ secret: string }>(session, "POST", "/me/second-factor");
    await this.call(session, "POST", "/me/second-factor/confirm", { token: totp({ seed: secret }) });
    return { name, id: me.user.id, seed: secret, session };
  }

  async #fetch(as: Person | string | null, method: string, path: string, body?: unknown) {
    const session = typeof as === "string" ? as : as?.session;
    const response = await fetch(`${this.address}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(session ? { Cookie: `countersign_session=${session}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    const cookie = /countersign_session=([^;]+)/.exec(response.headers.get("set-cookie") ?? "")?.[1] ?? "";
    return { cookie, body: text ? (JSON.parse(text) as unknown) : undefined };
  }
}
