// The page in Portuguese and Spanish, and how one chooses that.
import type { Page } from "@playwright/test";
import { expect, expectAccessible, expectFits, fresh, signIn, test as base, useWeb } from "./fixtures.ts";
import { PASSWORD } from "./server.ts";

/** Of somebody who is there for one test: what they choose is kept with their account. */
const test = base.extend({
  home: async ({ context, page, server, admin }, use) => {
    await signIn(context, server, await server.person(admin, fresh("speaker"), "administrator"));
    await page.goto(`${server.address}/`);
    await expect(page.getByRole("heading", { name: "All credentials" })).toBeVisible();
    await use(page);
  },
});

const WORDS = {
  pt: {
    language: "Idioma",
    list: "Todas as credenciais",
    records: "Registros",
    date: /^\d{1,2} de \p{L}{3}\. de \d{4}, \d\d:\d\d:\d\d$/u,
  },
  es: {
    language: "Idioma",
    list: "Todas las credenciales",
    records: "Registros",
    date: /^\d{1,2} \p{L}{3,4} \d{4}, \d{1,2}:\d\d:\d\d$/u,
  },
} as const;
type Language = keyof typeof WORDS;
const LANGUAGES = Object.keys(WORDS) as Language[];

const html = (page: Page) => page.locator("html");

/** By the menu of whoever is signed in. */
async function choose(page: Page, language: Language): Promise<void> {
  await page.getByRole("button", { name: "(you)" }).click();
  await page.getByRole("menuitem", { name: "Language and time zone" }).click();
  const dialog = page.getByRole("dialog", { name: "Language and time zone" });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Language").selectOption(language);
  await expect(html(page)).toHaveAttribute("lang", language);
}

for (const language of LANGUAGES) {
  const words = WORDS[language];

  test(`signing in, ${language}: chosen at the foot of the page, kept, and taken back`, async ({
    page,
    server,
    admin,
  }) => {
    expect(admin.name, "a vault that has been set up").not.toBe("");
    await page.goto(server.address);
    await expect(html(page)).toHaveAttribute("lang", "en");
    await page.getByRole("combobox", { name: "Language" }).selectOption(language);
    const chosen = page.getByRole("combobox", { name: words.language });
    await expect(chosen).toHaveValue(language);
    await expect(html(page)).toHaveAttribute("lang", language);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeHidden();
    await expectAccessible(page);
    await page.reload();
    await expect(chosen).toHaveValue(language);
    await chosen.selectOption("");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await expect(html(page)).toHaveAttribute("lang", "en");
  });

  test(`the list, ${language}: its words and numbers`, async ({ home }) => {
    await home.route("**/api/v1/credentials?*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), total: 12_345 } });
    });
    await choose(home, language);
    await expect(home.getByRole("heading", { level: 1 })).toContainText(words.list);
    await expect(home.getByRole("heading", { level: 1 })).toContainText("12.345");
    await expect(home.getByRole("navigation").getByRole("link", { name: words.list })).toBeVisible();
    await expectAccessible(home);
    await home.setViewportSize({ width: 360, height: 800 });
    await expectFits(home);
  });

  test(`records, ${language}: each with a date as it is written there`, async ({ home }) => {
    await choose(home, language);
    await home.goto(`${home.url().split("#")[0]}#/audit`);
    await expect(home.getByRole("navigation").getByRole("link", { name: words.records })).toBeVisible();
    await expect(home.locator("time").first()).toHaveText(words.date);
    await expectAccessible(home);
  });
}

