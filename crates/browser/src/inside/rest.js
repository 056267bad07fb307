// Tells when the document changes and when it has come to rest, also within shadow trees that are known.
const QUIET_MS = 40;
// A document that nothing has changed since it was read, and that has all it wanted, is as it was made: a picture's time for what its
// scripts may begin is enough.
const AS_MADE_MS = 15;
let changedByScript = false;
let lastChange = performance.now();
let busy = true;
let timer = 0;

const tell = (what) => { try { insideTell(what); } catch { /* The binding comes a moment after the script. */ } };

function changed(records) {
  noteNews(records);
  if (records && document.readyState !== 'loading') changedByScript = true;
  lastChange = performance.now();
  if (!busy) { busy = true; tell('busy'); }
  if (!timer) timer = setTimeout(check, QUIET_MS);
}

function check() {
  timer = 0;
  const enough = changedByScript || document.readyState !== 'complete' ? QUIET_MS : AS_MADE_MS;
  const rest = enough - (performance.now() - lastChange);
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
// Its own word that all came that it wanted need not wait for the timer; what its scripts do at that comes first.
document.addEventListener('readystatechange', () => {
  // What was read last is told only now, and no script has done it.
  if (document.readyState === 'interactive') noteNews(observer.takeRecords());
  if (!busy || document.readyState !== 'complete') return;
  clearTimeout(timer);
  timer = setTimeout(check, AS_MADE_MS);
});

// Asked again by the browser side, in case the first word was lost while the binding was not yet there.
function resting() {
  if (!busy) return true;
  if (!timer) timer = setTimeout(check, QUIET_MS);
  return false;
}
