// Typing as a person does: the keyboard first, then one character after the other with all the events of its key. Each
// character is one step of this script, in which it is also looked whether it may be typed there; the page has its turn
// between two of them.
const turn = () => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => { port1.close(); done(); };
  port2.postMessage(0);
});

// Before somebody who looks on, the page may not come to paint until so much is typed that what repeats it can be covered; its
// promises have their turn all the same.
const pause = (typed, secret) => (live && secret && typed < SHORTEST ? Promise.resolve() : turn());

const valueIn = (el) => (el.isContentEditable ? el.textContent : el.value) ?? '';

// Whether `el` may be typed into at this moment, by where it is and what it is. `asks` is for before the keyboard is on it:
// some lines take text only from then on.
function typable(el, origins, asks) {
  if (!el || !el.isConnected) return { state: 'stale' };
  if (origins && !origins.includes(self.origin)) return { state: 'origin', why: self.origin };
  if (!isLine(el) && !(el.isContentEditable && !origins)) return { state: 'unusable', why: 'it is no line of text' };
  if (el.matches(':disabled')) return { state: 'unusable', why: 'it takes no text' };
  if (el.readOnly && !asks) return { state: 'no_typing' };
  const why = unseen(el, new Map());
  if (why) return { state: 'unusable', why };
  return { state: 'ok' };
}

// Puts the keyboard on `el` and gives what has it then: `el` itself, or the line that a page puts in its place.
async function takeKeyboard(el) {
  const form = el.form ?? null, box = boxOf(el);
  if (focusedElement() !== el) el.focus({ preventScroll: true });
  for (let round = 0; round < 4; round++) {
    const now = focusedElement();
    if (now === el && !el.readOnly) return el;
    if (now !== el && now && isLine(now) && (now.form ?? null) === form && overlap(boxOf(now), box) > 0.6) return now;
    await frameTime();
  }
  if (!el.isConnected) return null;
  if (focusedElement() !== el) el.focus({ preventScroll: true });
  return el;
}

// The part of the smaller box that lies in the other.
function overlap(a, b) {
  const cut = meet2(a, b);
  const area = (box) => Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);
  return area(cut) / Math.max(1, Math.min(area(a), area(b)));
}

function keyOf(character) {
  const upper = character.toUpperCase();
  if (/^[0-9]$/.test(character)) return { code: `Digit${character}`, number: character.charCodeAt(0) };
  if (/^[A-Z]$/.test(upper)) return { code: `Key${upper}`, number: upper.charCodeAt(0) };
  return character === ' ' ? { code: 'Space', number: 32 } : { code: '', number: 0 };
}

// Tells the page of a key; `false` when the page wants nothing to come of it.
function fireKey(el, kind, character) {
  const { code, number } = keyOf(character);
  const which = kind === 'keypress' ? character.codePointAt(0) : number;
  return el.dispatchEvent(new KeyboardEvent(kind, {
    key: character, code, keyCode: which, which, charCode: kind === 'keypress' ? which : 0,
    shiftKey: character !== character.toLowerCase(), bubbles: true, cancelable: true, composed: true, view: null,
  }));
}

// One character, with the check in the same step. `over`: in the place of all that is there.
function strike(el, character, origins, over) {
  const may = typable(el, origins, false);
  if (may.state !== 'ok') return may;
  if (focusedElement() !== el) el.focus({ preventScroll: true });
  if (focusedElement() !== el) return { state: 'unusable', why: 'it does not take the keyboard' };
  if (over) selectAll(el);
  let taken = fireKey(el, 'keydown', character) && fireKey(el, 'keypress', character);
  // A listener may have put the keyboard elsewhere, or taken the line away.
  if (taken && focusedElement() === el && typable(el, origins, false).state === 'ok') {
    // Chromium tells nothing of it beforehand when a script types.
    const coming = new InputEvent('beforeinput', { inputType: 'insertText', data: character, bubbles: true, cancelable: true, composed: true });
    // The browser's own editing, so the page hears a trusted event and its limits hold.
    if (el.dispatchEvent(coming) && focusedElement() === el) document.execCommand('insertText', false, character);
  } else taken = false;
  fireKey(el, 'keyup', character);
  return { state: 'ok', taken };
}

function selectAll(el) {
  if (el.isContentEditable) getSelection().selectAllChildren(el);
  else el.select();
}

function empty(el, origins) {
  const may = typable(el, origins, false);
  if (may.state !== 'ok') return may;
  if (!valueIn(el)) return may;
  if (focusedElement() !== el) el.focus({ preventScroll: true });
  if (focusedElement() !== el) return { state: 'unusable', why: 'it does not take the keyboard' };
  selectAll(el);
  document.execCommand('delete');
  return may;
}

