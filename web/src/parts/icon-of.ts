// A site's icon without asking anybody for it: letters of the name, and a colour that stands for the site.
import { hostOf } from "../row-words";

export interface SiteIcon {
  /** One or two, in capitals. */
  letters: string;
  /** One of the palette's colours, from 1 on; 0, grey, where no site is known. */
  tone: number;
}

/** How many colours `styles.css` has, `--tile-1` and those after it. */
export const TONES = 8;
/** What stands where there is no letter at all. */
const NONE = "–";
/** A letter or digit with what is written over or under it; a heap of marks would leave the tile. */
const LETTER = /[\p{L}\p{N}]\p{M}{0,2}/u;
const FIRST = new RegExp(`^${LETTER.source}`, "u");
/** Two stand side by side where letters are narrow and do not join: those that have capitals, and digits. */
const NARROW = /^[\p{Lu}\p{Ll}\p{Lt}\p{N}]/u;

/** The letters by the name, by the site where the name begins with something else; the colour by the site's host alone. */
export function icon(name: string, site = ""): SiteIcon {
  const host = hostOf(site).toLowerCase();
  return { letters: lettersOf(name, host), tone: host === "" ? 0 : 1 + (hashOf(host) % TONES) };
}

function lettersOf(name: string, host: string): string {
  // One form of each letter; what is not seen, such as marks of direction, does not count.
  const plain = name
    .normalize("NFKC")
    .replace(/\p{C}/gu, "")
    .trim()
    .replace(/^www\./i, "");
  const [first, second] = plain
    .split(/[\s\-_/|:·–—]+/u)
    .map((word) => FIRST.exec(word)?.[0])
    .filter((letter, at) => at === 0 || letter !== undefined);
  const chosen = first ?? LETTER.exec(host)?.[0] ?? LETTER.exec(plain)?.[0] ?? NONE;
  const two = first !== undefined && second !== undefined && NARROW.test(first) && NARROW.test(second);
  return capital(chosen) + (two ? capital(second) : "");
}

/** "ß" has two letters for its capital, and stays. */
function capital(letter: string): string {
  const large = letter.toUpperCase();
  return large.length === letter.length ? large : letter;
}

/** FNV-1a: the same for the same text, everywhere and always. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const unit of text) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  // Its low bits alone are poor where texts differ in one letter.
  return (hash ^ (hash >>> 15)) >>> 0;
}
