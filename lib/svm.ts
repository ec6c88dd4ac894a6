/** Support vector machines on Gram matrices. */

import type { Label, Labels } from './classification/labels.js';
import { ratioOfScales, readScale } from './cross-input.js';
import type { Cross, Gram, KernelName } from './evaluate.js';
import { readGram, readProduct } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { indexList } from './loo.js';
import { allocate, requireMemory } from './memory.js';
import type { MultiplyOptions } from './multiply.js';
import { native } from './native.js';
import { readOptions } from './options.js';
import { withCopies } from './samples.js';
import { planSvm, readClasses, type SvmSettings, settingsRow, svmConstraints } from './svm-settings.js';
import type { Tensor } from './tensor.js';

export interface SvmOptions extends JobOptions, SvmSettings {
  /** The price of a sample on the wrong side of the margin, per unit of distance, in the unit of 1/gram.values. Default 1. */
  readonly c?: number;
  /** Uses only these samples of the Gram, in this order; there is then one label for each of them. Default: all. */
  readonly rows?: readonly number[];
}

export interface SvmPathOptions extends Omit<SvmOptions, 'c'> {
  /** Several prices: one machine for each, in their order. Ascending lists profit most from `warmStart`. */
  readonly c: readonly number[];
}

/** What was learnt about one pair of classes. */
export interface SvmPair {
  /** A decision above 0 is a vote for the first of them. */
  readonly classes: readonly [Label, Label];
  /** Added to Σ coefficient · kernel. */
  readonly bias: number;
  /** The dual objective ½ βᵀKβ − yᵀβ, which was minimised. */
  readonly objective: number;
  /** By how much the optimality conditions are still violated, at most the tolerance. */
  readonly violation: number;
  readonly iterations: number;
}

/** Trained and immutable. */
export interface SupportVectorMachine {
  readonly kernel: KernelName;
  readonly c: number;
  /** Ascending. */
  readonly classes: readonly Label[];
  /** In the order (0,1), (0,2) … (1,2) … of `classes`. */
  readonly pairs: readonly SvmPair[];
  /**
   * [n, classes − 1]: the coefficients of each sample in the machines of its class a against the others b, in their order.
   * Positive where a comes first in the pair; 0 for samples beyond the margin.
   */
  readonly coefficients: Tensor;
  /** How many samples have a coefficient that is not 0. */
  readonly supportVectors: number;
  /**
   * [m, pairs]: what each pair's machine says about m points, given their kernel with the n training samples in the order of
   * training: `cross(kernel, points, samples, …)`, or rows and columns of a Gram matrix. A tensor without a name and a
   * logScale counts as being of the machine's kernel, in the unit of the Gram matrix.
   */
  decide(k: Tensor | Cross | Gram, options?: MultiplyOptions): Promise<Tensor>;
  /** The class with most votes for each point, the first of those that tie. */
  classify(k: Tensor | Cross | Gram, options?: MultiplyOptions): Promise<readonly Label[]>;
}

/**
 * C-support vector classification on a kernel matrix; several classes one against one. [svm]
 */
export function svm(gram: Gram, labels: Labels, options: SvmPathOptions): Promise<readonly SupportVectorMachine[]>;
export function svm(gram: Gram, labels: Labels, options?: SvmOptions): Promise<SupportVectorMachine>;
export function svm(
  gram: Gram,
  labels: Labels,
  options?: SvmOptions | SvmPathOptions,
): Promise<SupportVectorMachine | readonly SupportVectorMachine[]> {
  return background(svm, () => svmTask(gram, labels, options));
}

