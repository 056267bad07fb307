// What is taken from a credential without a look at it: by its menu, and by single keys.
import {
  choose,
  expect,
  expectAccessible,
  expectFits,
  fresh,
  said,
  SEED,
  signIn,
  test,
  tokenOnly,
} from "./fixtures.ts";

test("password, user name and site by the row's menu and by keys, each password with a record", async ({
  home: page,
  context,
  clipboard,
  server,
  admin,
}) => {
  await context.route("https://site.example.org/**", (route) => route.fulfill({ body: "the site" }));
  const { id, name } = await server.credential(admin, {
    name: fresh("Taken"),
    username: "the.team",
    password: "Kestrel-7-harbour-lamp",
    site: { url: "https://site.example.org/sign-in" },
  });
  await page.goto(`${server.address}/#/credentials?search=${encodeURIComponent(name)}`);
  await choose(page, name, "Copy user name");
  await expect(page.getByText(`User name of ${name} copied`)).toBeVisible();
  expect(await clipboard.read()).toBe("the.team");
  expect(await server.records(admin, id, "password.revealed")).toBe(0);
  await choose(page, name, "Copy password");
  await expect(page.getByText(`Password of ${name} copied`)).toBeVisible();
  expect(await clipboard.read()).toBe("Kestrel-7-harbour-lamp");
  expect(await server.records(admin, id, "password.revealed")).toBe(1);
  expect(await page.content()).not.toContain("Kestrel-7-harbour-lamp");

  await page.getByRole("row", { name }).focus();
  await page.keyboard.press("u");
  await expect.poll(() => clipboard.read()).toBe("the.team");
  await page.keyboard.press("p");
  await expect.poll(() => clipboard.read()).toBe("Kestrel-7-harbour-lamp");
  expect(await server.records(admin, id, "password.revealed")).toBe(2);
  await page.keyboard.press("c");
  await expect(page.getByText(`${name} has no setup key, so it has no tokens.`)).toBeVisible();
  const opened = context.waitForEvent("page");
  await page.keyboard.press("o");
  const site = await opened;
  await expect(site).toHaveURL("https://site.example.org/sign-in");
  expect(await site.evaluate(() => window.opener === null && document.referrer === "")).toBe(true);
  await site.close();

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await expect(help.getByText("Open its site in a new tab")).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
});

test("who may not reveal the password is not offered it, and is told so by the key", async ({
  page,
  context,
  server,
  admin,
}) => {
  const { member, name } = await tokenOnly(server, admin);
  await signIn(context, server, member);
  await page.goto(server.address);
  await page.getByRole("row", { name }).getByRole("button", { name: "Actions" }).click();
  await expect(page.getByRole("menuitem", { name: "Copy token" })).toBeEnabled();
  for (const act of ["Copy password", "Copy user name", "Open site"])
    await expect(page.getByRole("menuitem", { name: act })).toBeHidden();
  await page.keyboard.press("Escape");
  await page.getByRole("row", { name }).focus();
  await page.keyboard.press("p");
  await expect(page.getByText(`You don't have access to the password of ${name}.`)).toBeVisible();
  await page.keyboard.press("u");
  await expect(page.getByText(`${name} has no user name.`)).toBeVisible();
  await page.keyboard.press("o");
  await expect(page.getByText(`${name} has no site.`)).toBeVisible();
});

test("where a reason is asked for, copying leads to where it is given", async ({
  page,
  context,
  clipboard,
  server,
  admin,
}) => {
  const member = await server.person(admin, fresh("reasoned"), "member");
  const { id, name } = await server.credential(admin, {
    name: fresh("Console"),
    password: "sealed",
    totp: { secret: SEED },
  });
  await server.call(admin, "POST", "/grants", {
    user: member.id,
    credential: id,
    permissions: { token: true, reveal: true },
    conditions: { reason: true },
  });
  await signIn(context, server, member);
  await page.goto(server.address);
  await choose(page, name, "Copy password");
  const dialog = page.getByRole("dialog", { name });
  await expect(dialog.getByRole("tab", { name: "Password" })).toHaveAttribute("aria-selected", "true");
  await expect(said(page).getByText(/reason/)).toBeVisible();
  await dialog.getByRole("tabpanel").getByLabel("Reason").fill("an outage");
  await dialog.getByRole("button", { name: "Show password" }).click();
  await dialog.getByRole("button", { name: "Copy password" }).click();
  await expect.poll(() => clipboard.read()).toBe("sealed");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await choose(page, name, "Copy token");
  await expect(dialog.getByRole("tab", { name: "Information" })).toHaveAttribute("aria-selected", "true");
  await expect(dialog.getByLabel("A reason is required")).toBeVisible();
});
