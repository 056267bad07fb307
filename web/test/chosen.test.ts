import { describe, expect, it } from "vitest";
import { Chosen } from "../src/state/chosen.svelte";

const LIST = ["a", "b", "c", "d", "e"].map((id) => ({ id }));
const at = (i: number) => LIST[i] ?? { id: "" };

/** Clicks in turn, with Shift where it says so; what is chosen then. */
function after(...clicks: (number | "shift")[]): string[] {
  const chosen = new Chosen<{ id: string }>();
  let shift = false;
  for (const click of clicks) {
    if (click === "shift") shift = true;
    else {
      chosen.toggle(at(click), LIST, shift);
      shift = false;
    }
  }
  return chosen.items.map((each) => each.id).sort();
}

describe("Chosen", () => {
  it.each([
    [[0], ["a"]],
    [[0, 0], []],
    [
      [0, 2],
      ["a", "c"],
    ],
    [
      [1, "shift", 3],
      ["b", "c", "d"],
    ],
    [
      [3, "shift", 1],
      ["b", "c", "d"],
    ],
    // From the last click on, whichever it was.
    [
      [0, "shift", 2, "shift", 4],
      ["a", "b", "c", "d", "e"],
    ],
    // All of a range become what the clicked one becomes.
    [
      [0, "shift", 4, 1, "shift", 3],
      ["a", "e"],
    ],
    // Without one before there is no range.
    [["shift", 3], ["d"]],
  ] as [(number | "shift")[], string[]][])("after %j %j are chosen", (clicks, expected) => {
    expect(after(...clicks)).toEqual(expected);
  });

  it("begins no range at one that is not shown any more", () => {
    const chosen = new Chosen<{ id: string }>();
    chosen.toggle(at(0), LIST);
    chosen.toggle(at(4), LIST.slice(2), true);
    expect(chosen.items.map((each) => each.id)).toEqual(["a", "e"]);
    chosen.clear();
    chosen.toggle(at(2), LIST, true);
    expect([chosen.count, chosen.has("c")]).toEqual([1, true]);
  });
});