export function svmTask(
  gram: Gram,
  labels: Labels,
  options?: SvmOptions | SvmPathOptions,
): Task<SupportVectorMachine | readonly SupportVectorMachine[]> {
  const settings = readOptions('options', options, { ...svmConstraints, rows: indexList });
  const { kernel, size, rows, logScale } = readGram('gram', gram, settings.rows);
  const { names, indices } = readClasses(labels, size);
  const threads = threadsOf(settings);
  const row = settingsRow(settings);
  const [costs] = row;
  const pairs = pairsOf(names);
  const largest = largestPair(indices, names.length);
  const cells = size * (names.length - 1);
  // Native coefficients, the array they are written to, and each machine's own.
  planSvm(size, largest, threads, 3 * costs.length * cells, false);
  return {
    settings,
    steps: withCopies([rows], function* (matrix) {
      const data = allocate(costs.length * cells, 'float64');
      const facts = allocate(costs.length * pairs.length * 4, 'float64');
      yield* job('machines', () => {
        planSvm(size, largest, threads, 2 * costs.length * cells, true);
        return native().svmTrain(matrix, indices, row, data, facts, threads);
      });
      const machines = Array.from(costs, (c, at) =>
        machine({
          kernel,
          c,
          logScale,
          classes: names,
          own: indices,
          pairs: pairs.map((classes, p) => {
            const [bias, objective, violation, iterations] = facts.subarray(4 * (at * pairs.length + p));
            return Object.freeze({ classes, bias, objective, violation, iterations }) as SvmPair;
          }),
          coefficients: Object.freeze({
            data: data.slice(at * cells, (at + 1) * cells),
            shape: Object.freeze([size, names.length - 1]),
          }),
        }),
      );
      return typeof settings.c === 'object' ? Object.freeze(machines) : (machines[0] as SupportVectorMachine);
    }),
  };
}

type Facts = Pick<SupportVectorMachine, 'kernel' | 'c' | 'classes' | 'pairs' | 'coefficients'> & {
  readonly logScale: number;
  readonly own: Float64Array;
};

function machine(facts: Facts): SupportVectorMachine {
  const { kernel, c, classes, pairs, coefficients } = facts;
  const { data, shape } = coefficients;
  const width = shape[1] as number;
  let supportVectors = 0;
  for (let at = 0; at < data.length; at += width) if (data.subarray(at, at + width).some(Boolean)) supportVectors++;
  const decide: SupportVectorMachine['decide'] = (k, options) =>
    background(decide, () => decideTask(facts, k, options, ({ decisions }) => decisions));
  const classify: SupportVectorMachine['classify'] = (k, options) =>
    background(classify, () => decideTask(facts, k, options, ({ winners }) => winners));
  return Object.freeze({
    kernel,
    c,
    classes,
    pairs: Object.freeze(pairs),
    coefficients,
    supportVectors,
    decide,
    classify,
  });
}

interface Decided {
  readonly decisions: Tensor;
  readonly winners: readonly Label[];
}

function decideTask<R>(
  { kernel, classes, own, pairs, coefficients, logScale }: Facts,
  k: Tensor | Cross | Gram,
  options: MultiplyOptions | undefined,
  pick: (decided: Decided) => R,
): Task<R> {
  const settings = readOptions('options', options, { ...jobConstraints, rows: indexList, columns: indexList });
  const scale = readScale('k', k);
  const left = readProduct('k', k, settings.rows, settings.columns, own.length);
  const threads = threadsOf(settings);
  requireMemory(
    `decisions for ${left.rows} points`,
    8 * left.rows * (left.columns + pairs.length),
    'decide fewer at a time',
  );
  // Coefficients are in the unit of the Gram matrix; kernels of other points may be scaled by another power.
  const factor = ratioOfScales('k', scale.of(kernel, logScale) - logScale);
  return {
    settings,
    steps: withCopies([left], function* (matrix) {
      const data = allocate(left.rows * pairs.length, 'float64');
      const winners = allocate(left.rows, 'float64');
      yield* job('decisions', () =>
        native().svmDecide(
          matrix,
          own,
          Float64Array.from(coefficients.data, (one) => one * factor),
          Float64Array.from(pairs, ({ bias }) => bias),
          data,
          winners,
          threads,
        ),
      );
      return pick({
        decisions: Object.freeze({ data, shape: Object.freeze([left.rows, pairs.length]) }),
        winners: Object.freeze(Array.from(winners, (place) => classes[place] as Label)),
      });
    }),
  };
}

function pairsOf(classes: readonly Label[]): readonly (readonly [Label, Label])[] {
  return classes.flatMap((first, a) => classes.slice(a + 1).map((second) => Object.freeze([first, second] as const)));
}

/** The samples of the two largest classes. */
export function largestPair(indices: Float64Array, classes: number): number {
  const sizes = new Array<number>(classes).fill(0);
  for (const place of indices) sizes[place] = (sizes[place] as number) + 1;
  const [first = 0, second = 0] = sizes.sort((a, b) => b - a);
  return first + second;
}
