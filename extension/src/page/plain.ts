// Elements as the browser knows them. A field gives its name to a property of its form, in this world too: an input called
// `parentNode` or `matches` stands in the place of what a script means. So everything is read through the prototypes.

function reader<T>(prototype: object, name: string): (of: Node) => T {
  const property = Object.getOwnPropertyDescriptor(prototype, name);
  return (of) => property?.get?.call(of) as T;
}

export type Root = Document | ShadowRoot;

export const parentIn = reader<Node | null>(Node.prototype, "parentNode");
export const childrenIn = reader<NodeListOf<ChildNode>>(Node.prototype, "childNodes");
export const kindOf = reader<number>(Node.prototype, "nodeType");
export const documentOf = reader<Document>(Node.prototype, "ownerDocument");
export const tagOf = reader<string>(Element.prototype, "localName");
const openRoot = reader<ShadowRoot | null>(Element.prototype, "shadowRoot");

export const rootAround = (node: Node): Root => Node.prototype.getRootNode.call(node) as Root;
export const boxOf = (el: Element): DOMRect => Element.prototype.getBoundingClientRect.call(el);
export const attribute = (el: Element, name: string): string | null => Element.prototype.getAttribute.call(el, name);
export const setAttribute = (el: Element, name: string, value: string): void =>
  Element.prototype.setAttribute.call(el, name, value);
export const removeAttribute = (el: Element, name: string): void => Element.prototype.removeAttribute.call(el, name);
export const is = (el: Element, selector: string): boolean => Element.prototype.matches.call(el, selector);

// Elements of the documents around are of other realms: none is asked for its class, only for its kind of node.
export const isElement = (node: Node | null): node is Element => node !== null && kindOf(node) === Node.ELEMENT_NODE;
export const isShadow = (node: Node): node is ShadowRoot => kindOf(node) === Node.DOCUMENT_FRAGMENT_NODE;

export const windowOf = (el: Element): Window & typeof globalThis => documentOf(el).defaultView ?? window;
export const styleOf = (el: Element, pseudo?: string): CSSStyleDeclaration => windowOf(el).getComputedStyle(el, pseudo);

/** Closed shadow roots, as they were when `meetShadows` was called last: to ask for one is slow, and asked for often. */
let closed = new WeakMap<Element, ShadowRoot>();

function askForShadow(el: Element): ShadowRoot | null {
  // Firefox has it as a property, Chromium as a function that takes elements of HTML alone.
  const own = (el as Element & { openOrClosedShadowRoot?: unknown }).openOrClosedShadowRoot;
  if (own instanceof Node && isShadow(own)) return own;
  try {
    return globalThis.chrome?.dom?.openOrClosedShadowRoot(el as HTMLElement) ?? null;
  } catch {
    return null;
  }
}

function meetWithin(root: Root, met: ShadowRoot[]): void {
  for (const el of root.querySelectorAll("*")) {
    const open = openRoot(el);
    const inner = open ?? askForShadow(el);
    if (!inner) continue;
    if (!open) closed.set(el, inner);
    met.push(inner);
    meetWithin(inner, met);
  }
}

/**
 * Meets all shadow roots of this document, which it gives, and of those around it that are of its origin. To be called whenever
 * scripts of the page may have run.
 */
export function meetShadows(): ShadowRoot[] {
  closed = new WeakMap();
  const met: ShadowRoot[] = [];
  meetWithin(document, met);
  for (let one: Window = self; one !== one.parent && one.frameElement; one = one.parent)
    meetWithin(one.parent.document, []);
  return met;
}

/** The shadow root of an element, open or closed: what is drawn is asked, not what scripts of the page may see. */
export const shadowOf = (el: Element): ShadowRoot | null => openRoot(el) ?? closed.get(el) ?? null;

/** The element around a node as it is drawn, through slots and shadow roots. */
function around(node: Element): Element | null {
  const parent = parentIn(node);
  if (!parent) return null;
  if (isShadow(parent)) return parent.host;
  if (!isElement(parent)) return null;
  const root = shadowOf(parent);
  for (const slot of root?.querySelectorAll("slot") ?? []) if (slot.assignedNodes().includes(node)) return slot;
  return parent;
}

/** An element and those around it as they are drawn, the innermost first. */
export function* chain(el: Element | null): Generator<Element> {
  for (let one = el; one; one = around(one)) yield one;
}

export function holds(outer: Element, inner: Element): boolean {
  for (const one of chain(inner)) if (one === outer) return true;
  return false;
}

/** All elements of a root, with those in shadow roots. */
export function* everything(root: Root): Generator<Element> {
  for (const el of root.querySelectorAll("*")) {
    yield el;
    const inner = shadowOf(el);
    if (inner) yield* everything(inner);
  }
}

/** What an element is called from a root: itself, or the host in that root that it lies within. */
export function seenFrom(el: Element, from: Root): Element {
  const roots: Root[] = [];
  for (let one: Root | undefined = from; one; one = isShadow(one) ? rootAround(one.host) : undefined) roots.push(one);
  let one = el;
  for (let own = rootAround(one); isShadow(own) && !roots.includes(own); own = rootAround(one)) one = own.host;
  return one;
}
