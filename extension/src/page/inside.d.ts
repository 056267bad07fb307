/** The server's own script beside a document, as far as it looks (`crates/browser/src/inside/`); put together by `build.mjs`. */
declare module "countersign:inside" {
  /** Hands in shadow roots that scripts of the page cannot see. */
  export function adopt(frames: [string, Element][], roots: ShadowRoot[]): void;
  export function look(): { frame: import("../recognise/snapshot.ts").Frame };
  /** The element with that number, if it still is in the document. */
  export function elementOf(number: number): Element | null;
  /** The innermost element drawn at a point, through shadow roots. */
  export function topmost(x: number, y: number): Element | null;
  export function holds(outer: Node, inner: Node): boolean;
  /** The element around a node as it is drawn. */
  export function parentOf(node: Node): Element | null;
  export function boxOf(el: Element): DOMRect;
  /** Why nobody sees it, or null. */
  export function hiddenFor(el: Element, cache: Map<Element, unknown>): string | null;
}
