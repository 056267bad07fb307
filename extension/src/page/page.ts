// What is put into a page, when its person asks for it: it looks what can be filled in, and fills it in. It lives in a world of its
// own that no script of the page sees, draws nothing, and goes with the document.
import { adopt, boxOf, elementOf, hiddenFor, look, parentOf } from "countersign:inside";
import { decide, type Decision } from "../recognise/decide.ts";
import type { Frame } from "../recognise/snapshot.ts";
import { meetShadows } from "./plain.ts";
import { perilAround, watch } from "./sending.ts";
import { REFUSED } from "./sent.ts";
import { coverOf, sizeOf, unreached, veil } from "./sight.ts";
import type { Filled, Found, PageTools, Part, Secrets } from "./told.ts";
import { isUnreadable } from "./veil.ts";

/** Less wide or high is nothing that a person types into; the boxes for one digit are the smallest. */
const NARROWEST = 16;
const LOWEST = 12;
/** Fewer boxes are not drawn in a line's place. */
const FEWEST_BOXES = 3;

/** Whether this document, and every one around it, is of that origin. A sandboxed one is of none. */
function belongs(origin: string): boolean {
  if (self.origin !== origin) return false;
  try {
    for (let one: Window = self; one !== one.parent; one = one.parent) {
      if ((one.parent as Window & { origin: string }).origin !== origin) return false;
    }
    return true;
  } catch {
    // One around it belongs to somebody else.
    return false;
  }
}

const TYPES: Record<Part, RegExp> = {
  username: /^(text|email|tel|url)$/,
  password: /^password$/,
  token: /^(text|tel|number|password)$/,
};

/** How a field is looked at: as it can be pressed, or as it is drawn, while nothing lets the pointer through (`fill.ts`). */
type Sight = "pressed" | "drawn";

/** Why a part is not typed into that element; `undefined` where it may be. `boxed`: boxes are drawn in its place. */
function unfit(el: Element | null, part: Part, boxed: boolean, sight: Sight): string | undefined {
  if (!(el instanceof HTMLInputElement) || !el.isConnected) return "it is gone";
  if (!TYPES[part].test(el.type)) return part === "password" ? "it is no password field" : "it takes something else";
  if (el.disabled || el.readOnly) return "it takes no text";
  let box = boxOf(el);
  const middle = () => [(box.left + box.right) / 2, (box.top + box.bottom) / 2] as const;
  const isAway = ([x, y]: readonly [number, number]) => x < 0 || y < 0 || x >= innerWidth || y >= innerHeight;
  if (isAway(middle())) {
    el.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    box = boxOf(el);
  }
  const { width, height } = sizeOf(el);
  if (Math.min(box.width, width) < NARROWEST || Math.min(box.height, height) < LOWEST)
    return "it is too small to be seen";
  if (isAway(middle())) return "it lies outside of the window";
  const covered = sight === "pressed" ? unreached : coverOf;
  // A line for a token is often unseen, over boxes that are drawn in its place.
  if (boxed && part === "token") {
    const block = blockOfBoxes(el);
    return veil(block) ?? covered(el, block);
  }
  if (hiddenFor(el, new Map())) return "it cannot be seen";
  if (isUnreadable(getComputedStyle(el))) return "what is typed there cannot be seen";
  return veil(el) ?? covered(el);
}

/** The innermost block around a line that holds the boxes drawn in its place; the script of the server looks no further. */
function blockOfBoxes(el: Element): Element {
  const line = boxOf(el);
  const isWithin = (one: Element) => {
    const { left, top, width, height } = boxOf(one);
    const [x, y] = [left + width / 2, top + height / 2];
    return one !== el && width > 0 && x > line.left && x < line.right && y > line.top && y < line.bottom;
  };
  let block: Element | null = el;
  for (let up = 0; up < 3 && block; up++) {
    block = parentOf(block);
    if (block && [...block.querySelectorAll("*")].filter(isWithin).length >= FEWEST_BOXES) return block;
  }
  return el;
}

/** Why a secret is not typed into the form around a field. `origins`: where it may be sent, as far as that is known. */
function unsafe(el: Element | null, part: Part, origins?: readonly string[]): string | undefined {
  if (part === "username" || !(el instanceof HTMLInputElement)) return undefined;
  const peril = perilAround(el, origins);
  return peril && REFUSED[peril];
}

const PARTS: readonly Part[] = ["username", "password", "token"];

interface Place {
  part: Part;
  /** One, or one for each digit. */
  boxes: number[];
}

const placesOf = ({ username, password, token }: Decision): Place[] => [
  ...(username === undefined ? [] : [{ part: "username" as const, boxes: [username] }]),
  ...(password === undefined ? [] : [{ part: "password" as const, boxes: [password] }]),
  ...(token.length === 0 ? [] : [{ part: "token" as const, boxes: token }]),
];

