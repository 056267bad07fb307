// Covers for good: what is secret, and what repeats it, before it is painted. Observers of the document are called after
// each script and before the next picture. Values are compared here and go nowhere.
let live = false;
// Fields that are covered, and what was in them; both only grow, whatever the page makes of its fields.
const redacted = new WeakSet();
const redactions = new Set();
const lastValue = new WeakMap();
const concealed = new WeakSet();
// Custom elements without a tree yet: giving them one is told by nobody.
const hosts = new Set();
const SHORTEST = 6;
const MOST_VALUES = 60;

const REDACTION = { ...COVER, '-webkit-text-stroke-width': '0px', 'text-decoration': 'none', 'text-overflow': 'clip' };
const CONCEAL = { 'opacity': '0', 'transition': 'none' };
const CONCEAL_TEXT = { ...COVER, 'background-color': 'transparent', 'user-select': 'none' };

// A selection has colours of its own, which no style of the field itself can take away; with five names that are not its
// own, this rule stands above the page's.
let selectionSheet = null;
const SELECTION = `[style*="-webkit-text-security: disc !important"]:not(#a#a#a#a#a)::selection
  { color: transparent !important; -webkit-text-fill-color: transparent !important; background-color: ${COVER['background-color']} !important; text-shadow: none !important }`;

function redactSelection(root) {
  if (!selectionSheet) {
    selectionSheet = new CSSStyleSheet();
    selectionSheet.replaceSync(SELECTION);
  }
  const sheets = root.adoptedStyleSheets;
  if (sheets && sheets[sheets.length - 1] !== selectionSheet) root.adoptedStyleSheets = [...sheets].filter((one) => one !== selectionSheet).concat(selectionSheet);
}

const stylesOf = reader(HTMLElement.prototype, 'style');
const styleOf = (el) => (el instanceof HTMLElement ? stylesOf(el) : el.style);

// As the browser writes them, so that what is worn can be compared with what should be.
const asWritten = (styles) => {
  const probe = document.createElement('i').style;
  for (const [name, value] of Object.entries(styles)) probe.setProperty(name, value, 'important');
  return Object.keys(styles).map((name) => [name, probe.getPropertyValue(name)]);
};
const worn = new Map();

let struggles = 0;

function dress(el, styles) {
  if (!worn.has(styles)) worn.set(styles, asWritten(styles));
  const style = styleOf(el);
  if (!style) return;
  let changed = false;
  for (const [name, value] of worn.get(styles)) {
    if (style.getPropertyValue(name) === value && style.getPropertyPriority(name) === 'important') continue;
    style.setProperty(name, value, 'important');
    changed = true;
  }
  if (styles === REDACTION && el.isConnected) redactSelection(el.getRootNode());
  // A page whose own observer takes the cover off again and again would never come to paint; what it fights for goes.
  if (changed && (redacted.has(el) || concealed.has(el)) && ++struggles > 500) el.remove();
  if (struggles === 1) setTimeout(() => { struggles = 0; }, 0);
}

// The values belong to all documents of this origin in the tab, because one may show what another holds.
const family = () => {
  let top = self;
  try {
    while (top !== top.parent && top.parent.inside?.values) top = top.parent;
  } catch { /* The one around belongs to somebody else. */ }
  return top.inside.values;
};
let values = new Set();

function remember(value) {
  if (value.length < SHORTEST || values.has(value)) return;
  if (values.size >= MOST_VALUES) values.delete(values.values().next().value);
  values.add(value);
  pulse();
}

const valueOf = (el) => (el instanceof HTMLInputElement || el instanceof HTMLTextAreaElement ? el.value : el.textContent) ?? '';

function note(el) {
  const value = valueOf(el), before = lastValue.get(el) ?? '';
  if (value !== before) {
    lastValue.set(el, value);
    // What was only on the way to this is forgotten; what was taken out is not.
    if (value && before && (value.startsWith(before) || before.startsWith(value))) values.delete(before);
  }
  if (!/^(button|submit|reset|checkbox|radio|file|hidden|image|range|color)$/.test(el.type ?? '')) remember(value);
}

function noteAll() {
  for (const ref of redactions) {
    const el = ref.deref();
    if (el) note(el);
    else redactions.delete(ref);
  }
}

const repeatsSecret = (text) => {
  if (text.length < SHORTEST) return false;
  for (const value of values) if (text.includes(value)) return true;
  return false;
};

function redaction(el) {
  if (!redacted.has(el)) {
    isMasked(el);
    redacted.add(el);
    redactions.add(new WeakRef(el));
  }
  dress(el, REDACTION);
  note(el);
}

function redactIfLive(el) {
  if (live) redaction(el);
}

