import { KernelError } from '../errors.js';
import { allocate } from './allocate.js';
import type { SampleMatrix } from './dataset.js';

/** 'columns': mean 0 and standard deviation 1; 'sphere': every sample divided by its norm. */
export type Standardize = 'none' | 'columns' | 'sphere';

/**
 * What the training samples say about the scale of each column. Columns are measured in powers of two near their
 * largest value, so that sums of squares neither overflow nor vanish.
 */
export interface Scaling {
  readonly kind: Standardize;
  /** Number of features the scaling was fitted to. */
  readonly d: number;
  /** For 'columns': (x / unit − origin − mean) / sd, all of length d; empty for the other kinds. */
  readonly unit: Float64Array;
  /** The first training row. Differences from it are exact for values that are nearly equal. */
  readonly origin: Float64Array;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  /** Columns with one value in all training rows; they become 0 everywhere. */
  readonly constantColumns: readonly number[];
}

/**
 * Fits a scaling to the given rows only (all rows if none are named). The standard deviation is that of the rows
 * themselves (divided by their number).
 */
export function fitScaling(kind: Standardize, x: SampleMatrix, rows?: ArrayLike<number>): Scaling {
  const [n, d] = x.shape;
  const none = new Float64Array(0);
  if (kind !== 'columns') return { kind, d, unit: none, origin: none, mean: none, sd: none, constantColumns: [] };
  const chosen = rows ?? Uint32Array.from({ length: n }, (_, i) => i);
  if (chosen.length === 0) {
    throw new KernelError('ERR_ARGUMENT', 'a scaling needs at least one training row, got none', { rows: 0 });
  }
  const { unit, origin, varies } = unitsOf(x, chosen);
  const deviation = (value: number, j: number) => value / (unit[j] as number) - (origin[j] as number);
  const mean = averages(x, chosen, deviation);
  const variance = averages(x, chosen, (value, j) => (deviation(value, j) - (mean[j] as number)) ** 2);
  const sd = variance.map((v, j) => (varies[j] === 0 ? 0 : Math.sqrt(v)));
  return { kind, d, unit, origin, mean, sd, constantColumns: Array.from(sd.keys()).filter((j) => sd[j] === 0) };
}

/** The mean of f over the rows, column by column, taken twice: the second pass removes the rounding of the first. */
function averages(x: SampleMatrix, rows: ArrayLike<number>, f: (value: number, j: number) => number): Float64Array {
  const first = new Float64Array(x.shape[1]);
  eachValue(x, rows, (value, j) => {
    first[j] = (first[j] as number) + f(value, j) / rows.length;
  });
  const rest = new Float64Array(x.shape[1]);
  eachValue(x, rows, (value, j) => {
    rest[j] = (rest[j] as number) + (f(value, j) - (first[j] as number)) / rows.length;
  });
  return first.map((mean, j) => mean + (rest[j] as number));
}

/** The power of two at or below the largest magnitude of each column, its first value, and whether it varies at all. */
function unitsOf(
  x: SampleMatrix,
  rows: ArrayLike<number>,
): { unit: Float64Array; origin: Float64Array; varies: Uint8Array } {
  const d = x.shape[1];
  const largest = new Float64Array(d);
  const varies = new Uint8Array(d);
  const first = (rows[0] as number) * d;
  eachValue(x, rows, (value, j) => {
    if (Math.abs(value) > (largest[j] as number)) largest[j] = Math.abs(value);
    if (value !== x.data[first + j]) varies[j] = 1;
  });
  // log2 of the largest double rounds to 1024, one more than any double has.
  const exponent = (value: number) => Math.min(1023, Math.max(-1022, Math.floor(Math.log2(value))));
  const unit = largest.map((value) => (value === 0 ? 1 : 2 ** exponent(value)));
  const origin = unit.map((one, j) => (x.data[first + j] as number) / one);
  return { unit, origin, varies };
}

function eachValue(x: SampleMatrix, rows: ArrayLike<number>, visit: (value: number, j: number) => void): void {
  const d = x.shape[1];
  for (let k = 0; k < rows.length; k++) {
    const start = (rows[k] as number) * d;
    for (let j = 0; j < d; j++) visit(x.data[start + j] as number, j);
  }
}

/** The named rows (all if none are named) of a matrix, scaled, as a new matrix. Costs O(n d), at memory speed. */
export function applyScaling(scaling: Scaling, x: SampleMatrix, rows?: ArrayLike<number>): SampleMatrix {
  const [n, d] = x.shape;
  if (d !== scaling.d) {
    throw new KernelError('ERR_SHAPE', `expected ${scaling.d} features as in the training rows, got ${d}`, {
      expected: scaling.d,
      got: d,
    });
  }
  const count = rows?.length ?? n;
  const data = allocate(count * d, `${count} scaled rows of ${d} features`);
  for (let k = 0; k < count; k++) {
    const row = rows === undefined ? k : (rows[k] as number);
    const source = x.data.subarray(row * d, (row + 1) * d);
    const target = data.subarray(k * d, (k + 1) * d);
    if (scaling.kind === 'columns') scaleColumns(scaling, source, target);
    else if (scaling.kind === 'sphere') project(source, target);
    else target.set(source);
  }
  return { data, shape: [count, d] };
}

function scaleColumns({ unit, origin, mean, sd }: Scaling, source: Float64Array, target: Float64Array): void {
  for (let j = 0; j < source.length; j++) {
    const deviation = (source[j] as number) / (unit[j] as number) - (origin[j] as number);
    target[j] = sd[j] === 0 ? 0 : (deviation - (mean[j] as number)) / (sd[j] as number);
  }
}

/** A row of zeros has no direction and stays where it is. */
function project(source: Float64Array, target: Float64Array): void {
  let largest = 0;
  for (const value of source) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return;
  let squares = 0;
  for (const value of source) squares += (value / largest) ** 2;
  const norm = Math.sqrt(squares);
  for (let j = 0; j < source.length; j++) target[j] = (source[j] as number) / largest / norm;
}
