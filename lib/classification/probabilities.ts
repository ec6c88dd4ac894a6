/** Scores as probabilities: a softmax whose one number, its sharpness, is fitted to scores of samples that were left out. */

/**
 * The β ≥ 0 of p = softmax(βs) that makes smoothed labels most likely: each of n labels counts n + 1 times in n + C, and each
 * other class once, so that β stays finite where scores separate the classes (Laplace's rule; Platt's idea). The loss is
 * convex in β: its slope is Σ (E_p s − E_t s), its curvature Σ Var_p s. [sharpness]
 */
export function fitSharpness(scores: ArrayLike<number>, indices: Uint32Array, classes: number): number {
  const n = indices.length;
  let wanted = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    const own = indices[i] as number;
    let sum = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      const score = scores[i * classes + c] as number;
      sum += score;
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
    wanted += (sum + n * (scores[i * classes + own] as number)) / (n + classes);
    spread = Math.max(spread, high - low);
  }
  const slope = (beta: number): number => {
    let expected = 0;
    const p = new Float64Array(classes);
    for (let i = 0; i < n; i++) {
      softmax(scores, i * classes, classes, beta, p, 0);
      for (let c = 0; c < classes; c++) expected += (p[c] as number) * (scores[i * classes + c] as number);
    }
    return expected - wanted;
  };
  // Scores that say nothing, or less than nothing, give every class the same probability.
  if (!(spread > 0) || slope(0) >= 0) return 0;
  let high = 1 / spread;
  let low = 0;
  // The slope ends above 0: with β without bound each sample expects its largest score, and the smoothed labels less.
  while (slope(high) < 0 && high < 1e12 / spread) {
    low = high;
    high *= 2;
  }
  for (let step = 0; step < 60 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
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
