// Whether the page only says that one must wait: a cover over all of it that has nothing to use, or its own word for it.
const FULL = 0.8;
const USED = 'input:not([type=hidden]), select, textarea, button, a[href], iframe, [role=button], [contenteditable]';
const WAITS = /spinner|spinning|loader|loading|progress|busy|\bwait/i;

function isBusy(frame, cache) {
  if (self !== top || !document.body) return false;
  const says = [document.documentElement, document.body, ...document.querySelectorAll('main, [role=main], form')];
  if (says.some((el) => attr(el, 'aria-busy') === 'true' && !hiddenFor(el, cache))) return true;
  const cover = coverOfAll(cache);
  if (!cover) return false;
  const shown = [...frame.fields.filter((field) => !field.hidden), ...frame.buttons, ...frame.links].filter(({ place }) => inWindow(place));
  if (shown.length) return shown.every(({ covered }) => covered);
  return [cover, ...cover.querySelectorAll('*')].slice(0, 60).some((el) => attr(el, 'role') === 'progressbar' || tagOf(el) === 'progress' || WAITS.test(`${attr(el, 'class')} ${attr(el, 'id')}`));
}

function inWindow({ x, y, w, h }) {
  const across = x + w / 2, down = y + h / 2;
  return across >= 0 && down >= 0 && across < innerWidth && down < innerHeight;
}

// The one element that lies over five points of the window and can be seen, if there is nothing to use in it.
function coverOfAll(cache) {
  const spots = [[0.5, 0.5], [0.15, 0.15], [0.85, 0.15], [0.15, 0.85], [0.85, 0.85]];
  let cover = null;
  for (const [across, down] of spots) {
    const hit = topmost(innerWidth * across, innerHeight * down);
    const el = hit && closest(hit, (node) => coversAll(node, cache));
    if (!el || (cover && el !== cover)) return null;
    cover = el;
  }
  return cover.querySelector(USED) || !showsSomething(cover, cache) ? null : cover;
}

function coversAll(el, cache) {
  if (el === document.body || el === document.documentElement) return false;
  const { position } = sightOf(el, cache).style;
  if (position !== 'fixed' && position !== 'absolute') return false;
  const seen = meet2(boxOf(el), { left: 0, top: 0, right: innerWidth, bottom: innerHeight });
  return Math.max(0, seen.right - seen.left) * Math.max(0, seen.bottom - seen.top) >= FULL * innerWidth * innerHeight;
}

const showsSomething = (el, cache) => !hiddenFor(el, cache) && (!isClear(sightOf(el, cache).style.backgroundColor) || /\S/.test(textWithin(el, 20)) || el.querySelector('svg, img, canvas, progress, [role=progressbar]') !== null);
