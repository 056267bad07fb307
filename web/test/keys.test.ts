import { describe, expect, it } from "vitest";
import { commandFor, type Press } from "../src/keys";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  typing: false,
  onControl: false,
  letters: true,
  ...more,
});

describe("commandFor", () => {
  it.each([
    ["/", "search"],
    ["?", "help"],
    ["n", "new"],
    ["c", "copy"],
    ["p", "password"],
    ["u", "username"],
    ["o", "site"],
    ["r", "refresh"],
    ["ArrowDown", "down"],
    ["ArrowUp", "up"],
    ["Home", "first"],
    ["End", "last"],
    ["Enter", "open"],
    [" ", "choose"],
    ["x", null],
  ])("%s means %s", (key, command) => {
    expect(commandFor(press(key))).toBe(command);
  });

  it("leaves the browser's own shortcuts alone", () => {
    expect(commandFor(press("c", { ctrlKey: true }))).toBeNull();
    expect(commandFor(press("c", { metaKey: true }))).toBeNull();
    expect(commandFor(press("r", { altKey: true }))).toBeNull();
  });

  it("finds from everywhere by Ctrl-K, or Cmd-K", () => {
    for (const held of [{ ctrlKey: true }, { metaKey: true }])
      for (const typing of [false, true])
        expect(commandFor(press("k", { ...held, typing, letters: false }))).toBe("find");
    expect(commandFor(press("k", { ctrlKey: true, altKey: true }))).toBeNull();
    expect(commandFor(press("K", { ctrlKey: true })), "with Shift it is the browser's").toBeNull();
  });

  it("means nothing while one is typing", () => {
    for (const key of ["/", "c", "?", "Enter", "ArrowDown"])
      expect(commandFor(press(key, { typing: true }))).toBeNull();
  });

  it("leaves Enter and the arrows to a control that has the focus, but not the letters", () => {
    expect(commandFor(press("Enter", { onControl: true }))).toBeNull();
    expect(commandFor(press("ArrowDown", { onControl: true }))).toBeNull();
    expect(commandFor(press("c", { onControl: true }))).toBe("copy");
  });

  it("knows no letters when they are switched off, but the other keys", () => {
    expect(commandFor(press("c", { letters: false }))).toBeNull();
    expect(commandFor(press("?", { letters: false }))).toBeNull();
    expect(commandFor(press("Enter", { letters: false }))).toBe("open");
  });
});
