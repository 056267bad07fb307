import { describe, expect, it } from "vitest";
import type { TagChange, TagsEdited } from "../src/api/types";
import { asPreviewed, changing, refused, tagWords, undoing } from "../src/parts/bulk/tag-edit";

const one = (id: string, more: Partial<TagChange> = {}): TagChange => ({
  id,
  name: id,
  revision: 3,
  added: [],
  removed: [],
  ...more,
});
const PREVIEW: TagsEdited = {
  items: [
    one("a", { added: ["brand", "ops"], removed: ["old"] }),
    one("b", { added: ["ops"] }),
    one("c"),
    one("d", { revision: null, name: null, refused: "there is no such credential" }),
  ],
};

describe("a preview of other tags", () => {
  it("says how many get a tag, and how many have it already", () => {
    expect(tagWords("ops", "add", PREVIEW)).toBe("ops: 2 get it, 1 has it already");
    expect(tagWords("brand", "add", PREVIEW)).toBe("brand: 1 gets it, 2 have it already");
    expect(tagWords("old", "remove", PREVIEW)).toBe("old: 1 loses it, 2 do not have it");
  });

  it("is carried out as it was, without what is refused or stays", () => {
    expect(changing(PREVIEW).map((each) => each.id)).toEqual(["a", "b"]);
    expect(refused(PREVIEW).map((each) => each.id)).toEqual(["d"]);
    expect(asPreviewed(PREVIEW)).toEqual({
      credentials: [
        { id: "a", revision: 3, add: ["brand", "ops"], remove: ["old"] },
        { id: "b", revision: 3, add: ["ops"], remove: [] },
      ],
    });
  });

  it("is undone for each credential by itself", () => {
    expect(undoing(PREVIEW).credentials).toEqual([
      { id: "a", revision: 3, add: ["old"], remove: ["brand", "ops"] },
      { id: "b", revision: 3, add: [], remove: ["ops"] },
    ]);
  });
});
