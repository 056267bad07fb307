// What a preview of an import and its result say.
import type { ImportItem, ImportReport } from "../../api/types";
import { plural, t } from "../../language";
import { capital } from "../../words";

type Counts = ImportReport["counts"];

/** What would be done with an item, unless one leaves it out: a credential made, added to, or joined with another item. */
const WANTED: readonly string[] = ["new", "change", "joined"];

export const isWanted = (item: ImportItem): boolean => WANTED.includes(item.state);

const chosen = (items: readonly ImportItem[], skip: readonly number[]) =>
  items.filter((item) => isWanted(item) && !skip.includes(item.index));

/** What a preview and a result call the state of an item. */
const STATE_WORDS: Record<string, string> = {
  new: t("New##credential"),
  change: t("Addition"),
  joined: t("Joined##credential"),
  duplicate: t("Already stored"),
  refused: t("Refused##credential"),
  created: t("Created##credential"),
  changed: t("Added##credential"),
  skipped: t("Skipped##credential"),
};
export const stateWord = (state: string): string => STATE_WORDS[state] ?? capital(state);

/** How many of those that would be imported bring notes. */
export const withNotes = (items: readonly ImportItem[], skip: readonly number[]): number =>
  chosen(items, skip).filter((item) => item.has_notes).length;

/** How many are in each state; of those states that are rare, where there are any. */
const countWords = (all: readonly (readonly [count: number, words: string, rare?: boolean])[]): string =>
  all
    .filter(([count, , rare]) => count > 0 || !rare)
    .map(([, words]) => words)
    .join(", ");

const joinedWords = (count: number) => plural(count, "{count} joined", "{count} joined");
const storedWords = (count: number) => plural(count, "{count} already stored", "{count} already stored");
const refusedWords = (count: number) => plural(count, "{count} refused", "{count} refused");

/** "2 new, 1 addition, 0 already stored, 0 refused." */
export const previewWords = ({ change, joined, duplicate, refused, ...counts }: Counts): string =>
  `${countWords([
    [counts.new, plural(counts.new, "{count} new", "{count} new")],
    [change, plural(change, "{count} addition", "{count} additions"), true],
    [joined, joinedWords(joined), true],
    [duplicate, storedWords(duplicate)],
    [refused, refusedWords(refused)],
  ])}.`;

/** "2 created, 1 added, 0 already stored, 0 refused, 0 skipped." */
export const resultWords = ({ created, changed, joined, duplicate, refused, skipped }: Counts): string =>
  `${countWords([
    [created, plural(created, "{count} created", "{count} created")],
    [changed, plural(changed, "{count} added", "{count} added"), true],
    [joined, joinedWords(joined), true],
    [duplicate, storedWords(duplicate)],
    [refused, refusedWords(refused)],
    [skipped, plural(skipped, "{count} skipped", "{count} skipped")],
  ])}.`;

/** "Import 2 credentials and add to 1": what the button does; `count` is for how many items. */
export function commitWords(items: readonly ImportItem[], skip: readonly number[]): { count: number; words: string } {
  const wanted = chosen(items, skip);
  const changes = wanted.filter((item) => item.state === "change").length;
  const made = wanted.filter((item) => item.state === "new").length;
  return { count: wanted.length, words: importWords(made, changes) };
}

function importWords(made: number, changes: number): string {
  if (changes === 0) return plural(made, "Import {count} credential", "Import {count} credentials");
  if (made === 0) return plural(changes, "Add to {count} credential", "Add to {count} credentials");
  const more = { changes };
  return plural(
    made,
    "Import {count} credential and add to {changes}",
    "Import {count} credentials and add to {changes}",
    more,
  );
}

/** That what is imported reaches people by its tags or sites; empty where it does not. */
export function grantedWords(names: readonly string[], kind: "tag" | "site" = "tag"): string {
  if (names.length === 0) return "";
  const named = { names: names.map((name) => `“${name}”`).join(", ") };
  if (kind === "tag")
    return names.length === 1
      ? t("Everyone with a grant on the tag {names} gets access to what is imported with it.", named)
      : t("Everyone with a grant on one of the tags {names} gets access to what is imported with it.", named);
  return names.length === 1
    ? t("Everyone with a grant on the site {names} gets access to what is imported with it.", named)
    : t("Everyone with a grant on one of the sites {names} gets access to what is imported with it.", named);
}

/** To which credentials the preview said that items add. */
export function targetsOf(items: readonly ImportItem[]): { index: number; id: string }[] {
  return items.flatMap(({ index, state, id }) => (state === "change" && id ? [{ index, id }] : []));
}
