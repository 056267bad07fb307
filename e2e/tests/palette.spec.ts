// Quick search: anywhere by typing.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, said, SEED, signIn, test } from "./fixtures.ts";

const palette = (page: Page) => page.getByRole("dialog", { name: "Quick search" });
const field = (page: Page) => palette(page).getByRole("combobox");
const option = (page: Page, name: string | RegExp) => palette(page).getByRole("option", { name });

test("a credential is found while one types, and opened by Enter", async ({ home: page, server, admin }) => {
  const name = fresh("Palette Harbour");
  await server.credential(admin, { name, username: "the.team", site: { url: "https://www.example.org/" } });
  await server.credential(admin, { name: fresh("Palette Other") });
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
  await expect(option(page, "Signed-in devices")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.type("palette harb");
  await expect(option(page, name)).toHaveAttribute("aria-selected", "true");
  await expect(option(page, name)).toContainText("the.team, example.org");
  await expect(option(page, "Palette Other")).toBeHidden();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(palette(page)).toBeHidden();
  await expect(page.getByRole("dialog", { name })).toBeVisible();
  // From there on to the next.
  await page.keyboard.press("Control+k");
  await field(page).fill("palette other");
  // Before anything has been found.
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: /^Palette Other/ })).toBeVisible();
});

test("pages by arrows and Enter, only those that the person may see", async ({ context, page, server, admin }) => {
  const member = await server.person(admin, fresh("palette member"), "member");
  await signIn(context, server, member);
  await page.goto(server.address);
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
  await page.getByRole("button", { name: "Quick search" }).click();
  await field(page).fill("users");
  await expect(palette(page).getByText("No credential and no page matches this.")).toBeVisible();
  await expectAccessible(page);
  await field(page).fill("settings");
  const first = palette(page).getByRole("option").first();
  await expect(first).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await expect(palette(page).getByRole("option").last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(first).toHaveAttribute("aria-selected", "true");
  await expect(field(page)).toHaveAttribute("aria-activedescendant", (await first.getAttribute("id")) ?? "");
  await field(page).fill("signed-in");
  await expect(option(page, "Signed-in devices")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Signed-in devices" })).toBeFocused();
});

test("the actions of the credential that is marked", async ({ home: page, context, clipboard, server, admin }) => {
  await context.route("https://palette.example.org/**", (route) => route.fulfill({ body: "the site" }));
  const { id, name } = await server.credential(admin, {
    name: fresh("Palette acts"),
    username: "the.team",
    password: "Kestrel-7-harbour-lamp",
    site: { url: "https://palette.example.org/" },
    totp: { secret: SEED },
  });
  const bare = await server.credential(admin, { name: fresh("Palette bare") });
  const actsOf = async (of: string) => {
    await page.keyboard.press("Control+k");
    await field(page).fill(of);
    await expect(option(page, of)).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("ArrowRight");
  };
  await actsOf(name);
  const acts = palette(page).getByRole("option");
  await expect(acts).toHaveText([
    /Open Details/,
    /Copy token/,
    /Copy password/,
    /Copy user name/,
    /Open site/,
    /Add to favourites/,
    /Back/,
  ]);
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(said(page).getByText(`Token of ${name} copied`)).toBeVisible();
  expect(await clipboard.read()).toMatch(/^\d{6}$/);
  await expect(palette(page)).toBeHidden();

  await actsOf(name);
  await option(page, "Copy password").click();
  await expect(said(page).getByText(`Password of ${name} copied`)).toBeVisible();
  expect(await clipboard.read()).toBe("Kestrel-7-harbour-lamp");
  expect(await server.records(admin, id, "password.revealed")).toBe(1);

  await actsOf(name);
  const opened = context.waitForEvent("page");
  await option(page, "Open site").click();
  await (await opened).close();
  await page.bringToFront();

  // There is only what can be done; back by the same way, or by typing on.
  await actsOf(bare.name);
  await expect(acts).toHaveText([/Open Details/, /Add to favourites/, /Back/]);
  await page.keyboard.press("ArrowLeft");
  await expect(option(page, bare.name)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Escape");
  await expect(option(page, bare.name)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();

  // By touch, where there are no arrows.
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("button", { name: "Quick search" }).click();
  await field(page).fill(name);
  await option(page, name).getByTitle("Actions").click();
  await expect(option(page, "Copy token")).toBeVisible();
  await expectAccessible(page);
  await expectFits(page);
  await option(page, "Back").click();
  await expect(option(page, name)).toHaveAttribute("aria-selected", "true");
});

test("favourites and what was used last stand first, for each person", async ({ page, context, server, admin }) => {
  const member = await server.person(admin, fresh("palette keeper"), "member");
  const made: { id: string; name: string }[] = [];
  for (const name of ["Palette first", "Palette second", "Palette gone"]) {
    const credential = await server.credential(admin, { name: fresh(name), username: "the.team" });
    await server.grant(admin, credential.id, member, { token: true });
    made.push(credential);
  }
  const [first = { id: "", name: "" }, second = first, gone = first] = made;
  await signIn(context, server, member);
  await page.goto(server.address);
  for (const { name } of [second, gone, first]) {
    await page.getByRole("link", { name }).click();
    await expect(page.getByRole("dialog", { name })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog", { name })).toBeHidden();
  }
  await server.call(admin, "DELETE", `/credentials/${gone.id}`);
  const options = palette(page).getByRole("option");
  await page.keyboard.press("Control+k");
  await expect(options.first()).toContainText(first.name);
  await expect(options.nth(1)).toContainText(second.name);
  await expect(palette(page).getByText("Recently used")).toBeVisible();
  await expect(option(page, gone.name)).toBeHidden();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await option(page, "Add to favourites").click();
  await expect(option(page, "Remove from favourites")).toBeVisible();
  await option(page, "Back").click();
  await expect(options.first()).toContainText(second.name);
  await expect(palette(page).getByText("Favourites")).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.keyboard.press("Enter");
  const details = page.getByRole("dialog", { name: second.name });
  await details.getByRole("button", { name: "Remove from favourites" }).click();
  await expect(details.getByRole("button", { name: "Add to favourites" })).toBeVisible();
  await details.getByRole("button", { name: "Add to favourites" }).click();
  // They are kept past a reload, and nobody else's in the same browser.
  await page.goto(server.address);
  await page.reload();
  await page.getByRole("button", { name: "Quick search" }).click();
  await expect(options.first()).toContainText(second.name);
  await signIn(context, server, admin);
  await page.reload();
  await page.getByRole("button", { name: "Quick search" }).click();
  await expect(options.first()).toContainText("All credentials");
  expect(JSON.stringify(await page.evaluate(() => ({ ...localStorage })))).not.toContain("the.team");
});

test("what stands in another field stays there, and the focus comes back", async ({ home: page, server }) => {
  await page.goto(`${server.address}/#/credentials/new`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await name.fill("half a na");
  await page.keyboard.press("Control+k");
  await expect(field(page)).toBeFocused();
  await page.keyboard.type("users");
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  await expect(name).toBeFocused();
  await expect(name).toHaveValue("half a na");
  await page.keyboard.type("me");
  await expect(name).toHaveValue("half a name");
  // Going elsewhere asks first.
  await page.keyboard.press("Control+k");
  await field(page).fill("users");
  await expect(option(page, "Users")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Leave without saving?" })).toBeVisible();
  // Over what is asked nothing opens.
  await page.keyboard.press("Control+k");
  await page.getByRole("button", { name: "Stay" }).click();
  await expect(palette(page)).toBeHidden();
  await expect(name).toHaveValue("half a name");
});

test("a slow answer never replaces a later one, and a failed search says so", async ({ home: page, server, admin }) => {
  const [early, late] = [fresh("Palette early"), fresh("Palette late")];
  await server.credential(admin, { name: early });
  await server.credential(admin, { name: late });
  await page.keyboard.press("Control+k");
  const held: (() => void)[] = [];
  await page.route(/credentials\?search=palette(%20|\+)early/i, async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    // The page has called it off by then.
    await route.continue().catch(() => undefined);
  });
  await field(page).fill("palette early");
  await expect.poll(() => held.length).toBe(1);
  await field(page).fill("palette late");
  await expect(option(page, late)).toBeVisible();
  held[0]?.();
  await expect(option(page, early)).toBeHidden();

  await page.route("**/credentials?search=**", (route) => route.abort());
  await field(page).fill("settings");
  await expect(palette(page).getByRole("alert")).toContainText("The server cannot be reached.");
  await expect(option(page, "Users")).toBeVisible();
  await expectAccessible(page);
  await page.unroute("**/credentials?search=**");
  await palette(page).getByRole("button", { name: "Try again" }).click();
  await expect(palette(page).getByRole("alert")).toBeHidden();
});
