// The place in the address is the one truth about filter and order: reload, back and a sent link show the same list.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";

interface List {
  name: string;
  hash: string;
  /** Chooses a filter, or an order. */
  choose: (page: Page) => Promise<void>;
  /** What stands in the address then. */
  query: string;
  /** What is chosen, as it is to be seen. */
  chosen: (page: Page) => Promise<void>;
}

/** A list whose filters are links. */
const links = (name: string, hash: string, label: string, query: string): List => ({
  name,
  hash,
  choose: (page) => page.getByRole("navigation", { name: "Filter" }).getByRole("link", { name: label }).click(),
  query,
  chosen: (page) =>
    expect(page.getByRole("navigation", { name: "Filter" }).getByRole("link", { name: label })).toHaveAttribute(
      "aria-current",
      "page",
    ),
});

const LISTS: List[] = [
  links("changes", "#/changes", "Failed or unverified", "show=trouble"),
  links("requests", "#/requests", "My requests", "show=mine"),
  links("users", "#/settings/users", "Without a second factor", "show=no-second-factor"),
  {
    name: "users in another order",
    hash: "#/settings/users",
    choose: (page) => page.getByRole("columnheader", { name: "Last sign-in" }).getByRole("button").click(),
    query: "sort=signed-in",
    chosen: (page) =>
      expect(page.getByRole("columnheader", { name: "Last sign-in" })).toHaveAttribute("aria-sort", "ascending"),
  },
  {
    name: "audit",
    hash: "#/audit",
    choose: async (page) => {
      await page.getByLabel("Action").selectOption("Credential created");
      await page.getByRole("searchbox", { name: "Search" }).fill("in the log");
    },
    query: "act=credential.created&search=in+the+log",
    chosen: async (page) => {
      await expect(page.getByLabel("Action")).toHaveValue("credential.created");
      await expect(page.getByRole("searchbox", { name: "Search" })).toHaveValue("in the log");
    },
  },
  {
    name: "credentials",
    hash: "#/credentials",
    choose: async (page) => {
      await page.getByLabel("Status").selectOption("Active");
      await page.getByRole("columnheader", { name: "Updated" }).getByRole("button").click();
      await page.getByRole("searchbox", { name: "Search" }).fill("in the list");
    },
    query: "status=active&sort=updated&search=in+the+list",
    chosen: async (page) => {
      await expect(page.getByLabel("Status")).toHaveValue("active");
      await expect(page.getByRole("searchbox", { name: "Search" })).toHaveValue("in the list");
    },
  },
];

for (const { name, hash, choose, query, chosen } of LISTS) {
  test(`${name}: by reload, back and link`, async ({ context, page, server, admin }) => {
    await page.setViewportSize({ width: 1440, height: 800 });
    await signIn(context, server, admin);
    await server.credential(admin, { name: fresh("Something in the list, in the log") });
    await page.goto(`${server.address}/${hash}`);
    await choose(page);
    await expect(page).toHaveURL(`${server.address}/${hash}?${query}`);
    await chosen(page);
    await page.reload();
    await chosen(page);
    await expect(page).toHaveURL(`${server.address}/${hash}?${query}`);
    // Elsewhere and back.
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Credentials and pages" }).fill("about");
    await page.getByRole("option", { name: "About Settings" }).click();
    await expect(page.getByRole("heading", { name: "About" })).toBeVisible();
    await page.goBack();
    await chosen(page);
    // By a link that somebody else opens.
    const other = await context.newPage();
    await other.setViewportSize({ width: 1440, height: 800 });
    await other.goto(page.url());
    await chosen(other);
    await other.close();
    await expectAccessible(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await expectFits(page);
  });
}

test("an edit comes back to the list as it was filtered", async ({ home: page, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Edited"), tags: ["brand"] });
  await page.goto(`${server.address}/#/credentials?search=edited&tag=brand`);
  await page.getByRole("row", { name }).getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await page.getByLabel("User name").fill("the.team");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("dialog", { name })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/#\/credentials\?search=edited&tag=brand$/);
  await page.getByRole("link", { name }).click();
  await page.getByRole("dialog", { name }).getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/#\/credentials\?search=edited&tag=brand$/);
});
