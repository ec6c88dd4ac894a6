/** Weighted sums over eigendirections for many times, in batches that need little room. */

import { KernelError } from '../errors.js';
import { breathe, job, type Steps } from '../jobs.js';
import { called, type NativeMatrix, native } from '../native.js';

/** Weights and results of one native job stay below this many numbers each. */
const perJob = 2 ** 21;
/** Exponentials per turn of the event loop: some milliseconds. */
const perTurn = 2 ** 16;

export interface Filtered {
  /** Test points × n, or eigenvectors as rows, to be transposed. */
  readonly basis: NativeMatrix;
  readonly transposed: boolean;
  /** n × columns. */
  readonly coordinates: NativeMatrix;
  /** What the sums are added to; null for 0. */
  readonly base: NativeMatrix | null;
}

/** a·vectorsᵀ: for a cross matrix, its rows in the eigenbasis of the training matrix. */
export function* rotate(cross: NativeMatrix, vectors: NativeMatrix, threads: number): Steps<NativeMatrix> {
  const { Matrix } = native();
  const rotated = called(() => new Matrix(cross.rows, vectors.rows));
  try {
    yield* job('training', () => native().multiplyTransposed(cross, vectors, rotated, threads));
    return rotated;
  } catch (error) {
    rotated.dispose();
    throw error;
  }
}

/** out_t = base + basis·diag(weight(·, t))·coordinates for all times; out is times × rows × columns. */
export function* filtered(
  { basis, transposed, coordinates, base }: Filtered,
  times: Float64Array,
  weight: (k: number, time: number) => number,
  out: Float64Array,
  threads: number,
): Steps<void> {
  const { rows: n, columns } = coordinates;
  const size = basis.rows * columns;
  const batch = Math.max(1, Math.floor(perJob / Math.max(n, size)));
  for (let first = 0; first < times.length; first += batch) {
    const count = Math.min(batch, times.length - first);
    const weights = yield* weightsAt(times.subarray(first, first + count), n, weight);
    const part = out.subarray(first * size, (first + count) * size);
    yield* job('training', () => native().filterModes(basis, transposed, coordinates, weights, base, part, threads));
  }
}

/** weight(k, t) of all directions, times × n. */
export function* weightsAt(
  times: Float64Array,
  n: number,
  weight: (k: number, time: number) => number,
): Steps<Float64Array> {
  const weights = new Float64Array(times.length * n);
  for (let i = 0, since = 0; i < times.length; i++) {
    const time = times[i] as number;
    for (let k = 0; k < n; k++) weights[i * n + k] = weight(k, time);
    since += n;
    if (since < perTurn) continue;
    since = 0;
    yield* breathe();
  }
  return weights;
}

/** Refuses losses `of` what is given at `times` that are too large for a double. */
export function requireLosses(of: string, losses: Float64Array, times: Float64Array): Float64Array {
  const index = losses.findIndex((loss) => !Number.isFinite(loss));
  if (index < 0) return losses;
  const time = times[index] as number;
  throw new KernelError(
    'ERR_RANGE',
    `${of}: at time ${time} the loss leaves the range of doubles; values of smaller units, or earlier times, help`,
    { time },
  );
}

/** Σ (values − target)² of each of the slices of `values` that are as long as `target`. */
export function* squaredDistances(values: Float64Array, target: Float64Array): Steps<Float64Array> {
  const size = target.length;
  const sums = new Float64Array(values.length / size);
  for (let i = 0, since = 0; i < sums.length; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += ((values[i * size + j] as number) - (target[j] as number)) ** 2;
    sums[i] = sum;
    since += size;
    if (since < 4 * perTurn) continue;
    since = 0;
    yield* breathe();
  }
  return sums;
}
