// A line for a code is often one input that nobody can see, over boxes that are drawn in its place.
const FEWEST_DRAWN = 3;
const MOST_DRAWN = 12;

// Whether its own letters, or it as a whole, are drawn by something else.
function isSeeThrough(el, cache) {
  const why = hiddenFor(el, cache);
  if (why === 'transparent') return true;
  if (why) return false;
  const style = sightOf(el, cache).style;
  const fill = style.webkitTextFillColor;
  return isClear(style.color) || (fill !== '' && isClear(fill)) || parseFloat(style.fontSize) < 2;
}

// How many boxes of one size stand side by side under the line; 0 when it is an ordinary one.
function drawnBoxes(el, cache) {
  if (!isLine(el) || !isSeeThrough(el, cache)) return 0;
  const box = boxOf(el);
  if (box.width < 40 || box.height < 12) return 0;
  let around = parentOf(el);
  for (let up = 0; up < 3 && around && around !== document.body; up++, around = parentOf(around)) {
    if (countFields(around) > 1) return 0;
    const found = rowUnder(around, el, box, cache);
    if (found) return found;
  }
  return 0;
}

function rowUnder(around, el, box, cache) {
  const groups = [around, ...around.querySelectorAll('*')].slice(0, 200);
  for (const group of groups) {
    if (group === el) continue;
    const row = [...childrenOf(group)].filter((one) => one instanceof Element && one !== el && !holds(one, el) && liesUnder(boxOf(one), box));
    const first = row[0] && boxOf(row[0]);
    // What stands between the boxes, such as a dash, is no box.
    const alike = row.filter((one) => {
      const place = boxOf(one);
      return Math.abs(place.width - first.width) < 6 && Math.abs(place.height - first.height) < 6 && Math.abs(place.top - first.top) < 6
        && visibleBox(one, cache);
    });
    const apart = new Set(alike.map((one) => Math.round(boxOf(one).left)));
    if (apart.size >= FEWEST_DRAWN && apart.size <= MOST_DRAWN) return apart.size;
  }
  return 0;
}

function liesUnder(place, box) {
  const x = (place.left + place.right) / 2, y = (place.top + place.bottom) / 2;
  return place.width >= 10 && place.height >= 12 && place.width < box.width / 2 && x > box.left - 4 && x < box.right + 4 && y > box.top - 8 && y < box.bottom + 8;
}

// Boxes without a line or a ground of their own are words.
function visibleBox(el, cache) {
  const sight = sightOf(el, cache);
  if (hiddenFor(el, cache)) return false;
  const { style } = sight;
  const lined = ['Top', 'Right', 'Bottom', 'Left'].some((side) => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none');
  return lined || !isClear(style.backgroundColor) || style.boxShadow !== 'none' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
}

// Why nobody sees a field, what is drawn in its place counted.
function unseen(el, cache) {
  const why = hiddenFor(el, cache);
  return why === 'transparent' && drawnBoxes(el, cache) ? null : why;
}
