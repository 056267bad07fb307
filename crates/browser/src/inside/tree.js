// The tree as it is drawn: shadow roots, open and closed, in the place of their hosts' children. Names elements by number.
// Read through the prototypes, because an input named `parentNode` hides that property of its form.
const reader = (proto, name) => { const get = Object.getOwnPropertyDescriptor(proto, name).get; return (node) => get.call(node); };
const nodesIn = reader(Node.prototype, 'childNodes');
const nodeAround = reader(Node.prototype, 'parentNode');
const tagOf = reader(Element.prototype, 'localName');
const openRoot = reader(Element.prototype, 'shadowRoot');
const boxOf = (el) => Element.prototype.getBoundingClientRect.call(el);

const numbers = new WeakMap();
const elements = new Map();
let lastNumber = 0;

function numberOf(el) {
  let number = numbers.get(el);
  if (!number) {
    number = ++lastNumber;
    numbers.set(el, number);
    elements.set(number, new WeakRef(el));
  }
  return number;
}

// Where an element stood when the page was looked at last, by which it is known whether it moves.
const stood = new WeakMap();
const STOOD_LONG_MS = 30;

function noteStand(el, { left, top, width, height }) {
  stood.set(el, { left, top, width, height, at: performance.now() });
}

function standsStill(el, box) {
  const then = stood.get(el);
  if (!then || performance.now() - then.at < STOOD_LONG_MS) return false;
  return ['left', 'top', 'width', 'height'].every((side) => box[side] === then[side]);
}

// The element with that number, if it still is in the document.
function elementOf(number) {
  const el = elements.get(number)?.deref();
  if (!el || !el.isConnected) { if (!el) elements.delete(number); return null; }
  return el;
}

// Closed roots and the frames' names are handed in by the browser side, which can see them.
const closedRoots = new WeakMap();
const frameNames = new WeakMap();
const frameElements = new Map();
const knownRoots = new Set();

function adopt(frames, roots) {
  for (const root of roots) {
    closedRoots.set(root.host, root);
    meet(root);
  }
  for (const [name, el] of frames) {
    frameNames.set(el, name);
    frameElements.set(name, new WeakRef(el));
  }
}

function meet(root) {
  if (observed.has(root)) return;
  observe(root);
  knownRoots.add(new WeakRef(root));
  redactRoot(root);
}

// The document and every shadow root that has been met and is still there.
function allRoots() {
  const roots = [document];
  for (const ref of knownRoots) {
    const root = ref.deref();
    if (root && root.isConnected) roots.push(root);
    else if (!root) knownRoots.delete(ref);
  }
  return roots;
}

const rootOf = (el) => openRoot(el) ?? closedRoots.get(el) ?? null;

function childrenOf(node) {
  if (node.nodeType === Node.ELEMENT_NODE) {
    const root = rootOf(node);
    if (root) { meet(root); return nodesIn(root); }
    if (tagOf(node) === 'slot') {
      const assigned = node.assignedNodes();
      if (assigned.length) return assigned;
    }
  }
  return nodesIn(node);
}

// The element around `node` as it is drawn.
function parentOf(node) {
  const parent = nodeAround(node);
  if (parent instanceof ShadowRoot) return parent.host;
  if (!(parent instanceof Element)) return null;
  const root = rootOf(parent);
  if (!root) return parent;
  // `assignedSlot` tells nothing of closed roots.
  for (const slot of root.querySelectorAll('slot')) if (slot.assignedNodes().includes(node)) return slot;
  return parent;
}

function holds(outer, inner) {
  for (let node = inner; node; node = parentOf(node)) if (node === outer) return true;
  return false;
}

function closest(el, test) {
  for (let node = el; node; node = parentOf(node)) if (test(node)) return node;
  return null;
}

const attr = (el, name) => Element.prototype.getAttribute.call(el, name) ?? '';
const has = (el, name) => Element.prototype.hasAttribute.call(el, name);

// The innermost element drawn at a point, through shadow roots.
function topmost(x, y) {
  let el = document.elementFromPoint(x, y);
  for (let depth = 0; el && depth < 40; depth++) {
    const root = rootOf(el);
    const inner = root?.elementFromPoint(x, y);
    if (!inner || inner === el) break;
    el = inner;
  }
  return el;
}

// The element that has the keyboard, through shadow roots.
function focusedElement() {
  let el = document.activeElement;
  for (let depth = 0; el && depth < 40; depth++) {
    const inner = rootOf(el)?.activeElement;
    if (!inner) break;
    el = inner;
  }
  return el;
}
