// What the page and the server say to each other while a session is watched. Text messages are JSON named by `t`;
// places are CSS pixels of the driven page. Binary messages are pictures.
import type { Extras, Level } from "../api/sessions";
import type { Challenge } from "../api/types";

export interface Seat {
  seat: number;
  name: string;
  level: Level;
  control: boolean;
}
export interface You {
  seat: number;
  name: string;
  level: Level;
  extras: Extras;
  may_end: boolean;
  may_freeze: boolean;
}
export interface Tab {
  id: number;
  title: string;
  address: string;
  active: boolean;
  crashed: boolean;
}
export interface Phase {
  phase: "signing_in" | "waiting" | "live" | "frozen" | "ended";
  text: string;
  by?: string | null;
  challenge?: Challenge | null;
  /** What to know beside what the site asks. */
  why?: string | null;
  end?: string | null;
}
export interface PageDialog {
  id: number;
  kind: "alert" | "confirm" | "prompt" | "beforeunload";
  text: string;
  value?: string | null;
}
export interface Choices {
  id: number;
  options: { label: string; disabled: boolean; group?: string | null }[];
  chosen: number | null;
  box: [number, number, number, number];
}
export interface Editable {
  on: boolean;
  kind: "text" | "password" | "number" | "email" | "tel" | "url" | "multiline";
}

export type FromServer =
  | { t: "hello"; session: { id: string; credential_name: string; change?: string | null }; you: You; size: [number, number] }
  | { t: "people"; people: Seat[] }
  | ({ t: "phase" } & Phase)
  | { t: "clock"; left: number; idle_left: number }
  | { t: "tabs"; tabs: Tab[]; back: boolean; forward: boolean }
  | ({ t: "dialog" } & PageDialog)
  | { t: "dialog_gone"; id: number }
  | ({ t: "select" } & Choices)
  | { t: "select_gone"; id: number }
  | { t: "cursor"; cursor: string }
  | ({ t: "editable" } & Editable)
  | { t: "copied"; text: string }
  | { t: "refused"; what: string; why: string }
  | { t: "blocked"; origin: string }
  | { t: "file_wanted"; id: number; multiple: boolean }
  | { t: "download"; id: number; name: string; size: number }
  | { t: "pong"; n: number };

interface At {
  x: number;
  y: number;
}
interface Press extends At {
  button: number;
  clicks: number;
  mods: number;
}
export type Move = { t: "move"; buttons: number } & At;
export type Wheel = { t: "wheel"; dx: number; dy: number; mods: number } & At;
export type Key = { t: "key"; down: boolean; key: string; code: string; mods: number; text?: string; repeat?: true };
export type ToServer =
  | { t: "seen"; seq: number }
  | { t: "ping"; n: number }
  | { t: "size"; w: number; h: number; dpr: number }
  | Move
  | Wheel
  | ({ t: "down" } & Press)
  | ({ t: "up" } & Press)
  | Key
  | { t: "text"; text: string }
  | { t: "compose"; text: string }
  | { t: "paste"; text: string }
  | { t: "copy"; cut: boolean }
  | { t: "tab"; id: number; act: "show" | "close" }
  | { t: "go"; act: "back" | "forward" | "reload" | "open"; address?: string }
  | { t: "dialog"; id: number; accept: boolean; text?: string }
  | { t: "select"; id: number; index: number | null }
  | { t: "control"; act: "take" | "give" }
  | { t: "freeze"; on: boolean }
  | { t: "done" }
  | { t: "end" }
  | { t: "files"; id: number; files: { name: string; upload: string }[] };

/** Codes the server closes a socket with. */
export const CLOSED = { denied: 4001, elsewhere: 4002, flooding: 4003, ended: 4004, unread: 4005 } as const;

export interface Frame {
  seq: number;
  /** How old the picture was when it was sent, ms. */
  age: number;
  /** The driven page's size. */
  width: number;
  height: number;
  jpeg: Uint8Array<ArrayBuffer>;
}

const HEAD = 16;
const FRAME = 1;

/** Reads a binary message. Null when it is none this page knows: a newer server may send more kinds. */
export function readFrame(message: ArrayBuffer): Frame | null {
  if (message.byteLength <= HEAD) return null;
  const head = new DataView(message, 0, HEAD);
  const width = head.getUint16(12, true);
  const height = head.getUint16(14, true);
  if (head.getUint8(0) !== FRAME || width === 0 || height === 0) return null;
  return { seq: head.getUint32(4, true), age: head.getUint32(8, true), width, height, jpeg: new Uint8Array(message, HEAD) };
}

/** Reads a text message. Null when it is none: what this page does not know is left alone. */
export function readMessage(text: string): FromServer | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && "t" in message && typeof message.t === "string" ? (message as FromServer) : null;
  } catch {
    return null;
  }
}

const CURSORS = new Set([
  "default", "none", "context-menu", "help", "pointer", "progress", "wait", "cell", "crosshair", "text", "vertical-text", "alias",
  "copy", "move", "no-drop", "not-allowed", "grab", "grabbing", "all-scroll", "col-resize", "row-resize", "n-resize", "e-resize",
  "s-resize", "w-resize", "ne-resize", "nw-resize", "se-resize", "sw-resize", "ew-resize", "ns-resize", "nesw-resize", "nwse-resize",
  "zoom-in", "zoom-out",
]);

/** A cursor's CSS name. A page may name anything, an image of its own among them, and may hide it: then it is the usual one. */
export function cursorFor(name: string): string {
  return CURSORS.has(name) && name !== "none" ? name : "default";
}
