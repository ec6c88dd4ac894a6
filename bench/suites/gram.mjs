// @ts-check
// Gram matrices beside the product of X with its transpose, which any method must at least pay.
import { faster, numpyLoop, points, resgram, store, syrk, timesLimit } from './contestants.mjs';

const depth = 3;

/**
 * One precision, one thread, n points of dimension d.
 * @param {number} n
 * @param {number} d
 * @param {'float64' | 'float32'} precision
 * @param {{ quick?: boolean, loop?: boolean, target?: number }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function plain(n, d, precision, { quick = false, loop = true, target }) {
  const x = points(n, d);
  const limit = precision === 'float64' ? 'dsyrk' : 'ssyrk';
  const fresh = { ...syrk(x, precision, { fresh: 1 }), name: `${limit} into new memory` };
  return {
    name: `n = ${n}, d = ${d}, ${precision}`,
    quick,
    group: `d = ${d}, ${precision}`,
    x: n,
    // What arccos of a rounded correlation costs the NumPy loop on the diagonal: half of the digits.
    agreement: precision === 'float64' ? 1e-7 : 1e-3,
    contestants: [
      resgram({ network: 'mlp', depth, x, precision }),
      syrk(x, precision),
      fresh,
      ...(loop ? [numpyLoop({ depth, x, precision }, { rounds: quick ? 5 : 2 })] : []),
    ],
    figures: [
      timesLimit(limit, target),
      { ...timesLimit(fresh.name, target), id: 'resgram over fresh' },
      {
        id: 'per entry',
        says: 'CPU time per entry',
        measure: 'cpu',
        of: 'resgram',
        per: n * n * 1e-9,
        unit: 'ns',
        better: 'lower',
      },
      ...(loop ? [faster('NumPy loop')] : []),
    ],
  };
}

/**
 * Few dimensions on several threads: what is left is writing the matrix.
 * @returns {import('../harness/vocabulary.js').Case}
 */
function streamed(n, threads, quick) {
  const x = points(n, 20);
  return {
    name: `n = ${n}, d = 20, float64, ${threads} threads`,
    quick,
    contestants: [resgram({ network: 'mlp', depth, x, threads }), store(8 * n * n, threads)],
    figures: [
      {
        id: 'share of bandwidth',
        says: 'bandwidth of plain stores that the matrix is written with',
        measure: 'wall',
        of: 'stores',
        over: 'resgram',
        unit: '×',
        better: 'higher',
        ...(quick ? {} : { target: 0.5 }),
        slack: 1.5,
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const gram = {
  name: 'gram',
  title: 'Gram matrices',
  about:
    'The NTK of a ReLU network with three layers, all n × n entries, one thread unless said. The limit is OpenBLAS’ dsyrk: X·Xᵀ alone, one triangle, nothing evaluated and nothing mirrored, into memory that is there already; and the same into new memory, which the package takes in every call. The NumPy loop goes through the layers with whole matrices.',
  x: 'n',
  cases: [
    plain(1000, 20, 'float64', { quick: true }),
    plain(1000, 784, 'float64', { quick: true }),
    plain(1000, 784, 'float32', { quick: true }),
    plain(2000, 784, 'float64', {}),
    plain(2000, 20, 'float64', {}),
    plain(4000, 784, 'float64', { target: 1.15 }),
    plain(4000, 20, 'float64', { target: 1.5 }),
    plain(4000, 784, 'float32', {}),
    plain(8000, 784, 'float64', { loop: false, target: 1.15 }),
    plain(8000, 20, 'float64', { loop: false, target: 1.5 }),
    streamed(2000, 2, true),
    streamed(8000, 2, false),
  ],
};
