// Which column of a CSV holds what.
import type { Columns, ImportFile, ImportTable } from "../../api/types";
import { list, t } from "../../language";

export type Field = keyof Columns;

/** What of a credential a column can hold, as the form of a credential calls it. */
export const FIELDS: readonly (readonly [Field, string])[] = [
  ["name", t("Name")],
  ["username", t("User name")],
  ["password", t("Password")],
  ["site", t("Site")],
  ["totp", t("Setup key")],
  ["notes", t("Notes")],
  ["tags", t("Tags")],
];

const NOT_THERE = t("Not in this file");

/** The columns to choose from, each by its title, or by its place where it has none. */
export const choices = ({ columns }: ImportTable): [string, string][] => [
  ["", NOT_THERE],
  ...columns.map((title, i): [string, string] => [String(i), title.trim() || t("Column {number}", { number: i + 1 })]),
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
  return list(FIELDS.flatMap(([field, words]) => (mapping?.[field] == null ? [] : [words])));
}

/** Whether accounts can be read by them: the server refuses columns without a password and without a second factor. */
export const areEnough = (columns: Columns): boolean => columns.password != null || columns.totp != null;

/** The files as they are sent: with the columns that somebody has said for them, where these are enough. */
export const withColumns = (files: readonly ImportFile[], said: Readonly<Record<string, Columns>>): ImportFile[] =>
  files.map((file) => {
    const columns = said[file.name];
    return columns && areEnough(columns) ? { ...file, columns } : file;
  });

/** A name that no file has yet: passwords and columns are told apart by it. */
export function unlike(files: readonly ImportFile[], name: string): string {
  const taken = new Set(files.map((file) => file.name));
  let other = name;
  for (let count = 2; taken.has(other); count++) other = `${name} (${count})`;
  return other;
}
