// @ts-check
// What a Gram matrix takes beside itself, in a process that has computed nothing before.
import { points, resgram } from './contestants.mjs';

const mebi = 2 ** 20;

/** @returns {import('../harness/vocabulary.js').Case} */
function peak(n, d, precision, threads, quick) {
  const matrix = n * n * (precision === 'float64' ? 8 : 4);
  const inputs = 8 * n * d;
  const x = points(n, d);
  return {
    name: `n = ${n}, d = ${d}, ${precision}, ${threads} thread${threads > 1 ? 's' : ''}`,
    quick,
    rounds: 3,
    contestants: [resgram({ network: 'mlp', depth: 3, x, precision, threads }, { isolated: true })],
    figures: [
      {
        id: 'beside',
        says: 'peak beyond the matrix and the inputs',
        measure: 'peak',
        of: 'resgram',
        less: matrix + inputs,
        per: mebi,
        unit: 'MiB',
        better: 'lower',
        target: 64,
      },
      {
        id: 'share',
        says: 'peak over the matrix and the inputs',
        measure: 'peak',
        of: 'resgram',
        per: matrix + inputs,
        unit: '×',
        better: 'lower',
      },
    ],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const memory = {
  name: 'memory',
  title: 'Memory',
  about:
    'How far the process grows at its peak while sync.gram runs, from just before the call, when the caller’s points are there already: the matrix, a copy of the points, and what the computation needs beside. Measured where the system tells (Linux).',
  cases: [
    peak(2000, 784, 'float64', 1, true),
    peak(4000, 784, 'float64', 1, false),
    peak(8000, 784, 'float64', 2, false),
    peak(4000, 784, 'float32', 1, false),
  ],
};
