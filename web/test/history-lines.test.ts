import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../src/api/types";
import { linesOf } from "../src/parts/history-lines";

/** "ana token.read 02:51 reason": the newest first, as the server says them. */
function record(text: string, i: number): AuditRecord {
  const [name = "", act = "", time = "", reason] = text.split(" ");
  const [id, kind = "user"] = name.split("/");
  const at = time.includes("T") ? time : `2026-11-24T${time}`;
  return {
    seq: 100 - i,
    act,
    at: `${at}:00Z`,
    actor: { id: id ?? "", kind, name: id ?? "" },
    details: {},
    hash: "",
    ...(reason ? { reason } : {}),
  };
}

/** How many records each line holds. */
const counted = (...texts: string[]) => linesOf(texts.map(record), (at) => at.slice(0, 10)).map((line) => line.length);

describe("linesOf", () => {
  it.each([
    ["nothing", [], []],
    ["one", ["ana token.read 02:51"], [1]],
    ["two in a row", ["ana token.read 02:51", "ana token.read 02:49"], [2]],
    ["hours apart", ["ana token.read 22:00", "ana token.read 02:49"], [2]],
    ["two people by turns", ["ana token.read 02:51", "ben token.read 02:50", "ana token.read 02:49"], [1, 1, 1]],
    [
      "something else in between",
      ["ana token.read 02:51", "ana token.read 02:50", "ana password.revealed 02:49", "ana token.read 02:48"],
      [2, 1, 1],
    ],
    [
      "somebody else's act in between",
      ["ana token.read 02:51", "ben credential.edited 02:50", "ana token.read 02:49"],
      [1, 1, 1],
    ],
    ["other acts in a row", ["ana password.revealed 02:51", "ana password.revealed 02:49"], [1, 1]],
    ["claimed tokens, which are spent", ["ana token.claimed 02:51", "ana token.claimed 02:49"], [1, 1]],
    ["refused ones, which are news", ["ana token.denied 02:51", "ana token.denied 02:50"], [1, 1]],
    [
      "another reason",
      ["ana token.read 02:51 post", "ana token.read 02:50 post", "ana token.read 02:49 outage"],
      [2, 1],
    ],
    ["a reason and none", ["ana token.read 02:51 post", "ana token.read 02:50"], [1, 1]],
    ["past midnight", ["ana token.read 2026-11-25T00:01", "ana token.read 2026-11-24T23:59"], [1, 1]],
    ["the same id of another kind", ["ana token.read 02:51", "ana/api_token token.read 02:50"], [1, 1]],
  ])("%s", (_, texts, lines) => {
    expect(counted(...texts)).toEqual(lines);
  });

  it("keeps every record, in its order", () => {
    const records = ["ana token.read 03:00", "ana token.read 02:59", "ben token.read 02:58"].map(record);
    expect(linesOf(records, () => "")[0]?.map((each) => each.seq)).toEqual([100, 99]);
    expect(linesOf(records, () => "").flat()).toEqual(records);
  });

  it("tells people apart that have no id by their names", () => {
    const nobody = (name: string, i: number): AuditRecord => ({
      ...record("x token.read 02:50", i),
      actor: { kind: "nobody", name },
    });
    expect(
      linesOf([nobody("10.0.0.1", 0), nobody("10.0.0.2", 1), nobody("10.0.0.2", 2)], () => "").map(
        (line) => line.length,
      ),
    ).toEqual([1, 2]);
  });
});
