/** Many ridge paths at once: cross-validation is the same small problem over and over. */

import type { Gram } from './evaluate.js';
import { readGram } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { type RidgePath, readRidges } from './loo.js';
import { allocate, requireMemory } from './memory.js';
import { type NativeMatrix, native } from './native.js';
import type { RidgeProblemRow } from './native-algebra.js';
import { readOptions } from './options.js';
import { readTargets } from './samples.js';
import type { Targets } from './tensor.js';

interface RidgeProblem {
  /** As `gram` makes it: symmetric to the last bit. */
  readonly gram: Gram;
  /** Uses only these samples, in this order. Default: all. */
  readonly rows?: readonly number[];
  /** One row for each sample used. */
  readonly y: Targets;
  readonly ridges: readonly number[];
  /** Also check the eigenpairs against the matrix, which takes a copy of it. Default false. */
  readonly check?: boolean;
}

/** The residual is NaN where no check was asked for. */
type RidgePathOfBatch = Required<RidgePath>;

/**
 * What `ridgePath` does, for several problems side by side: each on one thread of the pool. Better than giving every
 * thread to one problem after another while the matrices are small (up to 2000 rows, say), and the same bytes for any
 * number of threads.
 */
export function ridgePaths(
  problems: readonly RidgeProblem[],
  options?: JobOptions,
): Promise<readonly RidgePathOfBatch[]> {
  return background(ridgePaths, () => ridgePathsTask(problems, options));
}

function ridgePathsTask(problems: readonly RidgeProblem[], options?: JobOptions): Task<readonly RidgePathOfBatch[]> {
  const settings = readOptions('options', options, jobConstraints);
  const threads = threadsOf(settings);
  const inputs = problems.map(({ gram, rows, y, ridges, check = false }) => {
    const input = readGram('gram', gram, rows);
    return { ...input, targets: readTargets('y', y, input.size), ridges: readRidges(ridges), check };
  });
  const sizes = inputs.map(({ size }) => size);
  requireMemory(
    `${problems.length} ridge paths of up to ${largestOf(sizes)} samples`,
    bytesOfRidgePaths(sizes, threads),
    'use fewer at a time',
  );
  return {
    settings,
    steps: (function* () {
      const held: NativeMatrix[] = [];
      try {
        const rows: RidgeProblemRow[] = [];
        for (const { rows: matrix, targets, ridges, check, size } of inputs) {
          const copy = yield* matrix.copy();
          held.push(copy);
          const y = yield* targets.copy();
          held.push(y);
          const cells = ridges.length * size * targets.columns;
          rows.push([
            copy,
            y,
            ridges,
            allocate(size, 'float64'),
            allocate(cells, 'float64'),
            allocate(cells, 'float64'),
            allocate(ridges.length, 'float64'),
            check ? allocate(1, 'float64') : null,
          ]);
        }
        yield* job('ridges', () => native().ridgePaths(rows, threads));
        return rows.map(([{ rows: n }, { columns }, ridges, eigenvalues, loo, coefficients, dropped, residual]) => {
          const shape = Object.freeze([ridges.length, n, columns]);
          return Object.freeze({
            ridges,
            predictions: Object.freeze({ data: loo, shape }),
            coefficients: Object.freeze({ data: coefficients, shape }),
            dropped,
            eigenvalues,
            residual: residual?.[0] ?? Number.NaN,
          });
        });
      } finally {
        for (const matrix of held) matrix.dispose();
      }
    })(),
  };
}

/**
 * What `ridgePaths` takes beside its inputs and results, for problems of these sizes: every matrix, and for each thread
 * LAPACK's workspace of two more and the intact copy for the check. No more threads run than CPUs.
 */
export function bytesOfRidgePaths(sizes: readonly number[], threads: number): number {
  const largest = largestOf(sizes);
  const running = Math.min(threads, sizes.length, native().availableCpus());
  return 8 * (sizes.reduce((sum, size) => sum + size * size, 0) + running * 3 * largest * largest);
}

/** 0 for none. The list is as long as the caller likes, and arguments must fit on the stack. */
function largestOf(sizes: readonly number[]): number {
  return sizes.reduce((most, size) => Math.max(most, size), 0);
}
