import { expect, it } from "vitest";
import { actWords, KIND_WORDS } from "../src/act-words";
import { ACTS, actChoices } from "../src/acts";
import recorded from "../../crates/audit/src/entry.rs?raw";
import actors from "../../crates/audit/src/who.rs?raw";

it("knows every act that the server records, and no other", () => {
  const known = [...recorded.matchAll(/^ {4}\w+ = "([a-z_]+\.[a-z_]+)";$/gm)].map(([, name]) => name);
  expect(known.length).toBeGreaterThan(50);
  expect([...ACTS].sort()).toEqual(known.sort());
});

it("has words for every kind of actor and of thing, and for no other", () => {
  const things = [...recorded.matchAll(/^ {4}\w+ = "([a-z_]+)";$/gm)];
  const who = [...actors.matchAll(/^ {12}Self::\w+ => "([a-z_]+)",$/gm)];
  const known = new Set([...things, ...who].map(([, name]) => name));
  expect(known.size).toBeGreaterThan(15);
  expect(Object.keys(KIND_WORDS).sort()).toEqual([...known].sort());
});

it("derives words from a name that it does not know", () => {
  expect(actWords("moon.landed_on")).toBe("moon landed on");
  expect(actWords("constructor")).toBe("constructor");
});

it("gives them by their words, in order, each once", () => {
  const words = actChoices("").map(([, text]) => text);
  expect(words[0]).toBe("Any");
  expect(words).toContain("Password revealed");
  expect(words.slice(1)).toEqual(words.slice(1).sort((one, other) => one.localeCompare(other)));
  expect(new Set(words).size).toBe(words.length);
});

it("keeps one chosen that it does not know, as a link of a newer server may name", () => {
  expect(actChoices("moon.landed")).toContainEqual(["moon.landed", "Moon landed"]);
  expect(actChoices("token.read").filter(([act]) => act === "token.read")).toHaveLength(1);
});
