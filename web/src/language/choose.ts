// Which language the page speaks, and how it writes dates and numbers. Pure, for its table of tests.

/** The languages that the page has, each by its name in itself. */
export const LANGUAGES = { en: "English", pt: "Português (Brasil)", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

/** How dates and numbers are written where no language of the browser says it more exactly. */
const LOCALES: Record<Language, string> = { en: "en-GB", pt: "pt-BR", es: "es" };

export function isLanguage(text: string | null | undefined): text is Language {
  return text !== null && text !== undefined && Object.hasOwn(LANGUAGES, text);
}

/** A chosen time zone; undefined, the browser's own, where none is or the browser does not know it. */
export function zoneOf(chosen: string | null): string | undefined {
  try {
    return chosen === null ? undefined : new Intl.DateTimeFormat("en", { timeZone: chosen }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

const baseOf = (tag: string) => tag.toLowerCase().split("-")[0] ?? "";

/** What was chosen, else the first of the browser's languages that the page has, else English. */
export function languageOf(chosen: string | null, browser: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return browser.map(baseOf).find(isLanguage) ?? "en";
}

/** The browser's own kind of the language ("en-US"), so that dates and numbers are as its owner knows them. */
export function localeOf(language: Language, browser: readonly string[]): string {
  return browser.find((tag) => baseOf(tag) === language) ?? LOCALES[language];
}
