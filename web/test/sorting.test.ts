import { describe, expect, it } from "vitest";
import { ariaSort, pressed, sorted } from "../src/sorting";

const LIST = [
  { name: "ben", count: 3, at: "2026-11-24" },
  { name: "Ana", count: 10, at: null },
  { name: "user 10", count: 0, at: "2026-01-01" },
  { name: "user 9", count: 3 },
];
const BY = {
  name: (item: (typeof LIST)[number]) => item.name,
  count: (item: (typeof LIST)[number]) => item.count,
  at: (item: (typeof LIST)[number]) => item.at,
};

describe("sorted", () => {
  it.each([
    ["name", ["Ana", "ben", "user 9", "user 10"]],
    ["-name", ["user 10", "user 9", "ben", "Ana"]],
    ["count", ["user 10", "ben", "user 9", "Ana"]],
    ["-count", ["Ana", "ben", "user 9", "user 10"]],
    // Never stays at the end.
    ["at", ["user 10", "ben", "Ana", "user 9"]],
    ["-at", ["ben", "user 10", "Ana", "user 9"]],
    // What nobody knows, as in an old link, changes nothing.
    ["colour", ["ben", "Ana", "user 10", "user 9"]],
    ["", ["ben", "Ana", "user 10", "user 9"]],
  ])("by %j", (sort, names) => {
    expect(sorted(LIST, sort, BY).map((item) => item.name)).toEqual(names);
  });
});

describe("a column's head", () => {
  it.each([
    ["", "name", "name", "none"],
    ["name", "name", "-name", "ascending"],
    ["-name", "name", "name", "descending"],
    ["-count", "name", "name", "none"],
  ] as const)("at %j, %s asks for %s and is %s", (sort, key, next, aria) => {
    expect([pressed(sort, key), ariaSort(sort, key)]).toEqual([next, aria]);
  });
});
