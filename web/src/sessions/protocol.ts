// What the page and the server say to each other while a session is watched. Text messages are JSON named by `t`;
// places are CSS pixels of the driven page. Binary messages are pictures. Types and numbers are the server's own
// (`api/wire.ts`, made by `npm run schema`); here they get the names that the page uses.
import { FRAME, type components } from "../api/wire";

export { CLOSED } from "../api/wire";

type Schemas = components["schemas"];
export type FromServer = Schemas["ServerMessage"];
export type ToServer = Schemas["ClientMessage"];
/** A message of one kind, with its `t`. */
type Told<T extends FromServer["t"]> = Extract<FromServer, { t: T }>;
type Said<T extends ToServer["t"]> = Extract<ToServer, { t: T }>;

export type Seat = Schemas["PersonInfo"];
export type You = Schemas["ViewerInfo"];
export type Tab = Schemas["TabInfo"];
export type Phase = Schemas["PhaseInfo"];
export type PageDialog = Omit<Told<"dialog">, "t">;
export type Choices = Omit<Told<"select">, "t">;
export type Editable = Omit<Told<"editable">, "t">;
export type Move = Said<"move">;
export type Wheel = Said<"wheel">;
export type Key = Said<"key">;

export interface Frame {
  seq: number;
  /** How old the picture was when it was sent, ms. */
  age: number;
  /** The driven page's size. */
  width: number;
  height: number;
  jpeg: Uint8Array<ArrayBuffer>;
}

/** Reads a binary message. Null when it is none this page knows: a newer server may send more kinds. */
export function readFrame(message: ArrayBuffer): Frame | null {
  if (message.byteLength <= FRAME.head) return null;
  const head = new DataView(message, 0, FRAME.head);
  const width = head.getUint16(12, true);
  const height = head.getUint16(14, true);
  if (head.getUint8(0) !== FRAME.kind || width === 0 || height === 0) return null;
  return {
    seq: head.getUint32(4, true),
    age: head.getUint32(8, true),
    width,
    height,
    jpeg: new Uint8Array(message, FRAME.head),
  };
}

/** Reads a text message. Null when it is none: what this page does not know is left alone. */
export function readMessage(text: string): FromServer | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && "t" in message && typeof message.t === "string"
      ? (message as FromServer)
      : null;
  } catch {
    return null;
  }
}

const CURSORS = new Set([
  "default",
  "none",
  "context-menu",
  "help",
  "pointer",
  "progress",
  "wait",
  "cell",
  "crosshair",
  "text",
  "vertical-text",
  "alias",
  "copy",
  "move",
  "no-drop",
  "not-allowed",
  "grab",
  "grabbing",
  "all-scroll",
  "col-resize",
  "row-resize",
  "n-resize",
  "e-resize",
  "s-resize",
  "w-resize",
  "ne-resize",
  "nw-resize",
  "se-resize",
  "sw-resize",
  "ew-resize",
  "ns-resize",
  "nesw-resize",
  "nwse-resize",
  "zoom-in",
  "zoom-out",
]);

/** A cursor's CSS name. A page may name anything, an image of its own among them, and may hide it: then it is the usual one. */
export function cursorFor(name: string): string {
  return CURSORS.has(name) && name !== "none" ? name : "default";
}
