import { describe, expect, it } from "vitest";
import { daysWithUses, linesOf } from "../src/activity";
import type { ActivityDay } from "../src/api/types";

const day = (date: string, more: Partial<ActivityDay> = {}): ActivityDay => ({
  date,
  tokens: 0,
  passwords: 0,
  sessions: 0,
  changes: 0,
  ...more,
});
const DAYS = [
  day("2026-11-27", { tokens: 1, sessions: 2 }),
  day("2026-11-28"),
  day("2026-11-29", { tokens: 200, passwords: 1 }),
];

describe("linesOf", () => {
  it("has a line for each kind, with what was most and on which day", () => {
    expect(linesOf(DAYS)).toEqual([
      expect.objectContaining({ kind: "tokens", total: 201, most: { date: "2026-11-29", count: 200 } }),
      expect.objectContaining({ kind: "passwords", total: 1, most: { date: "2026-11-29", count: 1 } }),
      expect.objectContaining({ kind: "sessions", total: 2, most: { date: "2026-11-27", count: 2 } }),
      expect.objectContaining({ kind: "changes", total: 0, most: null }),
    ]);
  });

  it("shows a single use beside many, and nothing where there was none", () => {
    const [tokens, , , changes] = linesOf(DAYS);
    expect(tokens?.bars).toEqual([0.08, 0, 1]);
    expect(changes?.bars).toEqual([0, 0, 0]);
  });

  it("says nothing of no days", () => {
    expect(linesOf([]).map((line) => [line.total, line.most, line.bars])).toEqual(Array(4).fill([0, null, []]));
  });
});

it("a table has the days with uses alone, the last one first", () => {
  expect(daysWithUses(DAYS).map((each) => each.date)).toEqual(["2026-11-29", "2026-11-27"]);
});
