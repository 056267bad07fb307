// What is secret leaves the clipboard again.
import { choose, expect, expectAccessible, expectFits, fresh, openDetails, said, test } from "./fixtures.ts";

const PASSWORD = "Kestrel-7-harbour-lamp";
const SAID = "The clipboard is cleared in 30 s.";

test.beforeEach(async ({ home }) => {
  await home.clock.install();
});

test("a password is cleared after half a minute, and the page has said so", async ({
  home: page,
  clipboard,
  server,
  admin,
}) => {
  const { name } = await server.credential(admin, { name: fresh("Cleared"), username: "the.team", password: PASSWORD });
  await page.reload();
  await choose(page, name, "Copy password");
  await expect(said(page).getByText(`Password of ${name} copied. ${SAID}`)).toBeVisible();
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  // The clock also goes on by itself meanwhile.
  await page.clock.runFor(20_000);
  expect(await clipboard.read()).toBe(PASSWORD);
  await page.clock.runFor(10_000);
  await expect.poll(() => clipboard.read()).toBe("");

  // What is no secret stays.
  await choose(page, name, "Copy user name");
  await expect(page.getByText(`User name of ${name} copied`)).toBeVisible();
  await expect(page.getByText(SAID)).toBeHidden();
  await expectAccessible(page);
  await page.clock.runFor(60_000);
  expect(await clipboard.read()).toBe("the.team");
});

test("what is said over a dialog stands in it, where it is read aloud, and on the page once the dialog is gone", async ({
  home: page,
  server,
  admin,
}) => {
  const { name } = await server.credential(admin, { name: fresh("Said"), password: PASSWORD });
  await page.reload();
  await openDetails(page, name);
  const dialog = page.getByRole("dialog", { name });
  await dialog.getByRole("tab", { name: "Password" }).click();
  await page.clock.pauseAt(Date.now() + 60_000);
  await dialog.getByRole("button", { name: "Show password" }).click();
  await dialog.getByRole("button", { name: "Copy password" }).click();
  await expect(said(dialog)).toHaveText(`Password copied. ${SAID}`);
  await expect(said(dialog).getByText(SAID)).toBeInViewport({ ratio: 1 });
  await expect(page.getByText(SAID)).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("status").getByText(SAID)).toBeVisible();
  await page.clock.runFor(5_000);
  await expect(page.getByText(SAID)).toBeHidden();
});

test("what has been copied since is left alone", async ({ home: page, clipboard, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Overtaken"), password: PASSWORD });
  await page.reload();
  await openDetails(page, name);
  await page.getByRole("dialog").getByRole("tab", { name: "Password" }).click();
  await page.getByRole("button", { name: "Show password" }).click();
  await page.getByRole("button", { name: "Copy password" }).click();
  await expect(said(page).getByText(`Password copied. ${SAID}`)).toBeVisible();
  // As by another program.
  await clipboard.write("a letter");
  await page.clock.runFor(31_000);
  expect(await clipboard.read()).toBe("a letter");
});

for (const tells of [true, false]) {
  test(`text that is marked and copied on the page is left alone, ${tells ? "also" : "where the browser tells nothing"}`, async ({
    home: page,
    clipboard,
    server,
    admin,
  }) => {
    const { name } = await server.credential(admin, { name: fresh("Marked"), password: PASSWORD });
    await page.reload();
    if (!tells) await page.evaluate(() => (navigator.permissions.query = () => Promise.reject(new Error("unknown"))));
    await choose(page, name, "Copy password");
    await expect(page.getByText(`Password of ${name} copied.`)).toBeVisible();
    await page.evaluate(() => getSelection()?.selectAllChildren(document.querySelector("h1") as Node));
    await page.keyboard.press("Control+c");
    await page.clock.runFor(31_000);
    expect(await clipboard.read()).toContain("All credentials");
  });
}

test("a browser that refuses it for now is asked again when the page is used", async ({
  home: page,
  clipboard,
  server,
  admin,
}) => {
  const { name } = await server.credential(admin, { name: fresh("Refused"), password: PASSWORD });
  await page.reload();
  await choose(page, name, "Copy password");
  await expect(page.getByText(`Password of ${name} copied.`)).toBeVisible();
  // As while another window is in front, and no click or key allows it.
  await page.evaluate(() => {
    const { clipboard } = navigator;
    const writeText = clipboard.writeText.bind(clipboard);
    Object.assign(clipboard, { writeText: () => Promise.reject(new Error("not in front")) });
    Object.assign(document, { execCommand: () => false });
    Object.assign(window, { inFront: () => Object.assign(clipboard, { writeText }) });
  });
  await page.clock.runFor(31_000);
  expect(await clipboard.read()).toBe(PASSWORD);
  await page.evaluate(() => void (window as unknown as { inFront: () => void }).inFront());
  await page.getByRole("heading", { name: "All credentials" }).click();
  await expect.poll(() => clipboard.read()).toBe("");
});

test("without TLS it is cleared by the next click after its time", async ({ home: page, clipboard, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Old way"), password: PASSWORD });
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("not here"));
    navigator.clipboard.write = () => Promise.reject(new Error("not here"));
  });
  await page.reload();
  await choose(page, name, "Copy password");
  await expect(page.getByText(`Password of ${name} copied.`)).toBeVisible();
  expect(await clipboard.read()).toBe(PASSWORD);
  await page.clock.runFor(31_000);
  await page.getByRole("heading", { name: "All credentials" }).click();
  await expect.poll(() => clipboard.read()).toBe("");
});
