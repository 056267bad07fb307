// The snapshot of this document, in the shape that the room `snapshot` gives a frame.
const MOST = { nodes: 40000, depth: 300, fields: 200, hidden: 150, buttons: 300, links: 300, texts: 300, images: 60, dialogs: 20, challenges: 20 };
const SKIPPED = new Set(['script', 'style', 'noscript', 'template', 'head', 'option', 'datalist', 'meta', 'link', 'base', 'title', 'param', 'source', 'track']);
const PRESSED = new Set(['button', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'tab', 'option', 'treeitem']);
const INPUT_KINDS = {
  __proto__: null,
  text: 'text', '': 'text', email: 'email', tel: 'tel', number: 'number', password: 'password', search: 'search', url: 'url',
  checkbox: 'checkbox', radio: 'radio', date: 'other', 'datetime-local': 'other', month: 'other', week: 'other', time: 'other',
  color: 'other', file: 'other', range: 'other',
};
// Without a prototype: what a page writes is looked up in them, and 'constructor' is in every other object.
const LANDMARKS = { __proto__: null, banner: 'header', navigation: 'navigation', main: 'main', complementary: 'aside', contentinfo: 'footer', search: 'search' };
const LANDMARK_TAGS = { __proto__: null, nav: 'navigation', main: 'main', aside: 'aside', search: 'search' };

const placeOf = (box) => ({ x: Math.round(box.left), y: Math.round(box.top), w: Math.round(box.width), h: Math.round(box.height) });
const integer = (text) => (/^\d{1,6}$/.test(text) ? parseInt(text, 10) : undefined);

const wasReloaded = () => performance.getEntriesByType('navigation').some((entry) => entry.type === 'reload');

