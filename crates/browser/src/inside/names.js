// What elements are called: accessible names and everything else that tells what they are for.
const LONGEST_WORDS = 160;

const fold = (text, longest = LONGEST_WORDS) => {
  const folded = text.replace(/[\s\u200b-\u200f\u2060\ufeff]+/g, ' ').trim();
  return folded.length > longest ? folded.slice(0, longest) : folded;
};

const SILENT = new Set(['script', 'style', 'noscript', 'template', 'select', 'textarea', 'iframe', 'object', 'video', 'audio']);

// The text within an element as a person reads it, alternatives of pictures included.
function textWithin(el, longest = LONGEST_WORDS, seen = { nodes: 0 }) {
  let text = '';
  for (const child of childrenOf(el)) {
    if (++seen.nodes > 500 || text.length > longest) break;
    if (child.nodeType === Node.TEXT_NODE) text += child.data;
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const tag = tagOf(child);
      if (SILENT.has(tag)) continue;
      if (tag === 'img') text += ` ${attr(child, 'alt')} `;
      else if (tag === 'input') text += /^(button|submit)$/i.test(attr(child, 'type')) ? ` ${attr(child, 'value')} ` : '';
      else if (tag === 'svg') text += ` ${attr(child, 'aria-label') || (child.querySelector('title')?.textContent ?? '')} `;
      else {
        const own = attr(child, 'aria-label');
        const block = !/^(span|b|i|em|strong|a|small|u|s|sub|sup|mark|code|abbr)$/.test(tag);
        const inner = own || textWithin(child, longest, seen);
        text += block ? ` ${inner} ` : inner;
      }
    }
  }
  return fold(text, longest);
}

function referred(el, attribute) {
  const ids = attr(el, attribute).split(/\s+/).filter(Boolean);
  if (!ids.length) return '';
  const root = el.getRootNode();
  return fold(ids.map((id) => { const other = root.getElementById?.(id); return other ? textWithin(other) : ''; }).join(' '));
}

const ariaName = (el) => referred(el, 'aria-labelledby') || fold(attr(el, 'aria-label'));

// Several inputs may share an id; then every label is given to the first of them, and the others are called by the label
// that has their place among those that share it.
function labelText(el) {
  const id = attr(el, 'id');
  const root = el.getRootNode();
  const sharing = id && root.querySelectorAll ? [...root.querySelectorAll(`[id="${CSS.escape(id)}"]`)] : [];
  let labels = el.labels ? [...el.labels] : [];
  if (sharing.length > 1) {
    const around = closest(el, (node) => tagOf(node) === 'label');
    const named = [...root.querySelectorAll(`label[for="${CSS.escape(id)}"]`)];
    if (around) labels = [around];
    else if (named.length === sharing.length) labels = [named[sharing.indexOf(el)]];
    else labels = named.filter((label) => before(label, el)).slice(-1);
  }
  return fold(labels.map((label) => textWithin(label)).join(' '));
}

const before = (a, b) => Boolean(Node.prototype.compareDocumentPosition.call(a, b) & Node.DOCUMENT_POSITION_FOLLOWING);

const hintsOf = (el) => fold([
  attr(el, 'id'), attr(el, 'name'), attr(el, 'class'), attr(el, 'data-testid'), attr(el, 'data-test'), attr(el, 'data-qa'),
  attr(el, 'data-action'), attr(el, 'formaction'),
].filter(Boolean).join(' '));

function wordsOf(el) {
  return {
    label: labelText(el),
    aria: ariaName(el),
    placeholder: fold(attr(el, 'placeholder') || attr(el, 'aria-placeholder')),
    title: fold(attr(el, 'title')),
    html_name: fold(attr(el, 'name')),
    html_id: fold(attr(el, 'id')),
    hints: fold([attr(el, 'class'), attr(el, 'data-testid'), attr(el, 'data-test'), attr(el, 'data-qa')].filter(Boolean).join(' ')),
    description: referred(el, 'aria-describedby'),
  };
}

function pressName(el) {
  const aria = ariaName(el);
  if (aria) return aria;
  if (tagOf(el) === 'input') return fold(attr(el, 'value') || attr(el, 'alt') || attr(el, 'title'));
  return textWithin(el) || fold(attr(el, 'title')) || labelText(el);
}
