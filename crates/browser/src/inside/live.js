// For a person at the page: what no picture shows is told, and asked of them by the browser side.
const say = (what) => tell(`live:${JSON.stringify(what)}`);
const MOST_OPTIONS = 1000;

function beLive() {
  if (live) return { state: 'ok' };
  startVeiling();
  const early = { capture: true, passive: false };
  addEventListener('pointerdown', beforeTheyAct, early);
  addEventListener('keydown', beforeTheyAct, early);
  addEventListener('mousedown', pressed, early);
  addEventListener('click', clicked, early);
  addEventListener('keydown', keyed, early);
  addEventListener('input', (event) => { const el = event.composedPath()[0]; if (redacted.has(el)) note(el); else considerDrawn(el); }, early);
  addEventListener('mousemove', moved, early);
  addEventListener('mouseout', (event) => { if (!event.relatedTarget) lastCursor = ''; }, early);
  addEventListener('focusin', keyboardMoved, early);
  addEventListener('focusout', () => setTimeout(keyboardMoved, 0), early);
  // The keyboard goes with a press into another frame.
  addEventListener('blur', (event) => { if (event.target === self || event.target === list?.el) closeList(); }, early);
  addEventListener('pagehide', () => closeList(), early);
  // Last, so that the page's own menus open first.
  addEventListener('contextmenu', (event) => event.preventDefault());
  keyboardMoved();
  if (!busy) restedForPerson();
  return { state: 'ok' };
}

// Trees and fields that were met by nobody are, before a press can show what is in them.
function beforeTheyAct(event) {
  meetHosts();
  const el = event.composedPath()[0];
  if (el instanceof Element) considerDrawn(el);
  const focused = focusedElement();
  const hidden = (one) => one && one !== document.body && hidesTree(one);
  if (hidden(focused) || (el instanceof Element && !nodesIn(el).length && hidden(el))) say({ t: 'adopt' });
}

// Closed trees are handed over by the browser side, which costs it a look at the whole page: once when a document has come
// to rest, and again when there is something new that may have such a tree.
let hostsAsked = -1;

function restedForPerson() {
  if (!live || hostsAsked === hosts.size) return;
  hostsAsked = hosts.size;
  say({ t: 'adopt' });
}

// What has the keyboard without being able to hold it holds a tree that is closed to scripts.
const hidesTree = (el) => !rootOf(el) && !el.isContentEditable && !has(el, 'tabindex')
  && !/^(input|textarea|select|button|a|area|iframe|frame|summary|object|embed|video|audio|html|body)$/.test(tagOf(el));

// Lists open in a window of the browser's own, so they are told instead.
let list = null;

const opensList = (el) => el instanceof HTMLSelectElement && !el.multiple && el.size <= 1 && !el.matches(':disabled')
  && getComputedStyle(el).appearance !== 'base-select';

const listAt = (event) => {
  const first = event.composedPath()[0];
  const el = first instanceof Element && rootOf(first) && event instanceof MouseEvent ? topmost(event.clientX, event.clientY) : first;
  return el instanceof Element ? closest(el, (node) => opensList(node) || opensPicker(node)) : null;
};

function pressed(event) {
  const el = event.isTrusted && event.button === 0 ? listAt(event) : null;
  const open = list?.el;
  closeList();
  if (!el) return;
  event.preventDefault();
  el.focus({ preventScroll: true });
  if (open !== el) openList(el);
}

// A colour's own window opens by the click, which comes after the press.
function clicked(event) {
  const el = event.isTrusted ? listAt(event) : null;
  if (el && opensPicker(el)) event.preventDefault();
}

function keyed(event) {
  if (!event.isTrusted) return;
  const el = focusedElement();
  const picker = el && opensPicker(el);
  if (!el || !(picker || opensList(el))) return;
  // In a month or a week one types.
  const typed = picker && el.type !== 'color';
  const opens = (event.key === ' ' && !typed) || event.key === 'F4' || (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) || (event.key === 'Enter' && picker && !typed);
  if (opens) { event.preventDefault(); openList(el); }
  else if (event.key === 'Escape' || event.key === 'Tab') closeList();
}

