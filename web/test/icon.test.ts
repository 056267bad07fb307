// The tile beside a credential: letters of its name, the colour of its site, and words that can be read on each colour.
import { describe, expect, test } from "vitest";
import { icon, TONES } from "../src/parts/icon-of";
import styles from "../src/styles.css?raw";

describe("letters", () => {
  test.each([
    ["one word", "Instagram", "", "I"],
    ["two words", "Harbour Coffee", "", "HC"],
    ["more than two", "Harbour Coffee on a network", "", "HC"],
    ["small letters", "harbour coffee", "", "HC"],
    ["signs between", "harbour-coffee_shop", "", "HC"],
    ["a word that begins with no letter counts not", "Harbour (old)", "", "H"],
    ["a sign as a word", "Bread & Butter", "", "BB"],
    ["digits", "1Password", "", "1"],
    ["a number and a word", "24 hours", "", "2H"],
    ["blanks around", "  Bank  ", "", "B"],
    ["a host as a name", "www.example.org", "", "E"],
    ["www. in capitals", "WWW.Example.org", "", "E"],
    ["an emoji first: the site's", "🔥 Fire", "https://www.oven.example/", "O"],
    ["an emoji first and no site: the first letter", "🔥 Fire", "", "F"],
    ["nothing but emoji", "🔥👩‍👩‍👧", "https://oven.example", "O"],
    ["nothing but emoji, no site", "🔥👩‍👩‍👧", "", "–"],
    ["a sign first", "(old) Bank", "https://bank.example/", "B"],
    ["a mark over the letter, apart", "E\u0301cole", "", "É"],
    ["a mark that has no letter of its own", "x\u0302avier", "", "X\u0302"],
    ["a heap of marks", `Z${"\u0335".repeat(40)}algo`, "", "Z\u0335\u0335"],
    ["a letter whose capital is two", "ßeta", "", "ß"],
    ["a ligature", "\ufb01sh", "", "F"],
    ["wide forms", "\uff21\uff42\uff43", "", "A"],
    ["outside of the first plane", "𝐁ank", "", "B"],
    ["Cyrillic", "яндекс почта", "", "ЯП"],
    ["Hebrew", "חנות ראשית", "", "ח"],
    ["Arabic, whose letters join", "متجر رئيسي", "", "م"],
    ["marks of direction first", "\u202eabc", "", "A"],
    ["Chinese", "东京 电力", "", "东"],
    ["Korean", "은행 계좌", "", "은"],
    ["Hindi, with the vowel's sign", "हिन्दी", "", "हि"],
    ["no name", "", "https://www.shop.example", "S"],
    ["no name and no site", "", "", "–"],
    ["blanks alone", "   ", "", "–"],
    ["no name, an address by number", "", "http://192.168.1.4:8080/", "1"],
    ["no name, IPv6", "", "http://[fe80::1]/", "F"],
    ["a site that is no URL", "!", "intranet", "I"],
  ])("%s: %j, %j", (_why, name, site, letters) => expect(icon(name, site).letters).toBe(letters));
});

describe("colours", () => {
  test.each([
    ["https://example.org/", "https://www.example.org/sign/in?a=b"],
    ["https://EXAMPLE.org", "https://example.org"],
    ["http://192.168.1.4/a", "http://192.168.1.4/b"],
    ["http://[::1]/", "http://[0:0::1]/x"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
  ])("%s is of the colour of %s, whatever the name", (one, other) =>
    expect(icon("One", one).tone).toBe(icon("Another", other).tone),
  );

  test.each(["", undefined])("without a site it is grey", (site) => expect(icon("Bank", site).tone).toBe(0));

  test("all are given, about as often", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 8000; i++) {
      const { tone } = icon("", `https://site${i}.example/`);
      counts.set(tone, (counts.get(tone) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: TONES }, (_, i) => i + 1));
    for (const count of counts.values()) expect(count).toBeGreaterThan(800);
  });

  test("stays the same from one version to the next", () => {
    expect(["example.org", "example.com", "bank.example"].map((host) => icon("", `https://${host}`).tone)).toEqual([
      6, 8, 2,
    ]);
  });
});

/** Relative luminance (WCAG 2.2) of "#rrggbb". */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

test("letters are read on each colour, light and dark", () => {
  const on = /--on-tile: (#\w{6});/.exec(styles)?.[1] ?? "";
  const tiles = [...styles.matchAll(/--tile-(\d): light-dark\((#\w{6}), (#\w{6})\);/g)];
  expect(tiles.map(([, tone]) => Number(tone))).toEqual(Array.from({ length: TONES + 1 }, (_, i) => i));
  for (const [, tone, light = "", dark = ""] of tiles)
    for (const colour of [light, dark])
      expect(contrast(on, colour), `--tile-${tone}: ${colour}`).toBeGreaterThanOrEqual(4.5);
});
