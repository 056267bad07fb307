import { beforeEach, describe, expect, it } from "vitest";
import type { Manifest, PartInfo } from "../src/api/sessions";
import { Player } from "../src/sessions/player.svelte";
import { drawingsFor, happeningWords, missingParts, partsFor, readPart, type Drawing } from "../src/sessions/recording";
import { placeWords } from "../src/sessions/words";
import { settled } from "./world";

type Entry = { at: number } & (
  | { key: [number, number]; jpeg: number }
  | { change: [number, number]; jpeg: number }
  | { event: unknown }
  | { raw: [number, number[]] }
);

/** A part's bytes, as the server writes them. */
function written(entries: Entry[]): Uint8Array<ArrayBuffer> {
  const pieces = entries.map((entry) => {
    let kind: number;
    let payload: Uint8Array;
    if ("event" in entry)
      [kind, payload] = [
        3,
        new TextEncoder().encode(typeof entry.event === "string" ? entry.event : JSON.stringify(entry.event)),
      ];
    else if ("raw" in entry) [kind, payload] = [entry.raw[0], new Uint8Array(entry.raw[1])];
    else {
      kind = "key" in entry ? 1 : 2;
      const [a, b] = "key" in entry ? entry.key : entry.change;
      payload = new Uint8Array(5);
      new DataView(payload.buffer).setUint16(0, a, true);
      new DataView(payload.buffer).setUint16(2, b, true);
      payload[4] = entry.jpeg;
    }
    const head = new DataView(new ArrayBuffer(9));
    head.setUint8(0, kind);
    head.setUint32(1, entry.at, true);
    head.setUint32(5, payload.length, true);
    return [...new Uint8Array(head.buffer), ...payload];
  });
  return new Uint8Array(pieces.flat());
}

const info = (seq: number, from_ms: number, to_ms: number, key: boolean, events = 0): PartInfo => ({
  seq,
  from_ms,
  to_ms,
  key,
  frames: 1,
  events,
  bytes: 100,
});

describe("readPart", () => {
  it("reads pictures and events in order", () => {
    const part = readPart(
      written([
        { at: 0, key: [1280, 720], jpeg: 1 },
        { at: 40, change: [300, 65_000], jpeg: 2 },
        { at: 70_000, event: { kind: "click", name: "Büro 😀", who: "ana" } },
      ]),
    );
    expect(part.damaged).toBe(false);
    expect(part.drawings).toEqual([
      { at: 0, key: true, x: 1280, y: 720, jpeg: new Uint8Array([1]) },
      { at: 40, key: false, x: 300, y: 65_000, jpeg: new Uint8Array([2]) },
    ]);
    expect(part.moments).toEqual([{ at: 70_000, what: { kind: "click", name: "Büro 😀", who: "ana" } }]);
  });

  it("keeps what came before a break, wherever it breaks off", () => {
    const whole = written([
      { at: 0, key: [1, 1], jpeg: 1 },
      { at: 9, event: { kind: "ended" } },
    ]);
    const first = written([{ at: 0, key: [1, 1], jpeg: 1 }]).length;
    for (let length = first + 1; length < whole.length; length++) {
      const part = readPart(whole.slice(0, length));
      expect([part.damaged, part.drawings.length, part.moments.length]).toEqual([true, 1, 0]);
    }
    expect(readPart(new Uint8Array())).toEqual({ drawings: [], moments: [], damaged: false });
  });

  it("passes over kinds it does not know, and says so of events it cannot read", () => {
    expect(
      readPart(
        written([
          { at: 0, raw: [9, [1, 2, 3]] },
          { at: 1, event: { kind: "left" } },
        ]),
      ),
    ).toMatchObject({ damaged: false, moments: [{ at: 1 }] });
    expect(
      readPart(
        written([
          { at: 0, event: "no JSON" },
          { at: 1, event: { kind: "left" } },
        ]),
      ),
    ).toMatchObject({ damaged: true, moments: [{ at: 1 }] });
    expect(readPart(written([{ at: 0, raw: [3, [0xff, 0xfe]] }])).damaged).toBe(true);
  });
});

