// The page's texts in the reader's language. English stands in the code and is the key of the catalogues in `pt/` and
// `es/`; test/language.test.ts holds that no text is without a translation. Changing the language loads the page anew, so
// a text may be looked up once, where a module begins.
import { read } from "../state/storage";
import { languageOf, localeOf, zoneOf, type Language } from "./choose";

/** A translation; two, for one and for more, where it counts something. */
export type Translation = string | readonly [one: string, other: string];
export type Catalogue = Readonly<Record<string, Translation>>;
/** What stands in a text for `{name}`. Numbers are written as the locale writes them. */
export type Values = Readonly<Record<string, string | number>>;

const browser: readonly string[] = typeof navigator === "undefined" ? [] : navigator.languages;

export const language: Language = languageOf(read("language"), browser);
/** For `Intl`: the language, in the browser's own kind of it where there is one. */
export const locale: string = localeOf(language, browser);
/** An IANA name; undefined is the browser's own. */
export const timeZone: string | undefined = zoneOf(read("time-zone"));

const numbers = new Intl.NumberFormat(locale);
const plurals = new Intl.PluralRules(locale);
let catalogue: Catalogue = {};

/** Fetches the language's texts; to be waited for before a page stands. English needs nothing. */
export async function load(): Promise<void> {
  if (language === "pt") catalogue = (await import("./pt")).default;
  if (language === "es") catalogue = (await import("./es")).default;
}

/**
 * A text in the reader's language, with `{name}` filled in. One English text that needs two translations is told apart by
 * what follows "##" ("Change##noun"), which is not shown.
 */
export function t(text: string, values?: Values): string {
  const found = catalogue[text];
  return filled(typeof found === "string" ? found : text, values);
}

/** A text that counts: `plural(3, "{count} user", "{count} users")`. Its key in the catalogues is the second one. */
export function plural(count: number, one: string, other: string, values?: Values): string {
  const form = plurals.select(count) === "one" ? 0 : 1;
  const found = catalogue[other];
  const text = found === undefined || typeof found === "string" ? [one, other][form] : found[form];
  return filled(text ?? other, { count, ...values });
}

/** "1,234" as the locale writes it. */
export function number(value: number): string {
  return numbers.format(value);
}

/** "a, b and c" as the language writes it. */
export function list(items: readonly string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(locale, { type }).format(items);
}

function filled(text: string, values: Values | undefined): string {
  const shown = text.replace(/##.*$/, "");
  if (values === undefined) return shown;
  return shown.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : value;
  });
}
