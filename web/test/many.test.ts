import { describe, expect, it } from "vitest";
import type { ManyGranted, PoliciesEdited } from "../src/api/types";
import {
  asSeen,
  backToBefore,
  firstChange,
  granted,
  grantWords,
  rotating,
  rotationWords,
  toGrant,
} from "../src/parts/bulk/many";

const GRANTS: ManyGranted = {
  items: [
    { id: "a", name: "a", grant: null, decided_at: null, already: false, refused: null },
    { id: "b", name: "b", grant: null, decided_at: null, already: true, refused: null },
    { id: "c", name: null, grant: null, decided_at: null, already: false, refused: "there is no such credential" },
  ],
  access: { gains: 2, loses: 0, people: [], more: false },
};
const policy = (days: number | null) => ({ every_days: days, after_reveal: false, window: null });
const POLICIES: PoliciesEdited = {
  items: [
    {
      id: "a",
      name: "a",
      before: policy(null),
      after: policy(90),
      next_change_at: "2026-03-02T00:00:00Z",
      refused: null,
    },
    {
      id: "b",
      name: "b",
      before: policy(30),
      after: policy(90),
      next_change_at: "2026-03-01T00:00:00Z",
      refused: null,
    },
    { id: "c", name: "c", before: policy(90), after: policy(90), next_change_at: null, refused: null },
    { id: "d", name: null, before: null, after: null, next_change_at: null, refused: "there is no such credential" },
  ],
};

describe("one grant on many credentials", () => {
  it("says how many get it, and how many had it before", () => {
    expect(grantWords(GRANTS)).toBe("1 credential gets this access; 1 has it already.");
    expect(toGrant(GRANTS).map((one) => one.id)).toEqual(["a"]);
  });

  it("is undone by the grants that were made", () => {
    const at = "2026-03-01T00:00:00Z";
    const items = GRANTS.items.map((one) => (one.id === "a" ? { ...one, grant: "g", decided_at: at } : one));
    expect(granted({ ...GRANTS, items })).toEqual([{ id: "g", decided_at: at, keep: false }]);
  });
});

describe("one rotation for many credentials", () => {
  it("says how many change, and when the first password does", () => {
    expect(rotationWords(POLICIES)).toBe("2 credentials change; 1 has it already.");
    expect(firstChange(rotating(POLICIES))).toBe("2026-03-01T00:00:00Z");
    expect(firstChange([])).toBeUndefined();
  });

  it("is carried out in the place of what was seen, and put back for each by itself", () => {
    expect(asSeen(POLICIES).credentials).toEqual([
      { id: "a", before: policy(null), policy: policy(90) },
      { id: "b", before: policy(30), policy: policy(90) },
    ]);
    expect(backToBefore(POLICIES).credentials).toEqual([
      { id: "a", before: policy(90), policy: policy(null) },
      { id: "b", before: policy(90), policy: policy(30) },
    ]);
  });
});