// Whether a field is one for secrets, by what it is and says.
function consider(el) {
  if (redacted.has(el)) return dress(el, REDACTION);
  if (secrets.has(el) || el.type === 'password') return redaction(el);
  if (!(el instanceof HTMLInputElement)) return;
  const says = attr(el, 'autocomplete').trim().toLowerCase().split(/\s+/).pop();
  if (says === 'current-password' || says === 'new-password') redaction(el);
}

// Fields that draw dots by a style, which is costly to ask of all.
function considerDrawn(el) {
  if (!(el instanceof HTMLInputElement) || redacted.has(el)) return;
  const drawn = getComputedStyle(el).webkitTextSecurity;
  if (drawn && drawn !== 'none') redaction(el);
}

function conceal(el) {
  if (!el || SILENT_FOR_GOOD.has(tagOf(el))) return;
  const whole = el === document.body || el === document.documentElement;
  concealed.add(el);
  dress(el, whole ? CONCEAL_TEXT : CONCEAL);
}
const SILENT_FOR_GOOD = new Set(['script', 'style', 'template', 'noscript']);

// Covers the text within `scope` that repeats a secret: the elements that hold it, or the smallest that holds all of it when
// it is written in pieces.
function concealRepeats(scope) {
  if (!values.size || !scope?.isConnected || !repeatsSecret(scope.textContent)) return;
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  let found = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!repeatsSecret(node.data)) continue;
    const around = nodeAround(node);
    found = true;
    if (!closest(around, (one) => redacted.has(one))) conceal(around instanceof ShadowRoot ? around.host : around);
  }
  if (found || !(scope instanceof Element)) return;
  let least = scope;
  for (let next = scope; next; next = [...least.children].find((child) => repeatsSecret(child.textContent))) least = next;
  if (!redacted.has(least)) conceal(least);
}

// A text that has changed may be a piece of one.
function concealAround(node) {
  if (!values.size) return;
  let around = nodeAround(node);
  for (let up = 0; around && up < 4; up++) {
    if (around instanceof Element && around.textContent.length > 2000 && up) return;
    if (repeatsSecret(around.textContent ?? '')) return concealRepeats(around);
    around = around instanceof ShadowRoot ? null : nodeAround(around);
  }
}

function* fields() {
  for (const root of allRoots()) yield* root.querySelectorAll('input, textarea');
}

// Fields that were given a secret value, which no observer tells.
function sweep() {
  if (!values.size) return;
  for (const el of fields()) if (!redacted.has(el) && repeatsSecret(el.value ?? '')) redaction(el);
}

// Before each picture, as long as there is something to look for.
let pulsing = false;
function pulse() {
  if (pulsing || !live || !values.size) return;
  pulsing = true;
  requestAnimationFrame(() => {
    pulsing = false;
    noteAll();
    sweep();
    pulse();
  });
}

function meetElement(el) {
  const tag = tagOf(el);
  if (tag === 'input' || tag === 'textarea') consider(el);
  const root = openRoot(el);
  if (root) meet(root);
  else if (tag.includes('-') && hosts.size < 2000) hosts.add(new WeakRef(el));
}

function meetAll(scope) {
  if (scope instanceof Element) meetElement(scope);
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_ELEMENT);
  for (let el = walker.nextNode(); el; el = walker.nextNode()) meetElement(el);
}

// Trees that came to be without a word.
function meetHosts() {
  for (const ref of hosts) {
    const el = ref.deref();
    const root = el && rootOf(el);
    if (root) meet(root);
    if (!el || root) hosts.delete(ref);
  }
}

const redacting = new MutationObserver((records) => {
  noteAll();
  meetHosts();
  const touched = new Set();
  for (const { type, target, attributeName, oldValue, addedNodes } of records) {
    if (type === 'attributes') {
      if (attributeName === 'style') {
        if (redacted.has(target)) dress(target, REDACTION);
        else if (concealed.has(target)) conceal(target);
      } else if (attributeName === 'type' && /^password$/i.test(oldValue ?? '')) redaction(target);
      else consider(target);
    } else if (type === 'characterData') touched.add(target);
    else for (const node of addedNodes) {
      if (!node.isConnected) continue;
      if (node.nodeType === Node.ELEMENT_NODE) meetAll(node);
      if (node.nodeType === Node.ELEMENT_NODE || node.nodeType === Node.TEXT_NODE) touched.add(node);
    }
  }
  noteAll();
  if (values.size) {
    sweep();
    for (const node of touched) {
      if (node.nodeType === Node.ELEMENT_NODE) concealRepeats(node);
      concealAround(node);
    }
  }
  changedForPerson();
});

function redactRoot(root) {
  if (!live) return;
  redacting.observe(root, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeOldValue: true,
    attributeFilter: ['type', 'style', 'autocomplete'],
  });
  meetAll(root);
  noteAll();
  concealRepeats(root instanceof ShadowRoot ? root : document.documentElement);
}

function startVeiling() {
  live = true;
  values = family();
  for (const root of allRoots()) redactRoot(root);
  sweep();
  pulse();
}
