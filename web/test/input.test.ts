import { beforeEach, describe, expect, it } from "vitest";
import { fitted, toPage, toPicture, wanted } from "../src/sessions/screen/geometry";
import { Held, meaningOf, modsOf, tapped, type Stroke } from "../src/sessions/screen/keys";
import { Clicks, Fingers, LONG_MS } from "../src/sessions/screen/pointer";
import type { ToServer } from "../src/sessions/protocol";
import { Timers } from "./world";

describe("places", () => {
  it("never shows a page larger than it is, and keeps its shape", () => {
    expect(fitted({ width: 1000, height: 500 }, { width: 2000, height: 2000 })).toEqual({ width: 1000, height: 500 });
    expect(fitted({ width: 1000, height: 500 }, { width: 500, height: 500 })).toEqual({ width: 500, height: 250 });
    expect(fitted({ width: 1000, height: 500 }, { width: 500, height: 100 })).toEqual({ width: 200, height: 100 });
    expect(fitted({ width: 0, height: 0 }, { width: 500, height: 100 })).toEqual({ width: 0, height: 0 });
  });

  it("are scaled to the page and kept within it", () => {
    const picture = { left: 100, top: 50, width: 500, height: 250 };
    const page = { width: 1000, height: 500 };
    expect(toPage({ x: 350, y: 175 }, picture, page)).toEqual({ x: 500, y: 250 });
    expect(toPage({ x: 0, y: 9_999 }, picture, page)).toEqual({ x: 0, y: 499 });
    expect(toPage({ x: 350, y: 175 }, { ...picture, width: 0 }, page).x).toBe(0);
    expect(toPicture([100, 40, 200, 20], picture, page)).toEqual({ left: 50, top: 20, width: 100, height: 10 });
  });

  it("ask for a size the server allows", () => {
    expect(wanted({ width: 1000.7, height: 600.2 }, 1)).toEqual({ w: 1000, h: 600, dpr: 1 });
    expect(wanted({ width: 100, height: 5_000 }, 3)).toEqual({ w: 320, h: 1600, dpr: 2 });
    expect(wanted({ width: 1000, height: 600 }, 1.3333).dpr).toBe(1.25);
  });
});

const stroke = (over: Partial<Stroke>): Stroke => ({
  key: "a",
  code: "KeyA",
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  repeat: false,
  isComposing: false,
  altGraph: false,
  ...over,
});
const sent = (over: Partial<Stroke>) => {
  const meaning = meaningOf(stroke(over));
  return meaning.to === "page" ? meaning.message : meaning.to;
};

describe("keys", () => {
  it("bring their text only when they type something", () => {
    expect(sent({ key: "é", code: "Digit2" })).toEqual({
      t: "key",
      down: true,
      key: "é",
      code: "Digit2",
      mods: 0,
      text: "é",
    });
    expect(sent({ key: "A", shiftKey: true })).toMatchObject({ mods: 8, text: "A" });
    expect(sent({ key: "Enter", code: "Enter" })).toMatchObject({ text: "\r" });
    expect(sent({ key: "Tab", code: "Tab" })).not.toHaveProperty("text");
    expect(sent({ key: "a", ctrlKey: true })).toEqual({ t: "key", down: true, key: "a", code: "KeyA", mods: 2 });
    expect(sent({ key: "😀" })).toMatchObject({ text: "😀" });
    expect(sent({ repeat: true })).toMatchObject({ repeat: true });
  });

  it("take AltGr for what it types, on systems that say Ctrl and Alt too", () => {
    expect(sent({ key: "@", code: "KeyQ", ctrlKey: true, altKey: true, altGraph: true })).toMatchObject({
      text: "@",
      mods: 0,
    });
    expect(sent({ key: "ß", code: "KeyS", altKey: true })).toMatchObject({ text: "ß", mods: 1 });
  });

  it("leave input methods and dead keys to the text that comes of them", () => {
    for (const over of [{ key: "Dead" }, { key: "Process" }, { key: "Unidentified" }, { key: "k", isComposing: true }])
      expect(sent(over)).toBe("text");
  });

  it("know the clipboard, the ways of a browser and the way out", () => {
    expect([
      sent({ key: "v", ctrlKey: true }),
      sent({ key: "c", metaKey: true }),
      sent({ key: "X", ctrlKey: true }),
    ]).toEqual(["paste", "copy", "cut"]);
    expect([sent({ key: "F6" }), sent({ key: "F12" })]).toEqual(["leave", "browser"]);
    expect(sent({ key: "F5" })).toEqual({ t: "go", act: "reload" });
    expect(sent({ key: "ArrowLeft", altKey: true })).toEqual({ t: "go", act: "back" });
    expect(sent({ key: "ArrowLeft", shiftKey: true })).toMatchObject({ t: "key", mods: 8 });
  });

  it("come up when they have gone down, all of them at the end", () => {
    const held = new Held();
    held.down({ t: "key", down: true, key: "A", code: "KeyA", mods: 8, text: "A" });
    held.down({ t: "key", down: true, key: "Shift", code: "ShiftLeft", mods: 8 });
    expect(held.up(stroke({ key: "a" }))).toEqual({ t: "key", down: false, key: "A", code: "KeyA", mods: 0 });
    expect(held.up(stroke({ key: "a" }))).toBeNull();
    expect(held.release()).toEqual([{ t: "key", down: false, key: "Shift", code: "ShiftLeft", mods: 0 }]);
    expect(held.release()).toEqual([]);
    expect(modsOf({ altKey: true, ctrlKey: true, metaKey: true, shiftKey: true })).toBe(15);
    expect(tapped("Backspace").map((key) => key.down)).toEqual([true, false]);
  });
});

