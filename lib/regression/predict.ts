/** Means, deviations and covariances at new points. */

import { KernelError } from '../errors.js';
import { job, type Steps } from '../jobs.js';
import { allocate, requireMemory } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { planGrams } from '../plan.js';
import type { Points } from '../points.js';
import { type Fitted, factorOf } from './fit.js';
import { loadOf, numbersOf, only, type Problem, unitOf } from './problem.js';
import type { JointPrediction, LeaveOneOut, Prediction } from './types.js';

/** Cross matrices of one block of predictions stay below this many numbers (256 MiB). */
const blockNumbers = 2 ** 25;

export interface Wanted {
  readonly std: boolean;
  readonly noise: boolean;
  readonly threads: number;
  readonly hours: number;
}

/** In blocks of rows, so that the cross matrix never needs more than a share of what the Gram did. */
export function* predictions(fit: Fitted, samples: Points, wanted: Wanted): Steps<Prediction> {
  const { problem, amplitude, ridge } = fit;
  const { rows: n } = problem.points;
  const columns = amplitude.length;
  const block = Math.min(samples.rows, Math.max(1, Math.floor(blockNumbers / n)));
  const mean = allocate(samples.rows * columns, 'float64');
  const std = wanted.std ? allocate(mean.length, 'float64') : undefined;
  const factor = wanted.std ? yield* factorOf(fit, wanted.threads, wanted.hours) : undefined;
  const queries = yield* samples.copy();
  try {
    for (let first = 0; first < samples.rows; first += block) {
      const rows = Math.min(block, samples.rows - first);
      requireMemory(`predictions of ${rows} rows`, (wanted.std ? 2 : 1) * rows * n * 8, 'predict with fewer rows');
      const cross = yield* crossed(fit, queries, first, rows, wanted, mean);
      try {
        if (std === undefined || factor === undefined) continue;
        const variance = yield* variances(problem, factor, queries, cross, first, wanted.threads);
        for (let i = 0; i < rows; i++) {
          const whole = (variance[i] as number) + (wanted.noise ? ridge : 0);
          for (let c = 0; c < columns; c++)
            std[(first + i) * columns + c] = Math.sqrt((amplitude[c] as number) * whole);
        }
      } finally {
        cross.dispose();
      }
    }
    const shape = Object.freeze([samples.rows, columns]);
    return Object.freeze({ mean: Object.freeze({ data: mean, shape }), ...(std === undefined ? {} : { std }) });
  } finally {
    queries.dispose();
  }
}

/** The cross matrix of some rows, as computed, and their means. */
function* crossed(
  { problem, weights, centre }: Fitted,
  queries: NativeMatrix,
  first: number,
  rows: number,
  { threads, hours }: Wanted,
  mean: Float64Array,
): Steps<NativeMatrix> {
  const { program, which, points, grid, logScale } = problem;
  const { columns } = weights;
  const { Matrix } = native();
  const cross = called(() => new Matrix(rows, points.rows));
  try {
    const scales = yield* job('cross', () =>
      native().cross(program, queries, points, only(which, cross), 'float64', threads, first, rows, grid, hours),
    );
    const part = allocate(rows * columns, 'float64');
    yield* job('multiply', () => native().multiply(cross, weights, part, threads));
    const unit = unitOf('z', scales, which, logScale);
    for (let i = 0; i < part.length; i++) {
      mean[first * columns + i] = (part[i] as number) * unit + (centre[i % columns] as number);
    }
    return cross;
  } catch (error) {
    cross.dispose();
    throw error;
  }
}

/**
 * Posterior variances of the rows of `cross`, in the unit of K. Logarithmic scales are sums of one for either side, so the
 * reduction k_zᵀ(K+λI)⁻¹k_z has the scale of k(z, z) by itself. [gp-posterior]
 */
