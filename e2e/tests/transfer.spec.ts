import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, SEED, signIn, test } from "./fixtures.ts";
import type { Person, Server } from "./server.ts";

const SITE = { url: "https://example.org/" };

/** A member with a credential on which they may transfer, under conditions. */
async function granted(
  server: Server,
  admin: Person,
  conditions: object = {},
  totp: Record<string, unknown> = { secret: SEED },
) {
  const member = await server.person(admin, fresh("phil"), "member");
  const credential = await server.credential(admin, { name: fresh("Phone bank"), username: "shop", site: SITE, totp });
  const permissions = { transfer: true };
  await server.call(admin, "POST", "/grants", { user: member.id, credential: credential.id, permissions, conditions });
  return { member, ...credential };
}

/** What a phone reads of the picture, by a program that is not ours. */
async function scanned(picture: Locator): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-scan-"));
  try {
    const path = join(folder, "shown.png");
    await picture.screenshot({ path });
    return execFileSync("zbarimg", ["--quiet", "--raw", path], { encoding: "utf8" }).trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const offer = (page: Page) => page.getByRole("button", { name: "Transfer to a phone…" });
const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Transfer to a phone", exact: true });
const shown = (page: Page) => dialogOf(page).getByRole("img", { name: "QR code of the setup key" });

test("who was granted it scans the setup key once, for a minute, on record", async ({
  context,
  page,
  server,
  admin,
}) => {
  const { member, id, name } = await granted(server, admin, { reason: true });
  await signIn(context, server, member);
  await page.clock.install();
  await page.goto(`${server.address}/#/credentials/${id}`);
  await offer(page).click();
  const dialog = dialogOf(page);
  await expect(dialog.getByText("without Countersign and without a record")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Show QR code" }).click();
  await expect(dialog.getByText("A reason is required.")).toBeVisible();
  await expect(shown(page)).toHaveCount(0);
  expect(await server.records(admin, id, "seed.transferred")).toBe(0);

  await dialog.getByLabel("Reason").fill("on call abroad");
  const answered = page.waitForResponse((response) => response.url().endsWith("/transfer") && response.ok());
  await dialog.getByRole("button", { name: "Show QR code" }).click();
  const sent = await (await answered).text();
  expect(sent, "sealed on its way").not.toMatch(new RegExp(`${SEED}|otpauth|<svg`));
  await expect(shown(page)).toBeVisible();
  await expectAccessible(page);
  const uri = new URL(await scanned(shown(page)));
  expect(uri.protocol).toBe("otpauth:");
  const ours = (await server.call<{ token: string }>(admin, "GET", `/credentials/${id}/token`)).token;
  const phones = execFileSync("oathtool", ["--totp", "-b", uri.searchParams.get("secret") ?? ""], { encoding: "utf8" });
  expect(uri.searchParams.get("secret")).toBe(SEED);
  expect(phones.trim()).toMatch(/^\d{6}$/);
  expect(ours).toMatch(/^\d{6}$/);

  const { items } = await server.call<{ items: { reason: string; actor: { name: string } }[] }>(
    admin,
    "GET",
    `/audit/records?credential=${id}&act=seed.transferred`,
  );
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ reason: "on call abroad", actor: { name: member.name } });

  await page.clock.fastForward(50_000);
  await expect(dialog.getByText(/Hides in (9|10) s\./)).toBeVisible();
  await expect(shown(page)).toBeVisible();
  await page.clock.fastForward(11_000);
  await expect(shown(page)).toHaveCount(0);
  expect(await page.content()).not.toContain("data:image/svg+xml");
  await expect(dialog.getByText("The QR code is hidden.")).toBeVisible();
  await expectAccessible(page);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]));
  expect(kept).not.toMatch(new RegExp(`${SEED}|otpauth|svg`));

  // Escape takes it away, too; and then Details say where it is.
  await dialog.getByRole("button", { name: "Transfer again" }).click();
  await dialog.getByRole("button", { name: "Show QR code" }).click();
  await expect(shown(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  expect(await page.content()).not.toContain("data:image/svg+xml");
  await expect(page.getByRole("dialog", { name }).getByText(`Also on a phone of ${member.name} since`)).toBeVisible();
  expect(await server.records(admin, id, "seed.transferred")).toBe(2);
});

