// The recorded pages of the server's recogniser, with what their fields truly are: nothing goes where it does not belong.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decide } from "../src/recognise/decide.ts";
import type { Frame } from "../src/recognise/snapshot.ts";

interface Recorded {
  about: string;
  kind: string[];
  fields: { frame: string; node: number; role: string }[];
  snapshot: { frames: (Frame & { id: string; hidden?: boolean })[] };
}

const FOLDER = join(import.meta.dirname, "../../crates/recipe/tests/page_snapshots");
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const recorded = names.map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Recorded] as const);

const ASK = ["sign_in", "token", "reauthenticate"];

/** What was decided for every frame, as the test table writes it. */
function decided(page: Recorded): string[] {
  return page.snapshot.frames
    .filter((frame) => !frame.hidden)
    .flatMap((frame) => {
      const { username, password, token } = decide(frame);
      const one = (node: number | undefined, role: string) => (node === undefined ? [] : [`${node} ${role}`]);
      return [
        ...one(username, "username"),
        ...one(password, "current_password"),
        ...token.map((node) => `${node} token`),
      ];
    })
    .sort();
}

const truth = (page: Recorded, ...roles: string[]): string[] =>
  page.fields
    .filter((field) => roles.includes(field.role))
    .map((field) => `${field.node} ${field.role}`)
    .sort();

describe("every recorded page", () => {
  it.each(recorded)("%s", (_, page) => {
    const found = decided(page);
    const asks = page.kind.some((kind) => ASK.includes(kind));
    if (asks) expect(found, page.about).toEqual(truth(page, "username", "current_password", "token"));
    // Elsewhere, what is filled in is right, or nothing is.
    else
      expect(truth(page, "username", "current_password", "token"), page.about).toEqual(expect.arrayContaining(found));
  });

  it("is there", () => {
    expect(recorded.length).toBeGreaterThan(150);
    expect(recorded.filter(([, page]) => page.kind.some((kind) => ASK.includes(kind))).length).toBeGreaterThan(60);
  });
});
