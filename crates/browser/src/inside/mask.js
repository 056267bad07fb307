// Covers what must not be seen while a picture is taken. Whatever lays the page out anew in between, the letters stay covered,
// because the cover is the field's own style.
const secrets = new WeakSet();
const COVER = {
  'color': 'transparent', '-webkit-text-fill-color': 'transparent', 'background-color': 'rgb(68, 68, 68)', 'background-image': 'none',
  'caret-color': 'transparent', 'text-shadow': 'none', 'filter': 'none', 'transition': 'none', '-webkit-text-security': 'disc',
};
let covered = [];

function markSecret(number) {
  const el = elementOf(number);
  if (!el) return { state: 'stale' };
  secrets.add(el);
  redactIfLive(el);
  return { state: 'ok' };
}

function secretElements() {
  const found = new Set();
  for (const root of allRoots()) for (const el of root.querySelectorAll('input')) if (el.type === 'password' || secrets.has(el)) found.add(el);
  for (const ref of elements.values()) { const el = ref.deref(); if (el?.isConnected && secrets.has(el)) found.add(el); }
  return found;
}

async function cover() {
  for (const el of secretElements()) {
    const before = Object.keys(COVER).map((name) => [name, el.style.getPropertyValue(name), el.style.getPropertyPriority(name)]);
    for (const [name, value] of Object.entries(COVER)) el.style.setProperty(name, value, 'important');
    covered.push([el, before]);
  }
  // Where nothing is covered, the page looks as it did.
  if (covered.length > 0) await frameTime();
  return { state: 'ok', count: covered.length };
}

function uncover() {
  for (const [el, before] of covered) {
    for (const [name, value, priority] of before) {
      if (value) el.style.setProperty(name, value, priority);
      else el.style.removeProperty(name);
    }
    if (attr(el, 'style') === '') el.removeAttribute('style');
  }
  covered = [];
  return { state: 'ok' };
}
