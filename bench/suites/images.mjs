// @ts-check
// Convolutional kernels: what a step costs per pair of pixels, and the whole matrix beside neural-tangents and NumPy.
import { faster, multiplyAdd, peer, points, resgram } from './contestants.mjs';

/**
 * The blocks of one filter that a step is counted in; unordered pairs, diagonal included.
 * @param {number} side
 * @param {number} n
 * @param {'float64' | 'float32'} precision
 * @param {{ quick?: boolean, target?: number }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function perPair(side, n, precision, { quick = false, target }) {
  const depth = 5;
  const pixels = side * side;
  const steps = (n * (n + 1) * pixels * pixels * depth) / 2;
  const x = points(n, side, side, 3);
  return {
    name: `pooled ${side} × ${side}, per pair of pixels, ${precision}`,
    quick,
    contestants: [resgram({ network: 'one filter', depth, x, precision }), multiplyAdd(precision)],
    figures: [
      {
        id: 'per step',
        says: 'CPU time per pair of pixels and layer',
        measure: 'cpu',
        of: 'resgram',
        per: steps * 1e-9,
        unit: 'ns',
        better: 'lower',
        ...(target === undefined ? {} : { target }),
      },
      {
        id: 'multiply-adds per step',
        says: 'multiply-adds that a core could do per pair of pixels and layer',
        measure: 'cpu',
        of: 'resgram',
        over: 'multiply-add',
        per: steps,
        unit: '×',
        better: 'lower',
      },
    ],
  };
}

/**
 * The same network by everyone: three blocks of two filters.
 * @param {number} side
 * @param {number} n
 * @param {{ quick?: boolean, reading?: 'pool' | 'trace', loop?: boolean, perEntry?: number, symmetric?: number }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function whole(side, n, { quick = false, reading = 'pool', loop = false, perEntry, symmetric }) {
  const depth = 3;
  const x = points(n, side, side, 3);
  const pairs = (n + 1) / (2 * n);
  const kernel = { network: 'two filters', depth, options: { reading }, x };
  return {
    name: `${reading === 'pool' ? 'pooled' : 'trace'} ${side} × ${side}, n = ${n}, float64`,
    quick,
    agreement: 1e-6,
    contestants: [
      resgram(kernel),
      peer('neural-tangents', 'tangents', 'images', { depth, mode: 'listed', reading, x }, { rounds: quick ? 3 : 2 }),
      ...(loop ? [peer('NumPy loop', 'numpy', 'images', { depth, filters: 2, x }, { rounds: 2 })] : []),
    ],
    figures: [
      { ...faster('neural-tangents', symmetric), slack: 1.5 },
      {
        ...faster('neural-tangents', perEntry),
        id: 'neural-tangents over resgram, per entry',
        says: 'neural-tangents takes so many times as long per entry that it computes',
        per: 1 / pairs,
        slack: 1.5,
      },
      ...(loop ? [faster('NumPy loop')] : []),
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const images = {
  name: 'images',
  title: 'Images',
  about:
    'Kernels of convolutional ResNets, circular padding, one thread. A pooled kernel compares every pixel of one image with every pixel of the other. Per entry means: resgram computes one half of a symmetric matrix, neural-tangents all of it, and the time of each is divided by what it computes. Per pair of pixels: blocks of one 3 × 3 filter, counted against the multiply-adds that a core can do at its peak.',
  cases: [
    perPair(8, 24, 'float64', { quick: true }),
    perPair(8, 24, 'float32', { quick: true }),
    perPair(16, 16, 'float64', { target: 1.9 }),
    perPair(16, 16, 'float32', { target: 0.65 }),
    perPair(32, 16, 'float64', { target: 1.9 }),
    perPair(32, 16, 'float32', { target: 0.65 }),
    whole(8, 12, { quick: true, loop: true }),
    whole(8, 64, { quick: true, reading: 'trace' }),
    whole(8, 48, { perEntry: 60, symmetric: 100 }),
    whole(16, 10, { perEntry: 60, symmetric: 100 }),
  ],
};
