// Whether a person sees a field: at enough points of it nothing is drawn over it, in its document and in those around it.
import {
  attribute,
  boxOf,
  chain,
  childrenIn,
  documentOf,
  everything,
  holds,
  is,
  isShadow,
  kindOf,
  removeAttribute,
  rootAround,
  seenFrom,
  setAttribute,
  shadowOf,
  styleOf,
  tagOf,
  windowOf,
  type Root,
} from "./plain.ts";
import { alphaOf, hasGround, hasThickLines, reachesOf, THINNEST, veilOf, type Style } from "./veil.ts";

type Point = readonly [x: number, y: number];

function* stylesAround(el: Element): Generator<Style> {
  for (const one of chain(el)) yield styleOf(one);
}

/** Why nobody sees what is drawn at that element, by what it and the elements around do to it. */
export const veil = (el: Element): string | undefined => veilOf(stylesAround(el));

const PICTURES =
  /^(img|video|canvas|iframe|frame|embed|object|svg|path|rect|circle|image|use|input|select|textarea|button|progress|meter)$/;
/** Letters that are blocks of colour. */
const BLOCKS = /[\u2500-\u25ff\u2b00-\u2bff\ue000-\uf8ff]/;

/** Whether an element draws something over what lies under it at a point of its box; what is within it is asked by itself. */
function draws(el: Element, [x, y]: Point): boolean {
  let opacity = 1;
  for (const style of stylesAround(el)) opacity *= parseFloat(style.opacity);
  if (opacity <= THINNEST) return false;
  const style = styleOf(el);
  if (hasGround(style) || hasThickLines(style) || PICTURES.test(tagOf(el))) return true;
  const letters = [...childrenIn(el)].filter((node) => kindOf(node) === Node.TEXT_NODE);
  if (letters.some((node) => BLOCKS.test(node.nodeValue ?? ""))) return true;
  const box = boxOf(el);
  const width = (side: "Left" | "Right" | "Top" | "Bottom") =>
    alphaOf(style[`border${side}Color`]) > THINNEST ? parseFloat(style[`border${side}Width`]) : 0;
  const inLine =
    (x >= box.left && x < box.left + width("Left")) ||
    (x <= box.right && x > box.right - width("Right")) ||
    (y >= box.top && y < box.top + width("Top")) ||
    (y <= box.bottom && y > box.bottom - width("Bottom"));
  return inLine || ["::before", "::after", "::backdrop"].some((pseudo) => drawsBeside(el, pseudo));
}

/** Whether something that a style adds to an element has a ground. */
function drawsBeside(el: Element, pseudo: string): boolean {
  const style = styleOf(el, pseudo);
  const isThere =
    pseudo === "::backdrop" ? is(el, ":popover-open, :modal") : /^(?!none$|normal$|$)/.test(style.content);
  const small = parseFloat(style.width) < 16 || parseFloat(style.height) < 12;
  return (
    isThere && !small && parseFloat(style.opacity) > THINNEST && style.visibility === "visible" && hasGround(style)
  );
}

/** What is looked for: an element, or the block of which any part counts as it. */
interface Wanted {
  el: Element;
  block?: Element | undefined;
}

/** Whether something within a root is drawn over an element at a point. `true` also where the element is not there at all. */
function isOver(root: Root, wanted: Wanted, point: Point): boolean {
  const { el, block } = wanted;
  const [target, own] = [seenFrom(el, root), rootAround(el)];
  const list = root.elementsFromPoint(...point);
  const isWanted = (one: Element) => one === target || (block !== undefined && holds(block, one));
  // A host stands there for all that is drawn within it, so it may do so more than once.
  const place = root === own ? list.findIndex(isWanted) : list.findLastIndex(isWanted);
  if (place < 0 && rootAround(target) === root) return true;
  return list.slice(0, place < 0 ? undefined : place).some((one) => {
    // Within something that lies over it, what stands outside has been asked already; what is within the host, from within.
    if (root !== own && (rootAround(one) !== root || one === target)) return false;
    const inner = shadowOf(one);
    return draws(one, point) || (inner !== null && inner !== own && isOver(inner, wanted, point));
  });
}

/** The roots around an element, the innermost first. */
function* rootsAround(el: Element): Generator<Root> {
  let root = rootAround(el);
  for (; isShadow(root); root = rootAround(root.host)) yield root;
  yield root;
}

/**
 * Whether something is drawn over an element at a point. Asked for a point, a shadow root in Chromium tells of what lies there in all
 * trees, and in Firefox of its own elements alone: then the trees around it are asked too.
 */
function isCovered(wanted: Wanted, point: Point): boolean {
  for (const root of rootsAround(wanted.el)) {
    if (isOver(root, wanted, point)) return true;
    if (root.elementsFromPoint(...point).some((one) => rootAround(one) !== root)) return false;
  }
  return false;
}

const contains = (box: DOMRect, [x, y]: Point, { x: dx, y: dy, grown } = { x: 0, y: 0, grown: 0 }) =>
  x >= box.left + dx - grown &&
  x <= box.right + dx + grown &&
  y >= box.top + dy - grown &&
  y <= box.bottom + dy + grown;

/** Whether something that no search by point finds lies over an element: far shadows, and popovers that a dialog has cut off. */
function isShaded(el: Element, point: Point): boolean {
  const modal = [...chain(el)].some((one) => is(one, ":modal"));
  for (const one of everything(documentOf(el))) {
    const reaches = reachesOf(styleOf(one));
    const popover = is(one, ":popover-open");
    if ((reaches.length === 0 && !popover) || holds(one, el) || holds(el, one)) continue;
    const box = boxOf(one);
    // What is behind a dialog cannot be pressed, and may be drawn before it; neither can be told of what is behind a popover.
    if (popover && ((modal && contains(box, point)) || drawsBeside(one, "::backdrop"))) return true;
    if (reaches.some((reach) => contains(box, point, reach)) && !veil(one)) return true;
  }
  return false;
}

