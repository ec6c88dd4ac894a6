// @ts-check
// How a contestant looks in every figure: the package blue and solid, limits grey and dotted, peers warm; each with a
// marker of its own, so that none relies on hue. The colours are those of the report.

/** @typedef {import('../../build-ts/report/series.js').SeriesStyle} SeriesStyle */

const blues = [
  { light: '#1878b8', dark: '#62b6f5', marker: 'circle', dash: undefined },
  { light: '#46359e', dark: '#b088f0', marker: 'square', dash: '9 3' },
  { light: '#1d9a86', dark: '#74e3c6', marker: 'triangle', dash: '6 3' },
  { light: '#3a4cb0', dark: '#9a93f7', marker: 'flip', dash: '12 3' },
];
const greys = [
  { light: '#59616c', dark: '#a3a9b2', marker: 'square', dash: '2.5 3' },
  { light: '#8b929c', dark: '#6d747e', marker: 'hexagon', dash: '1.5 4' },
];
const warm = {
  tangents: { light: '#c8430a', dark: '#ff9152', marker: 'diamond', dash: '7 3.5' },
  numpy: { light: '#7d5a00', dark: '#dcb14a', marker: 'triangle', dash: '9 3 2 3' },
  npm: { light: '#a8286f', dark: '#f58cc0', marker: 'cross', dash: '4 3' },
  plain: { light: '#a8286f', dark: '#f58cc0', marker: 'flip', dash: '4 3' },
};

/**
 * One style for each name, in the order in which they first appear.
 *
 * @param {import('../harness/vocabulary.js').Results} results
 * @returns {SeriesStyle[]}
 */
export function stylesOf(results) {
  const contestants = results.suites.flatMap(({ cases }) => cases.flatMap((one) => one.contestants));
  const known = new Map();
  const met = { resgram: 0, limit: 0 };
  for (const { name, role, crew } of contestants) {
    if (known.has(name)) continue;
    const look = role === 'peer' ? warm[crew] : role === 'limit' ? greys[met.limit++ % 2] : blues[met.resgram++ % 4];
    known.set(name, { id: name, label: name, index: known.size, ...look });
  }
  return [...known.values()];
}
