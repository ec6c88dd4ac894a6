import { KernelError } from '../errors.js';
import type { Dataset } from './dataset.js';
import { createRandom, type Random } from './rng.js';

/** Row numbers of one training and one test part, each in ascending order. Plain data, to be written beside results. */
export interface Split {
  readonly repeat: number;
  readonly fold: number;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** What a splitter needs to know of the data; a `Dataset` has it. */
export type Splittable = Pick<Dataset, 'task' | 'y'>;

export interface FoldOptions {
  /** Parts of each repeat; at least 2. */
  readonly folds: number;
  readonly repeats: number;
  readonly seed: number;
}

export interface MonteCarloOptions {
  readonly repeats: number;
  /** Share of the rows held out, strictly between 0 and 1. */
  readonly testFraction: number;
  readonly seed: number;
  /** Largest training part; the rest of the rows is in neither part. */
  readonly maxTrain?: number;
}

/**
 * Repeated k-fold cross-validation: in each repeat every row is in exactly one test part. For classes the parts are
 * stratified, so each has the same number of every class up to one.
 */
export function repeatedKFold(data: Splittable, { folds, repeats, seed }: FoldOptions): Split[] {
  const n = data.y.length;
  requireWhole('folds', folds, 2, n);
  requireWhole('repeats', repeats, 1, 100_000);
  const splits: Split[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const random = createRandom(seed, repeat);
    const part = new Uint32Array(n);
    // Dealing one class after another without starting over keeps the sizes of the parts equal up to one as well.
    let next = 0;
    for (const rows of strata(data)) {
      for (const row of random.shuffle(rows)) part[row] = next++ % folds;
    }
    for (let fold = 0; fold < folds; fold++) {
      splits.push({ repeat, fold, ...parted(n, (row) => (part[row] === fold ? 'test' : 'train')) });
    }
  }
  return splits;
}

/**
 * Independent random splits into a training and a test part. For classes both parts are stratified by largest
 * remainders, and a class with two or more rows has at least one in each training part.
 */
export function monteCarloSplits(data: Splittable, options: MonteCarloOptions): Split[] {
  const { repeats, testFraction, seed, maxTrain } = options;
  const n = data.y.length;
  requireWhole('repeats', repeats, 1, 100_000);
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new KernelError('ERR_ARGUMENT', `testFraction must lie between 0 and 1, got ${testFraction}`, {
      option: 'testFraction',
    });
  }
  if (n < 2) throw new KernelError('ERR_ARGUMENT', `a split needs at least 2 rows, got ${n}`, { n });
  const testSize = Math.min(n - 1, Math.max(1, Math.round(testFraction * n)));
  if (maxTrain !== undefined) requireWhole('maxTrain', maxTrain, 1, Number.MAX_SAFE_INTEGER);
  const trainSize = Math.min(n - testSize, maxTrain ?? n);
  return Array.from({ length: repeats }, (_, repeat) => {
    const random = createRandom(seed, repeat);
    const groups = strata(data).map((rows) => random.shuffle(rows));
    const sizes = groups.map((rows) => rows.length);
    // The last row of a class goes to training: a class without training rows cannot be predicted.
    const testable = sizes.map((size) => (groups.length > 1 ? Math.max(0, size - 1) : size));
    const tests = proportionalShares(sizes, testable, testSize, random);
    const left = sizes.map((size, c) => size - (tests[c] as number));
    const trains = proportionalShares(left, left, trainSize, random);
    const role = new Map<number, 'train' | 'test'>();
    groups.forEach((rows, c) => {
      const [test, train] = [tests[c] as number, trains[c] as number];
      for (const row of rows.slice(0, test)) role.set(row, 'test');
      for (const row of rows.slice(test, test + train)) role.set(row, 'train');
    });
    return { repeat, fold: 0, ...parted(n, (row) => role.get(row)) };
  });
}

/** Far from the streams of the splits, which count from 0. */
const sampleStream = 0x5a3b1e;

/**
 * `size` rows drawn at random without replacement, ascending; classes in proportion by largest remainders, each with at
 * least one row where there are enough. All rows where there are no more than that.
 */
export function sampleRows(data: Splittable, size: number, seed: number): readonly number[] {
  requireWhole('size', size, 1, Number.MAX_SAFE_INTEGER);
  const n = data.y.length;
  if (size >= n) return Array.from({ length: n }, (_, row) => row);
  const random = createRandom(seed, sampleStream);
  const groups = strata(data).map((rows) => random.shuffle(rows));
  const sizes = groups.map((rows) => rows.length);
  const shares = proportionalShares(sizes, sizes, size, random);
  return groups.flatMap((rows, c) => rows.slice(0, shares[c])).sort((a, b) => a - b);
}

/** Rows of each class, or all rows as one group for regression. */
function strata({ task, y }: Splittable): number[][] {
  const groups: number[][] = [];
  y.forEach((label, row) => {
    const group = task === 'classify' ? label : 0;
    while (groups.length <= group) groups.push([]);
    (groups[group] as number[]).push(row);
  });
  return groups.filter((rows) => rows.length > 0);
}

/**
 * Whole shares of `total` in proportion to `sizes`, none above `most`. Every group gets one if there is enough for all;
 * then the remainders are served largest first, equal ones in random order.
 */
function proportionalShares(
  sizes: readonly number[],
  most: readonly number[],
  total: number,
  random: Random,
): readonly number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const enough = total >= sizes.length;
  const exact = sizes.map((size) => (total * size) / all);
  const shares = exact.map((share, c) => Math.min(most[c] as number, Math.max(enough ? 1 : 0, Math.floor(share))));
  const order = random.shuffle(sizes.map((_, c) => c));
  let given = shares.reduce((sum, share) => sum + share, 0);
  while (given !== total) {
    const step = given < total ? 1 : -1;
    const open = order.filter((c) => {
      const share = (shares[c] as number) + step;
      return step > 0 ? share <= (most[c] as number) : share >= (enough ? 1 : 0);
    });
    if (open.length === 0) break;
    const gap = (c: number) => step * ((exact[c] as number) - (shares[c] as number));
    const neediest = open.reduce((best, c) => (gap(c) > gap(best) ? c : best));
    shares[neediest] = (shares[neediest] as number) + step;
    given += step;
  }
  return shares;
}

function parted(
  n: number,
  roleOf: (row: number) => 'train' | 'test' | undefined,
): { readonly train: readonly number[]; readonly test: readonly number[] } {
  const train: number[] = [];
  const test: number[] = [];
  for (let row = 0; row < n; row++) {
    const role = roleOf(row);
    if (role === 'train') train.push(row);
    else if (role === 'test') test.push(row);
  }
  return { train, test };
}

function requireWhole(option: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new KernelError('ERR_ARGUMENT', `${option} must be a whole number from ${least} to ${most}, got ${value}`, {
    option,
  });
}
