// Reads recordings: parts of entries one after the other, little endian: kind (1 byte), moment (4), length (4), payload.
import type { PartInfo } from "../api/sessions";
import { PART, type components } from "../api/wire";
import { plural, t } from "../language";

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

/** What somebody did with keys, by their kind; into a field for secrets, or elsewhere. */
const KEY_CLASSES: Record<Of<"keys">["class"], (who: string, secret: boolean) => string> = {
  text: (who, secret) => t(secret ? "{who} typed in a secret field" : "{who} typed", { who }),
  editing: (who, secret) => t(secret ? "{who} edited in a secret field" : "{who} edited", { who }),
  moving: (who, secret) => t(secret ? "{who} moved around in a secret field" : "{who} moved around", { who }),
  shortcut: (who, secret) => t(secret ? "{who} used shortcuts in a secret field" : "{who} used shortcuts", { who }),
  other: (who, secret) => t(secret ? "{who} pressed keys in a secret field" : "{who} pressed keys", { who }),
};
const TAB_ACTS: Record<Of<"tab">["act"], string> = {
  opened: t("A tab was opened"),
  closed: t("A tab was closed"),
  shown: t("Another tab was shown"),
  crashed: t("A tab crashed"),
};

const ENDS: Record<Of<"ended">["why"], string> = {
  person: t("Ended by the person who started it"),
  administrator: t("Ended by somebody else"),
  idle: t("Ended after inactivity"),
  clock: t("Ended at the time limit"),
  sign_in_failed: t("Ended: sign-in failed"),
  browser_gone: t("Ended: the browser crashed or was closed"),
  storage_full: t("Ended: no space left for the recording"),
  recording_failed: t("Ended: the recording failed"),
  node_lost: t("Ended: the server with its browser was lost"),
  change_went_on: t("Ended: its change resumed"),
  closing: t("Ended: the server shut down"),
};

/** A newer server may know more ends than this page. */
function endWords(why: Of<"ended">["why"] | undefined, startedBy: string): string {
  if (why === "person" && startedBy) return t("Ended by {who}", { who: startedBy });
  if (!why) return t("Ended##session");
  return ENDS[why] ?? t("Ended: {why}", { why: (why as string).replaceAll("_", " ") });
}

/** How many keys a secret has is not written down. */
const keyCount = (count: number | null | undefined) =>
  typeof count === "number" ? `: ${plural(count, "{count} key", "{count} keys")}` : "";
const somebody = (who: string | null | undefined) => who || t("Somebody");
const file = (name: string | undefined) => (name ? `“${name}”` : t("a file"));

function clickWords({ who, name, role }: Of<"click">): string {
  const clicked = name
    ? t("{who} clicked “{name}”", { who: somebody(who), name })
    : t("{who} clicked the page", { who: somebody(who) });
  return role ? `${clicked} (${role})` : clicked;
}

function frozenWords({ who, why }: Of<"frozen">): string {
  if (who) return t("{who} froze the session", { who });
  return why ? t("Frozen: {why}", { why }) : t("Frozen");
}

/** What happened, in words; `startedBy`: whose session it is. An older or newer server may have left a field out. */
export function happeningWords(what: Happening, startedBy = ""): string {
  const { kind } = what;
  const who = somebody("who" in what ? what.who : null);
  switch (what.kind) {
    case "address":
      return t("Opened {address}", { address: what.address ?? "" });
    case "click":
      return clickWords(what);
    case "keys":
      return (KEY_CLASSES[what.class] ?? KEY_CLASSES.other)(who, what.secret) + keyCount(what.count);
    case "paste":
      return plural(what.length ?? 0, "{who} pasted {count} character", "{who} pasted {count} characters", { who });
    case "copy":
      return plural(what.length ?? 0, "{who} copied {count} character", "{who} copied {count} characters", { who });
    case "upload":
      return plural(what.length ?? 0, "{who} uploaded {file}, {count} byte", "{who} uploaded {file}, {count} bytes", {
        who,
        file: file(what.name),
      });
    case "download":
      return plural(
        what.length ?? 0,
        "{who} downloaded {file}, {count} byte",
        "{who} downloaded {file}, {count} bytes",
        { who, file: file(what.name) },
      );
    case "control":
      return what.who ? t("{who} took control", { who }) : t("Control released");
    case "joined":
      return t("{who} joined", { who });
    case "left":
      return t("{who} left", { who });
    case "frozen":
      return frozenWords(what);
    case "thawed":
      return what.who ? t("{who} resumed the session", { who }) : t("Resumed");
    case "tab":
      return TAB_ACTS[what.act] ?? t("A tab changed");
    case "dialog":
      return what.accepted ? t("The page's dialog was accepted") : t("The page's dialog was dismissed");
    case "blocked":
      return t("Blocked from opening {origin}", { origin: what.origin ?? "" });
    case "ended":
      return endWords(what.why, startedBy);
    default:
      // Of a newer server.
      return (kind as string).replaceAll("_", " ");
  }
}
