import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Ids } from "../src/palette/kept.svelte";

// The page's state looks at the address and at the window when it is loaded.
let kept: typeof import("../src/palette/kept.svelte");
beforeAll(async () => {
  vi.stubGlobal("location", { hash: "" });
  vi.stubGlobal("addEventListener", () => undefined);
  kept = await import("../src/palette/kept.svelte");
});

const ids = (favourites: string[], recent: string[]): Ids => ({ favourites, recent });

describe("used", () => {
  it.each([
    [[], "a", ["a"]],
    [["a"], "b", ["b", "a"]],
    [["b", "a"], "a", ["a", "b"]],
    [["a", "b"], "a", ["a", "b"]],
    [["1", "2", "3", "4", "5", "6", "7", "8"], "9", ["9", "1", "2", "3", "4", "5", "6", "7"]],
  ])("%j and then %s", (before, id, after) => {
    expect(kept.used(ids(["f"], before), id)).toEqual(ids(["f"], after));
  });
});

it("makes a favourite, and none again", () => {
  const one = kept.toggled(ids(["a"], ["r"]), "b");
  expect(one).toEqual(ids(["a", "b"], ["r"]));
  expect(kept.toggled(one, "a")).toEqual(ids(["b"], ["r"]));
});

it("forgets what is gone, wherever it was", () => {
  expect(kept.without(ids(["a", "b"], ["b", "c"]), "b")).toEqual(ids(["a"], ["c"]));
});

describe("parsed", () => {
  it.each([
    [null, ids([], [])],
    ["", ids([], [])],
    ["no JSON", ids([], [])],
    ["null", ids([], [])],
    ["[]", ids([], [])],
    ['{"favourites":"a","recent":{}}', ids([], [])],
    ['{"favourites":["a",1,null],"recent":["b"]}', ids(["a"], ["b"])],
  ])("%s", (text, expected) => {
    expect(kept.parsed(text)).toEqual(expected);
  });

  it("reads what was written", () => {
    const written = kept.toggled(kept.used(ids([], []), "a"), "b");
    expect(kept.parsed(JSON.stringify(written))).toEqual(written);
  });
});
