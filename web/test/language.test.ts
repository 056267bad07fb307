// Each text of the page has its translations, and no text stands in the page without being looked up.
import { describe, expect, test } from "vitest";
import type { Translation } from "../src/language";
import { languageOf, localeOf, zoneOf } from "../src/language/choose";
import { bareTexts, textsOf, type Text } from "./texts";

const FILES = import.meta.glob<string>("../src/**/*.{svelte,ts}", { query: "?raw", import: "default", eager: true });
const CATALOGUES = import.meta.glob<Record<string, Translation>>("../src/language/*/*.json", {
  eager: true,
  import: "default",
});
const sources = Object.entries(FILES)
  .map(([path, source]) => ({ path: path.replace("../src/", ""), source }))
  .filter(({ path }) => !/^(api\/schema\.d\.ts$|language\/)/.test(path));
const used: Text[] = sources.flatMap(({ path, source }) => textsOf(path, source));

test.each(sources)("no text of $path is shown without being looked up", ({ path, source }) =>
  expect(bareTexts(path, source)).toEqual([]),
);

describe.each(["pt", "es"])("the catalogue %s", (language) => {
  const entries = Object.entries(CATALOGUES).flatMap(([path, part]) =>
    path.includes(`/${language}/`) ? Object.entries(part) : [],
  );
  const catalogue = new Map(entries);

  test("has each text of the page", () => {
    expect(used.map(({ key }) => key).filter((key) => !catalogue.has(key))).toEqual([]);
  });

  test("has nothing that the page does not show", () => {
    const keys = new Set(used.map(({ key }) => key));
    expect([...catalogue.keys()].filter((key) => !keys.has(key))).toEqual([]);
  });

  test("has each text once", () => {
    const keys = entries.map(([key]) => key);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  test("has two forms for what counts, and the same values in each", () => {
    const values = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
    const wrong = used.filter(({ key, counts }) => {
      const found = catalogue.get(key);
      if (found === undefined) return false;
      if ((typeof found !== "string") !== counts) return true;
      const forms = typeof found === "string" ? [found] : [found[1]];
      return forms.some((form) => form.trim() === "" || String(values(form)) !== String(values(key)));
    });
    expect(wrong).toEqual([]);
  });
});

test.each([
  [null, ["de", "es-MX", "en"], "es"],
  [null, ["pt-PT"], "pt"],
  [null, ["ja"], "en"],
  [null, [], "en"],
  ["pt", ["es"], "pt"],
  ["xx", ["es"], "es"],
])("chosen %s in a browser of %s speaks %s", (chosen, browser, language) => {
  expect(languageOf(chosen, browser)).toBe(language);
});

test("numbers and dates are the browser's own where it speaks the language", () => {
  expect(localeOf("en", ["de", "en-US"])).toBe("en-US");
  expect(localeOf("es", ["en-US"])).toBe("es");
  expect(localeOf("pt", [])).toBe("pt-BR");
});

test("a time zone that the browser does not know is none", () => {
  expect(zoneOf("America/Sao_Paulo")).toBe("America/Sao_Paulo");
  expect(zoneOf("Mars/Olympus")).toBeUndefined();
  expect(zoneOf("")).toBeUndefined();
  expect(zoneOf(null)).toBeUndefined();
});

describe("what counts as a text that is shown", () => {
  test.each([
    ["<p>Hello there</p>", ["Hello there"]],
    ['<p>{t("Hello there")}</p>', []],
    ["<p><code>countersign token NAME</code></p>", []],
    ['<button title="Close it">×</button>', ["Close it"]],
    ['<Thing label="Copy" class="wide big" />', ["Copy"]],
    ['<p class={["muted small-text", { wide }]}></p>', []],
    ['<p>{ok ? "Saved" : t("Failed")}</p>', ["Saved"]],
    ["<p>{`$" + "{n} users`}</p>", ["`$" + "{n} users`"]],
    ['<script lang="ts">// Names (not-a-text).\nconst names = [["Firefox"],\n["Edge"]];</script>', []],
    [
      '<script lang="ts">const say = "Something went wrong."; const id = "user-name";</script>',
      ["Something went wrong."],
    ],
    [
      '<Phrase text={t("Read {link} first")}>{#snippet link()}<a href="#/help">{t("the handbook")}</a>{/snippet}</Phrase>',
      [],
    ],
  ])("%s", (source, bare) => {
    expect(bareTexts("Some.svelte", source).map(({ key }) => key)).toEqual(bare);
  });
});
