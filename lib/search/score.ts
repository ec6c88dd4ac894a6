/** One eigendecomposition, and what it says about every ridge. */

import { largestOf } from '../classification/probabilities.js';
import type { Gram } from '../evaluate.js';
import { readGram } from '../gram-input.js';
import { job, type Steps } from '../jobs.js';
import { allocate } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { nativeCopy } from '../native-numbers.js';
import { likelihoodPath } from '../regression/likelihood.js';
import { chooseRidge } from '../ridge-choice.js';
import { planDecomposition } from '../spectrum.js';
import { meanDiagonal } from '../study.js';
import type { Criterion, SearchCandidate } from './types.js';

/** What is asked of every Gram matrix. */
export interface Question {
  readonly criterion: Criterion;
  /** Coded and centred: n × columns. */
  readonly y: Float64Array;
  readonly columns: number;
  /** The class of each sample, for classes, and what centring took off. */
  readonly truth: Uint32Array | undefined;
  readonly centre: Float64Array;
  readonly relativeRidges: readonly number[];
  /** The number of the part of each sample, for folds. */
  readonly part: Float64Array | undefined;
  readonly amplitude: number | 'auto';
  readonly threads: number;
}

type Scored = Omit<SearchCandidate, 'network' | 'depth' | 'kernel'>;

/** [leave-one-out; held-out; log-likelihood] */
export function* scored(gram: Gram, question: Question): Steps<Scored> {
  const { y, columns, criterion, part, threads, relativeRidges } = question;
  const { size: n } = gram;
  const scale = meanDiagonal(gram);
  const ridges = Float64Array.from(relativeRidges, (relative) => relative * scale);
  const held: NativeMatrix[] = [];
  try {
    planDecomposition(n, n, true);
    const matrix = yield* readGram('gram', gram).rows.copy();
    held.push(matrix);
    const targets = nativeCopy(y, n, columns);
    held.push(targets);
    const { Matrix } = native();
    const vectors = called(() => new Matrix(n, n));
    held.push(vectors);
    const values = allocate(n, 'float64');
    yield* job('spectrum', () => native().eigen(matrix, n, values, vectors, false, threads));
    const projected = allocate(n * columns, 'float64');
    yield* job('multiply', () => native().multiply(vectors, targets, projected, threads));
    const likelihoods = likelihoodPath(values, projected, columns, ridges, question.amplitude);
    const predictions = allocate(ridges.length * n * columns, 'float64');
    const dropped = allocate(ridges.length, 'float64');
    yield* job('ridges', () =>
      part === undefined
        ? native().ridgePath(values, vectors, targets, ridges, predictions, null, dropped, threads)
        : native().heldOutPath(values, vectors, targets, ridges, part, predictions, dropped, threads),
    );
    const choice = chooseRidge(predictions, y, ridges.length, dropped);
    const byLikelihood = criterion === 'likelihood';
    const scores = byLikelihood
      ? likelihoods.map((value) => -value)
      : Float64Array.from(choice.squaredErrors, (error, r) => (dropped[r] === 0 ? error : Number.NaN));
    const index = byLikelihood ? leastOf(scores) : choice.index;
    const score = scores[index] as number;
    const chosen = predictions.subarray(index * y.length, (index + 1) * y.length);
    return {
      ridge: ridges[index] as number,
      relativeRidge: relativeRidges[index] as number,
      score: Number.isNaN(score) ? Number.POSITIVE_INFINITY : score,
      logLikelihood: likelihoods[index] as number,
      squaredError: choice.squaredErrors[index] as number,
      ...(question.truth === undefined ? {} : { errorRate: errorRate(chosen, question.truth, question.centre) }),
      path: Object.freeze({ ridges, scores }),
    };
  } finally {
    for (const matrix of held) matrix.dispose();
  }
}

/** The place of the least score, of equal ones the last: ridges that ask least of the data come last. */
function leastOf(scores: Float64Array): number {
  let best = scores.length - 1;
  for (let r = scores.length - 2; r >= 0; r--) {
    if (!((scores[r] as number) >= (scores[best] as number)) && !Number.isNaN(scores[r])) best = r;
  }
  return best;
}

function errorRate(predictions: Float64Array, truth: Uint32Array, centre: Float64Array): number {
  const columns = centre.length;
  const scores = predictions.map((value, i) => value + (centre[i % columns] as number));
  let wrong = 0;
  largestOf(scores, columns).forEach((index, row) => {
    if (index !== truth[row]) wrong += 1;
  });
  return wrong / truth.length;
}