// What matters of what a line holds, by what was typed. A name may be written in another case, a token with blanks or dashes
// in it; a password must be held as it is, or its length where a page draws dots of its own.
const plainName = (text) => text.normalize('NFC').trim().toLowerCase();
const plainToken = (text) => text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
const plainNumber = (text) => text.replace(/\D/g, '');
const letters = (text) => [...text].length;

function compare(now, text, kind) {
  const plain = kind === 'token' ? (/^\d+$/.test(text) ? plainNumber : plainToken) : kind === 'name' ? plainName : (one) => one;
  const held = plain(now), wanted = plain(text);
  const dots = kind === 'password' && /^[\u2022\u25cf\u2219\u25cb\u25e6*]+$/.test(now);
  if (held === wanted || (dots && letters(now) === letters(text))) return { state: 'ok' };
  if (held === '') return { state: 'not_taken', why: 'refused' };
  if (wanted.startsWith(held) || (dots && letters(now) < letters(text))) return { state: 'cut', kept: letters(held) };
  return { state: 'not_taken', why: 'changed' };
}

// Counts how often a form around `el` is sent while `work` goes on.
async function watchingForms(el, work) {
  const root = el.getRootNode();
  let sent = false;
  const hear = () => { sent = true; };
  root.addEventListener('submit', hear, true);
  try { return [await work(), sent]; } finally { root.removeEventListener('submit', hear, true); }
}

const settledAfterTyping = async () => { await breathe(); await turn(); };

// Replaces what is in a line. `kind` is `name`, `password`, `token` or `text`; with `origins`, the frame must belong to one of
// them and the line counts as secret from then on.
async function type(number, text, origins, kind) {
  const el = elementOf(number);
  const may = typable(el, origins, true);
  if (may.state !== 'ok') return may;
  if (kind === 'name' && text && compare(valueIn(el), text, kind).state === 'ok') return { state: 'ok' };
  forgetNews();
  const line = await takeKeyboard(el);
  if (!line) return { state: 'stale' };
  if (origins) { secrets.add(line); redactIfLive(line); }
  if (origins && kind === 'password') keepFromAddresses(line);
  const [outcome, sent] = await watchingForms(line, () => strikeAll(line, text, origins, kind));
  if (outcome.state === 'stale') return sent ? { state: 'ok', sent } : outcome;
  return { ...outcome, sent: sent || outcome.sent === true };
}

async function strikeAll(line, text, origins, kind) {
  if (text === '') return empty(line, origins);
  let taken = false;
  for (const [place, character] of [...text].entries()) {
    const struck = strike(line, character, origins, place === 0);
    if (struck.state !== 'ok') return struck;
    taken ||= struck.taken;
    await pause(place + 1, origins);
  }
  await settledAfterTyping();
  if (!line.isConnected) return kind === 'token' ? { state: 'ok', sent: true } : { state: 'stale' };
  const held = compare(valueIn(line), text, kind);
  if (held.state === 'not_taken' && !taken) return { state: 'no_typing' };
  // A form that is on its way takes no more text.
  return { ...held, sent: kind === 'token' && (line.readOnly || line.matches(':disabled')) };
}

// Types a token into boxes for one character each, whether the page moves the keyboard on by itself or not.
async function typeBoxes(list, text, origins) {
  const boxes = list.map(elementOf);
  for (const box of boxes) {
    const may = typable(box, origins, true);
    if (may.state !== 'ok') return may;
  }
  const [outcome, sent] = await watchingForms(boxes[0], () => strikeBoxes(boxes, text, origins));
  if (outcome.state === 'stale') return sent ? { state: 'ok', sent } : outcome;
  return { ...outcome, sent: sent || outcome.sent === true };
}

async function strikeBoxes(boxes, text, origins) {
  forgetNews();
  const characters = [...text];
  if (characters.length !== boxes.length) return { state: 'unusable', why: 'there are more or fewer boxes than characters' };
  for (const box of boxes) { secrets.add(box); redactIfLive(box); }
  for (const box of boxes.filter((one) => valueIn(one))) {
    const emptied = empty(box, origins);
    if (emptied.state !== 'ok') return emptied;
  }
  for (const [place, character] of characters.entries()) {
    const box = boxes[place];
    // Some open when the keyboard comes to them.
    if (box.readOnly && box.isConnected) await takeKeyboard(box);
    const struck = strike(box, character, origins, true);
    if (struck.state !== 'ok') return struck;
    // Longer than a turn: what moves the keyboard on often does it a moment later.
    await breathe();
  }
  await settledAfterTyping();
  const gone = boxes.some((box) => !box.isConnected || box.matches(':disabled') || box.readOnly);
  if (gone) return { state: 'ok', sent: true };
  return compare(boxes.map(valueIn).join(''), text, 'token');
}
