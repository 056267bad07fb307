import { describe, expect, it } from "vitest";
import samples from "../../crates/wire/samples.json";
import { readFrame, readMessage } from "../src/sessions/protocol";
import { happeningWords, readPart, type Drawing, type Happening, type Moment } from "../src/sessions/recording";

// What the server writes, by its own tests: the page reads it as it was meant.
const bytes = (hex: string) => new Uint8Array((hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));

describe("what the server writes", () => {
  it.each(samples.server)("is read as a message: $t", (message) => {
    expect(readMessage(JSON.stringify(message))).toEqual(message);
  });

  it("is read as a frame", () => {
    const { bytes: hex, jpeg, ...head } = samples.frame;
    expect(readFrame(bytes(hex).buffer)).toEqual({ ...head, jpeg: bytes(jpeg) });
  });

  it("is read as a part of a recording", () => {
    const drawings: Drawing[] = [];
    const moments: Moment[] = [];
    for (const { at, whole, change, jpeg, event } of samples.part.entries) {
      const [x, y] = whole ?? change ?? [];
      if (event) moments.push({ at, what: event as Happening });
      else drawings.push({ at, key: whole !== undefined, x: x ?? -1, y: y ?? -1, jpeg: bytes(jpeg ?? "") });
    }
    expect([drawings.length, moments.length > 15]).toEqual([2, true]);
    expect(readPart(bytes(samples.part.bytes))).toEqual({ drawings, moments, damaged: false });
  });

  it("is told in words, every event of it", () => {
    for (const { what } of readPart(bytes(samples.part.bytes)).moments) {
      const words = happeningWords(what);
      expect(words).not.toBe(what.kind.replaceAll("_", " "));
      expect(words).not.toMatch(/undefined|null|NaN/);
    }
  });
});
