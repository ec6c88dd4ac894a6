/** Regression on two classes over depth, in random splits: what the items on images share. */

import { monteCarloSplits, type Split, sampleRows } from '../../data/split.js';
import { KernelError } from '../../errors.js';
import { compile, type Gram, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { solve } from '../../solve.js';
import { meanDiagonal } from '../../study.js';
import type { StudyContext } from '../definition.js';
import { mlp, resnet } from '../kernels.js';
import { type Mean, meanWithError } from '../measure.js';
import type { TwoClasses } from '../two-classes.js';

/** Against two images that are equal. */
const ridge = 1e-10;
/** So many rows are predicted in each split, at most. */
const mostTests = 500;

export const families = [
  { id: 'mlp', label: 'MLP', family: 'mlp', spec: mlp },
  { id: 'resnet', label: 'ResNet, α = 1/L', family: 'resnet', spec: (depth: number) => resnet(depth, { gamma: 1 }) },
  {
    id: 'gamma-0.5',
    label: 'ResNet, α = 1/√L',
    family: 'resnet',
    spec: (depth: number) => resnet(depth, { gamma: 0.5 }),
  },
  { id: 'gamma-0', label: 'ResNet, α = 1', family: 'resnet', spec: (depth: number) => resnet(depth, 1) },
] as const;

/** Of one split. The squared error of predicting nothing is 1. */
export interface Fit {
  readonly accuracy: number;
  readonly squares: number;
}

/** Of a family at one depth: a fit for each split, the same splits for all. */
export type Fits = readonly Fit[];

export interface Comparison {
  /** The data and the classes. */
  readonly name: string;
  readonly trainRows: number;
  readonly depths: readonly number[];
  /** By family, then by depth. */
  readonly fits: readonly (readonly Fits[])[];
  /** Of the MLP by depth, with as many training rows of each class as there can be. */
  readonly balanced: readonly Fits[];
}

export interface Protocol {
  readonly imageDepths: readonly number[];
  readonly trainRows: readonly number[];
  readonly splits: number;
}

/** Every family at every depth, for each number of training rows; computed once in a run. */
export function compareDepths(
  key: string,
  classes: TwoClasses,
  protocol: Protocol,
  context: StudyContext,
): Promise<readonly Comparison[]> {
  return context.once(`${key} over depth`, async () => {
    const all: Comparison[] = [];
    for (const trainRows of protocol.trainRows) {
      all.push(await comparison(classes, trainRows, protocol, context));
    }
    return all;
  });
}

async function comparison(
  { name, rows, labels }: TwoClasses,
  trainRows: number,
  { imageDepths, splits }: Protocol,
  context: StudyContext,
): Promise<Comparison> {
  if (labels.length < trainRows + 2) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `data: expected more than ${trainRows + 1} rows, for ${trainRows} to train on, got ${labels.length}`,
    );
  }
  const classes = Float64Array.from(labels, (label) => (label === 1 ? 0 : 1));
  const chosen = sampleRows({ task: 'classify', y: classes }, trainRows + mostTests, context.seed);
  const x = chosen.map((row) => rows[row] as Float64Array);
  const y = Float64Array.from(chosen, (row) => labels[row] as number);
  const settings = {
    repeats: splits,
    testFraction: (y.length - trainRows) / y.length,
    seed: context.seed,
    maxTrain: trainRows,
  };
  // Rows at random: as many of each class would hide a prediction that is the same for all.
  const random = monteCarloSplits({ task: 'regress', y }, settings);
  const even = monteCarloSplits(
    { task: 'classify', y: Float64Array.from(y, (label) => (label === 1 ? 0 : 1)) },
    settings,
  );
  const fits: Fits[][] = [];
  const balanced: Fits[] = [];
  for (const { id, spec } of families) {
    const row: Fits[] = [];
    for (const depth of imageDepths) {
      const both = await fitsOf(spec(depth), x, y, id === 'mlp' ? [...random, ...even] : random, context);
      row.push(both.slice(0, splits));
      if (id === 'mlp') balanced.push(both.slice(splits));
    }
    fits.push(row);
  }
  return { name, trainRows, depths: imageDepths, fits, balanced };
}

async function fitsOf(
  spec: PresetSpec,
  rows: readonly Float64Array[],
  labels: Float64Array,
  splits: readonly Split[],
  context: StudyContext,
): Promise<Fits> {
  const kernel = compile(spec);
  try {
    const matrix = await gram(kernel, rows, 'ntk', context.job(`depth ${spec.depth}`));
    const fits: Fit[] = [];
    for (const split of splits) fits.push(await fitOf(matrix, labels, split, context));
    return fits;
  } finally {
    kernel.dispose();
  }
}

async function fitOf(matrix: Gram, labels: Float64Array, { train, test }: Split, context: StudyContext): Promise<Fit> {
  const { onProgress: _, ...options } = context.job('solve');
  const y = Float64Array.from(train, (row) => labels[row] as number);
  const { x } = await solve(matrix, y, { ...options, rows: train, ridge: ridge * meanDiagonal(matrix) });
  let [right, squares] = [0, 0];
  for (const row of test) {
    const start = row * matrix.size;
    const value = train.reduce(
      (sum, column, j) => sum + (matrix.values[start + column] as number) * (x.data[j] as number),
      0,
    );
    if (Math.sign(value) === labels[row]) right++;
    squares += (value - (labels[row] as number)) ** 2;
  }
  return { accuracy: right / test.length, squares: squares / test.length };
}

export function meanFit(fits: Fits, of: keyof Fit): Mean {
  return meanWithError(fits.map((fit) => fit[of]));
}

/** Of what each split changes by. */
export function meanChange(from: Fits, to: Fits, of: keyof Fit): Mean {
  return meanWithError(to.map((fit, i) => fit[of] - (from[i] as Fit)[of]));
}