function* variances(
  { program, which, logScale, grid }: Problem,
  factor: NativeMatrix,
  queries: NativeMatrix,
  cross: NativeMatrix,
  first: number,
  threads: number,
): Steps<Float64Array> {
  const { rows } = cross;
  const prior = allocate(rows, 'float64');
  const variance = allocate(rows, 'float64');
  const scales = yield* job('diagonal', () =>
    native().diagonal(program, queries, only(which, prior), first, rows, grid),
  );
  yield* job('posterior', () => native().posterior(factor, cross, prior, variance, threads));
  const unit = unitOf('z', scales, which, logScale);
  return unit === 1 ? variance : variance.map((value) => value * unit);
}

/** Means and the covariance of all pairs of new points. */
export function* jointPrediction(fit: Fitted, samples: Points, column: number, wanted: Wanted): Steps<JointPrediction> {
  const { problem, ridge } = fit;
  const { rows: m } = samples;
  const factor = yield* factorOf(fit, wanted.threads, wanted.hours);
  const mean = allocate(m * fit.amplitude.length, 'float64');
  const held: NativeMatrix[] = [];
  try {
    const queries = yield* samples.copy();
    held.push(queries);
    requireMemory(
      `covariances of ${m} rows`,
      8 * (3 * m * m + 2 * m * problem.points.rows),
      'ask for fewer rows at a time',
    );
    const cross = yield* crossed(fit, queries, 0, m, wanted, mean);
    held.push(cross);
    const { program, which, grid, logScale } = problem;
    const { Matrix } = native();
    const covariance = called(() => new Matrix(m, m));
    held.push(covariance);
    const scales = yield* job('gram', () => {
      const hours = planGrams(loadOf(problem, wanted.threads, wanted.hours), samples);
      return native().gram(program, queries, only(which, covariance), 'float64', wanted.threads, grid, hours);
    });
    yield* job('posterior', () => native().posteriorCovariance(factor, cross, covariance, wanted.threads));
    const unit = unitOf('z', scales, which, logScale);
    const amplitude = fit.amplitude[column] as number;
    const data = numbersOf(covariance);
    for (let i = 0; i < data.length; i++) data[i] = amplitude * unit * (data[i] as number);
    if (wanted.noise) for (let i = 0; i < m; i++) data[i * (m + 1)] = (data[i * (m + 1)] as number) + amplitude * ridge;
    return Object.freeze({
      mean: Object.freeze({ data: mean, shape: Object.freeze([m, fit.amplitude.length]) }),
      covariance: Object.freeze({ data, shape: Object.freeze([m, m]) }),
    });
  } finally {
    for (const matrix of held) matrix.dispose();
  }
}

/**
 * Each sample given all others: mean yᵢ − aᵢ/Gᵢᵢ and variance σ²/Gᵢᵢ, G = (K + λI)⁻¹ [loo; loo-variance]. A ridge that
 * factorises leaves no null directions.
 */
export function* leftOut(fit: Fitted, threads: number, maxHours?: number): Steps<LeaveOneOut> {
  const { problem, coefficients, amplitude } = fit;
  const { rows: n, columns } = problem.targets;
  const factor = yield* factorOf(fit, threads, maxHours);
  const precision = allocate(n, 'float64');
  requireMemory(`the inverse for ${n} samples`, 8 * n * n, 'use fewer rows');
  yield* job('leave-one-out', () => native().inverseDiagonal(factor, precision, threads));
  const y = numbersOf(problem.targets);
  const mean = allocate(y.length, 'float64');
  const std = allocate(y.length, 'float64');
  for (let i = 0; i < y.length; i++) {
    const own = precision[Math.floor(i / columns)] as number;
    mean[i] = (y[i] as number) - (coefficients.data[i] as number) / own;
    std[i] = Math.sqrt((amplitude[i % columns] as number) / own);
  }
  return Object.freeze({ mean: Object.freeze({ data: mean, shape: Object.freeze([n, columns]) }), std });
}

export function requireColumn(column: number, columns: number): void {
  if (Number.isInteger(column) && column >= 0 && column < columns) return;
  throw new KernelError('ERR_ARGUMENT', `column: expected an integer from 0 to ${columns - 1}, got ${column}`, {
    option: 'column',
  });
}
