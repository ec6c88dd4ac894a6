// @ts-check
// Fitted models: what a service, a search and an experiment that goes on ask of them.
import { gramOf, limit, own, points } from './contestants.mjs';

/** @typedef {import('../harness/vocabulary.js').Case} Case */

/**
 * Fifty ridges with exact leave-one-out beside one eigendecomposition.
 * @param {number} rows
 * @param {boolean} quick
 * @returns {Case}
 */
function path(rows, quick) {
  const matrix = gramOf(rows, 20, 3);
  return {
    name: `50 ridges, n = ${rows}`,
    quick,
    rounds: 5,
    contestants: [
      own('ridges', { matrix, count: 50 }),
      own('spectrum', { matrix, vectors: true }, { name: 'eigendecomposition', role: 'limit' }),
    ],
    figures: [
      {
        id: 'path over decomposition',
        says: 'leave-one-out for 50 ridges over one eigendecomposition',
        measure: 'cpu',
        of: 'resgram',
        over: 'eigendecomposition',
        unit: '×',
        better: 'lower',
        target: 1.2,
      },
    ],
  };
}

/**
 * One row through a model of n = 2000 in 50 dimensions.
 * @param {boolean} std
 * @returns {Case}
 */
function row(std) {
  const rows = 2000;
  const dimension = 50;
  const args = { network: 'mlp', depth: 3, x: points(rows, dimension), std };
  // With deviations the factor's triangle is read once, without them the samples.
  const bytes = std ? 4 * rows * rows : 8 * rows * dimension;
  return {
    name: std ? 'one row with its deviation' : 'one row',
    quick: true,
    contestants: [own('predict', args, { times: 200 }), limit('reading', 'stream', { bytes, threads: 1, way: 'read' })],
    figures: [
      {
        id: 'row',
        says: std ? 'predict one row with std, n = 2000, d = 50' : 'predict one row, n = 2000, d = 50',
        measure: 'wall',
        of: 'resgram',
        per: 1e-3,
        unit: 'ms',
        better: 'lower',
        target: 1,
      },
      {
        id: 'row over reading',
        says: std ? 'over reading the triangle of the factor once' : 'over reading the samples once',
        measure: 'cpu',
        of: 'resgram',
        over: 'reading',
        unit: '×',
        better: 'lower',
        slack: 2,
      },
    ],
  };
}

/**
 * A further sample as an update, beside a new fit.
 * @param {number} rows
 * @param {boolean} quick
 * @returns {Case}
 */
function grown(rows, quick) {
  const args = { network: 'mlp', depth: 3, x: points(rows, 20) };
  return {
    name: `a further sample, n = ${rows}`,
    quick,
    rounds: 5,
    agreement: 1e-8,
    contestants: [own('grow', args), own('grow', { ...args, anew: true }, { name: 'new fit', role: 'limit' })],
    figures: [
      {
        id: 'new fit over append',
        says: 'a new fit takes so many times as long',
        measure: 'cpu',
        of: 'new fit',
        over: 'resgram',
        unit: '×',
        better: 'higher',
        slack: 1.5,
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const models = {
  name: 'models',
  title: 'Models',
  about:
    'Fits of NTKs with a ridge, one thread. One eigendecomposition answers for every ridge; a row of a model has to read the samples, and for its deviation the triangle of the factor; a further sample is n² operations beside the n³ of a new fit.',
  cases: [
    path(500, true),
    path(1000, false),
    path(2000, false),
    row(false),
    row(true),
    grown(500, true),
    grown(2000, false),
  ],
};
