// The page says of a refused sign-in what the server says of it.
import { expect, it } from "vitest";
import { REFUSALS } from "../src/provider-words";
import rules from "../../crates/model/src/provider/refusal.rs?raw";

it("has the server's words for each refusal", () => {
  const list = rules.slice(rules.indexOf("refusals! {"), rules.indexOf("#[cfg(test)]"));
  const lines = list.matchAll(/^ {4}\w+ = "(\w+)",\s+"((?:[^"\\]|\\[\s\S])+)";/gm);
  const pairs = [...lines].map(([, name = "", text = ""]): [string, string] => [name, text.replace(/\\\n\s*/g, "")]);
  const there = Object.fromEntries(pairs);
  expect(Object.keys(there).length).toBeGreaterThan(10);
  expect(REFUSALS).toEqual(there);
});
