import { readFileSync } from "node:fs";
import { expect, expectAccessible, expectFits, fresh, openDetails, signIn, test } from "./fixtures.ts";

test("what was done stands in the log, with who, when and why", async ({ home: page, server, admin }) => {
  const { id, name } = await server.credential(admin, {
    name: fresh("Recorded"),
    password: "sealed",
    totp: { secret: "JBSWY3DPEHPK3PXP" },
  });
  await server.call(admin, "GET", `/credentials/${id}/token?reason=evening%20post`);
  await server.call(admin, "POST", `/credentials/${id}/reveal`, { reason: "moving house" });

  await page.getByRole("button", { name: "Products" }).click();
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByRole("searchbox", { name: "Search" }).fill(name);
  const rows = page.getByRole("table").getByRole("row").filter({ hasText: name });
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: "token read" })).toContainText(["evening post"]);
  await expect(rows.filter({ hasText: "password revealed" })).toContainText(["moving house"]);
  await expect(rows.filter({ hasText: "credential created" })).toHaveCount(1);
  await expect(rows.first()).toContainText(admin.name);
  await expectAccessible(page);

  await rows
    .filter({ hasText: "token read" })
    .getByRole("button", { name: /Record/ })
    .click();
  const record = page.getByRole("dialog", { name: /^Record \d+$/ });
  await expect(record.getByText("token.read")).toBeVisible();
  await expect(record.getByText(`${name} (credential)`)).toBeVisible();
  await expect(record.getByText(id)).toBeVisible();
  await expect(record.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await page.getByLabel("Action").selectOption("Password revealed");
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/act=password\.revealed/);

  // What is gone is named and leads nowhere.
  await page.getByLabel("Action").selectOption("Any");
  await expect(rows.first().getByRole("link", { name })).toBeVisible();
  await server.call(admin, "DELETE", `/credentials/${id}`);
  await page.reload();
  await expect(rows).toHaveCount(4);
  await expect(rows.getByRole("link", { name })).toHaveCount(0);
  await expect(rows.first()).toContainText("removed");
});

test("tokens that somebody takes one after the other are one line of the history", async ({
  page,
  context,
  server,
  admin,
}) => {
  const member = await server.person(admin, fresh("reader"), "member");
  const { id } = await server.credential(admin, { name: fresh("Run"), totp: { secret: "JBSWY3DPEHPK3PXP" } });
  await server.grant(admin, id, member, { token: true });
  for (let i = 0; i < 3; i++) await server.call(member, "GET", `/credentials/${id}/token`);
  await server.call(admin, "GET", `/credentials/${id}/token?reason=evening%20post`);
  for (let i = 0; i < 2; i++) await server.call(member, "GET", `/credentials/${id}/token`);
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/credentials/${id}?tab=history`);
  const panel = page.getByRole("tabpanel");
  // Unless midnight has just passed; and the pop-up itself takes a token of the administrator.
  await expect(panel.getByText(new RegExp(`^${member.name}, 2 tokens, [0-9:–]+$`))).toBeVisible();
  await expect(panel.getByText(new RegExp(`^${member.name}, 3 tokens, [0-9:–]+$`))).toBeVisible();
  await expect(panel.getByText("“evening post”")).toBeVisible();
  await expectAccessible(page);
  const single = panel.getByText(`${member.name} token read`);
  await expect(single).toHaveCount(0);
  const button = panel.getByRole("button", { name: `Show the 3 records of ${member.name}` });
  await button.click();
  await expect(single).toHaveCount(3);
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  await panel.getByRole("button", { name: `Hide the 3 records of ${member.name}` }).click();
  await expect(single).toHaveCount(0);
});

test("the history of one credential, from its pop-up", async ({ home: page, server, admin }) => {
  const { id, name } = await server.credential(admin, { name: fresh("History"), totp: { secret: "JBSWY3DPEHPK3PXP" } });
  await server.call(admin, "GET", `/credentials/${id}/token?reason=first%20look`);
  await page.reload();
  await openDetails(page, name);
  await page.getByRole("tab", { name: "History" }).click();
  const panel = page.getByRole("tabpanel");
  await expect(panel.getByText("“first look”")).toBeVisible();
  await expectAccessible(page);
  await panel.getByRole("link", { name: "Open in the audit log" }).click();
  await expect(page.getByRole("heading", { name: "Audit records" })).toBeVisible();
  await expect(page.getByRole("button", { name: "This credential only" })).toBeVisible();
});

test("the export is JSON lines, one for each record, and the page shows a checkpoint", async ({
  home: page,
  server,
}) => {
  await page.goto(`${server.address}/#/audit/verify`);
  await expect(page.getByText("countersign audit verify audit.jsonl")).toBeVisible();
  await expect(
    page
      .getByRole("definition")
      .filter({ hasText: /^[\d,.]+$/ })
      .first(),
  ).toBeVisible();
  await expectAccessible(page);
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as JSON lines" }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe("countersign-audit.jsonl");
  const lines = readFileSync(await download.path(), "utf8")
    .trim()
    .split("\n");
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) JSON.parse(line);
});
