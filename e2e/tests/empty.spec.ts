// Every list where it is empty: it says what it is for and offers a first thing to do, to those who may do it.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, signIn, test as base } from "./fixtures.ts";
import { Server, type Person } from "./server.ts";

// A vault of its own, in which nobody has done anything.
const test = base.extend<object, { fresh: { server: Server; people: Record<Who, Person> } }>({
  fresh: [
    async ({}, use) => {
      const server = await Server.start();
      const administrator = await server.setUp();
      const member = await server.person(administrator, "mia", "member");
      const auditor = await server.person(administrator, "otto", "auditor");
      await use({ server, people: { administrator, member, auditor } });
      await server.stop();
    },
    { scope: "worker" },
  ],
});

type Who = "administrator" | "member" | "auditor";

interface Row {
  hash: string;
  title: string;
  /** What is offered; of a list that somebody does not see, nothing is said. */
  offers: Partial<Record<Who, string[]>>;
}

const LISTS: Row[] = [
  {
    hash: "#/credentials",
    title: "No credentials yet",
    offers: { administrator: ["New credential", "Import"], member: [], auditor: [] },
  },
  {
    hash: "#/credentials?tag=none",
    title: "No matches",
    offers: { administrator: ["Show all"], member: ["Show all"], auditor: ["Show all"] },
  },
  {
    hash: "#/changes",
    title: "No changes yet",
    offers: { administrator: ["All credentials"], member: ["All credentials"], auditor: [] },
  },
  { hash: "#/changes?show=trouble", title: "No matches", offers: { administrator: ["Show all"] } },
  { hash: "#/changes/waiting", title: "Nothing needs attention", offers: { administrator: ["All changes"] } },
  {
    hash: "#/sessions",
    title: "No sessions yet",
    offers: { administrator: ["All credentials"], member: ["All credentials"], auditor: [] },
  },
  {
    hash: "#/requests",
    title: "No requests yet",
    offers: { administrator: ["All credentials"], member: ["All credentials"], auditor: [] },
  },
  { hash: "#/requests?show=to-decide", title: "Nothing to approve", offers: { member: [] } },
  { hash: "#/requests?show=pending", title: "No matches", offers: { member: ["Show all"] } },
  { hash: "#/access", title: "No grants yet", offers: { administrator: ["All credentials"] } },
  { hash: "#/access?show=due", title: "Nothing to review", offers: { administrator: ["All grants"] } },
  { hash: "#/access?show=emergency", title: "No matches", offers: { administrator: ["All grants"] } },
  { hash: "#/recipes?search=none", title: "No matches", offers: { member: ["Show all"] } },
  { hash: "#/audit?search=none", title: "No matches", offers: { auditor: ["Show all"] } },
  {
    hash: "#/audit/destinations",
    title: "No destinations yet",
    offers: { administrator: ["Add destination"], auditor: [] },
  },
  {
    hash: "#/settings/browser-extensions",
    title: "No browser extensions yet",
    offers: { administrator: ["Connect a browser extension"], member: ["Connect a browser extension"] },
  },
  {
    hash: "#/settings/api-tokens",
    title: "No API tokens yet",
    offers: { administrator: ["New API token"], member: ["New API token"] },
  },
  {
    hash: "#/settings/service-accounts",
    title: "No service accounts yet",
    offers: { administrator: ["New service account"] },
  },
  { hash: "#/settings/groups", title: "No groups yet", offers: { administrator: ["New group"] } },
  {
    hash: "#/settings/users?show=no-second-factor",
    title: "Every user has a second factor",
    offers: { administrator: ["Show all"] },
  },
];

/** The card that stands in the place of a list. */
const card = (page: Page, title: string) =>
  page
    .getByRole("main")
    .locator("div:has(> h2)")
    .filter({ has: page.getByRole("heading", { name: title }) });

for (const who of ["administrator", "member", "auditor"] as const) {
  test(`what is offered to a new ${who}`, async ({ context, page, fresh }) => {
    test.slow();
    await signIn(context, fresh.server, fresh.people[who]);
    for (const { hash, title, offers } of LISTS) {
      const offered = offers[who];
      if (!offered) continue;
      await page.setViewportSize({ width: 1280, height: 760 });
      await page.goto(`${fresh.server.address}/${hash}`);
      await expect(card(page, title)).toBeVisible();
      await expect(card(page, title).locator(".button")).toHaveText(offered);
      await expectAccessible(page);
      await page.setViewportSize({ width: 360, height: 760 });
      await expectFits(page);
    }
  });
}
