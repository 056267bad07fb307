import { execFileSync } from "node:child_process";
import type { Locator, Page } from "@playwright/test";
import { expect, expectAccessible, fresh, test } from "./fixtures.ts";
import { hotp, totp } from "./totp.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const qr = (text: string): Buffer =>
  execFileSync("qrencode", ["-o", "-", "-s", "6", text], { stdio: ["ignore", "pipe", "ignore"] });
const seedField = (page: Page) => page.getByRole("textbox", { name: "Setup key" });
const preview = (page: Page) => page.getByRole("region", { name: "Current and next token" });

/** Hands a picture to an element as a drop or a paste does. */
async function give(target: Locator, kind: "drop" | "paste", picture: Buffer): Promise<void> {
  await target.evaluate(
    (element, { kind: type, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], "code.png", { type: "image/png" }));
      const options = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        type === "drop"
          ? new DragEvent("drop", { ...options, dataTransfer: data })
          : new ClipboardEvent("paste", { ...options, clipboardData: data }),
      );
    },
    { kind, base64: picture.toString("base64") },
  );
}

test.beforeEach(async ({ home: page }) => {
  await page.getByRole("link", { name: "New credential" }).first().click();
  await expect(page.getByRole("heading", { name: "New credential" })).toBeVisible();
});

test("a seed typed in lower case with blanks and dashes shows its tokens before it is saved", async ({ page }) => {
  const name = fresh("Typed");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("User name").fill("brand@example.org");
  await page.getByLabel("Site").fill("https://www.example.org/login");
  await page.getByLabel("Tags").fill("social, brand");
  await page.getByLabel("Password").fill("something sealed");
  await seedField(page).pressSequentially("jbsw y3dp-ehpk 3pxp jbsw y3dp ehpk 3pxp", { delay: 5 });
  const now = preview(page).locator("[data-token=large]");
  await expect(now).toHaveText(/^\d{6}$/);
  await expect.poll(async () => (await now.innerText()) === totp({ seed: SEED })).toBe(true);
  await expect
    .poll(
      async () =>
        (await preview(page).locator("[data-token=small]").innerText()) === totp({ seed: SEED }, Date.now() + 30_000),
    )
    .toBe(true);
  await expectAccessible(page);

  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name });
  await expect(dialog).toBeVisible();
  await expect
    .poll(async () => (await dialog.locator("[data-token=large]").innerText()) === totp({ seed: SEED }))
    .toBe(true);
  await expect(dialog.getByText("brand@example.org")).toBeVisible();
  await expect(dialog.getByText("https://www.example.org/login")).toBeVisible();
});

test("what is chosen under Advanced counts", async ({ page }) => {
  await seedField(page).fill(SEED);
  await page.getByText("Advanced").click();
  await page.getByLabel("Algorithm").selectOption("SHA256");
  await page.getByLabel("Digits").fill("8");
  await page.getByLabel("Period in seconds").fill("60");
  await expect
    .poll(
      async () =>
        (await preview(page).locator("[data-token=large]").innerText()) ===
        totp({ seed: SEED, algorithm: "SHA256", digits: 8, period: 60 }),
    )
    .toBe(true);
  await page.getByLabel("Type", { exact: true }).selectOption("hotp");
  await page.getByRole("spinbutton", { name: "Counter" }).fill("7");
  await expect(preview(page).locator("[data-token=large]")).toHaveText(hotp(SEED, 7, 8, "SHA256"));
  await expectAccessible(page);
});

test("a pasted address fills what is empty and speaks for itself", async ({ page }) => {
  await seedField(page).fill(
    `otpauth://totp/Harbour%20Coffee:brand@example.org?secret=${SEED}&issuer=Harbour%20Coffee&digits=8&period=60`,
  );
  await expect
    .poll(
      async () =>
        (await preview(page).locator("[data-token=large]").innerText()) === totp({ seed: SEED, digits: 8, period: 60 }),
    )
    .toBe(true);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Harbour Coffee");
  await expect(page.getByLabel("User name")).toHaveValue("brand@example.org");
  await page.getByText("Advanced").click();
  await expect(page.getByLabel("Digits")).toBeDisabled();
});

for (const kind of ["drop", "paste"] as const) {
  test(`a ${kind === "drop" ? "dropped" : "pasted"} picture of a QR code is read`, async ({ page }) => {
    await give(seedField(page), kind, qr(`otpauth://totp/${fresh("Pictured")}?secret=${SEED}&issuer=Pictured`));
    await expect
      .poll(async () => (await preview(page).locator("[data-token=large]").innerText()) === totp({ seed: SEED }))
      .toBe(true);
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Pictured");
  });
}

