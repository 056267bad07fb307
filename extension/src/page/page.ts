// What is put into a page, when its person asks for it: it looks what can be filled in, and fills it in. It lives in a world of its
// own that no script of the page sees, draws nothing, and goes with the document.
import { boxOf, elementOf, hiddenFor, look, parentOf, topmost } from "countersign:inside";
import { decide, type Decision } from "../recognise/decide.ts";
import type { Frame } from "../recognise/snapshot.ts";
import type { Filled, Found, PageTools, Part, Secrets } from "./told.ts";

/** Less wide or high is nothing that a person types into; the boxes for one digit are the smallest. */
const NARROWEST = 16;
const LOWEST = 12;
/** What is paler is not seen. */
const PALEST = 0.5;

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

/** Why nobody sees what stands at that element, by what the elements around do to it. */
function paleness(el: Element): string | undefined {
  let opacity = 1;
  for (let one: Element | null = el; one; one = parentOf(one)) {
    const style = getComputedStyle(one);
    opacity *= parseFloat(style.opacity);
    if (/opacity\(/.test(style.filter)) return "it is transparent";
  }
  return opacity < PALEST ? "it is transparent" : undefined;
}

/** Whether the frames around this document show it at that point of it. */
function framesShow(x: number, y: number): boolean {
  let [across, down] = [x, y];
  for (let one: Window = self; one !== one.parent; one = one.parent) {
    const frame = one.frameElement;
    const root = frame?.getRootNode();
    if (!frame || !(root && "elementFromPoint" in root)) return false;
    const box = frame.getBoundingClientRect();
    across += box.left + frame.clientLeft;
    down += box.top + frame.clientTop;
    const style = one.parent as Window & typeof globalThis;
    let opacity = 1;
    for (let around: Element | null = frame; around; around = around.parentElement) {
      opacity *= parseFloat(style.getComputedStyle(around).opacity);
    }
    if (opacity < PALEST || (root as Document).elementFromPoint(across, down) !== frame) return false;
  }
  return true;
}

const TYPES: Record<Part, RegExp> = {
  username: /^(text|email|tel|url)$/,
  password: /^password$/,
  token: /^(text|tel|number|password)$/,
};

/** Why a part is not typed into that element; `undefined` where it may be. `drawn`: boxes are drawn in its place. */
function unfit(el: Element | null, part: Part, drawn: boolean): string | undefined {
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
  if (box.width < NARROWEST || box.height < LOWEST) return "it is too small to be seen";
  const point = middle();
  if (isAway(point)) return "it lies outside of the window";
  if (!framesShow(...point)) return "its frame cannot be seen there";
  // A line for a token is often unseen, over boxes that are drawn in its place; what lies over them has been looked at.
  if (drawn && part === "token") return undefined;
  if (hiddenFor(el, new Map())) return "it cannot be seen";
  const pale = paleness(el);
  if (pale) return pale;
  return topmost(...point) === el ? undefined : "something lies over it";
}

/** Why a secret is not typed into a form that is sent elsewhere. */
function sentElsewhere(el: HTMLInputElement, origins: readonly string[]): string | undefined {
  const { form } = el;
  if (!form) return undefined;
  const get = (one: Element, name: string) => Element.prototype.getAttribute.call(one, name);
  const targets = [get(form, "action")];
  const root = form.getRootNode() as Document | ShadowRoot;
  for (const one of root.querySelectorAll<HTMLButtonElement | HTMLInputElement>("button, input")) {
    if (one.form === form) targets.push(get(one, "formaction"));
  }
  const isElsewhere = (target: string | null) => {
    if (!target || /^\s*javascript:/i.test(target)) return false;
    const url = URL.parse(target, document.baseURI);
    return !url || !origins.includes(url.origin);
  };
  return targets.some(isElsewhere) ? "its form is sent to another site" : undefined;
}

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

/** Why a place is not filled in. */
function problemOf({ part, boxes }: Place, frame: Frame, origins: readonly string[]): string | undefined {
  for (const number of boxes) {
    const field = frame.fields?.find((one) => one.node === number);
    const el = elementOf(number);
    const drawn = (field?.drawn_boxes ?? 0) > 0 && field?.covered !== true;
    const why =
      unfit(el, part, drawn) ?? (part === "username" ? undefined : sentElsewhere(el as HTMLInputElement, origins));
    if (why) return why;
  }
  return undefined;
}

/** The browser's own way to set a value, which no page has put something else in the place of. */
const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");

/** Puts a text into a line as one who types does: the keyboard first, then the text with the events that pages listen to. */
function put(el: HTMLInputElement, text: string): void {
  el.focus({ preventScroll: true });
  value?.set?.call(el, text);
  const common = { bubbles: true, composed: true };
  el.dispatchEvent(new InputEvent("input", { ...common, inputType: "insertText", data: text }));
  el.dispatchEvent(new KeyboardEvent("keyup", common));
  el.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Types into one place; says why it could not. Each box is looked at again in the step that types into it. */
function type(place: Place, text: string, frame: Frame, origins: readonly string[]): string | undefined {
  const { part, boxes } = place;
  const pieces = boxes.length === 1 ? [text] : [...text];
  if (pieces.length !== boxes.length) return "there are more or fewer boxes than digits";
  for (const [at, number] of boxes.entries()) {
    const why = problemOf({ part, boxes: [number] }, frame, origins);
    if (why) return why;
    const el = elementOf(number) as HTMLInputElement;
    const piece = pieces[at] ?? "";
    if (el.maxLength >= 0 && piece.length > el.maxLength) return `it takes ${el.maxLength} characters at most`;
    if (el.value !== piece || part !== "username") put(el, piece);
  }
  return undefined;
}

const tools: PageTools = {
  find(origin: string): Found {
    if (!belongs(origin)) return { foreign: true, parts: [], refused: [] };
    const { frame } = look();
    const found: Found = { foreign: false, parts: [], refused: [] };
    for (const place of placesOf(decide(frame))) {
      // Which other origins are the site's own is known only with the secrets, and looked at then.
      const why = unfit(elementOf(place.boxes[0] ?? 0), place.part, isDrawn(frame, place));
      if (why) found.refused.push([place.part, why]);
      else found.parts.push(place.part);
    }
    return found;
  },

  fill(origin: string, origins: string[], secrets: Secrets): Filled {
    const filled: Filled = { parts: [], refused: [] };
    if (!belongs(origin)) return { parts: [], refused: [["password", "the page has changed meanwhile"]] };
    const { frame } = look();
    for (const place of placesOf(decide(frame))) {
      const text = secrets[place.part];
      if (text === undefined) continue;
      const why = type(place, text, frame, [...origins, origin]);
      if (why) filled.refused.push([place.part, why]);
      else filled.parts.push(place.part);
    }
    return filled;
  },
};

const isDrawn = (frame: Frame, { boxes: [first] }: Place): boolean => {
  const field = frame.fields?.find((one) => one.node === first);
  return (field?.drawn_boxes ?? 0) > 0 && field?.covered !== true;
};

globalThis.countersignTools = tools;
