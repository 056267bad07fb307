import type { Taken } from "./taking";

/** What a key press means on a page, or null when it belongs to whatever has the focus. */
export type Command =
  | "search"
  | "find"
  | "help"
  | "new"
  | "copy"
  | "password"
  | "username"
  | "site"
  | "refresh"
  | "down"
  | "up"
  | "first"
  | "last"
  | "open"
  | "choose";

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** The focus is in something one types into. */
  typing: boolean;
  /** The focus is on a button or link, to which Enter and the arrows belong. */
  onControl: boolean;
  /** Single letters may be switched off (they disturb speech input). */
  letters: boolean;
}

const LETTERS: Record<string, Command> = {
  "/": "search",
  "?": "help",
  n: "new",
  c: "copy",
  p: "password",
  u: "username",
  o: "site",
  r: "refresh",
  j: "down",
  k: "up",
};
const MOVES: Record<string, Command> = {
  ArrowDown: "down",
  ArrowUp: "up",
  Home: "first",
  End: "last",
  Enter: "open",
  " ": "choose",
};

/** What is taken from the selected credential by a command. */
export const TAKEN: Partial<Record<Command, Taken>> = {
  copy: "token",
  password: "password",
  username: "username",
  site: "site",
};

export function commandFor(press: Press): Command | null {
  // The one key that is for the page wherever one is, as in other programs.
  if (press.key === "k" && (press.ctrlKey || press.metaKey) && !press.altKey) return "find";
  if (press.ctrlKey || press.metaKey || press.altKey || press.typing) return null;
  const letter = LETTERS[press.key];
  if (letter) return press.letters ? letter : null;
  const move = MOVES[press.key];
  return move && !press.onControl ? move : null;
}

/** Reads a browser's event into a `Press`. */
export function pressOf(event: KeyboardEvent, letters: boolean): Press {
  const target = event.target instanceof Element ? event.target : null;
  // Selectors (not-a-text).
  const typed = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
  // Selectors (not-a-text).
  const controls = "a, button, summary, [role=menu], input";
  return {
    key: event.key,
    ctrlKey: event.ctrlKey,
    metaKey: event.metaKey,
    altKey: event.altKey,
    typing: target?.closest(typed) != null,
    onControl: target?.closest(controls) != null,
    letters,
  };
}
