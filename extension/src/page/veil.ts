// How a page draws an element: paled, blurred, masked. What stands in a style is all that is asked, so it can be tested without one.

/** What is paler is not seen. */
export const PALEST = 0.5;
/** Of a cover: what is paler hides nothing. */
export const THINNEST = 0.2;
/** A picture that is darker or lighter than so many times is one colour. */
const [DARKEST, BRIGHTEST] = [0.5, 3];
const SMALLEST_LETTER = 6;

/** The part of a style that says how it is drawn. */
export type Style = Pick<CSSStyleDeclaration, "opacity" | "filter" | "maskImage" | "mixBlendMode"> & {
  getPropertyValue(name: string): string;
};

/** How opaque a colour is, as browsers write it: `rgba(0, 0, 0, 0.5)`, `oklch(0.5 0.1 20 / 50%)`. */
export function alphaOf(colour: string): number {
  if (colour === "transparent") return 0;
  const read = /^rgba\([^)]*,\s*([\d.]+)\)$/.exec(colour)?.[1] ?? /\/\s*([\d.]+%?)\s*\)$/.exec(colour)?.[1];
  if (read === undefined) return 1;
  return read.endsWith("%") ? parseFloat(read) / 100 : parseFloat(read);
}

/** The functions of a filter with the number of each. A lone `url(…)` has none. */
function* functionsOf(filter: string): Generator<[string, number]> {
  for (const [, name = "", inner = ""] of filter.matchAll(/([\w-]+)\(((?:[^()]|\([^()]*\))*)\)/g)) {
    const number = parseFloat(inner);
    yield [name, inner.endsWith("%") ? number / 100 : number];
  }
}

const isSet = (value: string | undefined) => value !== undefined && value !== "" && !/^none(,\s*none)*$/.test(value);

/** Why nobody sees what is drawn in all of these styles, the innermost first. They add up, as they do on the screen. */
export function veilOf(styles: Iterable<Style>): string | undefined {
  const product = { opacity: 1, brightness: 1, contrast: 1 };
  let blur = 0;
  let hidden = false;
  for (const style of styles) {
    product.opacity *= parseFloat(style.opacity);
    for (const [name, amount] of functionsOf(style.filter)) {
      if (name === "opacity" || name === "brightness" || name === "contrast") product[name] *= amount;
      else if (name === "blur") blur += amount;
      // Half inverted, everything has one colour.
      else if (name === "invert") hidden ||= amount > 0.2 && amount < 0.8;
      else if (name === "url") hidden = true;
    }
    const masks = [style.maskImage, style.getPropertyValue("-webkit-mask-box-image-source")];
    hidden ||= masks.some(isSet) || (isSet(style.mixBlendMode) && style.mixBlendMode !== "normal");
  }
  if (!(product.opacity >= PALEST)) return "it is transparent";
  const far = [product.brightness, product.contrast].some((by) => by < DARKEST || by > BRIGHTEST);
  return hidden || far || blur > 1 ? "an effect of the page may hide it" : undefined;
}

/** Whether letters in that style could not be read: clear, or as small as dust. */
export const isUnreadable = (style: Pick<CSSStyleDeclaration, "color" | "webkitTextFillColor" | "fontSize">): boolean =>
  alphaOf(style.color) < PALEST ||
  (style.webkitTextFillColor !== "" && alphaOf(style.webkitTextFillColor) < PALEST) ||
  parseFloat(style.fontSize) < SMALLEST_LETTER;

/** Whether a ground hides what lies under it. */
export const hasGround = (
  style: Pick<CSSStyleDeclaration, "backgroundColor" | "backgroundImage" | "backdropFilter">,
): boolean => alphaOf(style.backgroundColor) > THINNEST || isSet(style.backgroundImage) || isSet(style.backdropFilter);

/** A shadow, in pixels. */
export interface Shadow {
  x: number;
  y: number;
  blur: number;
  spread: number;
  inset: boolean;
}

/** The shadows of a style that are dark enough to hide something: `rgb(0, 0, 0) 0px 0px 0px 9999px inset, …`. */
export function shadowsOf(text: string): Shadow[] {
  if (!isSet(text)) return [];
  // Commas within a colour part no shadows.
  return text.split(/,(?![^(]*\))/).flatMap((one) => {
    const colour = /(?:[\w-]+\([^)]*\))/.exec(one)?.[0] ?? "";
    const [x = 0, y = 0, blur = 0, spread = 0] = [...one.replace(colour, "").matchAll(/-?[\d.]+(?=px)/g)].map(Number);
    return alphaOf(colour) > THINNEST ? [{ x, y, blur, spread, inset: one.includes("inset") }] : [];
  });
}

/** Less than that beyond the box is a frame or a shade, and covers nothing. */
const FAR = 100;
/** Less than that within is a line around it. */
const LINE = 8;

/** The styles by which something is drawn beside its own box. */
export type Spread = Pick<
  CSSStyleDeclaration,
  "boxShadow" | "textShadow" | "filter" | "outlineStyle" | "outlineWidth" | "outlineOffset"
>;

/** How far a style draws beyond the box, as boxes that are shifted and grown; none where it is but a shade. */
export function reachesOf(style: Spread): { x: number; y: number; grown: number }[] {
  const { boxShadow, textShadow, filter, outlineStyle } = style;
  // Almost every element, and each of a page is asked.
  if ([boxShadow, textShadow, filter, outlineStyle].every((one) => one === "none")) return [];
  const dropped = [...style.filter.matchAll(/drop-shadow\(((?:[^()]|\([^()]*\))*)\)/g)].map(([, inner = ""]) => inner);
  const shadows = [style.boxShadow, style.textShadow, ...dropped].flatMap(shadowsOf).filter((one) => !one.inset);
  const reaches = shadows.map(({ x, y, blur, spread }) => ({ x, y, grown: spread + blur / 2 }));
  const outline = parseFloat(style.outlineWidth) + Math.max(0, parseFloat(style.outlineOffset) || 0);
  if (style.outlineStyle !== "none" && outline > 0) reaches.push({ x: 0, y: 0, grown: outline });
  return reaches.filter(({ x, y, grown }) => Math.max(Math.abs(x), Math.abs(y)) + grown >= FAR);
}

/** Whether a style draws lines so thick within its box that they hide something, wherever its ground is clear. */
export function hasThickLines(
  style: Pick<CSSStyleDeclaration, "boxShadow" | "outlineStyle" | "outlineWidth" | "outlineOffset">,
): boolean {
  const inner = shadowsOf(style.boxShadow).filter((one) => one.inset);
  const shade = inner.some(({ x, y, spread }) => Math.max(Math.abs(x), Math.abs(y)) + spread >= LINE);
  return shade || (style.outlineStyle !== "none" && parseFloat(style.outlineOffset) <= -LINE);
}
