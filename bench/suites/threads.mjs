// @ts-check
// What a second thread brings, by the clock on the wall.
import { gramOf, limit, own, points } from './contestants.mjs';

/** The operation on one thread and on two. */
const both = (op, args) => [1, 2].map((threads) => own(op, { ...args, threads }, { name: who(threads) }));
const bothLimits = (op, args) => [1, 2].map((threads) => limit(`dsyrk, ${who(threads)}`, op, { ...args, threads }));
const who = (threads) => (threads === 1 ? '1 thread' : `${threads} threads`);

/**
 * @param {number} [target]
 * @param {string} prefix of the contestants' names
 * @param {string} says
 * @returns {import('../harness/vocabulary.js').FigureRule}
 */
const gain = (target, prefix = '', says = 'speed of two threads over one') => ({
  id: `${prefix}two over one`,
  says,
  measure: 'wall',
  of: `${prefix}1 thread`,
  over: `${prefix}2 threads`,
  unit: '×',
  better: 'higher',
  ...(target === undefined ? {} : { target }),
});

/**
 * @param {number} n
 * @param {number} d
 * @param {{ quick?: boolean, target?: number }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function gramOn(n, d, { quick = false, target }) {
  const x = points(n, d);
  return {
    name: `Gram matrix, n = ${n}, d = ${d}`,
    quick,
    contestants: [
      ...both('gram', { network: 'mlp', depth: 3, x }),
      ...bothLimits('product', { x, precision: 'float64' }),
    ],
    figures: [gain(target), gain(undefined, 'dsyrk, ', 'the same of OpenBLAS’ dsyrk')],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const threads = {
  name: 'threads',
  title: 'Threads',
  about:
    'Wall time on one thread over wall time on two; 2 is the most that there is. Results are the same bytes for any number of threads, except of LAPACK’s decompositions. On a machine whose CPUs are busy with other work these figures mean little.',
  cases: [
    gramOn(2000, 784, { quick: true }),
    gramOn(8000, 784, { target: 1.85 }),
    gramOn(8000, 20, {}),
    {
      name: 'pooled images 8 × 8, n = 48',
      quick: true,
      contestants: both('gram', { network: 'one filter', depth: 5, x: points(48, 8, 8, 3) }),
      figures: [gain()],
    },
    {
      name: 'all eigenvalues, n = 2000',
      quick: false,
      contestants: both('spectrum', { matrix: gramOf(2000, 20, 3) }),
      figures: [gain()],
    },
  ],
};