function look() {
  const cache = new Map();
  const frame = {
    origin: self.origin, address: location.href.slice(0, 2000), title: fold(document.title), language: document.documentElement ? attr(document.documentElement, 'lang') : '',
    loading: document.readyState === 'loading', forms: [], dialogs: [], fields: [], buttons: [], links: [], texts: [], images: [],
    challenges: [], cut: false, kept_back: keptBack || undefined,
  };
  const children = [];
  const formIndex = new Map();
  const formless = [];
  const presses = [];
  let order = 0, nodes = 0, seen = 0, unseen = 0;
  const full = (list) => { if (frame[list].length < MOST[list]) return false; frame.cut = true; return true; };

  const formOf = (el) => {
    const form = el.form instanceof HTMLFormElement ? el.form : closest(el, (node) => node instanceof HTMLFormElement);
    if (!form) return undefined;
    if (!formIndex.has(form)) { formIndex.set(form, frame.forms.length); frame.forms.push(describeForm(form)); }
    return formIndex.get(form);
  };

  // One block of text: what stands between two breaks.
  let block = null;
  const flush = () => {
    const done = block;
    block = null;
    if (!done || !done.proper || full('texts')) return;
    const text = fold(done.text, 300);
    if (!text) return;
    const range = document.createRange();
    range.setStartBefore(done.first);
    range.setEndAfter(done.last);
    const box = range.getBoundingClientRect();
    const sight = sightOf(done.el, cache);
    if (box.width < TINY || box.height < TINY || hiddenFor(done.el, cache, sight.style.display === 'contents' ? box : undefined)) return;
    const { state } = done;
    frame.texts.push({ order: done.order, text, role: state.role, hue: hueOf(sight.style.color, false) || sight.hue || undefined, place: placeOf(box), form: state.form, dialog: state.dialog, region: state.region });
  };

  const walk = (node, state, depth) => {
    if (++nodes > MOST.nodes || depth > MOST.depth) { frame.cut = true; return; }
    if (node.nodeType === Node.TEXT_NODE) {
      if (state.mute || !/\S/.test(node.data)) { if (block && node.data) block.text += ' '; return; }
      const el = parentOf(node);
      if (!el || sightOf(el, cache).style.visibility !== 'visible') return;
      block ??= { el, text: '', first: node, last: node, proper: false, state, order: ++order };
      block.text += node.data;
      block.last = node;
      // What is only a link or a button is told of as that.
      if (!state.pressed) block.proper = true;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const tag = tagOf(node);
    if (SKIPPED.has(tag)) return;
    if (tag === 'br') { if (block) block.text += ' '; return; }
    element(node, tag, state, depth);
  };

  const element = (el, tag, outer, depth) => {
    const sight = sightOf(el, cache);
    const style = sight.style;
    const role = attr(el, 'role').trim().split(/\s+/)[0].toLowerCase();
    const breaks = !style.display.startsWith('inline') && style.display !== 'contents';
    const state = { ...outer, mute: outer.mute || sight.hidden !== null, inert: outer.inert || has(el, 'inert') };
    if (breaks) flush();
    if (el instanceof HTMLFormElement) { formOf(el); state.form = formIndex.get(el); }
    const region = regionOf(el, tag, role);
    if (region) state.region = region;
    if (!state.mute) {
      const spoken = spokenRole(el, tag, role);
      if (spoken) state.role = spoken;
      const dialog = dialogOf(el, tag, role, style, sight);
      if (dialog && !full('dialogs')) { state.dialog = frame.dialogs.length; frame.dialogs.push(dialog); }
    }
    const shown = { order: 0, form: formOfHere(el, state), dialog: state.dialog, region: state.region };
    const kind = fieldKind(el, tag, role);
    if (kind) {
      shown.order = ++order;
      field(el, tag, kind, shown, state);
      if (tag !== 'div' && tag !== 'span' || kind === 'editable') { if (breaks) flush(); return; }
    } else if (!state.mute && !state.pressed) {
      const pressed = pressable(el, tag, role, style);
      if (pressed) {
        shown.order = ++order;
        if (press(el, tag, pressed, shown, state)) state.pressed = true;
      }
    }
    if (tag === 'iframe' || tag === 'frame') { child(el); return; }
    if (!state.mute && (tag === 'img' || tag === 'svg' || tag === 'canvas' || (role === 'img' && tag !== 'i'))) image(el, tag, shown);
    if (tag === 'svg' || tag === 'canvas' || tag === 'video' || tag === 'audio' || tag === 'object' || tag === 'select') { if (breaks) flush(); return; }
    for (const inner of childrenOf(el)) walk(inner, state, depth + 1);
    if (breaks) flush();
  };

  const formOfHere = (el, state) => (el.form instanceof HTMLFormElement ? formOf(el) : state.form);

  const field = (el, tag, kind, shown, state) => {
    let box = boxOf(el);
    let hidden = hiddenFor(el, cache, box);
    const drawn = drawnBoxes(el, cache);
    if (drawn) hidden = null;
    const ticked = kind === 'checkbox' || kind === 'radio';
    // Boxes to tick are often replaced by a drawing within their label.
    if (ticked && hidden && hidden !== 'display') {
      const label = el.labels && [...el.labels].find((one) => !hiddenFor(one, cache));
      if (label) { hidden = null; box = boxOf(label); }
    }
    // What nobody sees has a limit of its own: an application of one document hides hundreds of lines before the one that it shows.
    if (hidden ? ++unseen > MOST.hidden : ++seen > MOST.fields) { frame.cut = true; return; }
    const secret = kind === 'password' || secrets.has(el);
    const value = 'value' in el && typeof el.value === 'string' ? el.value : kind === 'editable' ? el.textContent : '';
    const invalid = /^(true|spelling|grammar)$/.test(attr(el, 'aria-invalid')) || (el.matches(':user-invalid'));
    const one = {
      node: numberOf(el), ...shown, kind, words: wordsOf(el), autocomplete: attr(el, 'autocomplete').trim().slice(0, 120),
      input_mode: attr(el, 'inputmode').slice(0, 20), pattern: attr(el, 'pattern').slice(0, 120),
      max_length: integer(attr(el, 'maxlength')), min_length: integer(attr(el, 'minlength')),
      read_only: el.readOnly === true || attr(el, 'aria-readonly') === 'true',
      disabled: el.matches(':disabled') || attr(el, 'aria-disabled') === 'true',
      required: el.required === true || attr(el, 'aria-required') === 'true', invalid,
      checked: ticked ? (typeof el.checked === 'boolean' ? el.checked : attr(el, 'aria-checked') === 'true') : undefined,
      entries: kind === 'select' ? entriesOf(el) : undefined, filled: !ticked && value.length > 0, length: secret || ticked ? undefined : value.length, focused: focused === el, secret,
      place: placeOf(box), hidden: hidden ?? undefined, covered: !hidden && (state.inert || (drawn ? isCoveredDrawn(el, box) : isCovered(el, box, ticked))),
      masked: !ticked && kind !== 'password' && isMasked(el) || undefined, drawn_boxes: drawn || undefined,
    };
    frame.fields.push(one);
    if (!hidden && shown.form === undefined) formless.push([el, one]);
  };

  const press = (el, tag, what, shown, state) => {
    const box = boxOf(el);
    if (hiddenFor(el, cache, box)) return false;
    const list = what === 'link' ? 'links' : 'buttons';
    if (full(list)) return true;
    noteStand(el, box);
    const common = { node: numberOf(el), ...shown, name: pressName(el), hints: hintsOf(el) || undefined, place: placeOf(box), covered: state.inert || isCovered(el, box, false) };
    if (what === 'link') { frame.links.push({ ...common, address: el.href && typeof el.href === 'string' ? el.href.slice(0, 2000) : '' }); return true; }
    const opens = tag === 'summary' || OPENERS.some((name) => has(el, name)) || isToggle(el);
    const disabled = el.matches(':disabled') || attr(el, 'aria-disabled') === 'true';
    const button = { ...common, kind: what, disabled, opens, action_origin: actionOf(el) };
    frame.buttons.push(button);
    if (shown.form === undefined) presses.push([el, button]);
    return true;
  };

  const image = (el, tag, shown) => {
    const box = boxOf(el);
    if (box.width < 24 || box.height < 24 || hiddenFor(el, cache, box) || full('images')) return;
    const source = tag === 'img' ? attr(el, 'src') : '';
    const file = source.startsWith('data:') ? source.slice(0, source.indexOf(';')) : source.split(/[?#]/)[0].split('/').pop();
    const name = ariaName(el) || fold(attr(el, 'alt')) || fold(attr(el, 'title')) || (tag === 'svg' ? fold(el.querySelector('title')?.textContent ?? '') : '');
    frame.images.push({ order: ++order, name, hints: fold(`${tag} ${hintsOf(el)} ${file}`), place: placeOf(box), form: shown.form, dialog: shown.dialog });
  };

  const child = (el) => {
    const name = frameNames.get(el);
    if (!name) return;
    const box = boxOf(el);
    children.push({ id: name, place: innerBox(el, box), hidden: hiddenFor(el, cache, box) !== null });
  };

  const focused = focusedElement();
  const root = document.documentElement;
  if (root) walk(root, { mute: false, inert: false, pressed: false, role: undefined, form: undefined, dialog: undefined, region: undefined }, 0);
  flush();
  findBlocks(frame, formless, presses);
  findNearby(frame);
  for (const { text, hue, place } of goneNews(frame.texts, cache)) if (!full('texts')) frame.texts.push({ order: ++order, text, role: 'alert', hue, place });
  frame.challenges = challenges(cache).slice(0, MOST.challenges);
  return { frame, children, width: innerWidth, height: innerHeight, busy: isBusy(frame, cache), reloaded: wasReloaded() };
}

// Where the content of a frame begins, border and padding taken off.
function innerBox(el, box) {
  const style = getComputedStyle(el);
  const left = parseFloat(style.paddingLeft) || 0, right = parseFloat(style.paddingRight) || 0;
  const top = parseFloat(style.paddingTop) || 0, bottom = parseFloat(style.paddingBottom) || 0;
  return placeOf({
    left: box.left + el.clientLeft + left, top: box.top + el.clientTop + top,
    width: el.clientWidth - left - right, height: el.clientHeight - top - bottom,
  });
}

function originOf(address) {
  try { return new URL(address || location.href, document.baseURI).origin; } catch { return undefined; }
}

// Where pressing a button sends its form, when it says so itself and no script does it.
function actionOf(button) {
  const action = attr(button, 'formaction');
  return has(button, 'formaction') && !/^\s*javascript:/i.test(action) ? originOf(action) : undefined;
}

// The button that Enter presses in a form (HTML, 4.10.21.2): the first in the tree that submits it, seen or not, within it or
// tied to it by `form`. Not `form.elements`: that has no image buttons, and a field can take its name.
function defaultButton(form) {
  const all = Node.prototype.getRootNode.call(form).querySelectorAll('button, input');
  return [...all].find((one) => one.form === form && (one.type === 'submit' || one.type === 'image'));
}

function describeForm(form) {
  const first = defaultButton(form);
  let action = null;
  try { action = new URL(attr(form, 'action') || location.href, document.baseURI); } catch { /* No address. */ }
  const scripted = /^javascript:/i.test(attr(form, 'action'));
  return {
    real: true, action_origin: action && !scripted ? action.origin : undefined, action_path: action && !scripted ? action.pathname.slice(0, 300) : '',
    enter_origin: first ? actionOf(first) : undefined,
    get: !/^post$/i.test(attr(form, 'method')) && has(form, 'action'),
    hints: fold(`${ariaName(form)} ${hintsOf(form)}`), place: placeOf(boxOf(form)),
  };
}

function regionOf(el, tag, role) {
  if (role) return LANDMARKS[role];
  if (LANDMARK_TAGS[tag]) return LANDMARK_TAGS[tag];
  if ((tag === 'header' || tag === 'footer') && !closest(parentOf(el), (node) => /^(article|section|main|aside|nav|form|dialog)$/.test(tagOf(node)))) return tag;
  return undefined;
}

function spokenRole(el, tag, role) {
  if (/^h[1-6]$/.test(tag)) return { heading: Number(tag[1]) };
  if (role === 'heading') return { heading: Math.min(6, Math.max(1, integer(attr(el, 'aria-level')) ?? 2)) };
  const live = attr(el, 'aria-live');
  if (role === 'alert' || live === 'assertive') return 'alert';
  if (role === 'status' || live === 'polite' || tag === 'output') return 'status';
  return undefined;
}

// Something that lies over the page, by what it says or by how it lies there.
function dialogOf(el, tag, role, style) {
  if (el === document.body || el === document.documentElement) return null;
  const open = tag === 'dialog' && has(el, 'open');
  const popover = has(el, 'popover') && el.matches(':popover-open');
  const declared = open || popover || role === 'dialog' || role === 'alertdialog' || attr(el, 'aria-modal') === 'true';
  const lies = style.position === 'fixed' || (style.position === 'absolute' && parseInt(style.zIndex, 10) >= 10);
  if (!declared && !lies) return null;
  const box = boxOf(el);
  const area = Math.min(box.right, innerWidth) - Math.max(box.left, 0), rows = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
  const share = (Math.max(area, 0) * Math.max(rows, 0)) / (innerWidth * innerHeight);
  if (!declared && (share < 0.04 || !/\S/.test(textWithin(el, 20)))) return null;
  if (!declared && /^(header|nav|aside|footer)$/.test(tag)) return null;
  const modal = el.matches(':modal') || attr(el, 'aria-modal') === 'true' || (share > 0.8 && !declared);
  return { node: numberOf(el), name: ariaName(el), declared, modal, place: placeOf(box) };
}

// What can be chosen in a list; long lists ask for countries and the like.
function entriesOf(el) {
  if (!(el instanceof HTMLSelectElement) || el.options.length > 30) return undefined;
  return [...el.options].filter((one) => !one.disabled && !one.hidden).map((one) => fold(one.text, 100)).filter((text) => text.length > 0);
}

function fieldKind(el, tag, role) {
  if (tag === 'input') {
    const type = el.type;
    if (/^(hidden|submit|button|reset|image)$/.test(type)) return null;
    if (type === 'text' && role === 'searchbox') return 'search';
    return INPUT_KINDS[type] ?? 'text';
  }
  if (tag === 'textarea') return 'text_area';
  if (tag === 'select') return 'select';
  if (role === 'checkbox' || role === 'switch') return 'checkbox';
  if (role === 'radio') return 'radio';
  if (has(el, 'contenteditable') && el.isContentEditable) return 'editable';
  return null;
}

function pressable(el, tag, role, style) {
  if (tag === 'button') return PRESSED.has(role) && role !== 'button' ? 'widget' : el.type === 'submit' ? 'submit' : el.type === 'reset' ? 'reset' : 'plain';
  if (tag === 'input') return el.type === 'submit' || el.type === 'image' ? 'submit' : el.type === 'reset' ? 'reset' : el.type === 'button' ? 'plain' : null;
  if ((tag === 'a' || tag === 'area') && has(el, 'href')) return role !== 'button' && leadsNowhere(el) && (isToggle(el) || OPENERS.some((name) => has(el, name))) ? 'widget' : role === 'button' ? 'plain' : /^(menuitem|tab|option)$/.test(role) && /^(#|javascript:|$)/i.test(attr(el, 'href')) ? 'widget' : 'link';
  if (role === 'link') return 'link';
  if (role === 'button') return 'plain';
  if (PRESSED.has(role)) return 'widget';
  if (tag === 'summary') return 'widget';
  // A block that looks as if it could be pressed and says something short.
  if (tag === 'label' || style.cursor !== 'pointer') return null;
  const around = parentOf(el);
  if (around && getComputedStyle(around).cursor === 'pointer') return null;
  if (el.querySelector?.('input, select, textarea, button, a[href]')) return null;
  const name = pressName(el);
  return name && name.length <= 60 ? 'widget' : null;
}

// What says that pressing it opens something on the same page.
const OPENERS = ['aria-haspopup', 'aria-expanded', 'popovertarget'];
const isToggle = (el) => /dropdown|collapse|modal|offcanvas|menu|popover|tab|toggle/i.test(attr(el, 'data-toggle') || attr(el, 'data-bs-toggle'));
const leadsNowhere = (el) => /^(#|javascript:|$)/i.test(attr(el, 'href').trim());

// A line of another kind than `password` whose letters are drawn as dots. Our own covers do the same, so it is looked at
// before they are there.
const masks = new WeakMap();

function isMasked(el) {
  if (!redacted.has(el)) {
    const drawn = getComputedStyle(el).webkitTextSecurity;
    masks.set(el, isLine(el) && Boolean(drawn) && drawn !== 'none');
  }
  return masks.get(el) ?? false;
}

// As `isCovered`, where the boxes that are drawn in its place may lie over the line.
function isCoveredDrawn(el, box) {
  if (!isCovered(el, box, false)) return false;
  const hit = topmost((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  let around = el;
  for (let up = 0; up < 3 && around; up++) around = parentOf(around);
  return !(around && hit && holds(around, hit));
}

// Whether something else lies over the middle of `el`. Only what is in the window can be told.
function isCovered(el, box, byLabel) {
  const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2, y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
  if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight || box.right < 0 || box.bottom < 0 || box.left > innerWidth || box.top > innerHeight) return false;
  const hit = topmost(x, y);
  return hit !== null && !reaches(hit, el, byLabel);
}

// Whether a click on `hit` is a click on `el`.
function reaches(hit, el) {
  if (hit === el || holds(el, hit)) return true;
  const label = closest(hit, (node) => tagOf(node) === 'label');
  if (label && (label.control === el || holds(label, el))) return true;
  // Decoration within the field's own box, drawn over it by the block that holds only this field.
  const around = parentOf(el);
  return around !== null && holds(around, hit) && !isControl(hit) && countFields(around) === 1 && nearlySame(boxOf(around), boxOf(el));
}

const isControl = (node) => closest(node, (one) => /^(button|a|input|select|textarea)$/.test(tagOf(one)) || attr(one, 'role') === 'button') !== null;
const countFields = (el) => el.querySelectorAll('input:not([type=hidden]), select, textarea').length;
const nearlySame = (a, b) => Math.abs(a.left - b.left) < 60 && Math.abs(a.right - b.right) < 60 && Math.abs(a.top - b.top) < 30 && Math.abs(a.bottom - b.bottom) < 30;

// Fields without a form belong to the smallest block around them that also holds a button beside them.
function findBlocks(frame, formless, presses) {
  if (!formless.length) return;
  const blockOf = ([el, field]) => {
    const beside = presses.filter(([, button]) => !within(button.place, field.place));
    for (let node = parentOf(el); node && node !== document.body && node !== document.documentElement; node = parentOf(node)) {
      if (beside.some(([button]) => holds(node, button))) return node;
    }
    return document.body;
  };
  const blocks = formless.map(blockOf);
  const outermost = (block) => blocks.reduce((most, other) => (other && other !== document.body && other !== most && holds(other, most) ? other : most), block);
  const index = new Map();
  const indexOf = (block) => {
    if (!index.has(block)) { index.set(block, frame.forms.length); frame.forms.push({ real: false, hints: hintsOf(block), place: placeOf(boxOf(block)) }); }
    return index.get(block);
  };
  formless.forEach(([, field], i) => { if (blocks[i]) field.form = indexOf(outermost(blocks[i])); });
  for (const [el, button] of presses) {
    let best = null;
    for (const block of index.keys()) if (holds(block, el) && (!best || holds(best, block))) best = block;
    if (best) button.form = index.get(best);
  }
}

const within = (a, b) => a.x < b.x + b.w + 4 && b.x - 4 < a.x + a.w && a.y < b.y + b.h + 2 && b.y - 2 < a.y + a.h;

// The text that stands nearest: before or above a line, after a box to tick.
function findNearby(frame) {
  for (const field of frame.fields) {
    if (field.hidden) continue;
    const f = field.place, ticked = field.kind === 'checkbox' || field.kind === 'radio';
    let best = '', least = 90;
    for (const { text, place: t, dialog } of frame.texts) {
      if (dialog !== field.dialog) continue;
      const rows = Math.min(t.y + t.h, f.y + f.h) - Math.max(t.y, f.y), columns = Math.min(t.x + t.w, f.x + f.w) - Math.max(t.x, f.x);
      let distance = Infinity;
      if (rows > 0 && columns > 4) distance = 0;
      else if (rows > Math.min(t.h, f.h) / 2) distance = t.x >= f.x + f.w ? (t.x - f.x - f.w) + (ticked ? 0 : 40) : (f.x - t.x - t.w) / 3 + (ticked ? 30 : 5);
      else if (columns > 0 && t.y < f.y) distance = f.y - t.y - t.h + (ticked ? 40 : 0);
      else if (columns > 0) distance = t.y - f.y - f.h + 30;
      if (distance < least) { least = distance; best = text; }
    }
    if (best) field.words.nearby = best.slice(0, LONGEST_WORDS);
  }
}

const KNOWN = [
  ['recaptcha', 'iframe[src*="google.com/recaptcha"], iframe[src*="recaptcha.net"], .g-recaptcha', '[name="g-recaptcha-response"]'],
  ['hcaptcha', 'iframe[src*="hcaptcha.com"], .h-captcha', '[name="h-captcha-response"]'],
  ['turnstile', 'iframe[src*="challenges.cloudflare.com"], .cf-turnstile, #challenge-running, #cf-challenge-running', '[name="cf-turnstile-response"]'],
  ['arkose', 'iframe[src*="arkoselabs.com"], iframe[src*="funcaptcha.com"], [data-pkey]', '[name="fc-token"]'],
  ['geetest', '.geetest_holder, .geetest_box, .geetest_captcha, .geetest_panel_box', '[name="geetest_validate"]'],
  ['other', 'iframe[src*="captcha" i], iframe[title*="captcha" i]', ''],
];

function challenges(cache) {
  const found = [];
  const seen = new Set();
  for (const root of allRoots()) {
    for (const [kind, selector, answer] of KNOWN) {
      const solved = answer !== '' && [...root.querySelectorAll(answer)].some((field) => field.value);
      for (const el of root.querySelectorAll(selector)) {
        if (seen.has(el)) continue;
        seen.add(el);
        const box = boxOf(el);
        const badge = closest(el, (node) => /grecaptcha-badge/.test(attr(node, 'class')) || attr(node, 'data-size') === 'invisible') || /[?&]size=invisible/.test(attr(el, 'src'));
        found.push({ kind, visible: !badge && box.width >= 60 && box.height >= 40 && hiddenFor(el, cache, box) === null, solved, place: placeOf(box) });
      }
    }
  }
  return found;
}
