// The handbook in the page: found from the menu, searched, read, and led to from the words that it explains.
import { expect, expectAccessible, expectFits, signIn, test } from "./fixtures.ts";

test("help is opened from the menu and searched, and a result leads to its heading", async ({ home: page, admin }) => {
  await page.getByRole("button", { name: admin.name }).click();
  await page.getByRole("menuitem", { name: "Help", exact: true }).click();
  await expect(page).toHaveURL(/#\/help$/);
  await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeFocused();

  const search = page.getByRole("searchbox", { name: "Search the handbook" });
  await search.fill("second factor");
  const found = page.getByRole("list", { name: "Found" });
  await expect(page.getByRole("status").filter({ hasText: /^\d+ sections found$/ })).toBeVisible();
  await expect(page).toHaveURL(/#\/help\?search=second\+factor$/);
  await expect(found.getByRole("link").first().locator("mark")).toHaveText(["second", "factor"]);
  await expect(search).toBeFocused();

  await found.getByRole("link", { name: "Passkeys", exact: true }).click();
  await expect(page).toHaveURL(/#\/help\/signing-in\/passkeys\?search=second\+factor$/);
  await expect(page.getByRole("heading", { level: 1, name: "Signing in" })).toBeVisible();
  const heading = page.getByRole("heading", { level: 2, name: "Passkeys", exact: true });
  await expect(heading).toBeFocused();
  await expect(heading).toBeInViewport();
  await expect(search).toHaveValue("second factor");

  await page.getByRole("link", { name: "Back to the results" }).click();
  await expect(found.getByRole("link", { name: "Passkeys", exact: true })).toBeVisible();
  await page.goBack();
  await expect(heading).toBeInViewport();
});

test("by keyboard: the search by its key, the best result by Enter, the next chapter", async ({
  home: page,
  server,
}) => {
  await page.goto(`${server.address}/#/help`);
  await expect(page.getByRole("heading", { level: 1, name: "Help" })).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("roles");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#\/help\/access\/roles\?search=roles$/);
  await expect(page.getByRole("heading", { level: 2, name: "Roles" })).toBeFocused();
  await page.getByRole("link", { name: "Signing in" }).last().click();
  await expect(page.getByRole("heading", { level: 1, name: "Signing in" })).toBeFocused();
  await page.getByRole("link", { name: "All chapters" }).click();
  await page.getByRole("button", { name: "Keyboard help" }).click();
  await expect(page.getByRole("dialog", { name: "Keyboard help" })).toBeVisible();
});

test("the arrows lead from the search to the results and back", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/help`);
  const search = page.getByRole("searchbox", { name: "Search the handbook" });
  await search.fill("lost phone");
  const results = page.getByRole("list", { name: "Found" }).getByRole("link");
  await expect(results.first()).toHaveText("Signing in without the authenticator");
  await page.keyboard.press("ArrowDown");
  await expect(results.first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(results.nth(1)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(search).toBeFocused();
});

test("the table of roles fits on a screen of 1280", async ({ home: page, server }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto(`${server.address}/#/help/access/roles`);
  const table = page.getByRole("group", { name: "Roles" }).first();
  await expect(table).toBeVisible();
  expect(await table.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
});

test("what nothing was found by says what to do", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/help?search=xylophone`);
  await expect(page.getByRole("heading", { name: "Nothing found" })).toBeVisible();
  await page.getByRole("link", { name: "Troubleshooting", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Troubleshooting by error" })).toBeVisible();
  await page.goto(`${server.address}/#/help/nowhere`);
  await expect(page.getByRole("heading", { level: 1, name: "No such chapter" })).toBeVisible();
  await page.goto(`${server.address}/#/help/access/nowhere`);
  await expect(page.getByText("This chapter has no heading of this name.")).toBeVisible();
  await page.getByRole("link", { name: "Roles", exact: true }).first().click();
  await expect(page.getByText("This chapter has no heading of this name.")).toBeHidden();
});

test("a state leads to what it means", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/changes`);
  await page.getByRole("link", { name: "What does the state of a change mean?" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "What can become of a change" })).toBeFocused();
  await expect(page.getByRole("cell", { name: "Unverified, in_doubt" })).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  test(`each chapter, ${theme}, 360 px wide`, async ({ context, page, server, admin }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width: 360, height: 740 });
    await signIn(context, server, admin);
    await page.goto(`${server.address}/#/help`);
    await page.getByRole("button", { name: "Chapters" }).click();
    const chapters = page.getByRole("navigation", { name: "Chapters" });
    await expect(chapters.getByRole("link", { name: "Troubleshooting by error" })).toBeVisible();
    await expectAccessible(page);
    await expectFits(page);
    const links = await chapters.getByRole("link").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    expect(links.length).toBeGreaterThan(15);
    for (const href of links.slice(1)) {
      await page.goto(`${server.address}/${href}`);
      await expect(page.getByRole("article")).toBeVisible();
      await expectAccessible(page);
      await expectFits(page);
    }
  });
}

test("in another language the page says that the handbook is English", async ({ context, page, server, admin }) => {
  await context.addInitScript(() => localStorage.setItem("countersign.language", "es"));
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/help/access`);
  await expect(page.getByText("El manual está en inglés.")).toBeVisible();
  await expect(page.getByRole("article")).toHaveAttribute("lang", "en");
});

for (const theme of ["light", "dark"] as const) {
  test(`before signing in, ${theme}: the help that sign-in needs, and back`, async ({ page, server, admin }) => {
    expect(admin.id).not.toBe("");
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width: theme === "light" ? 1280 : 360, height: 740 });
    await page.goto(server.address);
    await page.getByRole("link", { name: "Trouble signing in?" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Signing in" })).toBeVisible();
    await expectAccessible(page);
    await expectFits(page);
    await page.getByLabel("Search the handbook").fill("forgot password");
    await page.getByRole("link", { name: "A forgotten password" }).first().click();
    await expect(page.getByRole("heading", { level: 2, name: "A forgotten password" })).toBeVisible();
    await page.getByRole("link", { name: "Sign in", exact: true }).click();
    await expect(page.getByLabel("User name")).toBeVisible();
    await expectAccessible(page);
    await expectFits(page);
  });
}
