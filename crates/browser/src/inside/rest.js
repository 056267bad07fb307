// Tells when the document changes and when it has come to rest, also within shadow trees that are known.
const QUIET_MS = 40;
let lastChange = performance.now();
let busy = true;
let timer = 0;

const tell = (what) => { try { insideTell(what); } catch { /* The binding comes a moment after the script. */ } };

function changed(records) {
  noteNews(records);
  lastChange = performance.now();
  if (!busy) { busy = true; tell('busy'); }
  if (!timer) timer = setTimeout(check, QUIET_MS);
}

function check() {
  timer = 0;
  const rest = QUIET_MS - (performance.now() - lastChange);
  if (document.readyState === 'loading' || rest > 0) {
    timer = setTimeout(check, Math.max(rest, 20));
    return;
  }
  if (busy) { busy = false; tell('quiet'); restedForPerson(); }
}

const observer = new MutationObserver(changed);
const observed = new WeakSet();
const WATCHED = { subtree: true, childList: true, characterData: true, attributes: true };

function observe(root) {
  if (observed.has(root)) return;
  observed.add(root);
  observer.observe(root, WATCHED);
}

observe(document);
changed();

// Asked again by the browser side, in case the first word was lost while the binding was not yet there.
function resting() {
  if (!busy) return true;
  if (!timer) timer = setTimeout(check, QUIET_MS);
  return false;
}
