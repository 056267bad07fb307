import { expect, expectAccessible, fresh, openDetails, said, signIn, test, tokenOnly } from "./fixtures.ts";

const SECRET = "Kestrel-7-harbour-lamp";

test("a password is shown when asked for, for a limited time, and leaves the page again", async ({
  home: page,
  clipboard,
  server,
  admin,
}) => {
  const { id, name } = await server.credential(admin, { name: fresh("Revealed"), password: SECRET });
  await page.clock.install();
  await page.reload();
  await openDetails(page, name);
  const dialog = page.getByRole("dialog", { name });
  await dialog.getByRole("tab", { name: "Password" }).click();
  await expect(dialog.getByRole("button", { name: "Show password" })).toBeVisible();
  await expectAccessible(page);
  expect(await page.content()).not.toContain(SECRET);
  expect(await server.records(admin, id, "password.revealed")).toBe(0);

  await dialog.getByLabel("Reason").fill("campaign of the autumn");
  await dialog.getByRole("button", { name: "Show password" }).click();
  await expect(dialog.getByText(SECRET)).toBeVisible();
  await expectAccessible(page);
  expect(await server.records(admin, id, "password.revealed")).toBe(1);
  await dialog.getByRole("button", { name: "Copy password" }).click();
  await expect(said(page).getByText("Password copied")).toBeVisible();
  expect(await clipboard.read()).toBe(SECRET);

  await page.clock.fastForward(20_000);
  await expect(dialog.getByText(/Hides in (9|10) s\./)).toBeVisible();
  await page.clock.fastForward(11_000);
  await expect(dialog.getByText(SECRET)).toBeHidden();
  expect(await page.content()).not.toContain(SECRET);

  // Hidden by hand, and by closing the pop-up.
  await dialog.getByRole("button", { name: "Show password" }).click();
  await dialog.getByRole("button", { name: "Hide" }).click();
  expect(await page.content()).not.toContain(SECRET);
  await dialog.getByRole("button", { name: "Show password" }).click();
  await expect(dialog.getByText(SECRET)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(await page.content()).not.toContain(SECRET);
});

test("former versions are kept and can be revealed one by one", async ({ home: page, server, admin }) => {
  const { id, name } = await server.credential(admin, { name: fresh("Versions"), password: "the first of two" });
  await server.call(admin, "PATCH", `/credentials/${id}`, { password: "the second of two" });
  await page.reload();
  await openDetails(page, name);
  const dialog = page.getByRole("dialog", { name });
  await dialog.getByRole("tab", { name: "Password" }).click();
  const versions = dialog.getByRole("table");
  await expect(versions.getByRole("row")).toHaveCount(3);
  await expect(versions.getByText("current")).toBeVisible();
  await versions.getByRole("button", { name: "Show version 1" }).click();
  await expect(dialog.getByText("the first of two")).toBeVisible();
  await dialog.getByRole("button", { name: "Hide" }).click();
  await dialog.getByRole("button", { name: "Show password" }).click();
  await expect(dialog.getByText("the second of two")).toBeVisible();
});

test("who was granted the token alone does not get to the password", async ({ page, context, server, admin }) => {
  const { member, id, name } = await tokenOnly(server, admin);
  await signIn(context, server, member);
  await page.goto(`${server.address}/#/credentials/${id}?tab=password`);
  const dialog = page.getByRole("dialog", { name });
  await expect(dialog.locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  await expect(dialog.getByText("You don't have access to it")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Show password" })).toBeHidden();
  await expect(dialog.getByRole("tab", { name: "Access" })).toBeHidden();
  await expectAccessible(page);
});
