// What a preview of an import and its result say.
import type { ImportItem, ImportReport } from "../../api/types";

type Counts = ImportReport["counts"];

/** What would be done with an item, unless one leaves it out: a credential made, added to, or joined with another item. */
const WANTED: readonly string[] = ["new", "change", "joined"];

export const isWanted = (item: ImportItem): boolean => WANTED.includes(item.state);

const chosen = (items: readonly ImportItem[], skip: readonly number[]) =>
  items.filter((item) => isWanted(item) && !skip.includes(item.index));

/** The states whose name is not what people read. */
const STATE_WORDS: Record<string, string> = { duplicate: "already stored", change: "addition", changed: "added" };
export const stateWord = (state: string): string => STATE_WORDS[state] ?? state;

/** How many of those that would be imported bring notes. */
export const withNotes = (items: readonly ImportItem[], skip: readonly number[]): number =>
  chosen(items, skip).filter((item) => item.has_notes).length;

/** How many are in each state; of those states that are rare, where there are any. */
const countWords = (all: readonly (readonly [count: number, words: string, rare?: boolean])[]): string =>
  all
    .filter(([count, , rare]) => count > 0 || !rare)
    .map(([count, words]) => `${count.toLocaleString()} ${words}`)
    .join(", ");

/** "2 new, 1 addition, 0 already stored, 0 refused." */
export const previewWords = ({ change, joined, duplicate, refused, ...counts }: Counts): string =>
  `${countWords([
    [counts.new, "new"],
    [change, change === 1 ? "addition" : "additions", true],
    [joined, "joined", true],
    [duplicate, "already stored"],
    [refused, "refused"],
  ])}.`;

/** "2 created, 1 added, 0 already stored, 0 refused, 0 skipped." */
export const resultWords = ({ created, changed, joined, duplicate, refused, skipped }: Counts): string =>
  `${countWords([
    [created, "created"],
    [changed, "added", true],
    [joined, "joined", true],
    [duplicate, "already stored"],
    [refused, "refused"],
    [skipped, "skipped"],
  ])}.`;

const credentials = (count: number) => `${count.toLocaleString()} ${count === 1 ? "credential" : "credentials"}`;

/** "Import 2 credentials and add to 1": what the button does; `count` is for how many items. */
export function commitWords(items: readonly ImportItem[], skip: readonly number[]): { count: number; words: string } {
  const wanted = chosen(items, skip);
  const changes = wanted.filter((item) => item.state === "change").length;
  const made = wanted.filter((item) => item.state === "new").length;
  if (changes === 0) return { count: wanted.length, words: `Import ${credentials(made)}` };
  const words = made === 0 ? `Add to ${credentials(changes)}` : `Import ${credentials(made)} and add to ${changes}`;
  return { count: wanted.length, words };
}

/** That what is imported reaches people by its tags or sites; empty where it does not. */
export function grantedWords(names: readonly string[], kind: "tag" | "site" = "tag"): string {
  if (names.length === 0) return "";
  const named = names.map((name) => `“${name}”`).join(", ");
  const which = names.length === 1 ? `the ${kind} ${named}` : `one of the ${kind}s ${named}`;
  return `Who has a grant on ${which} gets access to what is imported with it.`;
}