const FOUND = "pointer-events: auto !important; transition-behavior: normal !important; interactivity: auto !important";

/** Lets a search by point find what it leaves out: what is inert, and what lets the pointer through within a shadow tree, where
 * the person's style does not reach. Gives what undoes it. */
function* bared(one: Element, el: Element, points: readonly Point[]): Generator<() => void> {
  const inert = attribute(one, "inert");
  if (inert !== null && !holds(one, el)) {
    removeAttribute(one, "inert");
    yield () => setAttribute(one, "inert", inert);
  }
  const root = shadowOf(one);
  if (root) {
    const before = [...root.adoptedStyleSheets];
    const sheet = new (windowOf(one).CSSStyleSheet)();
    sheet.replaceSync(`::before, ::after { ${FOUND} }`);
    root.adoptedStyleSheets = [...before, sheet];
    yield () => (root.adoptedStyleSheets = before);
  }
  if (!isShadow(rootAround(one)) || styleOf(one).pointerEvents !== "none") return;
  const box = boxOf(one);
  if (points.some((at) => contains(box, at))) {
    const style = attribute(one, "style");
    const { style: own } = one as HTMLElement;
    for (const part of FOUND.split("; "))
      own.setProperty(part.split(":")[0] ?? "", part.split(/: | !/)[1] ?? "", "important");
    yield () => (style === null ? removeAttribute(one, "style") : setAttribute(one, "style", style));
  }
}

/** Looks while a search by point finds all that is drawn. It is undone within the same step, so no script of the page runs with it. */
function laidBare<T>({ el, points }: Step, look: () => T): T {
  const undo: (() => void)[] = [];
  try {
    for (const one of everything(documentOf(el))) undo.push(...bared(one, el, points));
    return look();
  } finally {
    for (const one of undo.reverse()) one();
  }
}

interface Step {
  el: Element;
  points: Point[];
}

/** An element and the frames around it, each with the points of the element as they are in its document. */
function steps(el: Element, points: Point[]): Step[] {
  const all: Step[] = [{ el, points }];
  for (let one: Window = self; one !== one.parent; one = one.parent) {
    const frame = one.frameElement as HTMLElement | null;
    if (!frame) break;
    const [box, style] = [boxOf(frame), styleOf(frame)];
    const [across, down] = [box.width / (frame.offsetWidth || 1), box.height / (frame.offsetHeight || 1)];
    const left = frame.clientLeft + parseFloat(style.paddingLeft);
    const top = frame.clientTop + parseFloat(style.paddingTop);
    const move = ([x, y]: Point) => [box.left + (x + left) * across, box.top + (y + top) * down] as const;
    all.push({ el: frame, points: (all.at(-1)?.points ?? []).map(move) });
  }
  return all;
}

/** How an element that is seen through frames is drawn at last, in pixels of the outermost window. */
export function sizeOf(el: Element): { width: number; height: number } {
  const { left, top, right, bottom } = boxOf(el);
  const corners = steps(el, [
    [left, top],
    [right, bottom],
  ]).at(-1)?.points ?? [[0, 0]];
  const [[x = 0, y = 0] = [], [toX = 0, toY = 0] = []] = corners as [Point?, Point?];
  return { width: toX - x, height: toY - y };
}

const COLUMNS = [0.5, 0.1, 0.3, 0.7, 0.9];
const ROWS = [0.5, 0.3, 0.7];
/** Of the points of a field, so many are seen at least: a button or a sign within it may take the rest. */
const ENOUGH = 0.6;

const whyAt = (level: number) => (level === 0 ? "something lies over it" : "its frame cannot be seen there");

/** Why a press on the middle of an element does not reach it. `block`: where a press on any part of that counts. */
export function unreached(el: Element, block?: Element): string | undefined {
  const box = boxOf(el);
  const all = steps(el, [[box.left + box.width / 2, box.top + box.height / 2]]);
  for (const [level, step] of all.entries()) {
    for (const root of rootsAround(step.el)) {
      const hit = root.elementFromPoint(...(step.points[0] ?? [0, 0]));
      if (hit !== seenFrom(step.el, root) && !(level === 0 && block && hit && holds(block, hit))) return whyAt(level);
    }
  }
  return undefined;
}

/**
 * Why nobody sees an element, by what lies over it and over the frames around it; to be asked while nothing lets the pointer
 * through. `block`: as with `unreached`.
 */
export function coverOf(el: Element, block?: Element): string | undefined {
  const box = boxOf(el);
  const points = ROWS.flatMap((row) =>
    COLUMNS.map((column): Point => [box.left + box.width * column, box.top + box.height * row]),
  );
  const seen = points.map(() => true);
  for (const [level, step] of steps(el, points).entries()) {
    if (level > 0 && veil(step.el)) return whyAt(level);
    const wanted = { el: step.el, block: level === 0 ? block : undefined };
    laidBare(step, () => {
      for (const [place, point] of step.points.entries())
        if (seen[place] && isCovered(wanted, point)) seen[place] = false;
    });
    const share = seen.filter(Boolean).length / seen.length;
    if (!seen[0] || share < ENOUGH || isShaded(step.el, step.points[0] ?? [0, 0])) return whyAt(level);
  }
  return undefined;
}
