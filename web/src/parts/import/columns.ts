// Which column of a CSV holds what, and what is said about the notes and tags of an import.
import type { Columns, ImportFile, ImportItem, ImportTable } from "../../api/types";

export type Field = keyof Columns;

/** What of a credential a column can hold, as the form of a credential calls it. */
export const FIELDS: readonly (readonly [Field, string])[] = [
  ["name", "Name"],
  ["username", "User name"],
  ["password", "Password"],
  ["site", "Site"],
  ["totp", "Setup key"],
  ["notes", "Notes"],
  ["tags", "Tags"],
];

const NOT_THERE = "Not in this file";

/** The columns to choose from, each by its title, or by its place where it has none. */
export const choices = ({ columns }: ImportTable): [string, string][] => [
  ["", NOT_THERE],
  ...columns.map((title, i): [string, string] => [String(i), title.trim() || `Column ${i + 1}`]),
];

/** As a choice: the column of a field, or that there is none. */
export const chosen = (mapping: Columns | null | undefined, field: Field): string =>
  mapping?.[field] == null ? "" : String(mapping[field]);

/** The columns with another choice for one field. */
export function choose(mapping: Columns | null | undefined, field: Field, choice: string): Columns {
  const rest = Object.fromEntries(FIELDS.flatMap(([each]) => (mapping?.[each] == null ? [] : [[each, mapping[each]]])));
  delete rest[field];
  return choice === "" ? rest : { ...rest, [field]: Number(choice) };
}

/** "Name, User name and Password": the fields that have a column. */
export function understood(mapping: Columns | null | undefined): string {
  const named = FIELDS.flatMap(([field, words]) => (mapping?.[field] == null ? [] : [words]));
  return named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named.at(-1)}` : named.join("");
}

/** A name that no file has yet: passwords and columns are told apart by it. */
export function unlike(files: readonly ImportFile[], name: string): string {
  const taken = new Set(files.map((file) => file.name));
  let other = name;
  for (let count = 2; taken.has(other); count++) other = `${name} (${count})`;
  return other;
}

/** How many of those that would be imported bring notes. */
export const withNotes = (items: readonly ImportItem[], skip: readonly number[]): number =>
  items.filter((item) => item.has_notes && item.state === "new" && !skip.includes(item.index)).length;

/** That what is imported reaches people by its tags; empty where it does not. */
export function grantedWords(tags: readonly string[]): string {
  if (tags.length === 0) return "";
  const named = tags.map((tag) => `“${tag}”`).join(", ");
  const which = tags.length === 1 ? `the tag ${named}` : `one of the tags ${named}`;
  return `Who has a grant on ${which} gets access to what is imported with it.`;
}