test("the language is chosen on the pages before the vault too, and what was typed is asked about", async ({
  page,
  server,
  admin,
}) => {
  const made = await server.call<{ setup_link: { link: string } }>(admin, "POST", "/users", {
    name: fresh("invited"),
    role: "member",
  });
  const { link } = made.setup_link;
  const language = page.getByRole("combobox", { name: "Language" });
  await page.goto(`${server.address}/#/welcome/${link}`);
  await page.getByLabel("Password", { exact: true }).fill("half typed");
  await language.selectOption("es");
  await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
  await expect(language).toHaveValue("");
  await language.selectOption("es");
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Elija su contraseña" })).toBeVisible();
  await page.getByRole("combobox", { name: "Idioma" }).selectOption("en");
  await expect(page.getByRole("heading", { name: "Choose your password" })).toBeVisible();

  await page.goto(`${server.address}/#/setup/any`);
  await expect(page.getByRole("heading", { name: "Set up this vault" })).toBeVisible();
  await expect(language).toHaveValue("en");

  const user = fresh("first password");
  await server.call(admin, "POST", "/users", { name: user, role: "member", password: PASSWORD });
  await page.goto(`${server.address}/#/`);
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Change your password" })).toBeVisible();
  await expect(language).toHaveValue("en");
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByLabel("New password").fill(`${PASSWORD} of my own`);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("heading", { name: "Your second factor" })).toBeVisible();
  await language.selectOption("pt");
  await expect(page.getByRole("heading", { name: "Seu segundo fator" })).toBeVisible();
});

test("the browser's own language is spoken where none was chosen", async ({ browser, server }) => {
  const context = await browser.newContext({ locale: "es-MX" });
  await useWeb(context);
  const page = await context.newPage();
  await page.goto(server.address);
  await expect(html(page)).toHaveAttribute("lang", "es");
  await expect(page.getByRole("combobox", { name: "Idioma" })).toHaveValue("");
  await context.close();
});

test("times are those of the chosen time zone", async ({ home }) => {
  const address = home.url().split("#")[0];
  await home.goto(`${address}#/settings/account`);
  const anew = home.waitForEvent("load");
  await home.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await anew;
  await expect(home.getByLabel("Time zone")).toHaveValue("Asia/Tokyo");
  await home.goto(`${address}#/audit`);
  const time = home.locator("time").first();
  const at = new Date((await time.getAttribute("datetime")) ?? "");
  const there = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit" });
  await expect(time).toContainText(there.format(at));
});

test("typed text is asked about before the page is loaded anew", async ({ home }) => {
  await home.goto(`${home.url().split("#")[0]}#/settings/account`);
  await home.getByLabel("Current password").fill("half a password");
  const language = home.getByLabel("Language", { exact: true });
  const ask = home.getByRole("dialog", { name: "Leave without saving?" });
  await language.selectOption("es");
  await ask.getByRole("button", { name: "Stay" }).click();
  await expect(language).toHaveValue("");
  await expect(home.getByLabel("Current password")).toHaveValue("half a password");
  await language.selectOption("es");
  await ask.getByRole("button", { name: "Leave" }).click();
  await expect(html(home)).toHaveAttribute("lang", "es");
});

test("what somebody chose holds in their other browsers, and in nobody else's", async ({ browser, server, admin }) => {
  const speaker = await server.person(admin, fresh("speaker"), "manager");
  const open = async (person: typeof speaker) => {
    const context = await browser.newContext();
    await useWeb(context);
    await signIn(context, server, person);
    const page = await context.newPage();
    await page.goto(server.address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    return page;
  };
  const first = await open(speaker);
  await choose(first, "es");
  const second = await open(speaker);
  await expect(html(second)).toHaveAttribute("lang", "es");
  await second.getByRole("button", { name: speaker.name }).click();
  await second.getByRole("menuitem", { name: "Idioma y zona horaria" }).click();
  await second.getByRole("dialog").getByLabel("Idioma").selectOption("");
  await expect(html(second)).toHaveAttribute("lang", "en");
  await first.reload();
  await expect(html(first)).toHaveAttribute("lang", "en");
  await expect(html(await open(await server.person(admin, fresh("other"), "member")))).toHaveAttribute("lang", "en");
  for (const page of [first, second]) await page.context().close();
});
