// Whether a person could see an element, and if not, why.
const TINY = 3;

const meet2 = (a, b) => {
  if (!a) return b;
  if (!b) return a;
  const left = Math.max(a.left, b.left), top = Math.max(a.top, b.top);
  return { left, top, right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom) };
};

// What the elements around and the element itself do to everything within: hidden for a reason, cut to rectangles.
// `all` cuts what flows, `placed` cuts what is positioned absolutely.
function sightOf(el, cache) {
  if (!el) return { hidden: null, all: null, placed: null, hue: '', style: getComputedStyle(document.documentElement) };
  const known = cache.get(el);
  if (known) return known;
  const around = sightOf(parentOf(el), cache);
  const style = getComputedStyle(el);
  let { hidden, all, placed } = around;
  if (style.position === 'fixed') { all = null; placed = null; }
  else if (style.position === 'absolute') all = placed;
  if (!hidden) {
    if (style.display === 'none') hidden = 'display';
    else if (parseFloat(style.opacity) < 0.1) hidden = 'transparent';
    else if (cutAway(style)) hidden = 'clipped';
  }
  if (!hidden && style.display !== 'contents' && style.display !== 'inline') {
    const cutsX = style.overflowX === 'hidden' || style.overflowX === 'clip';
    const cutsY = style.overflowY === 'hidden' || style.overflowY === 'clip';
    if ((cutsX || cutsY) && el !== document.documentElement && el !== document.body) {
      const box = boxOf(el);
      const cut = {
        left: cutsX ? box.left : -1e6, right: cutsX ? box.right : 1e6,
        top: cutsY ? box.top : -1e6, bottom: cutsY ? box.bottom : 1e6,
      };
      all = meet2(all, cut);
      if (style.position !== 'static') placed = meet2(placed, cut);
    }
  }
  const sight = { hidden, all, placed, style, hue: hueOf(style.backgroundColor, true) || hueOf(style.borderLeftWidth !== '0px' ? style.borderLeftColor : '', true) || (isClear(style.backgroundColor) ? around.hue : '') };
  cache.set(el, sight);
  return sight;
}

function cutAway(style) {
  if ((style.position === 'absolute' || style.position === 'fixed') && style.clip.startsWith('rect(')) {
    const [top, right, bottom, left] = style.clip.slice(5, -1).split(/[ ,]+/).map(parseFloat);
    if (right - left < TINY || bottom - top < TINY) return true;
  }
  const path = style.clipPath;
  if (path.startsWith('inset(')) {
    const insets = path.slice(6).match(/-?[\d.]+%/g)?.map(parseFloat) ?? [];
    return insets.some((inset) => inset >= 50);
  }
  return /^(circle|ellipse)\(0(px|%)?[ )]/.test(path);
}

// Why nobody sees `el`, or null.
function hiddenFor(el, cache, box = boxOf(el)) {
  const sight = sightOf(el, cache);
  if (sight.hidden) return sight.hidden;
  const visibility = sight.style.visibility;
  if (visibility === 'hidden' || visibility === 'collapse') return 'visibility';
  if (!el.checkVisibility()) return 'display';
  if (box.width < TINY || box.height < TINY) return 'tiny';
  const page = document.scrollingElement ?? document.documentElement;
  const fixed = closest(el, (node) => sightOf(node, cache).style.position === 'fixed');
  const left = fixed ? 0 : -scrollX, top = fixed ? 0 : -scrollY;
  const right = fixed ? innerWidth : left + Math.max(page.scrollWidth, innerWidth);
  const bottom = fixed ? innerHeight : top + Math.max(page.scrollHeight, innerHeight);
  const leftmost = sightOf(page, cache).style.direction === 'rtl' ? left - page.scrollWidth : left;
  if (box.right - TINY < leftmost || box.bottom - TINY < top || box.left + TINY > right || box.top + TINY > bottom) return 'off_screen';
  const cut = sight.style.position === 'absolute' ? sight.placed : sight.all;
  if (cut && !scrollsBetween(el, cache)) {
    const seen = meet2(cut, box);
    if (seen.right - seen.left < TINY || seen.bottom - seen.top < TINY) return 'clipped';
  }
  // What is greyed out is left out of the order as well.
  if (has(el, 'tabindex') && el.tabIndex < 0 && !el.matches(':disabled') && closest(el, (node) => attr(node, 'aria-hidden') === 'true')) return 'aria_hidden';
  return null;
}

// What is cut now may be scrolled into sight.
function scrollsBetween(el, cache) {
  return closest(el, (node) => {
    if (node === document.documentElement || node === document.body) return false;
    const style = sightOf(node, cache).style;
    const scrolls = (flow, more) => (flow === 'auto' || flow === 'scroll') && more;
    return scrolls(style.overflowY, node.scrollHeight > node.clientHeight + 1) || scrolls(style.overflowX, node.scrollWidth > node.clientWidth + 1);
  }) !== null;
}

const isClear = (colour) => colour === 'transparent' || /, 0\)$/.test(colour);

// The colour family that says something in every language. Pale grounds count, pale letters do not.
function hueOf(colour, ground) {
  const parts = colour.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
  if (!parts || (parts[4] !== undefined && parseFloat(parts[4]) < 0.1)) return '';
  const [r, g, b] = parts.slice(1, 4).map((part) => parseFloat(part) / 255);
  const most = Math.max(r, g, b), least = Math.min(r, g, b), span = most - least;
  const light = (most + least) / 2;
  if (span < (ground ? 0.03 : 0.2) || light > (ground ? 0.985 : 0.9) || light < 0.08) return '';
  if (span / (1 - Math.abs(2 * light - 1)) < 0.3) return '';
  let hue = most === r ? (g - b) / span : most === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  hue = (hue * 60 + 360) % 360;
  if (hue <= 20 || hue >= 340) return 'red';
  if (hue >= 28 && hue <= 62) return 'amber';
  if (hue >= 85 && hue <= 165) return 'green';
  return '';
}
