import { describe, expect, it } from "vitest";
import { render } from "svelte/server";
import type { ImportItem, ImportTable } from "../src/api/types";
import ColumnsOf from "../src/parts/import/Columns.svelte";
import { areEnough, choices, choose, chosen, understood, unlike, withColumns } from "../src/parts/import/columns";
import ImportItems from "../src/parts/import/ImportTable.svelte";
import { commitWords, grantedWords, previewWords, resultWords, withNotes } from "../src/parts/import/words";

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

  it("are sent once a password or a setup key is among them, which the server asks for", () => {
    const files = [
      { name: "a.csv", data: "" },
      { name: "b.csv", data: "" },
    ];
    expect([{}, { name: 0 }, { password: 0 }, { totp: 0 }].map(areEnough)).toEqual([false, false, true, true]);
    expect(withColumns(files, { "a.csv": { name: 0 } })).toEqual(files);
    expect(withColumns(files, { "b.csv": { name: 0, totp: 1 } })[1]).toEqual({
      name: "b.csv",
      data: "",
      columns: { name: 0, totp: 1 },
    });
    const shown = render(ColumnsOf, { props: { table: TABLE, said: { name: 0 }, onchange: () => undefined } }).body;
    expect(shown).toContain("one of them is required");
  });

  it("stand open where nothing was understood, and folded away where something was", () => {
    const shown = (table: ImportTable) => render(ColumnsOf, { props: { table, onchange: () => undefined } }).body;
    expect(shown(TABLE)).toMatch(/<details[^>]* open/);
    expect(shown(TABLE)).toContain("Choose what each column contains");
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

const item = (index: number, state: string, more: Partial<ImportItem> = {}): ImportItem => ({
  index,
  state,
  has_notes: false,
  has_password: true,
  name: `item ${index}`,
  place: "a.csv, line 2",
  tags: [],
  username: "",
  warnings: [],
  ...more,
});
const NONE = { new: 0, change: 0, joined: 0, created: 0, changed: 0, duplicate: 0, refused: 0, skipped: 0 };

it("counts the notes of what is imported alone", () => {
  const noted = { has_notes: true };
  const items = [item(0, "new", noted), item(1, "change", noted), item(2, "duplicate", noted), item(3, "new")];
  expect(withNotes(items, [])).toBe(2);
  expect(withNotes(items, [0])).toBe(1);
  expect(withNotes(items, [0, 1])).toBe(0);
});

describe("an import", () => {
  it("says of a preview how many are in each state, of rare ones where there are any", () => {
    expect(previewWords({ ...NONE, new: 2, refused: 1 })).toBe("2 new, 0 already stored, 1 refused.");
    expect(previewWords({ ...NONE, change: 1, joined: 3 })).toBe(
      "0 new, 1 addition, 3 joined, 0 already stored, 0 refused.",
    );
    expect(previewWords({ ...NONE, change: 2 })).toContain("2 additions");
  });

  it("says of a result what was done", () => {
    expect(resultWords({ ...NONE, created: 1 })).toBe("1 created, 0 already stored, 0 refused, 0 skipped.");
    expect(resultWords({ ...NONE, changed: 2, joined: 1 })).toBe(
      "0 created, 2 added, 1 joined, 0 already stored, 0 refused, 0 skipped.",
    );
  });

  it("says on the button what it does, without what is left out", () => {
    const items = [item(0, "new"), item(1, "change"), item(2, "joined"), item(3, "refused")];
    expect(commitWords(items, [])).toEqual({ count: 3, words: "Import 1 credential and add to 1" });
    expect(commitWords(items, [0])).toEqual({ count: 2, words: "Add to 1 credential" });
    expect(commitWords(items, [1])).toEqual({ count: 2, words: "Import 1 credential" });
    expect(commitWords(items, [0, 1, 2])).toEqual({ count: 0, words: "Import 0 credentials" });
  });

  it("offers what adds to a credential to be left out, in plain words", () => {
    const items = [item(0, "change", { id: "x", reason: 'adds its password to "Shop"' }), item(1, "duplicate")];
    const { body } = render(ImportItems, { props: { items, onskip: () => undefined } });
    expect(body).toContain('aria-label="Import item 0"');
    expect(body).not.toContain('aria-label="Import item 1"');
    expect(body).toContain("Addition");
    expect(body).toContain('Adds its password to "Shop"');
    expect(body).not.toContain("<a ");
    expect(render(ImportItems, { props: { items } }).body).toContain('href="#/credentials/x"');
  });
});

it.each([
  [[], ""],
  [["ops"], "Everyone with a grant on the tag “ops” gets access to what is imported with it."],
  [["ops", "web"], "Everyone with a grant on one of the tags “ops”, “web” gets access to what is imported with it."],
])("says whom the tags %j reach", (tags, words) => expect(grantedWords(tags)).toBe(words));

it("says whom a site reaches", () =>
  expect(grantedWords(["bank.example"], "site")).toBe(
    "Everyone with a grant on the site “bank.example” gets access to what is imported with it.",
  ));
