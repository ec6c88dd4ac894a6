/** Test error against the number of training rows. */

import type { Classifier } from '../classify.js';
import { classify } from '../classify.js';
import type { Kernel } from '../compile.js';
import type { Dataset, SampleMatrix } from '../data/dataset.js';
import { monteCarloSplits } from '../data/split.js';
import { applyScaling, fitScaling, type Standardize } from '../data/standardize.js';
import type { KernelName } from '../evaluate.js';
import type { JobOptions } from '../jobs.js';
import { regress } from '../regress.js';
import { mean, standardDeviation } from '../statistics.js';
import type { Tensor } from '../tensor.js';
import type { LearningCurve } from './schema.js';

const repeats = 5;
const testShare = 0.2;
const fewest = 10;
const mostSizes = 6;
/** A decomposition for the ridge of every fit: beyond this the curve would cost more than the model. */
const mostRows = 2000;

export interface Learner {
  readonly kernel: Kernel;
  readonly which: KernelName;
  readonly scaling: Standardize;
  /** Scaled rows as the network takes them. */
  readonly inputs: (x: SampleMatrix) => Tensor;
  /** In the unit of the Gram matrix, or chosen by leave-one-out among the rows of each fit. */
  readonly ridge: 'auto' | number;
}

/**
 * Nested random subsets of four fifths of the rows against the other fifth, five times over. Scaling and ridge see the
 * subset alone; the network and its depth were chosen before. null where there are too few rows.
 */
export async function learningCurve(
  data: Dataset,
  learner: Learner,
  seed: number,
  job: JobOptions,
): Promise<LearningCurve | null> {
  const n = data.x.shape[0];
  const largest = Math.min(mostRows, Math.floor((1 - testShare) * n));
  const sizes = sizesTo(largest);
  if (sizes.length < 2) return null;
  const { onProgress, ...silent } = job;
  const total = sizes.reduce((sum, size) => sum + size ** 2, 0) * repeats;
  const errors = sizes.map((): number[] => []);
  const plain: number[] = [];
  let done = 0;
  let testRows = 0;
  for (const [k, size] of sizes.entries()) {
    const splits = monteCarloSplits(data, { repeats, testFraction: testShare, seed, maxTrain: size });
    for (const { train, test } of splits) {
      onProgress?.({ phase: 'learning curve', done, total });
      errors[k]?.push(await errorOf(data, learner, train, test, silent));
      if (k === sizes.length - 1) plain.push(withoutFeatures(data, train, test));
      testRows = test.length;
      done += size ** 2;
    }
  }
  onProgress?.({ phase: 'learning curve', done: total, total });
  return {
    repeats,
    testRows,
    sizes: sizes.map((rows, k) => ({
      rows,
      mean: mean(errors[k] as number[]),
      sd: standardDeviation(errors[k] as number[]),
    })),
    baseline: mean(plain),
  };
}

/** Halves from the largest on, ascending. */
function sizesTo(largest: number): number[] {
  const sizes: number[] = [];
  for (let size = largest; size >= fewest && sizes.length < mostSizes; size = Math.floor(size / 2)) sizes.unshift(size);
  return sizes;
}

async function errorOf(
  { x, y, classes }: Dataset,
  { kernel, which, scaling, inputs, ridge }: Learner,
  train: readonly number[],
  test: readonly number[],
  job: JobOptions,
): Promise<number> {
  const fitted = fitScaling(scaling, x, train);
  const [rows, others] = [inputs(applyScaling(fitted, x, train)), inputs(applyScaling(fitted, x, test))];
  const settings = { ...job, which, centre: true, ridge };
  const truth = test.map((row) => y[row] as number);
  if (classes === undefined) {
    using model = await regress(
      kernel,
      rows,
      Float64Array.from(train, (row) => y[row] as number),
      settings,
    );
    const { mean: predicted } = await model.predict(others, job);
    const squares = truth.map((value, i) => (value - (predicted.data[i] as number)) ** 2);
    return Math.sqrt(mean(squares));
  }
  const labels = train.map((row) => classes[y[row] as number] as string);
  // A subset may hold one class only; then it is what one would predict.
  if (new Set(labels).size < 2) return mean(truth.map((index) => (classes[index] === labels[0] ? 0 : 1)));
  using model: Classifier = await classify(kernel, rows, labels, settings);
  const predicted = (await model.predict(others, job)).labels;
  return mean(truth.map((index, i) => (classes[index] === predicted[i] ? 0 : 1)));
}

/** The error of the mean, or of the largest class, of the training rows. */
function withoutFeatures({ y, classes }: Dataset, train: readonly number[], test: readonly number[]): number {
  if (classes === undefined) {
    const centre = mean(train.map((row) => y[row] as number));
    return Math.sqrt(mean(test.map((row) => ((y[row] as number) - centre) ** 2)));
  }
  const largest = largestClass(train.map((row) => y[row] as number));
  return mean(test.map((row) => (y[row] === largest ? 0 : 1)));
}

/** Of equal ones the first. */
export function largestClass(indices: ArrayLike<number>): number {
  const counts: number[] = [];
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.reduce((best, count, index) => (count > (counts[best] ?? 0) ? index : best), 0);
}
