import { describe, expect, it } from "vitest";
import { render } from "svelte/server";
import PeopleChanged from "../src/parts/access/PeopleChanged.svelte";
import { accessWords } from "../src/parts/access/words";

const NOTHING = "Nothing would change.";
const HIDDEN = "Their names are hidden";
const ANA = { id: "a", name: "ana", gains: ["token"], loses: [] };

describe("who gains and loses access", () => {
  it.each([
    [{ gains: 1, loses: 0 }, "1 user gains access"],
    [{ gains: 3, loses: 1 }, "3 users gain access, 1 user loses access"],
    [{ gains: 0, loses: 2 }, "2 users lose access"],
    [{ gains: 0, loses: 0 }, ""],
  ])("%j: %s", (access, words) => {
    expect(accessWords(access)).toBe(words);
  });

  it.each([
    ["nobody", null, [NOTHING], [HIDDEN]],
    ["nobody of none", { gains: 0, loses: 0, people: [] }, [NOTHING], [HIDDEN]],
    [
      "somebody",
      { gains: 1, loses: 0, people: [ANA] },
      ["1 user gains access", "ana gains: use the token"],
      [NOTHING, HIDDEN],
    ],
    ["somebody unnamed", { gains: 2, loses: 0, people: [] }, ["2 users gain access", HIDDEN], [NOTHING]],
    ["only a loss, unnamed", { gains: 0, loses: 1, people: [] }, ["1 user loses access", HIDDEN], [NOTHING]],
  ])("is said of %s", (_, access, said, unsaid) => {
    const { body } = render(PeopleChanged, { props: { access, nothing: NOTHING } });
    for (const words of said) expect(body).toContain(words);
    for (const words of unsaid) expect(body).not.toContain(words);
  });
});
