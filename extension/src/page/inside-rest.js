// What the server's script beside a document has besides what looks, put as it is where nothing is covered, recorded or typed.
// `build.mjs` puts it before those parts.
const observed = new WeakSet();
const observe = (root) => observed.add(root);
const redactRoot = () => undefined;
const redacted = new WeakSet();
const secrets = new WeakSet();
const keptBack = false;
const goneNews = () => [];
const isBusy = () => false;
const isLine = (el) =>
  el instanceof HTMLTextAreaElement ||
  (el instanceof HTMLInputElement && /^(text|email|tel|number|password|search|url)$/.test(el.type));