/** Why a box of a place is not typed into. */
function problemOf(place: Place, number: number, { frame, sight, origins }: Look): string | undefined {
  const el = elementOf(number);
  return unfit(el, place.part, isBoxed(frame, place), sight) ?? unsafe(el, place.part, origins);
}

/** What has been looked at, and how. */
interface Look {
  frame: Frame;
  sight: Sight;
  /** Where a form may be sent. */
  origins: readonly string[];
}

const isBoxed = (frame: Frame, { boxes: [first] }: Place): boolean => {
  const field = frame.fields?.find((one) => one.node === first);
  return (field?.drawn_boxes ?? 0) > 0 && field?.covered !== true;
};

/** Looks at the document as it is drawn, closed shadow trees too. */
function lookAt(): { frame: Frame; places: Place[] } {
  adopt([], meetShadows());
  const { frame } = look();
  return { frame, places: placesOf(decide(frame)) };
}

/** The browser's own way to read and set a value, which no page has put something else in the place of. */
const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");

/** Puts a text into a line, with the events that pages listen to; says so where the line does not take it as it is. */
function put(el: HTMLInputElement, text: string): string | undefined {
  const before = value?.get?.call(el) as string;
  value?.set?.call(el, text);
  if (value?.get?.call(el) !== text) {
    value?.set?.call(el, before);
    return "it takes other characters";
  }
  const common = { bubbles: true, composed: true };
  el.dispatchEvent(new InputEvent("input", { ...common, inputType: "insertText", data: text }));
  el.dispatchEvent(new KeyboardEvent("keyup", common));
  el.dispatchEvent(new Event("change", { bubbles: true }));
  return undefined;
}

const CHANGED = "the page has changed meanwhile";
const LATE = "the page was busy for too long";

/** How it is typed: where a form may be sent, and until when, in milliseconds since 1970. */
interface Terms {
  sight: Sight;
  origins: readonly string[];
  until: number;
}

/** Types into one place; says why it could not. */
function type({ part, boxes }: Place, text: string, { sight, origins, until }: Terms): string | undefined {
  const pieces = boxes.length === 1 ? [text] : [...text];
  if (pieces.length !== boxes.length) return "there are more or fewer boxes than digits";
  let look: Look | undefined;
  for (const [at, number] of boxes.entries()) {
    const el = elementOf(number);
    if (!(el instanceof HTMLInputElement)) return CHANGED;
    // Scripts of the page run here, and in what is told them of the box before. So everything is looked at after it, what the
    // field is as well as where, and nothing of the page runs between that and the text.
    el.focus({ preventScroll: true });
    if (Date.now() > until) return LATE;
    if (look) {
      meetShadows();
    } else {
      const { frame, places } = lookAt();
      look = { frame, sight, origins };
      if (places.find((one) => one.part === part)?.boxes.join() !== boxes.join()) return CHANGED;
    }
    const why = problemOf({ part, boxes }, number, look);
    if (why) return why;
    const piece = pieces[at] ?? "";
    if (el.maxLength >= 0 && piece.length > el.maxLength) return `it takes ${el.maxLength} characters at most`;
    // Before the events of its text, in which a page may send the form.
    if (part !== "username") watch(el, origins);
    const not = part === "username" && el.value === piece ? undefined : put(el, piece);
    if (not) return not;
  }
  return undefined;
}

const tools: PageTools = {
  find(origin: string, sight: Sight): Found {
    if (!belongs(origin)) return { foreign: true, parts: [], refused: [] };
    const { frame, places } = lookAt();
    const found: Found = { foreign: false, parts: [], refused: [] };
    for (const place of places) {
      const el = elementOf(place.boxes[0] ?? 0);
      // Which other origins are the site's own is known only with the secrets, and looked at then.
      const why = unfit(el, place.part, isBoxed(frame, place), sight) ?? unsafe(el, place.part);
      if (why) found.refused.push([place.part, why]);
      else found.parts.push(place.part);
    }
    return found;
  },

  fill(origin: string, origins: string[], secrets: Secrets, until: number): Filled {
    const filled: Filled = { parts: [], refused: [] };
    for (const part of PARTS) {
      const text = secrets[part];
      if (text === undefined) continue;
      // Anew for each, since a page answers to what is typed.
      const place = belongs(origin) ? lookAt().places.find((one) => one.part === part) : undefined;
      const terms: Terms = { sight: "drawn", origins: [...origins, origin], until };
      const why = text === "" ? "it is empty" : place ? type(place, text, terms) : CHANGED;
      if (why) filled.refused.push([part, why]);
      else filled.parts.push(part);
    }
    return filled;
  },
};

globalThis.countersignTools = tools;
