// The demo as somebody meets it first: its practice site, and the credential whose password changes by itself.
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Page } from "@playwright/test";
import { expect, expectAccessible, test as base } from "./fixtures.ts";
import { Practice } from "./practice.ts";
import { BINARY } from "./server.ts";
import { solve } from "./stream.ts";

interface Demo {
  address: string;
  password: string;
  practice: Practice;
}

const test = base.extend<object, { demo: Demo }>({
  demo: [
    async ({}, use) => {
      const child = spawn(BINARY, ["demo", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
      await use(await told(child));
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    },
    { scope: "worker" },
  ],
});

async function told(child: ChildProcess): Promise<Demo> {
  const words: Record<string, string> = {};
  if (!child.stdout) throw new Error("the demo says nothing");
  for await (const line of createInterface({ input: child.stdout })) {
    const [, what, value] = /^\s*(URL|Password)\s+(\S+)\s*$/.exec(line) ?? [];
    if (what && value) words[what] = value;
    const [, site] = /^A site to practise on runs at (\S+)$/.exec(line) ?? [];
    if (site) words["Site"] = site;
    const [, controls] = /^What it does is set at\s+(\S+)$/.exec(line) ?? [];
    const { URL: address, Password: password, Site: practice } = words;
    if (address && password && practice && controls) {
      // What it says later is of no interest, but must be taken off it.
      child.stdout.resume();
      return { address: address.replace(/\/$/, ""), password, practice: Practice.at(practice, controls) };
    }
  }
  throw new Error("the demo ended before it said where it is");
}

async function signedIn(page: Page, demo: Demo): Promise<void> {
  await page.goto(demo.address);
  await page.getByRole("textbox", { name: "Name" }).fill("demo");
  await page.getByLabel("Password").fill(demo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("Change password on the practice network ends in changed, and the token still works", async ({ page, demo }) => {
  test.setTimeout(180_000);
  await signedIn(page, demo);

  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "Practice network", exact: true }) });
  await row.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Change password" }).click();
  const dialog = page.getByRole("dialog", { name: "Change the password of Practice network?" });
  await expect(dialog).toContainText("A new sign-in verifies it.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Change password" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Password change: Practice network" })).toBeVisible();
  const steps = page.getByRole("log").getByRole("listitem");
  const counts = new Set<number>();
  await expect.poll(async () => counts.add(await steps.count()).size, { timeout: 120_000 }).toBeGreaterThan(2);
  await expect(page.getByRole("region", { name: "Status" }).getByText("Changed", { exact: true })).toBeVisible({
    timeout: 150_000,
  });
  await expectAccessible(page);

  await page.getByRole("link", { name: "Credential", exact: true }).click();
  const details = page.getByRole("dialog", { name: "Practice network" });
  const history = details.getByRole("list", { name: "Changes of Practice network" }).getByRole("listitem");
  await expect(history.first()).toContainText("Changed");
  await expect(details.locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  await details.getByRole("tab", { name: "Password" }).click();
  await expect(details.getByRole("table").getByRole("row")).toHaveCount(3);
});

test("the second account's change waits for a person twice, in one stream, and ends in changed", async ({
  page,
  demo,
}) => {
  test.setTimeout(360_000);
  const [name, user] = ["Practice network, second account", "lighthouse"];
  await signedIn(page, demo);
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  await row.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Change password" }).click();
  await page
    .getByRole("dialog", { name: `Change the password of ${name}?` })
    .getByRole("button", { name: "Change password" })
    .click();

  await page.getByRole("button", { name: "Open browser" }).click({ timeout: 120_000 });
  await expect(page).toHaveURL(/#\/sessions\/[0-9a-f-]{36}$/);
  await expect(page.locator("canvas")).toBeVisible({ timeout: 60_000 });
  const stream = page.url();
  await solve(page, demo.practice, user);
  // The new password is verified by a new sign-in, and the site asks that one as well.
  await expect(page.getByText("Solve the CAPTCHA on the screen")).toContainText(
    "new sign-in that verifies the password",
    { timeout: 150_000 },
  );
  expect(page.url()).toBe(stream);
  await solve(page, demo.practice, user);
  await page.getByRole("link", { name: /^View progress/ }).click({ timeout: 150_000 });
  await expect(page.getByRole("region", { name: "Status" }).getByText("Changed", { exact: true })).toBeVisible({
    timeout: 150_000,
  });
});
