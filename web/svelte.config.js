export default {
  compilerOptions: {
    runes: true,
    // Short scope marks: they stand on every styled element.
    cssHash: ({ hash, filename }) => `s${hash(filename).slice(0, 3)}`,
  },
};