describe("pointers", () => {
  it("count clicks by place, button and time", () => {
    const clicks = new Clicks();
    const at = { x: 10, y: 10 };
    expect([
      clicks.count(at, 0, 0),
      clicks.count({ x: 12, y: 10 }, 0, 200),
      clicks.count(at, 0, 400),
      clicks.count(at, 0, 500),
    ]).toEqual([1, 2, 3, 3]);
    expect([clicks.count(at, 2, 600), clicks.count(at, 2, 2_000), clicks.count({ x: 90, y: 10 }, 2, 2_100)]).toEqual([
      1, 1, 1,
    ]);
  });

  let world: Timers;
  let out: ToServer[];
  let fingers: Fingers;
  const did = () =>
    out.map((message) => (message.t === "down" || message.t === "up" ? `${message.t} ${message.button}` : message.t));
  beforeEach(() => {
    world = new Timers();
    out = [];
    fingers = new Fingers((message) => out.push(message), world);
  });

  it("tap", () => {
    fingers.down(1, { x: 5, y: 5 });
    fingers.move(1, { x: 7, y: 5 });
    fingers.up(1, { x: 7, y: 5 });
    expect(did()).toEqual(["move", "down 0", "up 0"]);
  });

  it("drag from where they began", () => {
    fingers.down(1, { x: 5, y: 5 });
    fingers.move(1, { x: 40, y: 5 });
    fingers.up(1, { x: 60, y: 5 });
    expect(did()).toEqual(["down 0", "move", "up 0"]);
    expect(out[0]).toMatchObject({ x: 5 });
  });

  it("stay for the right button, once", async () => {
    fingers.down(1, { x: 5, y: 5 });
    await world.pass(LONG_MS + 1);
    fingers.up(1, { x: 5, y: 5 });
    expect(did()).toEqual(["move", "down 2", "up 2"]);
  });

  it("scroll by two, and tap nothing afterwards", async () => {
    fingers.down(1, { x: 5, y: 100 });
    fingers.down(2, { x: 50, y: 100 });
    fingers.move(1, { x: 5, y: 60 });
    fingers.move(2, { x: 50, y: 60 });
    await world.pass(LONG_MS * 2);
    fingers.up(1, { x: 5, y: 60 });
    fingers.up(2, { x: 50, y: 60 });
    expect(did()).toEqual(["wheel", "wheel"]);
    expect(out.reduce((sum, message) => sum + (message.t === "wheel" ? message.dy : 0), 0)).toBe(40);
  });

  it("press nothing when the system takes them away", () => {
    fingers.down(1, { x: 5, y: 5 });
    fingers.up(1, { x: 5, y: 5 }, true);
    expect(out).toEqual([]);
  });
});
