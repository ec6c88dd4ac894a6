/** Matrix products of order n²: K*·coefficients, among others. */

import type { Gram } from './evaluate.js';
import { readProduct } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { indexList } from './loo.js';
import { allocate, requireMemory } from './memory.js';
import { native } from './native.js';
import { readOptions } from './options.js';
import { readTargets, withCopies } from './samples.js';
import type { Targets, Tensor } from './tensor.js';

export interface MultiplyOptions extends JobOptions {
  /** Uses only these rows of a, in this order. Default: all. */
  readonly rows?: readonly number[];
  /** Uses only these columns of a, in this order; b then has one row for each of them. Default: all. */
  readonly columns?: readonly number[];
}

/** a·b in float64, for a [n, m] or a Gram matrix, and b [m] or [m, c]: a tensor [n, c]. */
export function multiply(a: Tensor | Gram, b: Targets, options?: MultiplyOptions): Promise<Tensor> {
  return background(multiply, () => multiplyTask(a, b, options));
}

export function multiplyTask(a: Tensor | Gram, b: Targets, options?: MultiplyOptions): Task<Tensor> {
  const settings = readOptions('options', options, { ...jobConstraints, rows: indexList, columns: indexList });
  const left = readProduct('a', a, settings.rows, settings.columns);
  const right = readTargets('b', b, left.columns);
  const threads = threadsOf(settings);
  requireMemory(
    `a product of ${left.rows} × ${left.columns} and ${left.columns} × ${right.columns}`,
    8 * (left.rows * left.columns + left.columns * right.columns + left.rows * right.columns),
    'multiply fewer rows at a time',
  );
  return {
    settings,
    steps: withCopies([left, right], function* (first, second) {
      const data = allocate(left.rows * right.columns, 'float64');
      yield* job('multiply', () => native().multiply(first, second, data, threads));
      return Object.freeze({ data, shape: Object.freeze([left.rows, right.columns]) });
    }),
  };
}
