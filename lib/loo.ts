/** Ridge regression over many ridges at once, with exact leave-one-out predictions. */

import type { Gram } from './evaluate.js';
import { readGram } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Steps, type Task, threadsOf } from './jobs.js';
import { allocate } from './memory.js';
import { type NativeMatrix, native } from './native.js';
import { type Constraint, flag, reading, readOptions, unexpected } from './options.js';
import { readTargets, withCopies } from './samples.js';
import { planDecomposition } from './spectrum.js';
import type { Targets, Tensor } from './tensor.js';

export interface RidgePathOptions extends JobOptions {
  /** Uses only these samples of the Gram, in this order; y then has one row for each of them. Default: all. */
  readonly rows?: readonly number[];
  /** Also return (K + λI)⁻¹y. Default false. */
  readonly coefficients?: boolean;
}

/** What one eigendecomposition says about every ridge. All of gram.values: with a logScale, ridges are in its unit. */
export interface RidgePath {
  readonly ridges: Float64Array;
  /** [ridges, n, columns of y]: the prediction at each sample of the regression that has not seen it. */
  readonly predictions: Tensor;
  /** [ridges, n, columns of y], if asked for. */
  readonly coefficients?: Tensor;
  /**
   * Directions left out for each ridge, because eigenvalue + ridge is no more than rounding error. Where this is not 0
   * the matrix is numerically singular and leave-one-out predictions mean little.
   */
  readonly dropped: Float64Array;
  /** Descending. */
  readonly eigenvalues: Float64Array;
  /** How well the eigenpairs fit the matrix, as in Spectrum. */
  readonly residual: number;
}

/**
 * Exact leave-one-out predictions y − (K+λI)⁻¹y / diag (K+λI)⁻¹ for each of `ridges`, from one eigendecomposition.
 * [leave-one-out]
 */
export function ridgePath(
  gram: Gram,
  y: Targets,
  ridges: readonly number[] | Float64Array,
  options: RidgePathOptions & { readonly coefficients: true },
): Promise<Required<RidgePath>>;
export function ridgePath(
  gram: Gram,
  y: Targets,
  ridges: readonly number[] | Float64Array,
  options?: RidgePathOptions,
): Promise<RidgePath>;
export function ridgePath(
  gram: Gram,
  y: Targets,
  ridges: readonly number[] | Float64Array,
  options?: RidgePathOptions,
): Promise<RidgePath> {
  return background(ridgePath, () => ridgePathTask(gram, y, ridges, options));
}

export const indexList: Constraint<readonly number[]> = {
  expected: 'a list of indices',
  accepts: (value): value is readonly number[] => Array.isArray(value) || ArrayBuffer.isView(value),
};

export function ridgePathTask(
  gram: Gram,
  y: Targets,
  ridges: readonly number[] | Float64Array,
  options?: RidgePathOptions,
): Task<RidgePath> {
  const settings = readOptions('options', options, { ...jobConstraints, rows: indexList, coefficients: flag });
  const { size, rows } = readGram('gram', gram, settings.rows);
  const targets = readTargets('y', y, size);
  const checked = readRidges(ridges);
  const threads = threadsOf(settings);
  planDecomposition(size, size, true);
  return {
    settings,
    steps: withCopies([rows, targets], (matrix, right) =>
      path(matrix, right, checked, settings.coefficients ?? false, threads, false),
    ),
  };
}

/** The path of a native matrix, which stays as it is unless it need not be kept. */
export function* path(
  matrix: NativeMatrix,
  targets: NativeMatrix,
  ridges: Float64Array,
  wantCoefficients: boolean,
  threads: number,
  keep = true,
): Steps<RidgePath> {
  const { rows: n } = matrix;
  const { columns } = targets;
  const eigenvalues = allocate(n, 'float64');
  let vectors: NativeMatrix | undefined;
  try {
    const residual = yield* job('spectrum', () => {
      planDecomposition(n, n, true, true);
      const { Matrix, eigen } = native();
      vectors = new Matrix(n, n);
      return eigen(matrix, n, eigenvalues, vectors, keep, threads);
    });
    const shape = Object.freeze([ridges.length, n, columns]);
    const predictions = allocate(ridges.length * n * columns, 'float64');
    const coefficients = wantCoefficients ? allocate(predictions.length, 'float64') : null;
    const dropped = allocate(ridges.length, 'float64');
    yield* job('ridges', () =>
      native().ridgePath(
        eigenvalues,
        vectors as NativeMatrix,
        targets,
        ridges,
        predictions,
        coefficients,
        dropped,
        threads,
      ),
    );
    return Object.freeze({
      ridges,
      predictions: Object.freeze({ data: predictions, shape }),
      ...(coefficients === null ? {} : { coefficients: Object.freeze({ data: coefficients, shape }) }),
      dropped,
      eigenvalues,
      residual,
    });
  } finally {
    vectors?.dispose();
  }
}

/** Ridges as a checked copy. */
export function readRidges(ridges: unknown): Float64Array {
  return reading('ridges', () => {
    if (!Array.isArray(ridges) && !(ridges instanceof Float64Array))
      throw unexpected('ridges', 'a list of numbers', ridges);
    if (ridges.length < 1 || ridges.length > 10_000) throw unexpected('ridges', 'from 1 to 10000 of them', ridges);
    const checked = new Float64Array(ridges.length);
    for (let i = 0; i < checked.length; i++) {
      const ridge: unknown = ridges[i];
      if (typeof ridge !== 'number' || !Number.isFinite(ridge) || ridge < 0) {
        throw unexpected(`ridges[${i}]`, 'a finite number of at least 0', ridge);
      }
      checked[i] = ridge;
    }
    return checked;
  });
}
