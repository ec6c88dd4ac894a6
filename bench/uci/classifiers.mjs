// @ts-check
// Both classifiers on a Gram matrix: how many test rows of each split are predicted right at every strength of a grid.
// A grid is ordered from the smoothest fit to the closest.

import { codingOf } from '../../build-ts/compare/coding.js';
import { meanDiagonal } from '../../build-ts/study.js';
import { multiply, ridgePath, solve, svmFolds } from '../../dist/index.js';

/**
 * @typedef {import('./sets.mjs').UciSet} UciSet
 * @typedef {import('./sets.mjs').Fold} Fold
 * @typedef {import('../../dist/index.js').Gram} Gram
 * @typedef {{ grid: readonly number[], symbol: string, limits: { threads: number, signal?: AbortSignal },
 *   choose(gram: Gram, set: UciSet, splits: readonly Fold[]): Promise<number[][]>,
 *   judge(gram: Gram, set: UciSet, split: Fold, strength: number): Promise<number> }} Classifier
 */

const decades = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
const here = { threads: 1 };

/** C-SVM, one against one. Each C begins where the one before ended, also when only the last is wanted. */
const svm = {
  grid: decades(-2, 4),
  symbol: 'C',
  async choose(gram, set, splits) {
    return right(await svmFolds(gram, set.y, splits, { ...here, c: svm.grid, maxIterations: 1e10 }), splits);
  },
  async judge(gram, set, split, strength) {
    const c = svm.grid.slice(0, svm.grid.indexOf(strength) + 1);
    const [counts] = right(await svmFolds(gram, set.y, [split], { ...here, c, maxIterations: 1e10 }), [split]);
    return counts.at(-1);
  },
};

const right = ({ accuracies }, splits) =>
  accuracies.map((each, s) => Array.from(each, (share) => Math.round(share * splits[s].test.length)));

/**
 * Kernel ridge regression of coded classes; λ in units of the mean of the Gram's diagonal over the training rows. All λ of a
 * split come from one eigendecomposition, the one that was chosen from a Cholesky factor.
 */
const ridge = {
  grid: decades(-6, 2).toReversed(),
  symbol: 'λ',
  async choose(gram, set, splits) {
    const counts = [];
    for (const split of splits) {
      const { coding, encoded, target, unit } = prepared(gram, set, split);
      const lambdas = ridge.grid.map((relative) => relative * unit);
      const { coefficients } = await ridgePath(gram, target, lambdas, {
        ...here,
        rows: split.train,
        coefficients: true,
      });
      const cells = target.data.length;
      const found = [];
      for (let r = 0; r < lambdas.length; r++) {
        const data = coefficients.data.slice(r * cells, (r + 1) * cells);
        found.push(await hits(gram, set, split, { coding, encoded, weights: { data, shape: target.shape } }));
      }
      counts.push(found);
    }
    return counts;
  },
  async judge(gram, set, split, strength) {
    const { coding, encoded, target, unit } = prepared(gram, set, split);
    const { x } = await solve(gram, target, { ...here, rows: split.train, ridge: strength * unit });
    return hits(gram, set, split, { coding, encoded, weights: x });
  },
};

function prepared(gram, set, { train }) {
  const coding = codingOf(set.y, set.classes);
  const encoded = coding.encode(train);
  const target = { data: encoded.values, shape: [encoded.rows, encoded.columns] };
  return { coding, encoded, target, unit: meanDiagonal(gram, train) };
}

async function hits(gram, set, { train, test }, { coding, encoded, weights }) {
  const { data } = await multiply(gram, weights, { ...here, rows: test, columns: train });
  return Math.round((1 - coding.error(data, encoded.centre, set.y, test)) * test.length);
}

export const classifiers = { svm, ridge };
