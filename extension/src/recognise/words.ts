// What texts mean, by the table of words that the server's recogniser has. `words.json` is made from it, and a test there
// compares the two; only the reading of it is written a second time.
import table from "./words.json";

export type Concept = keyof typeof table.words;
export type Meaning = ReadonlySet<Concept>;

interface Entry {
  readonly concept: Concept;
  readonly pattern: string;
  /** The text says nothing else. */
  readonly whole: boolean;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** Entries by the first letter of their pattern. */
const lexicon = new Map<string, Entry[]>();
for (const [concept, words] of Object.entries(table.words) as [Concept, string[]][]) {
  for (const word of words) {
    const space = word.indexOf(" ");
    const marks = word.slice(0, space);
    const pattern = word.slice(space + 1);
    const has = (mark: string) => marks.includes(mark);
    const entry = { concept, pattern, whole: has("="), begins: has("<"), ends: has(">") };
    const first = pattern.slice(0, 1);
    lexicon.set(first, [...(lexicon.get(first) ?? []), entry]);
  }
}

const folds = new Map(Object.entries(table.folds));
const LETTER = /[\p{Alphabetic}\p{N}]/u;

/** Lower case without accents, every run of blanks and punctuation one blank. */
export function fold(text: string): string {
  let out = "";
  for (const letter of text.toLowerCase()) {
    if (letter >= "\u0300" && letter <= "\u036f") continue;
    if (LETTER.test(letter)) out += folds.get(letter) ?? letter;
    else if (out && !out.endsWith(" ")) out += " ";
  }
  return out.trimEnd();
}

/** As `fold`, with words parted at capitals and before digits: `newPassword1` is `new password 1`. */
export function foldAttribute(name: string): string {
  let parted = "";
  let before = " ";
  for (const letter of name) {
    const turn =
      (/\p{Lowercase}/u.test(before) && /\p{Uppercase}/u.test(letter)) ||
      (/\p{Alphabetic}/u.test(before) && /[0-9]/.test(letter));
    if (turn) parted += " ";
    parted += letter;
    before = letter;
  }
  return fold(parted);
}

function read(folded: string): Set<Concept> {
  const says = new Set<Concept>();
  for (let start = 0; start < folded.length; start++) {
    for (const { concept, pattern, whole, begins, ends } of lexicon.get(folded.slice(start, start + 1)) ?? []) {
      if (!folded.startsWith(pattern, start)) continue;
      const end = start + pattern.length;
      const atBegin = start === 0 || folded[start - 1] === " ";
      const atEnd = end === folded.length || folded[end] === " ";
      const all = start === 0 && end === folded.length;
      if ((!begins || atBegin) && (!ends || atEnd) && (!whole || all)) says.add(concept);
    }
  }
  return says;
}

/** What a text says, as it stands on the page. */
export function meaning(text: string): Meaning {
  if (!text) return NOTHING;
  const folded = fold(text);
  // A mark alone, such as × on a button that closes, is no word; it is looked for as it is.
  const says = read(folded || text.trim());
  if (says.has("Recovery") && offersToken(folded, text)) says.delete("Recovery");
  return says;
}

/** Whether one of the things that may be given is a token, whatever the others are: "Token or recovery code". */
function offersToken(folded: string, text: string): boolean {
  const lists = [...table.or.map((or) => folded.split(or)), text.split("/").map(fold)];
  const parts = lists.filter((list) => list.length > 1).flat();
  return parts.some((part) => {
    const says = read(part);
    return (says.has("Code") || says.has("Authenticator")) && !says.has("Recovery");
  });
}

/** What the name of an attribute says, such as `newPassword1` or `id_auth-username`. */
export const attributeMeaning = (name: string): Meaning => (name ? read(foldAttribute(name)) : NOTHING);

export const NOTHING: Meaning = new Set();
export const both = (...all: Meaning[]): Meaning => new Set(all.flatMap((one) => [...one]));
export const any = (says: Meaning, ...concepts: Concept[]): boolean => concepts.some((one) => says.has(one));

/** A way in through another site: "Continue with …". */
export const leadsElsewhere = (says: Meaning): boolean =>
  says.has("Social") || (says.has("With") && any(says, "SignIn", "SignUp", "Next"));