describe("seeking", () => {
  const parts = [info(1, 0, 10, true), info(2, 10, 20, false), info(3, 20, 30, true), info(4, 30, 40, false)];

  it("begins with the latest part that begins whole", () => {
    const of = (at: number) => partsFor(parts, at).map((part) => part.seq);
    expect([of(0), of(15), of(20), of(99)]).toEqual([[1], [1, 2], [3], [3, 4]]);
    expect(partsFor([info(2, 10, 20, false)], 12).map((part) => part.seq)).toEqual([2]);
    expect(partsFor(parts, -1)).toEqual([]);
  });

  it("draws from the last whole picture on", () => {
    const drawing = (at: number, key: boolean): Drawing => ({ at, key, x: 0, y: 0, jpeg: new Uint8Array([at]) });
    const all = [drawing(0, true), drawing(5, false), drawing(8, true), drawing(9, false), drawing(12, false)];
    expect(drawingsFor(all, 10).map((each) => each.at)).toEqual([8, 9]);
    expect(drawingsFor(all, 5).map((each) => each.at)).toEqual([0, 5]);
    expect(drawingsFor(all, -1)).toEqual([]);
  });

  it("finds the numbers that are missing", () => {
    expect(missingParts([info(0, 0, 1, true), info(1, 1, 2, true), info(4, 5, 6, true)])).toEqual([2, 3]);
    expect(missingParts([info(3, 0, 1, true)])).toEqual([1, 2]);
    expect(missingParts([])).toEqual([]);
  });
});

describe("Player", () => {
  let drawn: number[];
  let fetched: number[];
  let bytes: Map<number, Uint8Array<ArrayBuffer>>;
  let player: Player<number>;
  const parts = [info(1, 0, 1_000, true, 1), info(2, 1_000, 20_000, false, 1), info(3, 20_000, 21_000, true, 1)];
  const manifest = (over: Partial<Manifest> = {}): Manifest => ({
    session: {} as never,
    running: false,
    film: true,
    duration_ms: 21_000,
    bytes: 300,
    parts,
    playback_until: "2026-01-01T00:10:00Z",
    ...over,
  });

  beforeEach(() => {
    drawn = [];
    fetched = [];
    bytes = new Map([
      [
        1,
        written([
          { at: 0, key: [10, 10], jpeg: 10 },
          { at: 500, change: [1, 1], jpeg: 11 },
          { at: 600, event: { kind: "click", who: "ana" } },
        ]),
      ],
      [
        2,
        written([
          { at: 1_200, change: [1, 1], jpeg: 20 },
          { at: 19_000, event: { kind: "address", address: "https://a.example" } },
        ]),
      ],
      [
        3,
        written([
          { at: 20_000, key: [10, 10], jpeg: 30 },
          { at: 20_500, change: [2, 2], jpeg: 31 },
          { at: 20_900, event: { kind: "ended", why: "person" } },
        ]),
      ],
    ]);
    player = new Player<number>(
      {
        part: (seq) => {
          fetched.push(seq);
          const part = bytes.get(seq);
          return part ? Promise.resolve(part) : Promise.reject(new Error("It is gone."));
        },
      },
      {
        decode: (jpeg) => (jpeg[0] === 99 ? Promise.reject(new Error("no picture")) : Promise.resolve(jpeg[0] ?? 0)),
        draw: (bitmap) => drawn.push(bitmap),
      },
    );
  });
  const rest = async () => {
    for (let i = 0; i < 10; i++) await settled();
  };

  it("shows the beginning, and gathers all events", async () => {
    player.update(manifest());
    await rest();
    expect(drawn).toEqual([10]);
    expect(player.moments.map((moment) => moment.at)).toEqual([600, 19_000, 20_900]);
    expect(player.broken).toEqual([]);
  });

  it("plays by the clock and its speed, each picture once and in order", async () => {
    player.update(manifest());
    await rest();
    player.skipsIdle = false;
    player.speed = 2;
    player.play();
    player.tick(0);
    player.tick(300);
    await rest();
    expect(player.position).toBe(600);
    for (let now = 400; now <= 1_000; now += 100) {
      player.tick(now);
      await rest();
    }
    expect(drawn).toEqual([10, 11, 20]);
  });

  it("skips where nothing happens, and stops at the end", async () => {
    player.update(manifest());
    await rest();
    player.seek(1_300);
    player.play();
    player.tick(0);
    expect(player.position).toBe(19_000 - 600);
    player.tick(20);
    for (let now = 100; now < 6_000; now += 100) {
      player.tick(now);
      await rest();
    }
    expect([player.position, player.playing]).toEqual([21_000, false]);
    expect(drawn.at(-1)).toBe(31);
    player.play();
    expect(player.position).toBe(0);
  });

  it("seeks by whole pictures: nothing before them is drawn", async () => {
    player.update(manifest());
    await rest();
    drawn = [];
    player.seek(20_600);
    await rest();
    expect(drawn).toEqual([30, 31]);
    drawn = [];
    player.seek(1_500);
    await rest();
    expect(drawn).toEqual([10, 11, 20]);
  });

  it("jumps from event to event, both ways", async () => {
    player.update(manifest());
    await rest();
    const places: number[] = [];
    for (const forward of [true, true, true, true, false, false]) {
      player.jump(forward);
      places.push(player.position);
    }
    expect(places).toEqual([600, 19_000, 20_900, 20_900, 19_000, 600]);
  });

  it("says which part is gone or damaged, and goes on", async () => {
    bytes.delete(2);
    bytes.set(
      3,
      written([
        { at: 20_000, key: [10, 10], jpeg: 30 },
        { at: 20_500, change: [2, 2], jpeg: 99 },
        { at: 20_900, event: { kind: "ended" } },
      ]).slice(0, -3),
    );
    player.update(manifest({ parts: [...parts, info(6, 21_000, 22_000, true)] }));
    await rest();
    player.seek(20_600);
    await rest();
    expect(player.broken.map((part) => part.seq)).toEqual([2, 3, 4, 5]);
    expect(player.broken[0]).toEqual({ seq: 2, from_ms: 1_000, why: "It is gone." });
    expect(drawn.at(-1)).toBe(30);
  });

  it("goes on with what is recorded meanwhile", async () => {
    player.update(manifest({ running: true, duration_ms: 1_000, parts: parts.slice(0, 1) }));
    await rest();
    player.play();
    player.tick(0);
    player.tick(5_000);
    expect([player.position, player.playing]).toEqual([1_000, true]);
    player.update(manifest());
    player.tick(5_300);
    await rest();
    expect(player.position).toBe(1_300);
    expect(drawn).toEqual([10, 11, 20]);
  });

  it("shows the first picture where there is none yet", async () => {
    bytes.set(1, written([{ at: 10, event: { kind: "joined", who: "ana" } }]));
    bytes.set(
      2,
      written([
        { at: 1_200, key: [10, 10], jpeg: 20 },
        { at: 1_300, change: [1, 1], jpeg: 21 },
      ]),
    );
    player.update(manifest({ parts: [{ ...info(1, 0, 1_000, false, 1), frames: 0 }, info(2, 1_000, 20_000, true)] }));
    await rest();
    expect(drawn).toEqual([20]);
    player.seek(1_400);
    await rest();
    expect(drawn).toEqual([20, 20, 21]);
  });

  it("asks for each part once", async () => {
    player.update(manifest());
    await rest();
    player.seek(20_600);
    player.seek(0);
    await rest();
    expect(fetched.sort()).toEqual([1, 2, 3]);
  });
});

