import { KernelError } from './errors.js';

/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Sample variance with n − 1 below, in two passes so that a common offset costs no digits; 0 of a single value. */
export function variance(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - centre) ** 2;
  return values.length > 1 ? sum / (values.length - 1) : 0;
}

/** Sample standard deviation. */
export function standardDeviation(values: ArrayLike<number>): number {
  return Math.sqrt(variance(values));
}

/** Middle value; mean of the two middle ones for an even count; NaN of nothing. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/**
 * P(|T| ≥ |t|) of Student's t with an integer number of degrees of freedom ν. With θ = atan(|t|/√ν) the probability
 * between −t and t is a finite sum in cos θ, exact up to rounding (about 1e-15 absolute).            [student-tail]
 */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  const nu = degreesOfFreedom;
  if (!Number.isInteger(nu) || nu < 1) {
    throw new KernelError('ERR_ARGUMENT', `degreesOfFreedom: expected an integer of at least 1, got ${nu}`);
  }
  if (Number.isNaN(t)) return Number.NaN;
  const theta = Math.atan(Math.abs(t) / Math.sqrt(nu));
  const sine = Math.sin(theta);
  const cosine = Math.cos(theta);
  // Odd ν: (2/π)(θ + sin θ (cos θ + (2/3) cos³θ + … )), even ν: sin θ (1 + (1/2) cos²θ + … ).
  let term = nu % 2 === 1 ? cosine : 1;
  let sum = nu === 1 ? 0 : term;
  for (let k = nu % 2 === 1 ? 2 : 1; k <= nu - 3; k += 2) {
    term *= (k / (k + 1)) * cosine * cosine;
    sum += term;
  }
  const between = nu % 2 === 1 ? (2 / Math.PI) * (theta + sine * sum) : sine * sum;
  return Math.min(1, Math.max(0, 1 - between));
}

/** The t with P(|T| ≥ t) = alpha, by bisection on the exact tail. */
export function studentCritical(alpha: number, degreesOfFreedom: number): number {
  if (!(alpha > 0 && alpha < 1)) {
    throw new KernelError('ERR_ARGUMENT', `alpha: expected a number between 0 and 1, got ${alpha}`);
  }
  let high = 1;
  while (studentTwoSided(high, degreesOfFreedom) > alpha && high < 1e150) high *= 2;
  let low = 0;
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTwoSided(middle, degreesOfFreedom) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

export interface PairedComparison {
  /** Mean of the differences. */
  readonly difference: number;
  /** Standard error of that mean, corrected for the overlap of the training sets. */
  readonly standardError: number;
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** Two-sided p-value, at least 2^(1−splits). */
  readonly p: number;
  /** That of Student's t alone, without the floor. */
  readonly pStudent: number;
  /** 95 % confidence interval of the difference. */
  readonly interval: readonly [number, number];
}

/**
 * Is the mean of J paired differences of test errors, one for each random split, zero? Errors of overlapping training
 * sets are correlated; taking the correlation as testRows / (trainRows + testRows) turns the usual variance s²/J of
 * the mean into s²(1/J + testRows/trainRows), with J − 1 degrees of freedom.                             [Nadeau03]
 *
 * Two floors keep a handful of splits from claiming certainty.                                      [few-splits]
 * `resolution` is the step in which one split's figure moves, 1/testRows for an error rate: rates that agree by accident
 * show no spread, so s² counts as at least one squared step. And J differences have 2^J equally likely signs where there
 * is no effect, two of which are as extreme as the most extreme: no two-sided p-value is below 2^(1−J). The interval
 * reaches to 0 where that floor alone makes p ≥ 0.05.
 */
export function correctedPairedTest(
  differences: ArrayLike<number>,
  trainRows: number,
  testRows: number,
  resolution = 0,
): PairedComparison {
  const splits = differences.length;
  if (splits < 2) {
    throw new KernelError('ERR_ARGUMENT', `differences: expected one for each of at least 2 splits, got ${splits}`);
  }
  if (!(trainRows > 0 && testRows > 0)) {
    throw new KernelError('ERR_ARGUMENT', `rows: expected positive counts, got ${trainRows} and ${testRows}`);
  }
  if (!(resolution >= 0 && resolution < Number.POSITIVE_INFINITY)) {
    throw new KernelError('ERR_ARGUMENT', `resolution: expected a finite number of at least 0, got ${resolution}`);
  }
  const difference = mean(differences);
  const degreesOfFreedom = splits - 1;
  const spread = Math.max(variance(differences), resolution ** 2);
  const standardError = Math.sqrt(spread * (1 / splits + testRows / trainRows));
  const t = difference === 0 ? 0 : difference / standardError;
  const pStudent = studentTwoSided(t, degreesOfFreedom);
  const p = Math.max(pStudent, leastSignFlip(splits));
  const student = studentCritical(0.05, degreesOfFreedom) * standardError;
  const half = p >= 0.05 ? Math.max(student, Math.abs(difference)) : student;
  return {
    difference,
    standardError,
    t,
    degreesOfFreedom,
    p,
    pStudent,
    interval: [difference - half, difference + half],
  };
}

/** The least two-sided p-value that the signs of so many differences allow: 2^(1−splits).             [few-splits] */
export function leastSignFlip(splits: number): number {
  return 2 ** (1 - splits);
}

/**
 * Holm's step-down adjustment: the i-th smallest of m p-values is multiplied by m − i + 1, and no adjusted value is
 * smaller than one before it. Rejecting below α keeps the chance of any false rejection at α.               [Holm79]
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => (pValues[a] as number) - (pValues[b] as number) || a - b);
  const adjusted = new Array<number>(pValues.length).fill(0);
  let floor = 0;
  order.forEach((index, rank) => {
    floor = Math.max(floor, Math.min(1, (pValues.length - rank) * (pValues[index] as number)));
    adjusted[index] = floor;
  });
  return adjusted;
}

/** Spearman's rank correlation, ties sharing their mean rank; null where one side does not vary or under 3 pairs. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) {
    throw new KernelError('ERR_SHAPE', `rankCorrelation: expected pairs, got ${a.length} and ${b.length} values`);
  }
  if (a.length < 3) return null;
  const ranksA = ranks(a);
  const ranksB = ranks(b);
  const centre = (a.length + 1) / 2;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const u = (ranksA[i] as number) - centre;
    const v = (ranksB[i] as number) - centre;
    ab += u * v;
    aa += u * u;
    bb += v * v;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const result = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (let k = from; k < to; k++) result[order[k] as number] = (from + 1 + to) / 2;
    from = to;
  }
  return result;
}

/** Least squares line through points: slope and its standard error; null under 3 points or without spread in x. */
export function lineFit(x: readonly number[], y: readonly number[]): { slope: number; standardError: number } | null {
  const n = x.length;
  if (n < 3 || y.length !== n) return null;
  const centreX = mean(x);
  const centreY = mean(y);
  let xx = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    xx += ((x[i] as number) - centreX) ** 2;
    xy += ((x[i] as number) - centreX) * ((y[i] as number) - centreY);
  }
  if (!(xx > 0)) return null;
  const slope = xy / xx;
  let rest = 0;
  for (let i = 0; i < n; i++) rest += ((y[i] as number) - centreY - slope * ((x[i] as number) - centreX)) ** 2;
  return { slope, standardError: Math.sqrt(rest / (n - 2) / xx) };
}
