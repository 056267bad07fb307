// The search of the help page. Pure, for its table of tests.
import { textOf, type Chapter } from "./book";

/** A piece of a text; what was looked for is marked. */
export interface Piece {
  text: string;
  hit: boolean;
}

export interface Found {
  chapter: string;
  /** Of the chapter; empty where the section is its beginning. */
  of: string;
  anchor: string;
  title: Piece[];
  excerpt: Piece[];
}

export interface Results {
  found: Found[];
  /** Each section has all words; false: none has, and these have some. */
  all: boolean;
}

interface Word {
  /** Without capitals and accents. */
  plain: string;
  start: number;
  end: number;
}

/** A section as it is searched. */
export interface Entry {
  chapter: string;
  of: string;
  anchor: string;
  title: string;
  text: string;
  titleWords: Word[];
  chapterWords: Word[];
  textWords: Word[];
}

const MOST = 30;
/** What a word is worth by where it stands; the same word often in a text is worth little more than once. */
const WORTH = { whole: 30, title: 20, chapter: 8, text: 2 } as const;
const MOST_IN_TEXT = 5;
/** How much of a text is shown, in signs. */
const EXCERPT = 180;
const BEFORE = 60;
/** "a", "do", "my": of no use where not all words are asked for. */
const SHORT = 3;

export function wordsOf(text: string): Word[] {
  return [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map((found) => ({
    plain: found[0].normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(),
    start: found.index,
    end: found.index + found[0].length,
  }));
}

export function entriesOf(chapters: readonly Chapter[]): Entry[] {
  return chapters.flatMap(({ id, title: of, sections }) =>
    sections.map(({ anchor, title, blocks }) => {
      const text = textOf(blocks);
      return {
        chapter: id,
        of: anchor === "" ? "" : of,
        anchor,
        title,
        text,
        titleWords: wordsOf(title),
        chapterWords: anchor === "" ? [] : wordsOf(of),
        textWords: wordsOf(text),
      };
    }),
  );
}

/** The sections that have each word of what was typed, or begin one with it; the best first. */
export function search(entries: readonly Entry[], typed: string): Results {
  const words = [...new Set(wordsOf(typed).map(({ plain }) => plain))];
  if (words.length === 0) return { found: [], all: true };
  const all = ranked(entries, words, words.length);
  if (all.length > 0) return { found: all, all: true };
  const long = words.filter((word) => word.length >= SHORT);
  return { found: ranked(entries, long, 1), all: false };
}

function ranked(entries: readonly Entry[], words: readonly string[], least: number): Found[] {
  return entries
    .map((entry) => ({ entry, worths: words.map((word) => worthOf(entry, word)).filter((worth) => worth > 0) }))
    .filter(({ worths }) => worths.length >= least && worths.length > 0)
    .map(({ entry, worths }) => ({ entry, has: worths.length, worth: worths.reduce((sum, worth) => sum + worth, 0) }))
    .sort((one, other) => other.has - one.has || other.worth - one.worth)
    .slice(0, MOST)
    .map(({ entry }) => foundOf(entry, words));
}

function worthOf(entry: Entry, word: string): number {
  const begins = ({ plain }: Word) => plain.startsWith(word);
  const title = entry.titleWords.some(({ plain }) => plain === word)
    ? WORTH.whole
    : entry.titleWords.some(begins)
      ? WORTH.title
      : 0;
  const chapter = entry.chapterWords.some(begins) ? WORTH.chapter : 0;
  return title + chapter + WORTH.text * Math.min(entry.textWords.filter(begins).length, MOST_IN_TEXT);
}

function foundOf({ chapter, of, anchor, title, text, titleWords, textWords }: Entry, words: readonly string[]): Found {
  const hit = ({ plain }: Word) => words.some((word) => plain.startsWith(word));
  const [from, to] = window(text, textWords, textWords.filter(hit));
  const pieces = marked(text, textWords.filter(hit), from, to);
  if (from > 0) pieces.unshift({ text: "… ", hit: false });
  if (to < text.length) pieces.push({ text: " …", hit: false });
  return { chapter, of, anchor, title: marked(title, titleWords.filter(hit), 0, title.length), excerpt: pieces };
}

/** The part of a text to show: where most of the words stand near each other, from one word to another. */
function window(text: string, all: readonly Word[], hits: readonly Word[]): [number, number] {
  let best = hits[0];
  let most = 0;
  for (const hit of hits) {
    const near = new Set(hits.filter(({ start }) => start >= hit.start && start < hit.start + EXCERPT - BEFORE));
    const kinds = new Set([...near].map(({ plain }) => plain)).size;
    if (kinds > most) [best, most] = [hit, kinds];
  }
  const wanted = Math.max(0, (best?.start ?? 0) - BEFORE);
  const from = wanted === 0 ? 0 : (all.find(({ start }) => start >= wanted)?.start ?? 0);
  if (text.length <= from + EXCERPT) return [from, text.length];
  return [from, all.findLast(({ end }) => end <= from + EXCERPT && end > from)?.end ?? from + EXCERPT];
}

function marked(text: string, hits: readonly Word[], from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  for (const { start, end } of hits) {
    if (start < at || end > to) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), hit: false });
    pieces.push({ text: text.slice(start, end), hit: true });
    at = end;
  }
  if (at < to) pieces.push({ text: text.slice(at, to), hit: false });
  return pieces;
}
