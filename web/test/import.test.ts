import { describe, expect, it } from "vitest";
import { render } from "svelte/server";
import type { ImportItem, ImportTable } from "../src/api/types";
import ColumnsOf from "../src/parts/import/Columns.svelte";
import { choices, choose, chosen, grantedWords, understood, unlike, withNotes } from "../src/parts/import/columns";

const TABLE: ImportTable = { file: "team.csv", columns: ["Titel", "", "Kennwort"], mapping: null };

describe("the columns of a CSV", () => {
  it("are chosen by their titles, or by their place where they have none", () => {
    expect(choices(TABLE)).toEqual([
      ["", "Not in this file"],
      ["0", "Titel"],
      ["1", "Column 2"],
      ["2", "Kennwort"],
    ]);
  });

  it("take another choice for one field, the first column too, and take it back", () => {
    const name = choose(null, "name", "0");
    expect(name).toEqual({ name: 0 });
    expect(choose(name, "password", "2")).toEqual({ name: 0, password: 2 });
    expect(choose({ name: 0, password: 2, notes: null }, "name", "")).toEqual({ password: 2 });
    expect([chosen(name, "name"), chosen(name, "site"), chosen(null, "name")]).toEqual(["0", "", ""]);
  });

  it.each([
    [null, ""],
    [{}, ""],
    [{ name: 0 }, "Name"],
    [{ totp: 2, name: 0, username: 1 }, "Name, User name and Setup key"],
  ])("say what was understood: %j", (mapping, words) => expect(understood(mapping)).toBe(words));

  it("stand open where nothing was understood, and folded away where something was", () => {
    const shown = (table: ImportTable) => render(ColumnsOf, { props: { table, onchange: () => undefined } }).body;
    expect(shown(TABLE)).toMatch(/<details[^>]* open/);
    expect(shown(TABLE)).toContain("Choose which column holds what.");
    const known = shown({ ...TABLE, mapping: { name: 0, password: 2 } });
    expect(known).not.toMatch(/<details[^>]* open/);
    expect(known).toMatch(/<option value="2" selected[^>]*>Kennwort/);
  });
});

it("gives each file a name of its own", () => {
  const file = (name: string) => ({ name, data: "" });
  expect(unlike([], "a.csv")).toBe("a.csv");
  expect(unlike([file("a.csv")], "a.csv")).toBe("a.csv (2)");
  expect(unlike([file("a.csv"), file("a.csv (2)")], "a.csv")).toBe("a.csv (3)");
});

it("counts the notes of what is imported alone", () => {
  const item = (index: number, state: string, has_notes = true): ImportItem => ({
    index,
    state,
    has_notes,
    has_password: true,
    name: "n",
    place: "a.csv, line 2",
    tags: [],
    username: "",
    warnings: [],
  });
  const items = [item(0, "new"), item(1, "new"), item(2, "duplicate"), item(3, "new", false)];
  expect(withNotes(items, [])).toBe(2);
  expect(withNotes(items, [0])).toBe(1);
  expect(withNotes(items, [0, 1])).toBe(0);
});

it.each([
  [[], ""],
  [["ops"], "Who has a grant on the tag “ops” gets access to what is imported with it."],
  [["ops", "web"], "Who has a grant on one of the tags “ops”, “web” gets access to what is imported with it."],
])("says whom the tags %j reach", (tags, words) => expect(grantedWords(tags)).toBe(words));