function openList(el) {
  const shown = opensPicker(el) ? pickable(el) : chooseable(el);
  list = { el, shown };
  const chosen = shown.findIndex((one) => one.chosen);
  const { left, top, width, height } = boxOf(el);
  const options = shown.map(({ label, disabled, group }) => ({ label, disabled, group }));
  say({ t: 'select', node: numberOf(el), options, chosen: chosen < 0 ? undefined : chosen, place: [left, top, width, height] });
}

function chooseable(el) {
  const options = [...el.options].filter((option) => !option.hidden && getComputedStyle(option).display !== 'none').slice(0, MOST_OPTIONS);
  return options.map((option) => {
    const group = closest(nodeAround(option), (node) => tagOf(node) === 'optgroup');
    const usable = () => option.isConnected && !option.disabled && !option.matches(':disabled');
    return {
      label: fold(option.label || option.text, 200), disabled: option.disabled || Boolean(group?.disabled), group: group ? fold(group.label, 200) : undefined,
      chosen: el.selectedOptions[0] === option, usable, isChosen: () => el.selectedOptions[0] === option, choose: () => { option.selected = true; },
    };
  });
}

function closeList() {
  if (!list) return;
  list = null;
  say({ t: 'select_gone' });
}

function chooseOption(number, index) {
  const el = elementOf(number);
  const mine = list?.el === el ? list : null;
  list = null;
  if (!el || !mine || index === null) return { state: el ? 'ok' : 'stale' };
  const entry = mine.shown[index];
  if (!entry?.usable()) return { state: 'unusable', why: 'it has no such entry' };
  if (entry.isChosen()) return { state: 'ok' };
  entry.choose();
  el.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  el.dispatchEvent(new Event('change', { bubbles: true }));
  return { state: 'ok' };
}

// What the mouse would look like.
let lastCursor = '';

function moved(event) {
  const el = topmost(event.clientX, event.clientY);
  if (!el) return;
  if (/^i?frame$/.test(tagOf(el))) { lastCursor = ''; return; }
  const cursor = cursorOver(el, event.clientX, event.clientY);
  if (cursor === lastCursor) return;
  lastCursor = cursor;
  say({ t: 'cursor', cursor });
}

