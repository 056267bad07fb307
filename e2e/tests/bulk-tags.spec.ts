import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";
import type { Person, Server } from "./server.ts";

/** Some credentials that one search finds, and a colleague who is granted what has the tag that they are to get. */
async function scene(server: Server, admin: Person) {
  const name = fresh("Depot");
  const tag = fresh("crew");
  const ids: string[] = [];
  for (const letter of ["a", "b", "c", "d"]) {
    const tags = letter === "d" ? ["old", tag] : ["old"];
    ids.push((await server.credential(admin, { name: `${name} ${letter}`, tags })).id);
  }
  const ben = await server.person(admin, fresh("ben"), "member");
  await server.call(admin, "POST", "/grants", { user: ben.id, tag, permissions: { token: true } });
  const tags = async () => {
    const found = await Promise.all(
      ids.map((id) => server.call<{ tags: string[] }>(admin, "GET", `/credentials/${id}`)),
    );
    return found.map((one) => one.tags.join(" "));
  };
  return { name, tag, ids, ben, tags };
}

const bar = (page: Page) => page.getByRole("group", { name: "Selected credentials" });
const box = (page: Page, name: string) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true });

test("tags of many are previewed, added to all of them, and put back", async ({ context, page, server, admin }) => {
  test.slow();
  const { name, tag, ben, tags } = await scene(server, admin);
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(name)}`);
  await expect(page.getByRole("row", { name: `${name} d` })).toBeVisible();
  await expect(bar(page)).toBeHidden();
  // A range, by Shift.
  await box(page, `${name} b`).click();
  await box(page, `${name} d`).click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("3 selected");
  await bar(page).getByRole("button", { name: "Select all 4 that match" }).click();
  await expect(bar(page)).toContainText("4 selected");
  await expectAccessible(page);
  await expectFits(page);

  await bar(page).getByRole("button", { name: "Add tags…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add tags to 4 credentials" });
  await dialog.getByRole("textbox", { name: "Tags" }).fill(tag);
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("status")).toContainText(`${tag}: 3 get it, 1 has it already`);
  await expect(dialog.getByRole("status")).toContainText("1 user gains access by grants on these tags.");
  await expect(dialog.getByRole("status")).toContainText(`${ben.name} gains: see, use the token`);
  await expectAccessible(page);
  await expectFits(page);
  // Another tag is another preview.
  await dialog.getByRole("textbox", { name: "Tags" }).fill(`${tag}, quayside`);
  await expect(dialog.getByRole("status")).toBeEmpty();
  await dialog.getByRole("textbox", { name: "Tags" }).fill(tag);
  expect(await tags()).toEqual(["old", "old", "old", `${tag} old`]);
  await dialog.getByRole("button", { name: "Add to 3 credentials" }).click();
  await expect(page.getByText("Tags of 3 credentials changed")).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect(bar(page)).toBeHidden();
  await expectAccessible(page);
  expect(await tags()).toEqual(Array(4).fill(`${tag} old`));
  await expect(page.getByRole("row", { name: `${name} a` })).toContainText(tag);

  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Tags restored")).toBeVisible();
  expect(await tags()).toEqual(["old", "old", "old", `${tag} old`]);
});

test("nothing is changed that somebody has edited meanwhile, neither by it nor by its undoing", async ({
  context,
  page,
  server,
  admin,
}) => {
  test.slow();
  const { name, ids, tags } = await scene(server, admin);
  await signIn(context, server, admin);
  await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(name)}`);
  // By keyboard alone, as far as the dialog.
  await expect(page.getByRole("row", { name: `${name} a` })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(box(page, `${name} a`)).toBeChecked();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+Space");
  await expect(bar(page)).toContainText("2 selected");
  await bar(page).getByRole("button", { name: "Remove tags…" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove tags from 2 credentials" });
  await dialog.getByRole("checkbox", { name: "old" }).check();
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("status")).toContainText("old: 2 lose it");
  await expect(dialog.getByRole("status")).toContainText("This changes nobody's access.");
  await server.call(admin, "PATCH", `/credentials/${ids[1]}`, { notes: "noted meanwhile" });
  const go = dialog.getByRole("button", { name: "Remove from 2 credentials" });
  await go.click();
  await expect(dialog.getByRole("alert")).toContainText(`edited "${name} b" meanwhile, so none was changed`);
  await expectAccessible(page);
  expect(await tags()).toEqual(["old", "old", "old", expect.stringContaining("old")]);
  await dialog.getByRole("button", { name: "Try again" }).click();
  await dialog.getByRole("button", { name: "Preview" }).click();
  await go.click();
  await expect(page.getByText("Tags of 2 credentials changed")).toBeVisible();
  await server.call(admin, "PATCH", `/credentials/${ids[0]}`, { notes: "noted again" });
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText(/edited ".* a" meanwhile/)).toBeVisible();
  expect((await tags()).slice(0, 2)).toEqual(["", ""]);
});

test("what one may not edit is left out, and who may edit none selects none", async ({
  context,
  page,
  server,
  admin,
}) => {
  const { name, ids } = await scene(server, admin);
  const cleo = await server.person(admin, fresh("cleo"), "member");
  const grant = (id: string | undefined, permissions: object) =>
    server.call(admin, "POST", "/grants", { user: cleo.id, credential: id, permissions });
  await grant(ids[0], { token: true });
  await signIn(context, server, cleo);
  await page.goto(`${server.address}/#/credentials`);
  await expect(page.getByRole("row", { name: `${name} a` })).toBeVisible();
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await grant(ids[1], { edit: true, share: true });
  await page.reload();
  await box(page, `${name} a`).click();
  await box(page, `${name} b`).click();
  await bar(page).getByRole("button", { name: "Add tags…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add tags to 2 credentials" });
  await dialog.getByRole("textbox", { name: "Tags" }).fill("quayside");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("status")).toContainText("quayside: 1 gets it");
  await expect(dialog.getByRole("status")).toContainText("1 credential left out:");
  await expect(dialog.getByRole("status")).toContainText(`${name} a: you are not allowed to edit`);
  await dialog.getByRole("button", { name: "Add to 1 credential" }).click();
  await expect(page.getByText("Tags of 1 credential changed")).toBeVisible();
});

test("on a phone, light and dark", async ({ context, page, server, admin }) => {
  const { name, tag } = await scene(server, admin);
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(context, server, admin);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(name)}`);
    await page.reload();
    await box(page, `${name} a`).click();
    await box(page, `${name} d`).click({ modifiers: ["Shift"] });
    await expectAccessible(page);
    await expectFits(page);
    await bar(page).getByRole("button", { name: "Add tags…" }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Tags" }).fill(tag);
    await page.getByRole("dialog").getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("dialog").getByRole("status")).toContainText("3 get it");
    await expectAccessible(page);
    await expectFits(page);
  }
});
