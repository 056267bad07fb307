// Exports that a second administrator approves. A server of its own: what is turned on here would stand in the way elsewhere.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, SEED, signIn, test, useWeb } from "./fixtures.ts";
import { Server, type Person } from "./server.ts";

async function pageOf(browser: Browser, server: Server, person: Person): Promise<Page> {
  const context = await browser.newContext();
  await useWeb(context);
  await signIn(context, server, person);
  return context.newPage();
}

async function ask(page: Page, server: Server, reason: string): Promise<void> {
  await page.goto(`${server.address}/#/export`);
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: "Ask for approval" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Request of/);
  await expect(page.getByText("Pending", { exact: true })).toBeVisible();
}

test("an export needs another administrator's approval, serves once, and is asked for again", async ({ browser }) => {
  test.slow();
  const server = await Server.start();
  try {
    const admin = await server.setUp();
    await server.credential(admin, {
      name: "Shop",
      username: "alice",
      password: "correct horse",
      totp: { secret: SEED },
    });
    const ana = await pageOf(browser, server, admin);

    // Alone nobody turns it on: there would be nobody to approve.
    await ana.goto(`${server.address}/#/settings/exports`);
    await expect(ana.getByText("This takes two active administrators")).toBeVisible();
    await expect(ana.getByRole("button", { name: "Turn on" })).toBeDisabled();

    const second = await server.person(admin, "bea", "administrator");
    const bea = await pageOf(browser, server, second);
    await ana.reload();
    await ana.getByRole("button", { name: "Turn on" }).click();
    await ana.getByRole("dialog").getByRole("button", { name: "Turn on" }).click();
    await expect(ana.getByText("On", { exact: true })).toBeVisible();
    await expectAccessible(ana);
    await expectFits(ana);

    await ask(ana, server, "we move on");
    const address = ana.url();
    await expect(ana.getByRole("button", { name: "Approve" })).toHaveCount(0);
    await expect(ana.getByRole("button", { name: "Export now" })).toHaveCount(0);
    const id = address.split("/").pop();
    await expect(server.call(admin, "POST", `/export/requests/${id}/approve`, {})).rejects.toThrow(/your own request/);
    await expect(
      server.call(admin, "POST", "/export", { format: "csv", all: true, recipient: await recipient() }),
    ).rejects.toThrow(/approval of a second administrator/);

    // The other one sees it counted, listed, and in its own page.
    await bea.goto(`${server.address}/#/credentials`);
    await expect(bea.getByRole("link", { name: /All requests\s*, 1/ })).toBeVisible();
    await bea.goto(`${server.address}/#/requests?show=to-decide`);
    await bea.getByRole("link", { name: /^Decide the request of/ }).click();
    await expect(bea.getByText("we move on")).toBeVisible();
    await expectAccessible(bea);
    await expectFits(bea);
    await bea.getByRole("button", { name: "Approve" }).click();
    await expectAccessible(bea);
    await bea.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await expect(bea.getByText("Approved", { exact: true }).first()).toBeVisible();
    await expect(bea.getByRole("button", { name: "Export now" })).toHaveCount(0);

    await ana.getByRole("button", { name: "Export now" }).click();
    await expect(ana.getByText("1 credential exported.")).toBeVisible();
    const saving = ana.waitForEvent("download");
    await ana.getByRole("button", { name: "Save countersign-bitwarden.json" }).click();
    expect(readFileSync(await (await saving).path(), "utf8")).toContain("correct horse");
    await expect(ana.getByText("Used", { exact: true }).first()).toBeVisible();
    await ana.reload();
    await expect(ana.getByText("Used", { exact: true }).first()).toBeVisible();
    await expect(ana.getByRole("button", { name: "Export now" })).toHaveCount(0);

    // Once more is asked for once more, and may be rejected.
    await ask(ana, server, "and again");
    await bea.goto(ana.url());
    await bea.getByRole("button", { name: "Reject" }).click();
    await bea.getByLabel("Comment").fill("once is enough");
    await bea.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
    // The page asks every few seconds.
    await expect(ana.getByText(/once is enough/)).toBeVisible({ timeout: 20_000 });
    await expect(ana.getByRole("button", { name: "Export now" })).toHaveCount(0);

    // Turning it off takes the other one, too.
    await ana.goto(`${server.address}/#/settings/exports`);
    await ana.getByRole("button", { name: "Ask to turn off" }).click();
    await ana.getByRole("dialog").getByLabel("Reason").fill("it is in the way");
    await ana.getByRole("dialog").getByRole("button", { name: "Ask for approval" }).click();
    await expect(ana.getByRole("heading", { level: 1 })).toHaveText(/^Request of/);
    await bea.goto(ana.url());
    await bea.getByRole("button", { name: "Approve" }).click();
    await bea.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
    await expect(bea.getByText("Used", { exact: true }).first()).toBeVisible();
    await ana.goto(`${server.address}/#/export`);
    await expect(ana.getByRole("button", { name: "Export", exact: true })).toBeVisible();
  } finally {
    await server.stop();
  }
});

/** A point on P-256, as a browser makes one for each export. */
async function recipient(): Promise<string> {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  return Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).toString("base64");
}
