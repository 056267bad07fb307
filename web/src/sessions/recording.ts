// Reads recordings: parts of entries one after the other, little endian: kind (1 byte), moment (4), length (4), payload.
import type { PartInfo } from "../api/sessions";
import { PART, type components } from "../api/wire";

/** What happened, as it was written down. Fields differ by kind. */
export type Happening = components["schemas"]["RecordingEvent"];
type Of<Kind extends Happening["kind"]> = Extract<Happening, { kind: Kind }>;
/** A picture to draw: the whole (`key`, its size), or what changed at a place. Pixels. */
export interface Drawing {
  at: number;
  key: boolean;
  /** Of a key frame the size, of a change the place. */
  x: number;
  y: number;
  jpeg: Uint8Array<ArrayBuffer>;
}
export interface Moment {
  at: number;
  what: Happening;
}
export interface Part {
  drawings: Drawing[];
  moments: Moment[];
  /** It breaks off in the middle of an entry, or holds one that cannot be read; what came before is good. */
  damaged: boolean;
}

export function readPart(bytes: Uint8Array<ArrayBuffer>): Part {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const part: Part = { drawings: [], moments: [], damaged: false };
  let place = 0;
  while (place < bytes.length) {
    if (place + PART.head > bytes.length) return { ...part, damaged: true };
    const kind = view.getUint8(place);
    const at = view.getUint32(place + 1, true);
    const length = view.getUint32(place + 5, true);
    const from = place + PART.head;
    if (from + length > bytes.length) return { ...part, damaged: true };
    if ((kind === PART.whole || kind === PART.change) && length > 4) {
      part.drawings.push({
        at,
        key: kind === PART.whole,
        x: view.getUint16(from, true),
        y: view.getUint16(from + 2, true),
        jpeg: bytes.subarray(from + 4, from + length),
      });
    } else if (kind === PART.event) {
      const what = readEvent(bytes.subarray(from, from + length));
      if (what) part.moments.push({ at, what });
      else part.damaged = true;
    }
    // Kinds of a newer server are passed over.
    place = from + length;
  }
  return part;
}

function readEvent(bytes: Uint8Array): Happening | null {
  try {
    const what: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof what === "object" && what !== null && "kind" in what && typeof what.kind === "string"
      ? (what as Happening)
      : null;
  } catch {
    return null;
  }
}

/** The parts to play through to show the moment `at`: from the latest one that begins whole. Parts are in order. */
export function partsFor(parts: readonly PartInfo[], at: number): PartInfo[] {
  const until = parts.filter((part) => part.from_ms <= at);
  const whole = until.findLastIndex((part) => part.key);
  return until.slice(Math.max(0, whole));
}

/** Of these drawings, in order, the ones that make up the picture at `at`: the last whole one and what changed since. */
export function drawingsFor(drawings: readonly Drawing[], at: number): Drawing[] {
  const end = drawings.findLastIndex((drawing) => drawing.at <= at) + 1;
  const whole = drawings.slice(0, end).findLastIndex((drawing) => drawing.key);
  return drawings.slice(Math.max(0, whole), end);
}

/** Numbers that should be there between the first and the last part and are not. */
export function missingParts(parts: readonly PartInfo[]): number[] {
  const missing: number[] = [];
  let next = parts[0] ? Math.min(parts[0].seq, 1) : 0;
  for (const part of parts) {
    for (; next < part.seq; next++) missing.push(next);
    next = part.seq + 1;
  }
  return missing;
}

const KEY_CLASSES: Record<Of<"keys">["class"], string> = {
  text: "typed",
  editing: "edited",
  moving: "moved around",
  shortcut: "used shortcuts",
  other: "pressed keys",
};
const TAB_ACTS: Record<Of<"tab">["act"], string> = {
  opened: "A tab was opened",
  closed: "A tab was closed",
  shown: "Another tab was shown",
  crashed: "A tab crashed",
};

const ENDS: Record<Of<"ended">["why"], string> = {
  person: "Ended by the person who started it",
  administrator: "Ended by somebody else",
  idle: "Ended after inactivity",
  clock: "Ended at the time limit",
  sign_in_failed: "Ended: sign-in failed",
  browser_gone: "Ended: the browser crashed or was closed",
  storage_full: "Ended: no space left for the recording",
  recording_failed: "Ended: the recording failed",
  node_lost: "Ended: the server with its browser was lost",
  change_went_on: "Ended: its change resumed",
  closing: "Ended: the server shut down",
};

/** A newer server may know more ends than this page. */
const endWords = (why: Of<"ended">["why"] | undefined, startedBy: string) =>
  why === "person" && startedBy
    ? `Ended by ${startedBy}`
    : why
      ? (ENDS[why] ?? `Ended: ${why.replaceAll("_", " ")}`)
      : "Ended";

const amount = (length: number | undefined, unit: string) => `${(length ?? 0).toLocaleString("en-GB")} ${unit}`;
/** How many keys a secret has is not written down. */
const keyCount = (count: number | null | undefined) =>
  typeof count === "number" ? `: ${count} ${count === 1 ? "key" : "keys"}` : "";
const somebody = (who: string | null | undefined) => who || "Somebody";
const file = (name: string | undefined) => (name ? `“${name}”` : "a file");

/** What happened, in words; `startedBy`: whose session it is. An older or newer server may have left a field out. */
export function happeningWords(what: Happening, startedBy = ""): string {
  const { kind } = what;
  switch (what.kind) {
    case "address":
      return `Opened ${what.address ?? ""}`;
    case "click":
      return `${somebody(what.who)} clicked ${what.name ? `“${what.name}”` : "the page"}${what.role ? ` (${what.role})` : ""}`;
    case "keys":
      return `${somebody(what.who)} ${KEY_CLASSES[what.class] ?? KEY_CLASSES.other}${what.secret ? " in a secret field" : ""}${keyCount(what.count)}`;
    case "paste":
      return `${somebody(what.who)} pasted ${amount(what.length, "characters")}`;
    case "copy":
      return `${somebody(what.who)} copied ${amount(what.length, "characters")}`;
    case "upload":
      return `${somebody(what.who)} uploaded ${file(what.name)}, ${amount(what.length, "bytes")}`;
    case "download":
      return `${somebody(null)} downloaded ${file(what.name)}, ${amount(what.length, "bytes")}`;
    case "control":
      return what.who ? `${what.who} took control` : "Control released";
    case "joined":
      return `${somebody(what.who)} joined`;
    case "left":
      return `${somebody(what.who)} left`;
    case "frozen":
      return what.who ? `${what.who} froze the session` : `Frozen${what.why ? `: ${what.why}` : ""}`;
    case "thawed":
      return what.who ? `${what.who} resumed the session` : "Resumed";
    case "tab":
      return TAB_ACTS[what.act] ?? "A tab changed";
    case "dialog":
      return `The page's dialog was ${what.accepted ? "accepted" : "dismissed"}`;
    case "blocked":
      return `Blocked from opening ${what.origin ?? ""}`;
    case "ended":
      return endWords(what.why, startedBy);
    default:
      // Of a newer server.
      return (kind as string).replaceAll("_", " ");
  }
}