function cursorOver(el, x, y) {
  const wanted = getComputedStyle(el).cursor.split(',').pop().trim();
  if (wanted !== 'auto') return /^[a-z-]{1,20}$/.test(wanted) ? wanted : 'default';
  if (el.isContentEditable) return 'text';
  if (getComputedStyle(el).userSelect === 'none') return 'default';
  const at = document.caretRangeFromPoint?.(x, y);
  if (at?.startContainer.nodeType !== Node.TEXT_NODE) return 'default';
  const range = document.createRange();
  range.selectNodeContents(at.startContainer);
  const over = [...range.getClientRects()].some((box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
  return over ? 'text' : 'default';
}

// Whether the keyboard is on something that takes text.
let lastKind = '';

function keyboardMoved() {
  const kind = kindOf(focusedElement());
  if (kind === lastKind) return;
  lastKind = kind;
  say({ t: 'editable', kind });
}

function kindOf(el) {
  if (!el) return '';
  if (el instanceof HTMLInputElement || el instanceof HTMLTextAreaElement) {
    if (el.disabled || el.readOnly) return '';
    if (redacted.has(el) || el.type === 'password') return 'password';
    if (tagOf(el) === 'textarea') return 'multiline';
    const mode = attr(el, 'inputmode');
    if (el.type === 'text' && (mode === 'numeric' || mode === 'decimal')) return 'number';
    if (/^(email|tel|url)$/.test(mode)) return mode;
    if (/^(number|email|tel|url)$/.test(el.type)) return el.type;
    return /^(text|search|date|month|week|time|datetime-local)$/.test(el.type) ? 'text' : '';
  }
  return el.isContentEditable ? 'multiline' : '';
}

// Called with every change of the document.
let lastTitle;
let titleTimer = 0;

function changedForPerson() {
  if (list && !list.el.isConnected) closeList();
  if (self !== top || titleTimer || document.title === lastTitle) return;
  titleTimer = setTimeout(() => {
    titleTimer = 0;
    lastTitle = document.title;
    say({ t: 'title' });
  }, 100);
}

// What is selected where the keyboard is.
function selected(cut) {
  const el = focusedElement();
  if (!document.hasFocus() || (el && /^i?frame$/.test(tagOf(el)))) return { state: 'elsewhere' };
  const line = el instanceof HTMLInputElement || el instanceof HTMLTextAreaElement;
  if (line && (redacted.has(el) || secrets.has(el) || el.type === 'password')) return { state: 'secret' };
  const selection = getSelection();
  // What is marked may have lost the keyboard.
  const marked = selection.anchorNode?.childNodes[selection.anchorOffset];
  if (!line && marked && (redacted.has(marked) || marked.type === 'password')) return { state: 'secret' };
  let text;
  try {
    text = line && el.selectionStart !== null ? el.value.slice(el.selectionStart, el.selectionEnd) : selection.toString();
  } catch { text = selection.toString(); }
  if (repeatsSecret(text) || /^\u2022+$/.test(text)) return { state: 'secret' };
  if (cut && text && (line ? !el.readOnly && !el.disabled : el?.isContentEditable)) document.execCommand('delete');
  return { state: 'ok', text: text.slice(0, 1000000) };
}

// What lies at a point, by role and name.
// Without a prototype, for a page names its tags as it likes.
const ROLES = { __proto__: null, a: 'link', area: 'link', button: 'button', summary: 'button', select: 'combobox', textarea: 'textbox', img: 'img', option: 'option', label: 'label' };
const INPUT_ROLES = { __proto__: null, button: 'button', submit: 'button', reset: 'button', image: 'button', checkbox: 'checkbox', radio: 'radio', range: 'slider', number: 'spinbutton', search: 'searchbox' };

const roleOf = (el) => {
  const own = attr(el, 'role').trim().split(/\s+/)[0].toLowerCase();
  if (own && own !== 'none' && own !== 'presentation') return own;
  const tag = tagOf(el);
  if (tag === 'input') return INPUT_ROLES[el.type] ?? 'textbox';
  if ((tag === 'a' || tag === 'area') && !has(el, 'href')) return '';
  if (ROLES[tag]) return ROLES[tag];
  return el.isContentEditable && !parentOf(el)?.isContentEditable ? 'textbox' : '';
};

function nameAt(x, y) {
  const hit = topmost(x, y);
  if (!hit) return null;
  if (/^i?frame$/.test(tagOf(hit))) {
    const inner = innerBox(hit, boxOf(hit));
    return { role: 'iframe', name: safe(ariaName(hit) || fold(attr(hit, 'title'))), frame: frameNames.get(hit) ?? '', x: x - inner.x, y: y - inner.y };
  }
  let el = closest(hit, (node) => node !== document.body && node !== document.documentElement && roleOf(node) !== '');
  if (el && tagOf(el) === 'label' && el.control) el = el.control;
  if (!el) return { role: 'text', name: concealedAround(hit) ? '' : safe(textWithin(hit, 60)) };
  const role = roleOf(el), tag = tagOf(el);
  const written = tag === 'textarea' || tag === 'select' || el.isContentEditable || (tag === 'input' && !/^(button|submit|reset)$/.test(el.type)) || /^(textbox|combobox|searchbox|spinbutton)$/.test(role);
  const name = ariaName(el) || (written ? labelText(el) || fold(attr(el, 'placeholder') || attr(el, 'title') || attr(el, 'alt') || attr(el, 'name')) : pressName(el) || fold(attr(el, 'alt')));
  return { role, name: concealedAround(el) ? '' : safe(name.slice(0, 120)) };
}

const concealedAround = (el) => closest(el, (node) => concealed.has(node)) !== null;
const safe = (text) => (repeatsSecret(text) ? '' : text);

// A title and an address without what is secret in this document.
function clean(title, address) {
  noteAll();
  let bare = address;
  try { bare = decodeURIComponent(address.replace(/\+/g, ' ')); } catch { /* Written in another way. */ }
  const split = address.split(/[?#]/)[0];
  return { title: safe(title), address: repeatsSecret(address) || repeatsSecret(bare) ? (repeatsSecret(decode(split)) ? self.origin : split) : address };
}
const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
