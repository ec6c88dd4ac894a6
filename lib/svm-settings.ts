/** What training a support vector machine can be told, however many are trained. */

import { classesOf, indicesOf, type Label, readLabels } from './classification/labels.js';
import { KernelError } from './errors.js';
import { jobConstraints } from './jobs.js';
import { requireMemory } from './memory.js';
import { native } from './native.js';
import type { SvmSettingsRow } from './native-svm.js';
import { type Checked, type Constraint, flag, integer } from './options.js';

/** The settings of one training or of many. */
export interface SvmSettings {
  /**
   * How far the optimality conditions may be violated, in the unit of decisions, where the margin is 1. Default 1e-3.
   */
  readonly tolerance?: number;
  /** Of one pair of classes at one C, beyond which it is ERR_NO_CONVERGENCE. Default 1e8, some minutes. */
  readonly maxIterations?: number;
  /** Leaves out samples at their bounds while the others are optimised, and looks at all of them again. Default true. */
  readonly shrinking?: boolean;
  /**
   * Begins each C of a list where the one before it ended, and so takes a small part of the iterations at large C; the
   * list is then one task and not several. Results agree within the tolerance. Default true.
   */
  readonly warmStart?: boolean;
}

const tolerance: Constraint<number> = {
  expected: 'a number above 0 and below 1',
  accepts: (value): value is number => typeof value === 'number' && value > 0 && value < 1,
};

const cost: Constraint<number> = {
  expected: 'a finite number above 0',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0,
};

export const oneOrMoreCosts: Constraint<number | readonly number[]> = {
  expected: 'a finite number above 0, or a list of from 1 to 1000 of them',
  accepts: (value): value is number | readonly number[] =>
    cost.accepts(value) ||
    (Array.isArray(value) && value.length > 0 && value.length <= 1000 && value.every(cost.accepts)),
};

export const svmConstraints = {
  ...jobConstraints,
  c: oneOrMoreCosts,
  tolerance,
  maxIterations: integer(1, Number.MAX_SAFE_INTEGER),
  shrinking: flag,
  warmStart: flag,
};

export function settingsRow(settings: Checked<typeof svmConstraints>): SvmSettingsRow {
  const { c = 1, tolerance: within = 1e-3, maxIterations = 1e8, shrinking = true, warmStart = true } = settings;
  return [Float64Array.from([c].flat() as number[]), within, maxIterations, shrinking, warmStart];
}

/** Samples between their bounds that are moved together at most. */
const mostMoved = 512;

/**
 * The matrix, for each thread the part of it that belongs to a pair of classes, whole and shrunk, a factor for the samples
 * between their bounds [smo-leap], and `kept` numbers: the machines are held until all of them are trained.
 */
export function planSvm(size: number, largestPair: number, threads: number, kept: number, copied: boolean): void {
  const running = Math.min(threads, native().availableCpus());
  const factor = Math.min(largestPair, mostMoved) ** 2;
  requireMemory(
    `support vector machines for ${size} samples`,
    8 * ((copied ? 0 : size * size) + running * (2 * largestPair * largestPair + factor) + kept),
    'use fewer rows, folds, values of c or threads',
  );
}

/** The classes in their order, and for each sample the place of its class. */
export function readClasses(given: unknown, samples: number): { names: readonly Label[]; indices: Float64Array } {
  const labels = readLabels(given);
  if (labels.length !== samples) {
    throw new KernelError('ERR_SHAPE', `labels: expected ${samples}, one per sample, got ${labels.length}`, {
      expected: samples,
      got: labels.length,
    });
  }
  const names = classesOf(labels);
  return { names, indices: Float64Array.from(indicesOf(labels, names)) };
}
