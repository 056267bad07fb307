// What Chromium lets one pick in a window of its own, which is in no picture: told as a list instead. Dates and times are typed,
// part by part, and need none.
const COLOURS = {
  black: '#000000', dimgray: '#696969', gray: '#808080', silver: '#c0c0c0', white: '#ffffff', maroon: '#800000', brown: '#a52a2a', red: '#ff0000',
  tomato: '#ff6347', salmon: '#fa8072', orange: '#ffa500', gold: '#ffd700', yellow: '#ffff00', khaki: '#f0e68c', olive: '#808000', lime: '#00ff00',
  green: '#008000', darkgreen: '#006400', teal: '#008080', turquoise: '#40e0d0', aqua: '#00ffff', skyblue: '#87ceeb', blue: '#0000ff', navy: '#000080',
  indigo: '#4b0082', purple: '#800080', violet: '#ee82ee', fuchsia: '#ff00ff', pink: '#ffc0cb', beige: '#f5f5dc', tan: '#d2b48c', chocolate: '#d2691e',
};
const YEARS_AROUND = 10;

const opensPicker = (el) => el instanceof HTMLInputElement && /^(color|month|week)$/.test(el.type) && !el.readOnly && !el.matches(':disabled');

function pickable(el) {
  const values = el.type === 'color' ? coloursOf(el) : partsOfYears(el);
  const entries = values.slice(0, MOST_OPTIONS).map(({ value, label, group }) => ({
    label, group, disabled: false, chosen: el.value === value, usable: () => opensPicker(el), isChosen: () => el.value === value,
    choose: () => { el.value = value; },
  }));
  // A month may be left empty.
  const clears = el.type !== 'color' && !el.required;
  return clears ? [{ label: '\u2014', disabled: false, chosen: el.value === '', usable: () => opensPicker(el), isChosen: () => el.value === '', choose: () => { el.value = ''; } }, ...entries] : entries;
}

function coloursOf(el) {
  const named = Object.entries(COLOURS).map(([label, value]) => ({ label, value }));
  const offered = [...(el.list?.options ?? [])].filter((one) => /^#[0-9a-f]{6}$/i.test(one.value)).map((one) => ({ label: fold(one.label || one.value, 60), value: one.value.toLowerCase() }));
  const all = [...offered, ...named];
  return all.some(({ value }) => value === el.value) ? all : [{ label: el.value, value: el.value }, ...all];
}

// Months or weeks of the years around what is in the field, within what the field says it takes.
function partsOfYears(el) {
  const yearOf = (text) => (/^\d{4,6}-/.test(text) ? parseInt(text, 10) : undefined);
  const middle = yearOf(el.value) ?? new Date().getFullYear();
  const from = Math.max(yearOf(el.min) ?? middle - YEARS_AROUND, middle - YEARS_AROUND);
  const to = Math.min(yearOf(el.max) ?? middle + YEARS_AROUND, middle + YEARS_AROUND);
  const all = [];
  for (let year = from; year <= to; year++) {
    const parts = el.type === 'month' ? 12 : weeksOf(year);
    for (let part = 1; part <= parts; part++) {
      const two = String(part).padStart(2, '0');
      const value = el.type === 'month' ? `${year}-${two}` : `${year}-W${two}`;
      if ((el.min && value < el.min) || (el.max && value > el.max)) continue;
      const label = el.type === 'month' ? new Date(Date.UTC(year, part - 1, 1)).toLocaleDateString(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' }) : value;
      all.push({ value, label, group: String(year) });
    }
  }
  return all;
}

// ISO 8601: a year has 53 weeks when it begins on a Thursday, or on a Wednesday and is a leap year.
function weeksOf(year) {
  const first = new Date(Date.UTC(year, 0, 1)).getUTCDay();
  const leap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return first === 4 || (first === 3 && leap) ? 53 : 52;
}
