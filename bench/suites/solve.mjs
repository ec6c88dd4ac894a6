// @ts-check
// Linear systems with an NTK matrix.
import { faster, gramOf, own, peer } from './contestants.mjs';

/**
 * @param {number} rows
 * @param {{ quick?: boolean, target?: number }} options
 * @returns {import('../harness/vocabulary.js').Case}
 */
function system(rows, { quick = false, target }) {
  const args = { matrix: gramOf(rows, 20, 3), ridge: 1e-3, columns: 1 };
  return {
    name: `n = ${rows}, one right-hand side`,
    quick,
    group: 'one right-hand side',
    x: rows,
    agreement: 1e-8,
    contestants: [
      own('solve', args),
      peer('SciPy', 'numpy', 'solve', args),
      ...(rows <= 500 ? [peer('ml-matrix', 'npm', 'solve', args)] : []),
    ],
    figures: [faster('SciPy', target), ...(rows <= 500 ? [{ ...faster('ml-matrix'), slack: 1.5 }] : [])],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const solve = {
  name: 'solve',
  title: 'Solves',
  about:
    '(K + 10⁻³·I) x = b with the NTK matrix of points in 20 dimensions, one thread, float64, to a backward error of 10⁻¹³ or better. SciPy: cho_factor and cho_solve. resgram’s times include the residual that it reports.',
  x: 'n',
  cases: [system(500, { quick: true }), system(1000, { quick: true }), system(2000, {}), system(4000, { target: 1.6 })],
};
