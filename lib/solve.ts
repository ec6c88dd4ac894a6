/** Linear systems with a Gram matrix. */

import { nameMatrix } from './definite.js';
import type { Gram } from './evaluate.js';
import { readGram } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { indexList } from './loo.js';
import { allocate, requireMemory } from './memory.js';
import { native } from './native.js';
import type { NativeSolved } from './native-algebra.js';
import { nonNegative, oneOf, readOptions } from './options.js';
import { readTargets, withCopies } from './samples.js';
import type { Targets, Tensor } from './tensor.js';

export interface SolveOptions extends JobOptions {
  /** λ of (K + λI)X = Y, in the unit of gram.values. Default 0. */
  readonly ridge?: number;
  /**
   * Of the factorisation; the answer has float64 accuracy either way. 'mixed' (default) factorises in float32 where the
   * size and the condition allow it and corrects the solution with float64 residuals, nearly twice as fast.
   */
  readonly precision?: 'mixed' | 'float64';
  /** Uses only these samples of the Gram, in this order; y then has one row for each of them. Default: all. */
  readonly rows?: readonly number[];
}

export interface Solution {
  /** [n, columns of y]. */
  readonly x: Tensor;
  /**
   * 'refined': a float32 factor and corrections; 'conjugate-gradients' with that factor, where the condition number is
   * too large for corrections; 'factorised': a float64 factor, because that was asked for, the condition number is larger
   * still, there are few samples (below 768) or many columns (above n/128).
   */
  readonly method: 'refined' | 'conjugate-gradients' | 'factorised';
  /** Corrections or steps of conjugate gradients, of the column that took most. */
  readonly iterations: number;
  /** Largest ‖y − (K+λI)x‖ / (‖K+λI‖_F ‖x‖ + ‖y‖) over the columns; at most 2.2e-16 where not 'factorised'. [backward-error] */
  readonly backwardError: number;
  /** Largest ‖y − (K+λI)x‖ / ‖y‖ over the columns. It grows with the condition number, whatever the method. */
  readonly residual: number;
}

/**
 * Solves (K + λI)X = Y for a positive definite K + λI; otherwise ERR_NOT_POSITIVE_DEFINITE with the sample, the pivot and
 * a ridge that would do. Factorisations cannot be interrupted; the rest can. [refinement]
 */
export function solve(gram: Gram, y: Targets, options?: SolveOptions): Promise<Solution> {
  return background(solve, () => solveTask(gram, y, options));
}

const methods = ['refined', 'conjugate-gradients', 'factorised'] as const;

export function solveTask(gram: Gram, y: Targets, options?: SolveOptions): Task<Solution> {
  const settings = readOptions('options', options, {
    ...jobConstraints,
    ridge: nonNegative,
    precision: oneOf('mixed', 'float64'),
    rows: indexList,
  });
  const { kernel, size, rows } = readGram('gram', gram, settings.rows);
  const targets = readTargets('y', y, size);
  const { ridge = 0, precision = 'mixed' } = settings;
  const threads = threadsOf(settings);
  const { columns } = targets;
  plan(size, columns, false);
  return {
    settings,
    steps: withCopies([rows, targets], function* (matrix, right) {
      const data = allocate(size * columns, 'float64');
      let solved: NativeSolved;
      try {
        solved = yield* job('solve', () => {
          plan(size, columns, true);
          return native().solveDefinite(matrix, ridge, right, data, precision === 'mixed', threads);
        });
      } catch (error) {
        throw nameMatrix(error, kernel, ridge);
      }
      const { way, ...facts } = solved;
      const x = Object.freeze({ data, shape: Object.freeze([size, columns]) });
      return Object.freeze({ x, method: methods[way], ...facts });
    }),
  };
}

/** Refuses what will not fit; `copied`: the copies of the matrix and of the columns exist by now. */
function plan(size: number, columns: number, copied: boolean): void {
  requireMemory(
    `a solution for ${size} samples and ${columns} columns`,
    bytesOfSolution(size, columns) - (copied ? 8 * size * (size + columns) : 0),
    'use fewer rows, or fewer columns at a time',
  );
}

/** The copy, in which a factor in float64 takes one triangle, a factor in float32, and a few copies of the columns. */
export function bytesOfSolution(size: number, columns: number): number {
  return 12 * size * size + 64 * size * (columns + 1);
}
