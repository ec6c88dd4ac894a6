/** Cross-validation of support vector machines: many trainings on parts of one Gram matrix. */

import type { Label, Labels } from './classification/labels.js';
import { KernelError } from './errors.js';
import type { Gram } from './evaluate.js';
import { readGram, readIndices } from './gram-input.js';
import { background, type JobOptions, job, type Task, threadsOf } from './jobs.js';
import { allocate } from './memory.js';
import { native } from './native.js';
import { reading, readOptions, show, unexpected } from './options.js';
import { withCopies } from './samples.js';
import { largestPair } from './svm.js';
import { planSvm, readClasses, type SvmSettings, settingsRow, svmConstraints } from './svm-settings.js';

/** Rows of the Gram matrix to train with, and rows to predict. They may overlap. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

export interface SvmFoldsOptions extends JobOptions, SvmSettings {
  /** The prices to try, in the unit of 1/gram.values. Default 1. */
  readonly c?: number | readonly number[];
}

export interface SvmFolds {
  readonly c: Float64Array;
  /** Ascending. */
  readonly classes: readonly Label[];
  /** For each fold, c × test: the places in `classes` of the predictions. */
  readonly predictions: readonly Int32Array[];
  /** For each fold and c, the share of its test rows that is predicted right. */
  readonly accuracies: readonly Float64Array[];
}

/**
 * Trains a machine for each fold and C, and predicts the fold's test rows. Every pair of classes of every fold is a task of
 * its own for the threads. A fold whose training rows are of one class is refused. [svm]
 */
export function svmFolds(
  gram: Gram,
  labels: Labels,
  folds: readonly Fold[],
  options?: SvmFoldsOptions,
): Promise<SvmFolds> {
  return background(svmFolds, () => svmFoldsTask(gram, labels, folds, options));
}

export function svmFoldsTask(
  gram: Gram,
  labels: Labels,
  folds: readonly Fold[],
  options?: SvmFoldsOptions,
): Task<SvmFolds> {
  const settings = readOptions('options', options, svmConstraints);
  const { size, rows } = readGram('gram', gram);
  const { names, indices } = readClasses(labels, size);
  const { trains, tests } = readFolds(folds, size);
  for (const [f, train] of trains.entries()) requireTwo(`folds[${f}].train`, train, indices, names);
  const threads = threadsOf(settings);
  const row = settingsRow(settings);
  const [costs] = row;
  const largest = trains.reduce((most, train) => {
    const own = train.map((at) => indices[at] as number);
    return Math.max(most, largestPair(own, names.length));
  }, 0);
  // Coefficients of all machines; places as doubles, and as integers there and here.
  const learnt = costs.length * (names.length - 1) * totalOf(trains);
  const places = costs.length * totalOf(tests);
  planSvm(size, largest, threads, learnt + 2 * places, false);
  return {
    settings,
    steps: withCopies([rows], function* (matrix) {
      const found = tests.map((test) => allocate(costs.length * test.length, 'float64'));
      yield* job('machines', () => {
        planSvm(size, largest, threads, learnt + places, true);
        return native().svmFolds(matrix, indices, trains, tests, row, found, threads);
      });
      const predictions = found.map((places) => Int32Array.from(places));
      return Object.freeze({
        c: costs,
        classes: names,
        predictions: Object.freeze(predictions),
        accuracies: Object.freeze(predictions.map((places, f) => shares(places, tests[f] as Float64Array, indices))),
      });
    }),
  };
}

function totalOf(lists: readonly Float64Array[]): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}

function readFolds(folds: unknown, size: number): { trains: Float64Array[]; tests: Float64Array[] } {
  return reading('folds', () => {
    if (!Array.isArray(folds) || folds.length === 0) throw unexpected('folds', 'an array of at least one fold', folds);
    const lists = (key: 'train' | 'test'): Float64Array[] =>
      folds.map((fold: unknown, f) => {
        if (typeof fold !== 'object' || fold === null) throw unexpected(`folds[${f}]`, '{ train, test }', fold);
        return readIndices(`folds[${f}].${key}`, (fold as Record<string, unknown>)[key], size);
      });
    return { trains: lists('train'), tests: lists('test') };
  });
}

function requireTwo(what: string, train: Float64Array, indices: Float64Array, names: readonly Label[]): void {
  const first = indices[train[0] as number] as number;
  if (train.some((at) => indices[at] !== first)) return;
  throw new KernelError(
    'ERR_ARGUMENT',
    `${what}: expected samples of two classes or more, got ${train.length} of the class ${show(names[first])}`,
    { option: what },
  );
}

/** Per C, the share of places that are those of the test rows. */
function shares(places: Int32Array, test: Float64Array, indices: Float64Array): Float64Array {
  return Float64Array.from({ length: places.length / test.length }, (_, c) => {
    let right = 0;
    for (const [i, row] of test.entries()) if (places[c * test.length + i] === indices[row]) right++;
    return right / test.length;
  });
}
