import { expect, expectAccessible, said, signIn, test as base } from "./fixtures.ts";
import { Server, type Person } from "./server.ts";

// A vault of its own, since these tests count.
const test = base.extend<object, { many: { server: Server; admin: Person } }>({
  many: [
    async ({}, use) => {
      const server = await Server.start();
      const admin = await server.setUp();
      for (let i = 0; i < 120; i++) {
        await server.credential(admin, {
          name: `Console ${String(i).padStart(3, "0")}`,
          username: i % 2 ? `ops${i}` : "shared",
          site: { url: `https://console${i}.example.org/` },
          tags: [i % 3 ? "operations" : "brand"],
          ...(i % 4 ? { totp: { secret: "JBSWY3DPEHPK3PXP" } } : {}),
        });
      }
      await use({ server, admin });
      await server.stop();
    },
    { scope: "worker" },
  ],
});

test.beforeEach(async ({ context, page, many }) => {
  await signIn(context, many.server, many.admin);
  await page.goto(many.server.address);
  await expect(page.getByRole("heading", { name: "All credentials" })).toContainText("120");
});

test("search and filters narrow the list, stand in the address, and can be taken back", async ({ page }) => {
  const rows = page.getByRole("grid").locator("tbody tr");
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search" })).toBeFocused();
  await page.keyboard.type("ops1");
  await expect(page.getByRole("heading", { name: "All credentials" })).toContainText("16");
  expect(page.url()).toContain("search=ops1");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "All credentials" })).toContainText("120");

  await page.getByLabel("Tag").selectOption({ label: "brand (40)" });
  await expect(page.getByRole("heading", { name: "All credentials" })).toContainText("40");
  await page.getByLabel("Second factor").selectOption("false");
  await expect(page.getByRole("heading", { name: "All credentials" })).toContainText("10");
  await expect(rows).toHaveCount(10);
  await page.reload();
  await expect(rows).toHaveCount(10);
  await expect(page.getByLabel("Second factor")).toHaveValue("false");

  await page.getByRole("searchbox", { name: "Search" }).fill("no such thing");
  await expect(page.getByRole("heading", { name: "No matches" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page.getByRole("heading", { name: "All credentials" })).toContainText("120");
});

test("the list goes on as one comes to its end", async ({ page }) => {
  const rows = page.getByRole("grid").locator("tbody tr");
  await expect(rows.first()).toContainText("Console 000");
  await expect(async () => {
    await page.mouse.wheel(0, 4_000);
    await expect(rows).toHaveCount(120, { timeout: 200 });
  }).toPass({ timeout: 15_000 });
  await expect(rows.last()).toContainText("Console 119");
  await expect(page.getByRole("button", { name: "Load more" })).toBeHidden();
});

test("sorting by name, both ways", async ({ page }) => {
  const first = page.getByRole("grid").locator("tbody tr").first();
  await expect(first).toContainText("Console 000");
  await page.getByRole("columnheader", { name: "Name", exact: true }).getByRole("button").click();
  await expect(first).toContainText("Console 119");
  await expect(page.getByRole("columnheader").first()).toHaveAttribute("aria-sort", "descending");
});

test("when each was last used, on very wide screens, for who sees the dashboard", async ({ page, context, many }) => {
  const [first, second] = ["Console 005", "Console 002"].map((name) => `/credentials/name:${name}`);
  await many.server.call(many.admin, "GET", `${encodeURI(first!)}/token`);
  await many.server.call(many.admin, "GET", `${encodeURI(second!)}/token`);
  // It counts uses at once; else that is done every minute.
  await many.server.call(many.admin, "GET", "/dashboard");
  await page.setViewportSize({ width: 1920, height: 900 });
  await page.reload();
  const rows = page.getByRole("grid").locator("tbody tr");
  const column = page.getByRole("columnheader", { name: "Last used" });
  await expect(column).toBeVisible();
  await column.getByRole("button").click();
  await expect(rows.first().getByRole("gridcell", { name: "Never" })).toBeVisible();
  await column.getByRole("button").click();
  await expect(column).toHaveAttribute("aria-sort", "descending");
  await expect(rows.nth(0)).toContainText("Console 002");
  await expect(rows.nth(1)).toContainText("Console 005");
  await expect(rows.nth(1).getByRole("gridcell", { name: "Never" })).toBeHidden();
  await expect(rows.nth(49).getByRole("gridcell", { name: "Never" })).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 1600, height: 900 });
  await expect(column).toBeHidden();
  await expect(page.getByRole("columnheader", { name: "Password changed" })).toBeVisible();

  // Who sees the dashboard sees it, and nobody else.
  const member = await many.server.person(many.admin, "mel", "member");
  await page.setViewportSize({ width: 1920, height: 900 });
  await signIn(context, many.server, member);
  await page.goto(many.server.address);
  await page.reload();
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await expect(column).toHaveCount(0);
});

