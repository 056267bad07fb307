// The browser extension at pages that hide what is typed, or become something else meanwhile. Each kind in one browser.
import type { Page } from "@playwright/test";
import { FIRST } from "./at-practice.ts";
import { FORM, pageWith, test } from "./extended.ts";
import { expect } from "./fixtures.ts";
import { covers, effects, forms, frames, honest, swaps, tokens, type Hostile } from "./hostile-pages.ts";

const SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/** What stands in the lines of a page and its frames, shadow trees too: closed ones tell it of themselves. */
async function typed(page: Page, selector: string): Promise<string[]> {
  const all = await Promise.all(page.frames().map((one) => one.locator(selector).all()));
  const closed = await page.evaluate((wanted) => {
    const { closedTree } = window as Window & { closedTree?: ShadowRoot };
    return Array.from(closedTree?.querySelectorAll<HTMLInputElement>(wanted) ?? [], (one) => one.value);
  }, selector);
  return [...(await Promise.all(all.flat().map((one) => one.inputValue()))), ...closed];
}

/** What came of it: `typed`, or why it was not. */
async function outcome(page: Page, said: string, token: boolean): Promise<string> {
  const values = await typed(page, token ? ".digit" : "input");
  const has = token ? /^\d{6}$/.test(values.join("")) : values.includes(FIRST);
  const decoys = (await typed(page, ".decoy")).join("");
  const not = (token ? /Token not filled in: ([^.]+)/ : /Password not filled in: ([^.]+)/).exec(said)?.[1];
  return [...(has ? ["typed"] : []), ...(not ? [not] : []), ...(decoys ? ["typed beside it"] : [])].join(", ");
}

const kinds: [string, Hostile[], token?: boolean][] = [
  ["covered by what", covers],
  ["hidden by", effects],
  ["in a frame", frames],
  ["where the page", swaps],
  ["in a form with", forms],
  ["for a token in", tokens, true],
  ["though the page", honest],
];
for (const [kind, pages, token = false] of kinds) {
  test(`types a secret only where it is seen: ${kind} …`, async ({ extended, server, admin, practice, account }) => {
    test.setTimeout(240_000);
    const shop = await account("Hostile", SEED);
    await extended.pair(server, admin);
    await extended.context.route(/\/inner$/, (route) =>
      route.fulfill({ contentType: "text/html", body: `<!doctype html>${FORM}` }),
    );
    for (const [place, [what, body, why]] of pages.entries()) {
      const page = await pageWith(extended, practice.site, body, `page-${place}`);
      const said = await extended.fill(page, shop.name);
      expect.soft(await outcome(page, said, token), what).toBe(why ?? "typed");
      await page.close();
    }
  });
}
