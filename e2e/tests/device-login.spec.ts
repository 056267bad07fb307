// `countersign login` waits in a terminal while its person decides in the page.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, expectAccessible, expectFits, test } from "./fixtures.ts";
import { BINARY } from "./server.ts";

/** The real command line, with a home of its own and without a desktop. */
class Terminal {
  readonly home = mkdtempSync(join(tmpdir(), "countersign-login-"));
  #said = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(address: string) {
    this.#child = spawn(BINARY, ["login", address], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", HOME: this.home, HOSTNAME: "laptop" },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#child.once("exit", resolve));
  }

  async code(): Promise<string> {
    let code: string | undefined;
    await expect.poll(() => (code = /type this code: (\S+)/.exec(this.#said)?.[1])).toBeTruthy();
    return code ?? "";
  }

  /** Its exit code and all that it said. */
  async end(): Promise<[number | null, string]> {
    return [await this.#ended, this.#said];
  }

  login(): { token?: string } {
    return JSON.parse(readFileSync(join(this.home, ".config/countersign/login.json"), "utf8")) as { token?: string };
  }

  close(): void {
    this.#child.kill();
    rmSync(this.home, { recursive: true, force: true });
  }
}

test("a code that the terminal shows is typed, looked at, and approved", async ({ home, server, admin }) => {
  const terminal = new Terminal(server.address);
  const code = await terminal.code();
  await home.goto(`${server.address}/#/device`);
  await expect(home.getByRole("heading", { name: "Sign in a command line" })).toBeVisible();
  await expectAccessible(home);
  await home.getByLabel("Code").fill("BBBB-BBBB");
  await home.getByRole("button", { name: "Continue" }).click();
  await expect(home.getByRole("alert")).toContainText("This code is not valid");
  await home.getByLabel("Code").fill(code.toLowerCase().replace("-", " "));
  await home.getByRole("button", { name: "Continue" }).click();
  const facts = home.getByRole("main");
  await expect(facts).toContainText("It says it is countersign");
  await expect(facts).toContainText("It says it is laptop");
  await expect(facts).toContainText("127.0.0.1");
  await expectAccessible(home);
  await expectFits(home);
  await home.getByLabel("Role").selectOption("Member");
  await home.getByLabel("Expires").selectOption("In 7 days");
  await home.getByRole("button", { name: "Approve" }).click();
  await expect(facts).toContainText("Approved.");
  await expectAccessible(home);
  const [exit, said] = await terminal.end();
  expect(said).toContain(`Signed in to ${server.address} as ${admin.name}.`);
  expect(exit).toBe(0);
  const token = terminal.login().token ?? "";
  expect(token).toMatch(/^cs_/);
  await home.getByRole("link", { name: "You can revoke login on laptop at any time" }).click();
  const row = home.getByRole("row", { name: "login on laptop" });
  await expect(row).toContainText("Member");
  expect(await home.content()).not.toContain(token.slice(3));
  terminal.close();
});

test("a link with a code counts once its person has compared it, and what is denied ends", async ({ home, server }) => {
  const terminal = new Terminal(server.address);
  const code = await terminal.code();
  const asked: string[] = [];
  home.on("request", (request) => void (request.url().includes("/device-logins") && asked.push(request.url())));
  await home.goto(`${server.address}/#/device?code=${code}`);
  await expect(home.getByText("Does your terminal show exactly this code?")).toBeVisible();
  await expect(home.getByText(code)).toBeVisible();
  await expectAccessible(home);
  await home.getByRole("button", { name: "No", exact: true }).click();
  await expect(home.getByText("Then somebody else has started this.")).toBeVisible();
  expect(asked).toEqual([]);
  expect(home.url()).not.toContain(code);
  await expectAccessible(home);

  await home.goto(`${server.address}/#/credentials`);
  await expect(home.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await home.goto(`${server.address}/#/device?code=${code}`);
  await home.getByRole("button", { name: "Yes, my terminal shows it" }).click();
  await expect(home.getByRole("main")).toContainText("It says it is laptop");
  expect(home.url()).not.toContain(code);
  await home.getByRole("button", { name: "Deny" }).click();
  await expect(home.getByText("Denied. Nobody was signed in")).toBeVisible();
  await expectAccessible(home);
  const [exit, said] = await terminal.end();
  expect(said).toContain("the sign-in was denied in the page");
  expect(exit).toBe(3);
  terminal.close();
});
