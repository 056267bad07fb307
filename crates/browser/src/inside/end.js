// What a click set in motion begins in a later turn of the page's loop.
const breathe = () => new Promise((done) => setTimeout(() => setTimeout(() => done(true), 0), 0));

globalThis.inside = {
  adopt, look, resting, point, still, framePlace, frameOver, focus, leave, type, typeBoxes, holdsText, textOf, ticked, choose, markSecret, cover, uncover,
  breathe, beLive, chooseOption, selected, nameAt, clean, values,
};
