/** The ends of a Gram matrix's spectrum, and its condition number, without a decomposition. */

import type { Gram } from './evaluate.js';
import { readGram } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { indexList } from './loo.js';
import { requireMemory } from './memory.js';
import { native } from './native.js';
import { nonNegative, readOptions } from './options.js';
import { withCopies } from './samples.js';

export interface ExtremesOptions extends JobOptions {
  /** Of K + ridge·I, in the unit of gram.values. Default 0. */
  readonly ridge?: number;
  /** Uses only these samples of the Gram. Default: all. */
  readonly rows?: readonly number[];
}

/** Of gram.values: where the Gram has a logScale, the kernel's eigenvalues are these times exp(logScale). */
export interface ExtremeEigenvalues {
  /** λ_max and λ_min, not magnitudes. */
  readonly largest: number;
  readonly smallest: number;
  /** An eigenvalue lies within this of `largest`, of `smallest`: ‖Kv − λv‖ and what rounding may hide of it. */
  readonly largestError: number;
  readonly smallestError: number;
  /**
   * 'lanczos' on the matrix and on the inverse that a Cholesky factor stands for; 'decomposition' of a small matrix, or
   * where an end of the spectrum is too dense for that.
   */
  readonly method: 'lanczos' | 'decomposition';
  readonly logScale: number;
}

export interface ConditionNumber extends ExtremeEigenvalues {
  /**
   * λ_max/λ_min; null where λ_min is negative or cannot be told from 0, being no more than its error or than
   * size·2⁻⁵²·λ_max.
   */
  readonly value: number | null;
  /** By how much of itself `value` may be off; null where it is. */
  readonly relativeError: number | null;
}

/**
 * The largest and the smallest eigenvalue of a Gram matrix, at about a quarter of the cost of all of them: one Cholesky
 * factorisation and a few dozen products. A factorisation cannot be interrupted. [extremes]
 */
export function extremeEigenvalues(gram: Gram, options?: ExtremesOptions): Promise<ExtremeEigenvalues> {
  return background(extremeEigenvalues, () => extremesTask(gram, options));
}

/** The condition number λ_max/λ_min in the 2-norm of a Gram matrix, from `extremeEigenvalues`. */
export function conditionNumber(gram: Gram, options?: ExtremesOptions): Promise<ConditionNumber> {
  return background(conditionNumber, () => conditionTask(gram, options));
}

const constraints = { ...jobConstraints, ridge: nonNegative, rows: indexList };

export function extremesTask(gram: Gram, options?: ExtremesOptions): Task<ExtremeEigenvalues> {
  return task(gram, options, (found) => Object.freeze(found));
}

export function conditionTask(gram: Gram, options?: ExtremesOptions): Task<ConditionNumber> {
  return task(gram, options, (found, size) => Object.freeze({ ...found, ...condition(found, size) }));
}

function task<R>(
  gram: Gram,
  options: ExtremesOptions | undefined,
  finish: (found: ExtremeEigenvalues, size: number) => R,
): Task<R> {
  const settings = readOptions('options', options, constraints);
  const { size, logScale, rows } = readGram('gram', gram, settings.rows);
  const { ridge = 0 } = settings;
  const threads = threadsOf(settings);
  plan(size, false);
  return {
    settings,
    steps: withCopies([rows], function* (matrix) {
      const { decomposed, ...numbers } = yield* job('extreme eigenvalues', () => {
        plan(size, true);
        return native().extremes(matrix, ridge, threads);
      });
      return finish({ ...numbers, method: decomposed ? 'decomposition' : 'lanczos', logScale }, size);
    }),
  };
}

function condition(
  { largest, largestError, smallest, smallestError }: ExtremeEigenvalues,
  size: number,
): Pick<ConditionNumber, 'value' | 'relativeError'> {
  if (smallest <= Math.max(smallestError, size * Number.EPSILON * largest)) return { value: null, relativeError: null };
  // (λ + e)/(μ − f) over λ/μ.
  const relativeError = (1 + largestError / largest) / (1 - smallestError / smallest) - 1;
  return { value: largest / smallest, relativeError };
}

/** Refuses what will not fit; `copied`: the copy of the matrix exists by now. */
function plan(size: number, copied: boolean): void {
  requireMemory(
    `the extreme eigenvalues of ${size} samples`,
    bytesOfExtremes(size) - (copied ? 8 * size * size : 0),
    'use fewer rows',
  );
}

/** The copy, in which all happens, and rows of workspace: a Krylov basis of 400 vectors, or the bands of a reduction. */
export function bytesOfExtremes(size: number): number {
  return 8 * size * (size + 640);
}