test("from the list to the token and back by keyboard alone", async ({ page, clipboard }) => {
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("row", { name: "Console 000" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("row", { name: "Console 001" })).toBeFocused();
  await page.keyboard.press("c");
  await expect(page.getByText("Token of Console 001 copied")).toBeVisible();
  expect(await clipboard.read()).toMatch(/^\d{6}$/);

  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Console 001" });
  await expect(dialog.locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  await page.keyboard.press("r");
  await expect(said(page).getByText(/Still the current token|New token/)).toBeVisible();
  await page.keyboard.press("c");
  await expect(said(page).getByText("Token copied")).toBeVisible();
  await dialog.getByRole("tab", { name: "Information" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(dialog.getByRole("tab", { name: "Password" })).toBeFocused();
  await expect(dialog.getByRole("tab", { name: "Password" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name: "Console 001" })).toBeFocused();

  // The menu of acts, by its keys.
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Actions for Console 001" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Details" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Copy token" })).toBeFocused();
  await page.keyboard.press("e");
  await expect(page.getByRole("menuitem", { name: "Edit" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Actions for Console 001" })).toBeFocused();

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await expect(page.getByRole("heading", { name: "New credential" })).toBeFocused();
});

test("a click anywhere in a row opens Details, and one on something in it does what that is for", async ({ page }) => {
  const row = page.getByRole("row", { name: "Console 001" });
  const dialog = page.getByRole("dialog", { name: "Console 001" });
  await row.getByRole("gridcell", { name: "console1.example.org" }).click();
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(row).toBeFocused();

  await row.getByRole("checkbox").click();
  await expect(row.getByRole("checkbox")).toBeChecked();
  await row.getByRole("checkbox").click();
  await row.getByRole("button", { name: "Actions" }).click();
  await expect(page.getByRole("menuitem", { name: "Details" })).toBeVisible();
  // Beside an open menu a click closes it alone.
  await page.getByRole("row", { name: "Console 003" }).getByRole("gridcell", { name: "ops3" }).click();
  await expect(page.getByRole("menuitem", { name: "Details" })).toBeHidden();
  await expect(page.getByRole("dialog")).toBeHidden();

  // Marking a text with the mouse.
  const cell = await row.getByRole("gridcell", { name: "ops1", exact: true }).boundingBox();
  expect(cell).not.toBeNull();
  const { x, y, height } = cell ?? { x: 0, y: 0, height: 0 };
  await page.mouse.move(x + 13, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + height / 2, { steps: 4 });
  await page.mouse.up();
  expect(await page.evaluate(() => String(getSelection()))).toContain("ops1");
  await expect(page.getByRole("dialog")).toBeHidden();

  await row
    .getByRole("button", { name: "brand" })
    .or(row.getByRole("button", { name: "operations" }))
    .click();
  await expect(page).toHaveURL(/tag=/);
  await expect(page.getByRole("dialog")).toBeHidden();
  await expectAccessible(page);
});

test("single letters can be switched off", async ({ page }) => {
  await page.keyboard.press("?");
  await page.getByRole("checkbox", { name: /single letters/ }).uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await page.keyboard.press("?");
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();
});

test("nothing on the page shifts while it loads", async ({ page, many }) => {
  await page.addInitScript(() => {
    Object.assign(window, { shift: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto("about:blank");
  await page.goto(many.server.address);
  await expect(page.getByRole("row", { name: "Console 001" })).toBeVisible();
  await page.getByRole("link", { name: "Console 001" }).click();
  await expect(page.getByRole("dialog").locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.02);
});