test("who was not granted it is not offered it, and the API refuses", async ({ home: page, server, admin }) => {
  const { id, name } = await server.credential(admin, { name: fresh("Kept here"), totp: { secret: SEED } });
  const transfer = `/credentials/${id}/transfer`;
  const point = "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";
  // Not even an administrator, whose role allows everything else.
  await expect(server.call(admin, "POST", transfer, { recipient: point })).rejects.toThrow(/403/);
  expect(await server.records(admin, id, "seed.transfer_denied")).toBe(1);
  await page.goto(`${server.address}/#/credentials/${id}`);
  const details = page.getByRole("dialog", { name });
  await expect(details.getByRole("link", { name: "Edit" })).toBeVisible();
  await expect(offer(page)).toHaveCount(0);

  // They give it to themselves, on record, by the page.
  await details.getByRole("tab", { name: "Access" }).click();
  await details.getByLabel("Add a user").selectOption({ label: `${admin.name} (Administrator)` });
  await details.getByLabel(`${admin.name} can transfer the setup key to a phone`).check();
  await details.getByRole("button", { name: "Save access" }).click();
  await details.getByRole("button", { name: "Show who can use this" }).click();
  await expect(details.getByRole("region", { name: "Who can", exact: true })).toContainText(
    "transfer the setup key to a phone",
  );
  await details.getByRole("tab", { name: "Information" }).click();
  await page.reload();
  await expect(offer(page)).toBeVisible();

  // A manager neither gives it nor is offered to.
  const manager = await server.person(admin, fresh("mia"), "manager");
  const body = { user: manager.id, credential: id, permissions: { transfer: true } };
  await expect(server.call(manager, "POST", "/grants", body)).rejects.toThrow(/only an administrator/);
});

test("what needs an approval is requested from there", async ({ context, page, server, admin }) => {
  const lead = await server.person(admin, fresh("lea"), "member");
  const group = await server.call<{ id: string }>(admin, "POST", "/groups", { name: fresh("Approvers") });
  await server.call(admin, "PUT", `/groups/${group.id}/users/${lead.id}`);
  const approval = { levels: [{ group: group.id }], minutes: 60 };
  const { member, id, name } = await granted(server, admin, { approval });
  await signIn(context, server, member);
  await page.goto(`${server.address}/#/credentials/${id}`);
  await offer(page).click();
  await dialogOf(page).getByRole("button", { name: "Show QR code" }).click();
  await dialogOf(page).getByRole("button", { name: "Request access" }).click();
  const asking = page.getByRole("dialog", { name: `Request access to ${name}` });
  await expect(asking.getByLabel("Transfer the setup key to a phone")).toBeChecked();
  await asking.getByLabel("Reason").fill("a new phone");
  await asking.getByRole("button", { name: "Send request" }).click();
  await expect(page.getByText("Pending")).toBeVisible();

  const { items } = await server.call<{ items: { id: string }[] }>(lead, "GET", "/requests?scope=to_decide");
  await server.call(lead, "POST", `/requests/${items[0]?.id}/approve`, {});
  await page.goto(`${server.address}/#/credentials/${id}`);
  await page.reload();
  await offer(page).click();
  await dialogOf(page).getByRole("button", { name: "Show QR code" }).click();
  await expect(shown(page)).toBeVisible();
});

test("before somebody leaves it is said what they have on a phone", async ({ home: page, server, admin, browser }) => {
  const { member, id, name } = await granted(server, admin, {}, { secret: SEED, kind: "steam" });
  const context = await browser.newContext();
  await signIn(context, server, member);
  const theirs = await context.newPage();
  await theirs.goto(`${server.address}/#/credentials/${id}`);
  await offer(theirs).click();
  await dialogOf(theirs).getByRole("button", { name: "Show QR code" }).click();
  await expect(dialogOf(theirs).getByText("Only some apps make Steam's codes from it")).toBeVisible();
  expect(await scanned(shown(theirs))).toMatch(/^otpauth:\/\/steam\//);
  await theirs.setViewportSize({ width: 360, height: 740 });
  await expectFits(theirs);
  await context.close();

  await page.goto(`${server.address}/#/settings/users`);
  for (const act of ["Disable", "Remove"]) {
    await page.getByRole("row", { name: member.name }).getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: act }).click();
    const asking = page.getByRole("dialog", { name: `${act} ${member.name}?` });
    await expect(asking.getByRole("link", { name })).toBeVisible();
    await expectAccessible(page);
    await asking.getByRole("button", { name: "Cancel" }).click();
  }
  await page.getByRole("row", { name: member.name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Devices and tokens" }).click();
  await expect(page.getByRole("dialog", { name: /Devices and tokens/ }).getByRole("link", { name })).toBeVisible();
  await page.keyboard.press("Escape");

  // History has it as well.
  await page.goto(`${server.address}/#/credentials/${id}?tab=history`);
  await expect(page.getByRole("dialog", { name }).getByText("setup key transferred to a phone")).toBeVisible();
});
