import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, signIn, test } from "./fixtures.ts";
import type { Person, Server } from "./server.ts";

/** Some credentials that one search finds. */
async function scene(server: Server, admin: Person) {
  const name = fresh("Pier");
  const ids: string[] = [];
  for (const letter of ["a", "b", "c"]) {
    const site = letter === "c" ? undefined : { url: "https://pier.example.org/" };
    ids.push((await server.credential(admin, { name: `${name} ${letter}`, site })).id);
  }
  const ben = await server.person(admin, fresh("ben"), "member");
  return { name, ids, ben };
}

const bar = (page: Page) => page.getByRole("group", { name: "Selected credentials" });
const box = (page: Page, name: string) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true });

async function selectAll(page: Page, server: Server, name: string) {
  await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(name)}`);
  await box(page, `${name} a`).click();
  await box(page, `${name} c`).click({ modifiers: ["Shift"] });
  await expect(bar(page)).toContainText("3 selected");
}

test("the same is granted on many, as previewed, and taken back", async ({ context, page, server, admin }) => {
  test.slow();
  const { name, ids, ben } = await scene(server, admin);
  const sees = () =>
    Promise.all(
      ids.map(async (id) => {
        const who = await server.call<{ items: { user: { id: string } }[] }>(admin, "GET", `/credentials/${id}/who`);
        return who.items.some((one) => one.user.id === ben.id);
      }),
    );
  await server.call(admin, "POST", "/grants", { user: ben.id, credential: ids[1], permissions: { token: true } });
  await signIn(context, server, admin);
  await selectAll(page, server, name);
  await bar(page).getByRole("button", { name: "Grant access…" }).click();
  const dialog = page.getByRole("dialog", { name: "Grant access to 3 credentials" });
  await dialog.getByLabel("To", { exact: true }).selectOption({ label: ben.name });
  await dialog.getByRole("checkbox", { name: "Use the token" }).check();
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByRole("status")).toContainText("2 credentials get this access; 1 has it already.");
  await expect(dialog.getByRole("status")).toContainText(`${ben.name} gains: see, use the token`);
  await expectAccessible(page);
  await expectFits(page);
  // Another choice is another preview.
  await dialog.getByRole("checkbox", { name: "See the password" }).check();
  await expect(dialog.getByRole("status")).toBeEmpty();
  await dialog.getByRole("checkbox", { name: "See the password" }).uncheck();
  expect(await sees()).toEqual([false, true, false]);
  await dialog.getByRole("button", { name: "Grant on 2 credentials" }).click();
  await expect(page.getByText("Access granted on 2 credentials")).toBeVisible();
  await expect(bar(page)).toBeHidden();
  expect(await sees()).toEqual([true, true, true]);
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Access taken back")).toBeVisible();
  expect(await sees()).toEqual([false, true, false]);
});

test("the rotation of many is previewed, changed and put back", async ({ context, page, server, admin }) => {
  test.slow();
  const { name, ids } = await scene(server, admin);
  const days = () =>
    Promise.all(
      ids.map(async (id) => {
        const found = await server.call<{ policy: { every_days: number | null } }>(
          admin,
          "GET",
          `/credentials/${id}/automation`,
        );
        return found.policy.every_days;
      }),
    );
  await signIn(context, server, admin);
  await selectAll(page, server, name);
  await bar(page).getByRole("button", { name: "Automatic rotation…" }).click();
  const dialog = page.getByRole("dialog", { name: "Automatic rotation of 3 credentials" });
  await dialog.getByRole("spinbutton", { name: "Days between changes" }).fill("60");
  await dialog.getByRole("button", { name: "Preview" }).click();
  const status = dialog.getByRole("status");
  await expect(status).toContainText("2 credentials change.");
  await expect(status).toContainText("1 credential left out:");
  await expect(status).toContainText(`${name} c: site is missing`);
  await expect(status).toContainText("The first password is changed on");
  await expectAccessible(page);
  await expectFits(page);
  expect(await days()).toEqual([null, null, null]);
  await dialog.getByRole("button", { name: "Change 2 credentials" }).click();
  await expect(page.getByText("Automatic rotation of 2 credentials changed")).toBeVisible();
  expect(await days()).toEqual([60, 60, null]);
  await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Automatic rotation restored")).toBeVisible();
  expect(await days()).toEqual([null, null, null]);
});
