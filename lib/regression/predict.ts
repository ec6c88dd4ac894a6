/** Means, deviations and covariances at new points. */

import { job, type Steps } from '../jobs.js';
import { allocate, requireMemory } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { numbersOf } from '../native-numbers.js';
import { planGrams } from '../plan.js';
import type { Points } from '../points.js';
import { type Fitted, factorOf } from './fit.js';
import { loadOf, only, preparedOf, scaleOf, unitOf } from './problem.js';
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
  const factor = wanted.std ? yield* factorOf(fit, wanted.threads, wanted.hours) : null;
  const queries = yield* samples.copy();
  try {
    for (let first = 0; first < samples.rows; first += block) {
      const rows = Math.min(block, samples.rows - first);
      const variance = std === undefined ? null : allocate(rows, 'float64');
      yield* meansOf(fit, queries, { first, rows, factor, variance, cross: null }, wanted, mean);
      if (std === undefined || variance === null) continue;
      for (let i = 0; i < rows; i++) {
        const whole = (variance[i] as number) + (wanted.noise ? ridge : 0);
        for (let c = 0; c < columns; c++) std[(first + i) * columns + c] = Math.sqrt((amplitude[c] as number) * whole);
      }
    }
    const shape = Object.freeze([samples.rows, columns]);
    return Object.freeze({ mean: Object.freeze({ data: mean, shape }), ...(std === undefined ? {} : { std }) });
  } finally {
    queries.dispose();
  }
}

interface Block {
  readonly first: number;
  readonly rows: number;
  /** With it posterior variances are put into `variance`, in the unit of K. */
  readonly factor: NativeMatrix | null;
  readonly variance: Float64Array | null;
  /** Gets the kernel values with the samples, as computed, where no variance is wanted. */
  readonly cross: NativeMatrix | null;
}

/**
 * The means of some rows, in one job with what else is wanted of them. Logarithmic scales are sums of one for either side,
 * so the reduction k_zᵀ(K+λI)⁻¹k_z has the scale of k(z, z) by itself. [gp-posterior]
 */
function* meansOf(
  { problem, weights, centre }: Fitted,
  queries: NativeMatrix,
  { first, rows, factor, variance, cross }: Block,
  { threads, hours }: Wanted,
  mean: Float64Array,
): Steps<void> {
  const { which, logScale } = problem;
  const { columns } = weights;
  const prepared = yield* preparedOf(problem, threads);
  const part = mean.subarray(first * columns, (first + rows) * columns);
  const [meanScale, varianceScale] = yield* job('predict', () => {
    requireMemory(`predictions of ${rows} rows`, rows * problem.points.rows * 8, 'predict with fewer rows');
    const tangent = which === 'ntk';
    return native().predict(
      prepared,
      tangent,
      queries,
      first,
      rows,
      weights,
      factor,
      part,
      variance,
      cross,
      threads,
      hours,
    );
  });
  const unit = unitOf('z', meanScale - logScale);
  for (let i = 0; i < part.length; i++) part[i] = (part[i] as number) * unit + (centre[i % columns] as number);
  if (variance === null) return;
  const own = unitOf('z', varianceScale - logScale);
  if (own !== 1) for (let i = 0; i < rows; i++) variance[i] = (variance[i] as number) * own;
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
    const { Matrix } = native();
    const cross = called(() => new Matrix(m, problem.points.rows));
    held.push(cross);
    yield* meansOf(fit, queries, { first: 0, rows: m, factor: null, variance: null, cross }, wanted, mean);
    const { program, which, grid, logScale } = problem;
    const covariance = called(() => new Matrix(m, m));
    held.push(covariance);
    const scales = yield* job('gram', () => {
      const hours = planGrams(loadOf(problem, wanted.threads, wanted.hours), samples);
      return native().gram(program, queries, only(which, covariance), 'float64', wanted.threads, grid, hours);
    });
    yield* job('posterior', () => native().posteriorCovariance(factor, cross, covariance, wanted.threads));
    const unit = unitOf('z', scaleOf(scales, which) - logScale);
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
