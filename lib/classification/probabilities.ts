/** Scores as probabilities: a softmax whose one number, its sharpness, is fitted to scores of samples that were left out. */

import { breathe, type Steps } from '../jobs.js';

/** Exponentials between two turns of the event loop: about a millisecond. */
const perTurn = 2 ** 16;

/**
 * The β ≥ 0 of p = softmax(βs) that makes smoothed labels most likely: each of n labels counts n + 1 times in n + C, and each
 * other class once, so that β stays finite where scores separate the classes (Laplace's rule; Platt's idea). The loss is
 * convex in β: its slope is Σ (E_p s − E_t s), its curvature Σ Var_p s. Newton's steps, kept inside a bracket. [sharpness]
 */
export function* fitSharpness(scores: Float64Array, indices: Uint32Array, classes: number): Steps<number> {
  const n = indices.length;
  let wanted = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    const row = scores.subarray(i * classes, (i + 1) * classes);
    const sum = row.reduce((all, score) => all + score, 0);
    wanted += (sum + n * (row[indices[i] as number] as number)) / (n + classes);
    spread = Math.max(spread, Math.max(...row) - Math.min(...row));
  }
  // Scores that say nothing, or less than nothing, give every class the same probability.
  if (!(spread > 0)) return 0;
  const start = yield* lossAt(scores, classes, 0, wanted);
  if (start.slope >= 0) return 0;
  // The slope ends above 0: with β without bound each sample expects its largest score, and the smoothed labels less.
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let beta = 1 / spread;
  for (let step = 0; step < 200; step++) {
    const { slope, curvature } = yield* lossAt(scores, classes, beta, wanted);
    if (slope === 0) return beta;
    if (slope < 0) low = beta;
    else high = beta;
    const newton = beta - slope / curvature;
    const middle = high === Number.POSITIVE_INFINITY ? 2 * beta : (low + high) / 2;
    const next = newton > low && newton < Math.min(high, 4 * beta) ? newton : middle;
    if (Math.abs(next - beta) <= 1e-13 * beta) return next;
    beta = next;
  }
  return beta;
}

/** Slope and curvature of the loss, with room for other events on the way. */
function* lossAt(
  scores: Float64Array,
  classes: number,
  beta: number,
  wanted: number,
): Steps<{ readonly slope: number; readonly curvature: number }> {
  const p = new Float64Array(classes);
  let slope = -wanted;
  let curvature = 0;
  let sinceTurn = 0;
  for (let from = 0; from < scores.length; from += classes) {
    softmax(scores, from, classes, beta, p, 0);
    let mean = 0;
    for (let c = 0; c < classes; c++) mean += (p[c] as number) * (scores[from + c] as number);
    for (let c = 0; c < classes; c++) curvature += (p[c] as number) * ((scores[from + c] as number) - mean) ** 2;
    slope += mean;
    sinceTurn += classes;
    if (sinceTurn < perTurn) continue;
    sinceTurn = 0;
    yield* breathe();
  }
  return { slope, curvature };
}

/** softmax(β s) of every row. */
export function probabilitiesOf(scores: Float64Array, classes: number, beta: number): Float64Array {
  const p = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += classes) softmax(scores, from, classes, beta, p, from);
  return p;
}

function softmax(
  scores: ArrayLike<number>,
  from: number,
  classes: number,
  beta: number,
  into: Float64Array,
  at: number,
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, scores[from + c] as number);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const weight = Math.exp(beta * ((scores[from + c] as number) - largest));
    into[at + c] = weight;
    sum += weight;
  }
  for (let c = 0; c < classes; c++) into[at + c] = (into[at + c] as number) / sum;
}

/** The class of the largest score of each row; of equal ones the first. */
export function largestOf(scores: Float64Array, classes: number): Uint32Array {
  return Uint32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((scores[row * classes + c] as number) > (scores[row * classes + best] as number)) best = c;
    }
    return best;
  });
}
