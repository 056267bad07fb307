// Texts that say something and are gone again before anybody has looked: a red line that vanishes, a toast.
const NEWS_MS = 6000;
const MOST_NEWS = 20;
const LONGEST_NEWS = 300;
const SAYS_NEWS = /alert|error|invalid|warn|toast|notif|notice|snack|flash|success|fail/i;
const touched = new Set();
const news = new Map();
let newsTimer = 0;

// Called with every change of the document. What shows for less than the timer's time is seen by no person either.
function noteNews(records) {
  if (!records) return;
  for (const { type, target, addedNodes } of records) {
    if (touched.size > 300) break;
    if (type !== 'childList') touchedBy(target);
    else for (const node of addedNodes) touchedBy(node);
  }
  if (!newsTimer && (touched.size || news.size)) newsTimer = setTimeout(gatherNews, 25);
}

function touchedBy(node) {
  const el = node.nodeType === Node.ELEMENT_NODE ? node : parentOf(node);
  if (el) touched.add(el);
}

function gatherNews() {
  newsTimer = 0;
  const cache = new Map();
  let left = 400;
  for (const el of touched) {
    if (!el.isConnected) continue;
    for (const one of [el, ...el.querySelectorAll('*')].slice(0, 60)) if (left-- > 0) considerNews(one, cache);
  }
  touched.clear();
  ageNews(cache);
}

function considerNews(el, cache) {
  if (news.size >= MOST_NEWS || SKIPPED.has(tagOf(el)) || !hasOwnText(el) || isControl(el)) return;
  const said = wordsOfNews(el);
  if (!said || hiddenFor(el, cache)) return;
  const sight = sightOf(el, cache);
  const hue = hueOf(sight.style.color, false) || sight.hue || undefined;
  const around = closest(el, (node) => {
    const role = attr(node, 'role'), live = attr(node, 'aria-live');
    return role === 'alert' || role === 'status' || live === 'assertive' || live === 'polite' || SAYS_NEWS.test(`${attr(node, 'class')} ${attr(node, 'id')}`);
  });
  if (!hue && !around) return;
  const before = news.get(el);
  // Another text in its place is news of its own; a clock that counts is not.
  if (before && !before.gone && bareNews(before.text) !== bareNews(said)) news.set({}, { ...before, gone: performance.now() });
  news.set(el, { text: said, hue, place: placeOf(boxOf(el)), gone: 0 });
}

const hasOwnText = (el) => [...nodesIn(el)].some((node) => node.nodeType === Node.TEXT_NODE && /\S/.test(node.data));

const bareNews = (text) => text.replace(/\d+/g, '');

function wordsOfNews(el) {
  const said = textWithin(el, LONGEST_NEWS);
  return said.length > 1 ? said : '';
}

// Notes what has gone, and forgets what went long ago.
function ageNews(cache) {
  const now = performance.now();
  for (const [el, one] of news) {
    if (!one.gone && !(el.isConnected && !hiddenFor(el, cache) && wordsOfNews(el) === one.text)) one.gone = now;
    if (one.gone && now - one.gone > NEWS_MS) news.delete(el);
  }
}

// What was said before somebody acted is no answer to what they did.
function forgetNews() {
  news.clear();
  touched.clear();
}

// The texts that have gone, beside those that stand in the picture.
function goneNews(texts, cache) {
  if (newsTimer) { clearTimeout(newsTimer); gatherNews(); } else ageNews(cache);
  return [...news.values()].filter(({ gone, text }) => gone && !texts.some((one) => one.text.includes(text)));
}
