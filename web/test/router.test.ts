import { describe, expect, it } from "vitest";
import { hashFor, parseHash } from "../src/router";

describe("parseHash", () => {
  it.each([
    ["", { path: [], query: {} }],
    ["#/", { path: [], query: {} }],
    ["#/credentials", { path: ["credentials"], query: {} }],
    [
      "#/credentials/a%2Fb/edit?tag=x%26y&search=a+b",
      { path: ["credentials", "a/b", "edit"], query: { tag: "x&y", search: "a b" } },
    ],
    ["#/setup/LINK_-09", { path: ["setup", "LINK_-09"], query: {} }],
    ["#//credentials///", { path: ["credentials"], query: {} }],
    ["#/%E0%A4%A", { path: ["%E0%A4%A"], query: {} }],
  ])("%s", (hash, place) => {
    expect(parseHash(hash)).toEqual(place);
  });
});

describe("hashFor", () => {
  it("is read back as it was written", () => {
    const place = { path: ["credentials", "name:a/b?c#d", "edit"], query: { search: "ä & ö", tag: "100 %" } };
    expect(parseHash(hashFor(place.path, place.query))).toEqual(place);
  });

  it("leaves out what is empty, so that one place has one address", () => {
    expect(hashFor(["credentials"], { tag: "", site: undefined, sort: "-name" })).toBe("#/credentials?sort=-name");
    expect(hashFor(["credentials"])).toBe("#/credentials");
  });
});
