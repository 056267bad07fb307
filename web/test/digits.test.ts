import { describe, expect, it } from "vitest";
import { grouped, secondsLeft, untilNextSecond } from "../src/token/digits";

describe("grouped", () => {
  it.each([
    ["R2D2X", ["R2D2X"]],
    ["123456", ["123", "456"]],
    ["1234567", ["123", "4567"]],
    ["12345678", ["1234", "5678"]],
    ["123456789", ["123", "456", "789"]],
    ["1234567890", ["12345", "67890"]],
  ])("%s", (token, groups) => {
    expect(grouped(token)).toEqual(groups);
    expect(grouped(token).join("")).toBe(token);
  });
});

describe("the last second", () => {
  it.each([
    [0, 30_000, 30],
    [1, 30_000, 30],
    [1_000, 30_000, 29],
    [29_000, 30_000, 1],
    [29_999, 30_000, 1],
    [30_000, 30_000, 0],
    [31_000, 30_000, 0],
  ])("at %i ms of a step ending at %i, %i are left", (now, end, left) => {
    expect(secondsLeft(now, end)).toBe(left);
  });

  it("changes exactly when untilNextSecond says", () => {
    for (const now of [0, 1, 499, 500, 999, 1_000, 12_345, 29_001]) {
      const wait = untilNextSecond(now, 30_000);
      expect(wait).toBeGreaterThan(0);
      expect(secondsLeft(now + wait - 1, 30_000)).toBe(secondsLeft(now, 30_000));
      expect(secondsLeft(now + wait, 30_000)).toBe(secondsLeft(now, 30_000) - 1);
    }
    expect(untilNextSecond(30_000, 30_000)).toBe(0);
  });
});
