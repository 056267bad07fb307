import { describe, expect, it } from "vitest";
import type { Page, Summary } from "../src/api/types";
import { Finder, PAUSE_MS } from "../src/palette/finder.svelte";
import { placesFor } from "../src/palette/places";
import { settled, Timers } from "./world";

const everything = () => true;
const labels = (text: string, may = everything as (what: string) => boolean) =>
  placesFor(text, may).map((place) => place.label);

describe("placesFor", () => {
  it.each([
    ["users", ["Users"]],
    ["  API  ", ["API tokens"]],
    ["devices", ["Signed-in devices"]],
    // Each word, wherever it is in the menus.
    ["settings token", ["API tokens"]],
    ["audit rec", ["Records"]],
    // What begins with it comes first.
    ["re", ["Recipes", "Records"]],
    // Accents make no difference.
    ["dashbóard", ["Dashboard"]],
    ["nothing like it", []],
  ])("%j leads to %j", (text, first) => {
    expect(labels(text).slice(0, first.length || 1)).toEqual(first);
  });

  it("knows every page of the menus, and the way to a new credential, where nothing is typed", () => {
    expect(labels("")).toEqual(expect.arrayContaining(["All credentials", "Doctor", "Verify and export"]));
    expect(labels("")).toContain("New credential");
    expect(new Set(placesFor("", everything).map((place) => place.href)).size).toBe(labels("").length);
  });

  it("offers nothing that the person may not do", () => {
    expect(labels("", () => false)).not.toEqual(expect.arrayContaining(["Users"]));
    expect(labels("users", () => false)).toEqual([]);
    expect(labels("records", (what) => what !== "audit")).toEqual([]);
    expect(labels("new cred", (what) => what !== "credentials.create")).toEqual([]);
  });
});

/** A server that answers when it is told to. */
function server() {
  const asked: { search: string; signal: AbortSignal; answer: (names: string[]) => void; fail: () => void }[] = [];
  const timers = new Timers();
  const finder = new Finder(
    (search, signal) =>
      new Promise<Page<Summary>>((resolve, reject) =>
        asked.push({
          search,
          signal,
          answer: (names) => resolve({ items: names.map((name) => ({ name }) as Summary), total: names.length + 10 }),
          fail: () => reject(new Error("away")),
        }),
      ),
    timers,
  );
  return { asked, timers, finder, names: () => finder.items.map((each) => each.name) };
}

describe("Finder", () => {
  it("asks once for several keys, without the spaces around", async () => {
    const { asked, timers, finder } = server();
    for (const text of ["g", "gi", " git "]) {
      finder.find(text);
      await timers.pass(PAUSE_MS - 1);
    }
    expect(asked).toEqual([]);
    expect(finder.busy).toBe(true);
    await timers.pass(1);
    expect(asked.map((each) => each.search)).toEqual(["git"]);
  });

  it("keeps the last answer, in whatever order they come", async () => {
    const { asked, timers, finder, names } = server();
    finder.find("g");
    await timers.pass(PAUSE_MS);
    finder.find("gi");
    await timers.pass(PAUSE_MS);
    expect(asked.map((each) => each.signal.aborted)).toEqual([true, false]);
    asked[1]?.answer(["GitHub"]);
    await settled();
    asked[0]?.answer(["Google", "GitHub"]);
    await settled();
    expect(names()).toEqual(["GitHub"]);
    expect([finder.total, finder.busy]).toEqual([11, false]);
  });

  it("keeps what was found until the next answer, and nothing once the field is empty", async () => {
    const { asked, timers, finder, names } = server();
    finder.find("g");
    await timers.pass(PAUSE_MS);
    asked[0]?.answer(["Google"]);
    await settled();
    finder.find("go");
    expect(names()).toEqual(["Google"]);
    finder.find(" ");
    expect(names()).toEqual([]);
    await timers.pass(PAUSE_MS);
    expect([asked.length, finder.busy]).toEqual([1, false]);
  });

  it("tells of a failure, and of one that was overtaken nothing", async () => {
    const { asked, timers, finder } = server();
    finder.find("g");
    await timers.pass(PAUSE_MS);
    finder.find("gi");
    asked[0]?.fail();
    await settled();
    expect(finder.error).toBeNull();
    await timers.pass(PAUSE_MS);
    asked[1]?.fail();
    await settled();
    expect(finder.error).toBeInstanceOf(Error);
    expect([finder.items, finder.busy]).toEqual([[], false]);
  });
});
