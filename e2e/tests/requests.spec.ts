import type { Browser, Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";
import type { Person, Server } from "./server.ts";

interface Team {
  asker: Person;
  lead: Person;
  credential: { id: string; name: string };
}

/** Somebody whose grant asks for the approval of a group, and somebody in that group. */
async function team(server: Server, admin: Person, permissions: Record<string, unknown>, emergency: number | null) {
  const asker = await server.person(admin, fresh("ben"), "member");
  const lead = await server.person(admin, fresh("lea"), "member");
  const group = await server.call<{ id: string }>(admin, "POST", "/groups", { name: fresh("Leads") });
  await server.call(admin, "PUT", `/groups/${group.id}/users/${lead.id}`);
  const credential = await server.credential(admin, {
    name: fresh("Bank"),
    password: "sealed",
    totp: { secret: "JBSWY3DPEHPK3PXP" },
  });
  await server.call(admin, "POST", "/grants", {
    user: asker.id,
    credential: credential.id,
    permissions,
    conditions: {
      approval: { levels: [{ group: group.id }], minutes: 60, emergency_minutes: emergency },
    },
  });
  return { asker, lead, credential };
}

async function pageOf(browser: Browser, server: Server, person: Person): Promise<Page> {
  const context = await browser.newContext();
  await signIn(context, server, person);
  return context.newPage();
}

const bar = (page: Page) => page.getByRole("region", { name: "Token OTP" });

async function ask(page: Page, server: Server, { credential }: Team, reason: string): Promise<void> {
  await page.goto(`${server.address}/#/credentials/${credential.id}`);
  await bar(page).getByRole("button", { name: "Request access" }).click();
  const dialog = page.getByRole("dialog", { name: `Request access to ${credential.name}` });
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: "Send request" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Request of/);
  await expect(page.getByText("Pending")).toBeVisible();
}