test("a chosen picture of a QR code is read; one without a code is refused with words", async ({ page }) => {
  await page
    .getByLabel("QR image", { exact: true })
    .setInputFiles({ name: "code.png", mimeType: "image/png", buffer: qr(`otpauth://totp/x?secret=${SEED}`) });
  await expect(preview(page).locator("[data-token=large]")).toHaveText(/^\d{6}$/);

  const blank = await page.screenshot({ clip: { x: 0, y: 0, width: 80, height: 40 } });
  await page
    .getByLabel("QR image", { exact: true })
    .setInputFiles({ name: "none.png", mimeType: "image/png", buffer: blank });
  await expect(page.getByRole("alert")).toContainText(/QR/i);
  await expect(preview(page).locator("[data-token=large]")).toBeHidden();
});

for (const [what, text, words] of [
  ["a nought instead of an O", "jbsw y3dp 0hpk 3pxp", /character 11 of the setup key, "0".*letter O/],
  ["an eight instead of a B", "JBSWY3DP8HPK3PXP", /character 9 of the setup key, "8".*letter B/],
  ["a setup key that lost a character", "JBSWY3DPE", /a character seems to be missing/],
  ["an address whose seed is wrong", "otpauth://totp/x?secret=JB1", /character 3 of the setup key, "1"/],
  [
    "an algorithm that does not exist",
    `otpauth://totp/x?secret=${SEED}&algorithm=SHA9`,
    /algorithm is none of SHA1, SHA256 and SHA512/,
  ],
] as const) {
  test(`${what} is named, and no text stands where the token belongs`, async ({ page }) => {
    await page.getByLabel("Name", { exact: true }).fill(fresh("Wrong"));
    await seedField(page).fill(text);
    await expect(seedField(page)).toHaveAttribute("aria-invalid", "true");
    await expect(seedField(page)).toHaveAccessibleDescription(words);
    await expect(preview(page).locator("[data-token]")).toHaveCount(0);
    await expectAccessible(page);
    // Saving it all the same says the same, at the same place, and what was typed stays.
    await page.getByRole("button", { name: "Save" }).click();
    await expect(seedField(page)).toHaveAccessibleDescription(words);
    await expect(seedField(page)).toHaveValue(text);
  });
}

test("a name that is taken is said at the name", async ({ page, server, admin }) => {
  const { name } = await server.credential(admin, { name: fresh("Taken") });
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText(name);
  await expectAccessible(page);
});

test("a stored seed is never shown again: it is kept, replaced or cleared", async ({ page, server, admin }) => {
  const { id, name } = await server.credential(admin, {
    name: fresh("Stored"),
    password: "first",
    totp: { secret: SEED },
  });
  await page.goto(`${server.address}/#/credentials/${id}/edit`);
  await expect(page.getByText("A setup key is stored (TOTP, SHA1, 6 digits, every 30 s).")).toBeVisible();
  expect(await page.content()).not.toContain(SEED);
  await expectAccessible(page);

  const other = "KRSXG5CTMVRXEZLUKN2XAZLSKNSWG4TF";
  await page.getByRole("button", { name: "Replace the setup key" }).click();
  await seedField(page).fill(other);
  await expect(preview(page).locator("[data-token=large]")).toHaveText(/^\d{6}$/);
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name });
  await expect
    .poll(async () => (await dialog.locator("[data-token=large]").innerText()) === totp({ seed: other }))
    .toBe(true);

  await dialog.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Clear the setup key" }).click();
  await expect(page.getByText("Will be cleared when you save.")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("dialog", { name }).getByText("No setup key is stored.")).toBeVisible();
});

test("two people editing: the later one is told, and nothing is overwritten", async ({ page, server, admin }) => {
  const { id } = await server.credential(admin, { name: fresh("Edited"), notes: "first" });
  await page.goto(`${server.address}/#/credentials/${id}/edit`);
  await expect(page.getByLabel("Notes")).toHaveValue("first");
  await server.call(admin, "PATCH", `/credentials/${id}`, { notes: "second" });
  await page.getByLabel("Notes").fill("third");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByLabel("Notes")).toHaveValue("second");
});

test("leaving with something typed asks first", async ({ page }) => {
  await page.getByLabel("Name", { exact: true }).fill("Half");
  await page.getByRole("link", { name: "All credentials" }).click();
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Stay" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Half");
  await page.getByRole("link", { name: "All credentials" }).click();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
});

test("a removed credential is gone after a question, and undone it is back", async ({ page, server, admin }) => {
  const { id, name } = await server.credential(admin, { name: fresh("Removed") });
  await page.goto(`${server.address}/#/credentials/${id}`);
  await page.getByRole("dialog", { name }).getByRole("button", { name: "Remove" }).click();
  const question = page.getByRole("dialog", { name: `Remove ${name}?` });
  await expectAccessible(page);
  await question.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText(`${name} removed`)).toBeVisible();
  await expect(page.getByRole("row", { name })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText(`${name} restored`)).toBeVisible();
  await expect(page.getByRole("row", { name })).toBeVisible();
});
