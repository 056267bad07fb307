// Acting on one element: where to press, typing, ticking. A secret is typed in the same breath as its origin is checked.
const frameTime = () => new Promise((done) => { const timer = setTimeout(done, 60); requestAnimationFrame(() => { clearTimeout(timer); done(); }); });

// Boxes to tick may be drawn by their label.
function pressTarget(el, cache) {
  const why = hiddenFor(el, cache);
  if (!why) return { target: el };
  if (/^(checkbox|radio)$/.test(el.type ?? '') && why !== 'display') {
    const label = el.labels && [...el.labels].find((one) => !hiddenFor(one, new Map()));
    if (label) return { target: label };
  }
  return { why };
}

// A point of the element that a click would reach, scrolled into view; or what is in the way.
async function point(number) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  if (el.matches(':disabled') || attr(el, 'aria-disabled') === 'true') return { state: 'asleep' };
  const { target, why } = pressTarget(el, new Map());
  if (!target) return { state: 'unusable', why };
  forgetNews();
  let box = boxOf(target);
  const inside = (b) => b.top >= 0 && b.left >= 0 && b.bottom <= innerHeight && b.right <= innerWidth;
  const spots = [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8], [0.1, 0.5]];
  let last = null;
  // Pages that grow while they are scrolled push it away again, a few times.
  for (let attempt = 0; attempt < 10 && (attempt < 2 || !last); attempt++) {
    // What lies at the edge of the window may lie under a bar that stays there; the middle seldom does.
    if (attempt || !inside(box)) target.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    // A moving element is waited for, within reason.
    const rests = attempt === 0 && inside(box) && standsStill(target, box);
    for (let i = 0; i < 12 && !rests; i++) {
      const earlier = box;
      await frameTime();
      if (!target.isConnected) return { state: 'stale' };
      box = boxOf(target);
      if (box.left === earlier.left && box.top === earlier.top && box.width === earlier.width) break;
    }
    // A link may be broken over lines; its first piece is pressed.
    const piece = [...target.getClientRects()].find((rect) => rect.width > 2 && rect.height > 2) ?? box;
    for (const [across, down] of spots) {
      const x = piece.left + piece.width * across, y = piece.top + piece.height * down;
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
      const hit = topmost(x, y);
      if (hit && reaches(hit, target)) return { state: 'ok', x, y };
      last ??= hit;
    }
  }
  if (!last) return { state: 'unusable', why: 'off_screen' };
  return { state: 'covered', by: numberOf(coverOf(last)), name: textWithin(coverOf(last), 60) };
}

// Whether a click at the point would still reach the element: pages move between looking and pressing.
function still(number, x, y) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  const { target, why } = pressTarget(el, new Map());
  if (!target) return { state: 'unusable', why };
  const hit = topmost(x, y);
  return { state: 'ok', yes: Boolean(hit) && reaches(hit, target) };
}

// What a person would say lies there: the block, not the letter in it.
function coverOf(hit) {
  return closest(hit, (node) => /^(fixed|absolute|sticky)$/.test(getComputedStyle(node).position)) ?? hit;
}

// Where a child frame's content stands in this frame, scrolled into view if asked, and whether the frame is on top there.
function framePlace(name, scroll) {
  const el = frameElements.get(name)?.deref();
  if (!el?.isConnected) return { state: 'stale' };
  if (scroll) el.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const { x, y } = innerBox(el, boxOf(el));
  return { state: 'ok', x, y };
}

function frameOver(name, x, y) {
  const el = frameElements.get(name)?.deref();
  if (!el?.isConnected) return { state: 'stale' };
  const hit = topmost(x, y);
  if (hit === el) return { state: 'ok' };
  if (!hit) return { state: 'unusable', why: 'off_screen' };
  return { state: 'covered', by: numberOf(coverOf(hit)), name: textWithin(coverOf(hit), 60) };
}

const isLine = (el) => el instanceof HTMLTextAreaElement || (el instanceof HTMLInputElement && /^(text|email|tel|number|password|search|url)$/.test(el.type));

// Puts the keyboard on the element.
function focus(number) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  forgetNews();
  if (focusedElement() !== el) el.focus({ preventScroll: true });
  return focusedElement() === el ? { state: 'ok' } : { state: 'unusable', why: 'it does not take the keyboard' };
}

// Takes the keyboard off the line that has it, as a press beside it does: the page hears `change` and `blur`.
function leave() {
  const el = focusedElement();
  if (el && el !== document.body && isLine(el)) el.blur();
  return { state: 'ok' };
}

// Whether the fields hold `text`, one after the other. Says only yes or no.
// What stands in a line that is no secret, for what a person has answered beside name and password.
function textOf(number) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  if (secrets.has(el) || el.type === 'password' || !/^(text|email|tel|number|url|search|)$/.test(el.type ?? '')) return { state: 'unusable', why: 'secret' };
  return { state: 'ok', name: String(el.value ?? '').slice(0, 200) };
}

function holdsText(list, text) {
  let all = '';
  for (const number of list) {
    const el = elementOf(number);
    if (!el) return { state: 'stale' };
    all += el.isContentEditable ? el.textContent : el.value ?? '';
  }
  return { state: 'ok', yes: all === text };
}

function ticked(number) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  return { state: 'ok', yes: typeof el.checked === 'boolean' ? el.checked : attr(el, 'aria-checked') === 'true' };
}

// Chooses the option whose text or value is `wanted`, as a person's choice would be told to the page.
function choose(number, wanted) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  if (!(el instanceof HTMLSelectElement) || el.disabled) return { state: 'unusable', why: 'it is no list' };
  const option = [...el.options].find((one) => fold(one.text) === wanted || one.value === wanted);
  if (!option) return { state: 'unusable', why: 'it has no such entry' };
  option.selected = true;
  el.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  el.dispatchEvent(new Event('change', { bubbles: true }));
  return { state: 'ok' };
}