test("what needs an approval is requested, approved for less, used, and over by itself", async ({
  browser,
  server,
  admin,
}) => {
  test.slow();
  const all = await team(server, admin, { token: true, reveal: true }, null);
  const [ben, lea] = [await pageOf(browser, server, all.asker), await pageOf(browser, server, all.lead)];
  await ask(ben, server, all, "month-end");

  await lea.goto(`${server.address}/#/credentials`);
  await expect(lea.getByRole("link", { name: /All requests\s*, 1/ })).toBeVisible();
  await lea.goto(`${server.address}/#/requests?show=to-decide`);
  await lea.getByRole("link", { name: `Decide the request of ${all.asker.name}` }).click();
  await expect(lea.getByText("month-end")).toBeVisible();
  await expect(lea.getByText("Use the token", { exact: true })).toBeVisible();
  await lea.getByRole("button", { name: "Approve" }).click();
  const dialog = lea.getByRole("dialog", { name: "Approve this request?" });
  await dialog.getByLabel("Minutes").fill("1");
  await expectAccessible(lea);
  await dialog.getByRole("button", { name: "Approve" }).click();
  await expect(lea.getByText("Approved", { exact: true }).first()).toBeVisible();
  await expect(lea.getByRole("button", { name: "Revoke" })).toBeVisible();

  await ben.goto(`${server.address}/#/credentials/${all.credential.id}`);
  await expect(bar(ben).locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  // The password was not asked for.
  await ben.goto(`${server.address}/#/credentials/${all.credential.id}?tab=password`);
  await ben.getByRole("button", { name: "Show password" }).click();
  await expect(ben.getByRole("dialog").getByRole("button", { name: "Request access" })).toBeVisible();
  // Its minute is over, and nobody has done anything.
  await expect(async () => {
    await ben.goto(`${server.address}/#/requests?show=mine`);
    await expect(ben.getByText("Expired")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  await ben.goto(`${server.address}/#/credentials/${all.credential.id}`);
  await expect(bar(ben).getByRole("button", { name: "Request access" })).toBeVisible();
});

test("a request is rejected with a word, and another withdrawn", async ({ browser, server, admin }) => {
  const all = await team(server, admin, { token: true }, null);
  const [ben, lea] = [await pageOf(browser, server, all.asker), await pageOf(browser, server, all.lead)];
  await ask(ben, server, all, "curious");
  const address = ben.url();
  await lea.goto(address);
  await lea.getByRole("button", { name: "Reject" }).click();
  await lea.getByLabel("Comment").fill("not without a ticket");
  await lea.getByRole("dialog").getByRole("button", { name: "Reject" }).click();
  await expect(lea.getByText("not without a ticket")).toBeVisible();
  await expect(ben.getByText("not without a ticket")).toBeVisible();
  await expect(ben.getByRole("button", { name: "Withdraw" })).toBeHidden();

  await ask(ben, server, all, "with a ticket");
  // The same once more leads to the one that is pending.
  await ben.goto(`${server.address}/#/credentials/${all.credential.id}`);
  await bar(ben).getByRole("link", { name: "View request" }).click();
  await ben.getByRole("button", { name: "Withdraw" }).click();
  await ben.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await expect(ben.getByText("Cancelled").first()).toBeVisible();
});

test("emergency access is given at once and revoked by who was told", async ({ browser, server, admin }) => {
  const all = await team(server, admin, { token: true }, 15);
  const [ben, lea] = [await pageOf(browser, server, all.asker), await pageOf(browser, server, all.lead)];
  await ben.goto(`${server.address}/#/credentials/${all.credential.id}`);
  await bar(ben).getByRole("button", { name: "Request access" }).click();
  const dialog = ben.getByRole("dialog", { name: /Request access/ });
  await dialog.getByLabel("Reason").fill("an outage");
  await dialog.getByLabel("Emergency: it cannot wait").check();
  await dialog.getByLabel("Why it cannot wait").fill("the shop is down");
  await dialog.getByRole("button", { name: "Use emergency access" }).click();
  await expect(bar(ben).locator("[data-token=large]")).toHaveText(/^\d{6}$/);

  await lea.goto(`${server.address}/#/requests`);
  await expect(lea.getByText("Emergency")).toBeVisible();
  await lea.getByRole("link", { name: /View/ }).click();
  await expect(lea.getByText("the shop is down")).toBeVisible();
  await lea.getByRole("button", { name: "Revoke" }).click();
  await lea.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(lea.getByText("Revoked").first()).toBeVisible();
  await ben.reload();
  await expect(bar(ben).getByRole("button", { name: "Request access" })).toBeVisible();
});

test("one checks out, another is refused and waits, it is extended and taken back", async ({
  browser,
  server,
  admin,
}) => {
  const [ana, bob] = [
    await server.person(admin, fresh("anna"), "member"),
    await server.person(admin, fresh("bob"), "member"),
  ];
  const credential = await server.credential(admin, { name: fresh("Console"), totp: { secret: "JBSWY3DPEHPK3PXP" } });
  for (const user of [ana, bob])
    await server.call(admin, "POST", "/grants", {
      user: user.id,
      credential: credential.id,
      permissions: { token: true },
      conditions: { check_out: { minutes: 60 } },
    });
  const pages = [await pageOf(browser, server, ana), await pageOf(browser, server, bob)] as const;
  const strip = (page: Page) => page.getByRole("region", { name: "Check-out" });
  const digits = (page: Page) => bar(page).locator("[data-token=large]");
  for (const page of pages) {
    await page.goto(`${server.address}/#/credentials/${credential.id}`);
    await expect(bar(page).getByRole("alert")).toContainText("check it out first");
  }
  await strip(pages[0]).getByLabel("Minutes").fill("30");
  await expectAccessible(pages[0]);
  await strip(pages[0]).getByRole("button", { name: "Check out" }).click();
  await expect(digits(pages[0])).toHaveText(/^\d{6}$/);
  await expect(strip(pages[0])).toContainText("Checked out by you until");
  await strip(pages[0]).getByRole("button", { name: "Extend" }).click();

  await pages[1].reload();
  await expect(bar(pages[1]).getByRole("alert")).toContainText(`${ana.name} has checked it out`);
  await strip(pages[1]).getByRole("button", { name: "Join queue" }).click();
  await expect(strip(pages[1])).toContainText(`Waiting: ${bob.name}`);
  await expectAccessible(pages[1]);

  const boss = await pageOf(browser, server, admin);
  await boss.goto(`${server.address}/#/credentials/${credential.id}`);
  await strip(boss).getByRole("button", { name: "Take back" }).click();
  await expect(strip(boss)).toContainText(`reserved for ${bob.name}`);
  await pages[0].reload();
  await expect(bar(pages[0]).getByRole("alert")).toContainText("check it out first");
  await pages[1].reload();
  await strip(pages[1]).getByRole("button", { name: "Check out" }).click();
  await expect(digits(pages[1])).toHaveText(/^\d{6}$/);
  await strip(pages[1]).getByRole("button", { name: "Check in" }).click();
  await expect(bar(pages[1]).getByRole("alert")).toContainText("check it out first");
});

test("a grant that asks for an approval is made in the page", async ({ home: page, server, admin }) => {
  const group = await server.call<{ id: string; name: string }>(admin, "POST", "/groups", { name: fresh("Board") });
  await server.call(admin, "PUT", `/groups/${group.id}/users/${admin.id}`);
  const user = await server.person(admin, fresh("dora"), "member");
  const { id } = await server.credential(admin, { name: fresh("Vendor") });
  await page.goto(`${server.address}/#/credentials/${id}?tab=access`);
  await page.getByRole("button", { name: "Grant access" }).click();
  const dialog = page.getByRole("dialog", { name: "Grant access" });
  await dialog.getByLabel("To", { exact: true }).first().selectOption(user.name);
  await dialog.getByLabel("Use the token").check();
  await dialog.getByRole("button", { name: "Ask for approval" }).click();
  await dialog.getByLabel("By", { exact: true }).selectOption(`Group ${group.name}`);
  await dialog.getByLabel("Longest approval").fill("30");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Grant access" }).click();
  const row = page.getByRole("region", { name: "Grants" }).getByRole("row", { name: user.name });
  await expect(row).toContainText(`Approved by 1 of ${group.name}`);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test(`requests, one of them, and asking for one, ${colorScheme}, ${width} px`, async ({
      browser,
      server,
      admin,
    }) => {
      const all = await team(server, admin, { token: true, reveal: true, session: "control" }, 15);
      const ben = await pageOf(browser, server, all.asker);
      await ben.emulateMedia({ colorScheme });
      await ben.setViewportSize({ width, height: 760 });
      await ben.goto(`${server.address}/#/requests`);
      await expect(ben.getByRole("heading", { name: "No requests yet" })).toBeVisible();
      await expectAccessible(ben);
      await ben.goto(`${server.address}/#/credentials/${all.credential.id}`);
      await bar(ben).getByRole("button", { name: "Request access" }).click();
      const dialog = ben.getByRole("dialog", { name: /Request access/ });
      await dialog.getByLabel("Emergency: it cannot wait").check();
      await expectAccessible(ben);
      await expectFits(ben);
      await dialog.getByLabel("Emergency: it cannot wait").uncheck();
      await dialog
        .getByLabel("Reason")
        .fill("a rather long reason, which says in many words what it is for and why now");
      await dialog.getByRole("button", { name: "Send request" }).click();
      await expect(ben.getByText("Pending")).toBeVisible();
      await expectAccessible(ben);
      await expectFits(ben);
      await ben.goto(`${server.address}/#/requests`);
      await expect(ben.getByRole("row", { name: all.credential.name })).toBeVisible();
      await expectAccessible(ben);
      await expectFits(ben);
    });
  }
}
