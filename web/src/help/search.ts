// The search of the help page. Pure, for its table of tests.
import { textOf, type Chapter } from "./book";
import { SYNONYMS } from "./synonyms";

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
const WORTH = { whole: 30, meant: 24, begun: 20, first: 8, chapter: 8, text: 2, begunInText: 1 } as const;
const MOST_IN_TEXT = 5;
/** How much of a text is shown, in signs. */
const EXCERPT = 180;
const BEFORE = 60;
/** Say nothing of what is looked for, unless nothing else was typed. */
const EMPTY = new Set([
  "a",
  "an",
  "the",
  "how",
  "do",
  "does",
  "i",
  "to",
  "of",
  "is",
  "it",
  "can",
  "for",
  "with",
  "and",
]);

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
        chapterWords: wordsOf(of),
        textWords: wordsOf(text),
      };
    }),
  );
}

/** What was typed, word by word or where several words are one term, and the other words for it. */
interface Term {
  words: string[];
  others: string[][];
}

interface Rated {
  entry: Entry;
  /** How many of the terms it has. */
  has: number;
  worth: number;
}

const plainOf = (text: string): string[] => wordsOf(text).map(({ plain }) => plain);
const GROUPS = SYNONYMS.map((group) => group.map(plainOf));
const LONGEST = Math.max(...GROUPS.flat().map((words) => words.length));

/** One or several of a thing are the same word. */
const single = (word: string): string => (word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word);
const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((word, at) => single(word) === single(other[at] ?? ""));

export function termsOf(typed: string): Term[] {
  const words = plainOf(typed);
  const terms: Term[] = [];
  for (let at = 0; at < words.length;) {
    const term = termAt(words, at);
    if (!terms.some((before) => same(before.words, term.words))) terms.push(term);
    at += term.words.length;
  }
  const full = terms.filter(({ words: [first, second] }) => second !== undefined || !EMPTY.has(first ?? ""));
  return full.length > 0 ? full : terms;
}

/** The longest that has other words; else the word alone. */
function termAt(words: readonly string[], at: number): Term {
  for (let length = Math.min(LONGEST, words.length - at); length > 0; length--) {
    const here = words.slice(at, at + length);
    const groups = GROUPS.filter((group) => group.some((term) => same(term, here)));
    if (groups.length > 0) return { words: here, others: groups.flat().filter((term) => !same(term, here)) };
  }
  return { words: words.slice(at, at + 1), others: [] };
}

/** The sections that have each word of what was typed, begin one with it, or have another for it; the best first. */
export function search(entries: readonly Entry[], typed: string): Results {
  const terms = termsOf(typed);
  if (terms.length === 0) return { found: [], all: true };
  const rated = rate(entries, terms).sort((one, other) => other.worth - one.worth);
  const best = rated.filter(({ has }) => has === terms.length);
  const all = best.length > 0;
  return { found: (all ? best : rated).slice(0, MOST).map(({ entry }) => foundOf(entry, terms)), all };
}

/** What few sections have tells more than what many have. */
function rate(entries: readonly Entry[], terms: readonly Term[]): Rated[] {
  const worths = entries.map((entry) => terms.map((term) => worthOf(entry, term)));
  const rare = terms.map((_, at) => {
    const having = worths.filter((each) => (each[at] ?? 0) > 0).length;
    return having === 0 ? 0 : Math.log(1 + entries.length / having);
  });
  return entries.flatMap((entry, index) => {
    const each = worths[index] ?? [];
    const has = each.filter((worth) => worth > 0).length;
    // That it has the word at all counts beside where it has it.
    const worth = each.reduce((sum, one, at) => sum + (one > 0 ? (one + WORTH.whole) * (rare[at] ?? 0) : 0), 0);
    return has > 0 ? [{ entry, has, worth }] : [];
  });
}

function worthOf(entry: Entry, { words, others }: Term): number {
  const typed = words.map((word) => worthOfWord(entry, word));
  const own = typed.includes(0) ? 0 : typed.reduce((sum, worth) => sum + worth, 0);
  return Math.max(own, ...others.map((other) => worthOfOther(entry, other, words.length)));
}

function worthOfWord({ titleWords, chapterWords, textWords }: Entry, word: string): number {
  const whole = ({ plain }: Word) => plain === word;
  const begins = ({ plain }: Word) => plain.startsWith(word) || single(plain) === single(word);
  const title = titleWords.some(whole) ? WORTH.whole : titleWords.some(begins) ? WORTH.begun : 0;
  const chapter = chapterWords.some(begins) ? WORTH.chapter : 0;
  const wholes = Math.min(textWords.filter(whole).length, MOST_IN_TEXT);
  const begun = Math.min(textWords.filter(begins).length, MOST_IN_TEXT) - wholes;
  const first = titleWords[0]?.plain === word ? WORTH.first : 0;
  return title + first + chapter + WORTH.text * wholes + WORTH.begunInText * begun;
}

/** Whole, and its words one after another: nobody has typed it. Worth as much as the words that it stands for. */
function worthOfOther(entry: Entry, other: readonly string[], count: number): number {
  const title = times(entry.titleWords, other) > 0 ? WORTH.meant * count : 0;
  const leads = count > 1 && other.length > 1 && times(entry.titleWords.slice(0, other.length), other) > 0;
  const first = leads ? WORTH.first * count : 0;
  const chapter = times(entry.chapterWords, other) > 0 ? WORTH.chapter : 0;
  return title + first + chapter + WORTH.begunInText * Math.min(times(entry.textWords, other), MOST_IN_TEXT);
}

function times(words: readonly Word[], term: readonly string[]): number {
  const isThere = (_: Word, at: number) =>
    same(
      term,
      words.slice(at, at + term.length).map(({ plain }) => plain),
    );
  return words.filter(isThere).length;
}

function foundOf({ chapter, of, anchor, title, text, titleWords, textWords }: Entry, terms: readonly Term[]): Found {
  const typed = terms.flatMap(({ words }) => (words.length > 1 ? words.filter((word) => !EMPTY.has(word)) : words));
  const meant = new Set(
    terms.flatMap(({ others }) =>
      others
        .flat()
        .filter((word) => !EMPTY.has(word))
        .map(single),
    ),
  );
  const own = ({ plain }: Word) => typed.some((word) => plain.startsWith(word));
  const hit = (word: Word) => own(word) || meant.has(single(word.plain));
  // Where the words themselves stand, they are shown.
  const shown = textWords.some(own) ? own : hit;
  const [from, to] = window(text, textWords, textWords.filter(shown));
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
