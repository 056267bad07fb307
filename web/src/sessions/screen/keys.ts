// From the keyboard of this person to the page. Pure; the browser's events are read, never kept.
import type { Key, ToServer } from "../protocol";

/** Leaves the picture: Tab belongs to the page there. */
export const LEAVE = "F6";

export interface Stroke {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  repeat: boolean;
  isComposing: boolean;
  /** AltGr, which some systems report as Ctrl and Alt together. */
  altGraph: boolean;
}

export function strokeOf(event: KeyboardEvent): Stroke {
  const { key, code, altKey, ctrlKey, metaKey, shiftKey, repeat, isComposing } = event;
  return {
    key,
    code,
    altKey,
    ctrlKey,
    metaKey,
    shiftKey,
    repeat,
    isComposing,
    altGraph: event.getModifierState("AltGraph"),
  };
}

export function modsOf(held: Pick<Stroke, "altKey" | "ctrlKey" | "metaKey" | "shiftKey">): number {
  return (held.altKey ? 1 : 0) | (held.ctrlKey ? 2 : 0) | (held.metaKey ? 4 : 0) | (held.shiftKey ? 8 : 0);
}

/**
 * What a key that goes down is for. `text`: the input method or the browser makes text of it, which comes by another
 * event. `browser`: it stays with the person's own browser.
 */
export type Meaning =
  { to: "page"; message: ToServer } | { to: "text" | "browser" | "leave" | "paste" | "copy" | "cut" };

export function meaningOf(stroke: Stroke): Meaning {
  if (stroke.key === LEAVE) return { to: "leave" };
  if (
    stroke.isComposing ||
    stroke.key === "Process" ||
    stroke.key === "Unidentified" ||
    stroke.key === "Dead" ||
    stroke.key === "Compose"
  )
    return { to: "text" };
  if (stroke.key === "F11" || stroke.key === "F12") return { to: "browser" };
  const command = (stroke.ctrlKey || stroke.metaKey) && !stroke.altKey && !stroke.altGraph;
  if (command && !stroke.shiftKey) {
    const letter = stroke.key.toLowerCase();
    if (letter === "v") return { to: "paste" };
    if (letter === "c") return { to: "copy" };
    if (letter === "x") return { to: "cut" };
    if (letter === "r") return { to: "page", message: { t: "go", act: "reload" } };
  }
  if (stroke.key === "F5") return { to: "page", message: { t: "go", act: "reload" } };
  if (stroke.altKey && !stroke.ctrlKey && !stroke.metaKey && !stroke.shiftKey && stroke.key === "ArrowLeft")
    return { to: "page", message: { t: "go", act: "back" } };
  if (stroke.altKey && !stroke.ctrlKey && !stroke.metaKey && !stroke.shiftKey && stroke.key === "ArrowRight")
    return { to: "page", message: { t: "go", act: "forward" } };
  return { to: "page", message: keyDown(stroke) };
}

function keyDown(stroke: Stroke): Key {
  const text = textOf(stroke);
  // AltGr has done its work once there is text: the page is not to take the rest for a shortcut.
  const mods = text !== null && stroke.altGraph ? modsOf(stroke) & 8 : modsOf(stroke);
  return {
    t: "key",
    down: true,
    key: stroke.key,
    code: stroke.code,
    mods,
    ...(text !== null ? { text } : {}),
    ...(stroke.repeat ? { repeat: true as const } : {}),
  };
}

function textOf(stroke: Stroke): string | null {
  if ((stroke.ctrlKey || stroke.metaKey) && !stroke.altGraph) return null;
  if (stroke.key === "Enter") return "\r";
  return [...stroke.key].length === 1 ? stroke.key : null;
}

/** Which keys are down in the page, so that none stays down there when the picture loses the keyboard. */
export class Held {
  readonly #down = new Map<string, string>();

  down(message: ToServer): void {
    if (message.t === "key") this.#down.set(message.code || message.key, message.key);
  }

  /** Null when the page never saw it go down. */
  up(stroke: Stroke): Key | null {
    const name = stroke.code || stroke.key;
    const key = this.#down.get(name);
    if (key === undefined) return null;
    this.#down.delete(name);
    return { t: "key", down: false, key, code: stroke.code, mods: modsOf(stroke) };
  }

  release(): Key[] {
    const all = [...this.#down].map(([code, key]): Key => ({ t: "key", down: false, key, code, mods: 0 }));
    this.#down.clear();
    return all;
  }
}

/** A key without a keyboard, as a phone's backspace: down and up. */
export function tapped(key: "Backspace" | "Delete" | "Enter"): Key[] {
  const one = { t: "key" as const, key, code: key, mods: 0 };
  return [
    { ...one, down: true, ...(key === "Enter" ? { text: "\r" } : {}) },
    { ...one, down: false },
  ];
}
