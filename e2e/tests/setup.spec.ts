import { execFileSync } from "node:child_process";
import { expect, expectAccessible, shownSeed, test as base } from "./fixtures.ts";
import { PASSWORD, Server } from "./server.ts";
import { totp } from "./totp.ts";

// A server nobody has set up yet, for each test.
const test = base.extend<{ bare: Server }>({
  bare: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
  },
});

test("the first run: the printed link, a name, a password, a second factor, the empty list", async ({ page, bare }) => {
  await page.goto(bare.link);
  await expect(page.getByRole("heading", { name: "Set up this vault" })).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel("Name").fill("ana");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await expect(page.getByText("7 more characters needed.")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await expect(page.getByText("Good: As long as nobody else can guess it.")).toBeVisible();
  await page.getByRole("button", { name: "Set up" }).click();

  await expect(page.getByRole("heading", { name: "Your second factor" })).toBeVisible();
  expect(page.url()).not.toContain("setup");
  const picture = page.getByRole("img", { name: "QR code for your authenticator" });
  await expect(picture).toBeVisible();
  const seed = await shownSeed(page);
  await expectAccessible(page);
  // The picture says the same as the text beside it.
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0))
    .toBe(true);
  const shot = await page.locator(".qr").screenshot();
  const read = execFileSync("zbarimg", ["--quiet", "--raw", "-"], {
    input: shot,
    stdio: ["pipe", "pipe", "ignore"],
  }).toString();
  expect(read).toContain(seed.replace(/\s/g, ""));

  const wrong = String((Number(totp({ seed })) + 1) % 1_000_000).padStart(6, "0");
  await page.getByLabel("Enter the code it shows").fill(wrong);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("Is not the current one")).toBeVisible();
  await page.getByLabel("Enter the code it shows").fill(totp({ seed }));
  await page.getByRole("button", { name: "Confirm" }).click();

  await expect(page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem")).toHaveCount(10);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Saved" }).click();
  await expect(page.getByRole("heading", { name: "No credentials yet" })).toBeVisible();
  await expectAccessible(page);

  // The link works once.
  await page.goto("about:blank");
  await page.goto(bare.link);
  await page.getByRole("button", { name: "ana" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("about:blank");
  await page.goto(bare.link);
  await expect(page.getByText("This vault has already been set up.")).toBeVisible();
});

test("without the link the page says where it is", async ({ page, bare }) => {
  await page.goto(bare.address);
  await expect(page.getByText("has printed a one-time link")).toBeVisible();
  await expectAccessible(page);
});

test("a wrong link is refused with words", async ({ page, bare }) => {
  await page.goto(`${bare.link.slice(0, -4)}AAAA`);
  await page.getByLabel("Name").fill("mallory");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Set up" }).click();
  await expect(page.getByRole("alert")).toContainText("link");
});
