// @ts-check
// Symmetric eigenproblems of NTK matrices, beside SciPy's on one thread and what npm offers.
import { faster, gramOf, own, peer } from './contestants.mjs';

const scipy = (op, args, rounds) => peer(op === 'top' ? 'SciPy, subset' : 'SciPy', 'numpy', op, args, { rounds });

/**
 * All questions about one matrix; `targets` in the order values, vectors, top 20, condition.
 * @param {number} rows
 * @param {{ quick?: boolean, rounds?: number, targets?: number[] }} options
 * @returns {import('../harness/vocabulary.js').Case[]}
 */
function questions(rows, { quick = false, rounds = 3, targets = [] }) {
  const matrix = gramOf(rows, 20, 3);
  const [values, vectors, few, condition] = targets;
  /** @returns {import('../harness/vocabulary.js').Case} */
  const one = (what, resgram, peers, figures, agreement = 1e-10) => ({
    name: `${what}, n = ${rows}`,
    quick,
    rounds,
    agreement,
    contestants: [own(resgram[0], resgram[1]), ...peers],
    figures,
  });
  return [
    one(
      'all eigenvalues',
      ['spectrum', { matrix }],
      [scipy('eigvalsh', { matrix }, rounds)],
      [faster('SciPy', values)],
    ),
    one(
      'eigenvalues and eigenvectors',
      ['spectrum', { matrix, vectors: true }],
      [scipy('eigh', { matrix }, rounds)],
      [faster('SciPy', vectors)],
    ),
    one(
      'the 20 largest eigenvalues',
      ['spectrum', { matrix, top: 20 }],
      [scipy('eigvalsh', { matrix }, rounds), scipy('top', { matrix, count: 20 }, 1)],
      [
        { ...faster('SciPy', few), says: 'SciPy, all eigenvalues, takes so many times as long' },
        faster('SciPy, subset'),
      ],
    ),
    one(
      'condition number',
      ['condition', { matrix }],
      [scipy('condition', { matrix }, rounds)],
      [faster('SciPy', condition)],
      1e-6,
    ),
  ];
}

/**
 * Small enough for JavaScript.
 * @returns {import('../harness/vocabulary.js').Case}
 */
function small(rows) {
  const matrix = gramOf(rows, 20, 3);
  return {
    name: `all eigenvalues and eigenvectors, n = ${rows}, beside npm`,
    quick: true,
    rounds: 3,
    agreement: 1e-9,
    contestants: [own('spectrum', { matrix, vectors: true }), peer('ml-matrix', 'npm', 'eigen', { matrix })],
    figures: [{ ...faster('ml-matrix'), slack: 1.5 }],
  };
}

/** @type {import('../harness/vocabulary.js').Suite} */
export const eigen = {
  name: 'eigen',
  title: 'Eigenvalues',
  about:
    'Of the NTK matrix of points in 20 dimensions, one thread on both sides, float64. SciPy calls OpenBLAS’ LAPACK: eigvalsh, eigh with the driver evd (its faster one), and for the condition number eigvalsh as well, since it offers nothing cheaper. resgram’s times include the residual that it reports.',
  cases: [small(300), ...questions(1000, { quick: true }), ...questions(4000, { rounds: 2, targets: [1.7, 1, 12, 4] })],
};
