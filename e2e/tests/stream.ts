// Acting in the picture of a page that the server's browser shows.
import type { Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import type { Practice } from "./practice.ts";

export const keyboard = (page: Page) => page.getByRole("textbox", { name: "Keyboard of the remote page" });

/** Moves with Tab to the field that text goes into. What has the focus is told by the stream, a moment later. */
export async function toField(page: Page): Promise<void> {
  const takesText = () =>
    expect(keyboard(page))
      .not.toHaveAttribute("inputmode", "none", { timeout: 2_000 })
      .then(
        () => true,
        () => false,
      );
  for (let i = 0; i < 12; i++) {
    if (await takesText()) return;
    await page.keyboard.press("Tab");
  }
  await expect(keyboard(page)).not.toHaveAttribute("inputmode", "none");
}

/** Solves the sum that a user's page shows, as a person would who reads it there. */
export async function solve(page: Page, practice: Practice, user: string): Promise<void> {
  await expect(page.getByText("Solve the CAPTCHA on the screen")).toBeVisible();
  await keyboard(page).focus();
  await toField(page);
  await page.keyboard.type(await practice.sum(user));
  await page.keyboard.press("Enter");
}