describe("words", () => {
  it("say what happened", () => {
    expect(happeningWords({ kind: "click", name: "Post", role: "button", who: "ana" })).toBe(
      "ana clicked “Post” (button)",
    );
    expect(happeningWords({ kind: "keys", class: "text", count: 12, secret: false, who: "ana" })).toBe(
      "ana typed: 12 keys",
    );
    expect(happeningWords({ kind: "keys", class: "text", count: 1, secret: true, who: "ana" })).toBe(
      "ana typed in a secret field: 1 key",
    );
    expect(happeningWords({ kind: "keys", class: "text", count: null, secret: true, who: "ana" })).toBe(
      "ana typed in a secret field",
    );
    expect(happeningWords({ kind: "control", who: null })).toBe("Control released");
    expect(happeningWords({ kind: "ended", why: "person" }, "ana")).toBe("Ended by ana");
    expect(happeningWords({ kind: "ended", why: "idle" }, "ana")).toBe("Ended after inactivity");
    expect(happeningWords({ kind: "ended", why: "new_reason" as never })).toBe("Ended: new reason");
    expect(happeningWords({ kind: "something_new" as "left", who: "" })).toBe("something new");
  });

  it.each([
    [0, "0:00"],
    [65_999, "1:05"],
    [3_729_000, "1:02:09"],
  ])("%s ms are at %s", (ms, words) => expect(placeWords(ms)).toBe(words));
});
