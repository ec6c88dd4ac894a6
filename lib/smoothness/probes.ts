/** Where functions on the data are looked at between the rows: on the segments from one row to another. */

import { createRandom } from '../data/rng.js';
import type { Samples, Tensor } from '../tensor.js';

/** Segments between rows, the same for every kernel on the same rows. */
const segments = 32;
/** Points on a segment, both ends included. */
export const pathPoints = 65;
/** A share that puts no probe at 0 between rows that are opposite, nor in line with a third row of whole numbers. */
const golden = (Math.sqrt(5) - 1) / 2;
/** Rows whose directions differ by less are in line. */
const leastAngle = 1e-6;

export interface Segment {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly length: number;
}

interface Table {
  readonly rows: readonly Float64Array[];
  /** Of one row. */
  readonly shape: readonly number[];
}

/** Pairs of rows that are not in line with each other; drawn by a fixed seed, so they follow the order of the rows. */
export function segmentsOf(x: Samples): readonly Segment[] {
  const { rows } = tableOf(x);
  const random = createRandom(0);
  const found: Segment[] = [];
  for (let attempt = 0; attempt < 16 * segments && found.length < segments && rows.length > 1; attempt++) {
    const [i, j] = [random.below(rows.length), random.below(rows.length)];
    const [from, to] = [rows[i] as Float64Array, rows[j] as Float64Array];
    if (i === j || inLine(from, to)) continue;
    found.push({ from, to, length: Math.hypot(...from.map((value, k) => (to[k] as number) - value)) });
  }
  return found;
}

/** One point inside every segment. */
export function probesOf(x: Samples): Tensor | null {
  const points = segmentsOf(x).map((segment) => pointOn(segment, golden));
  return points.length === 0 ? null : asTensor(points, x);
}

/** Points of every segment, evenly from end to end. */
export function pathOf(segment: Segment, x: Samples): Tensor {
  return asTensor(
    Array.from({ length: pathPoints }, (_, i) => pointOn(segment, i / (pathPoints - 1))),
    x,
  );
}

function pointOn({ from, to }: Segment, share: number): Float64Array {
  return from.map((value, k) => (1 - share) * value + share * (to[k] as number));
}

function asTensor(points: readonly Float64Array[], x: Samples): Tensor {
  const { shape } = tableOf(x);
  const width = shape.reduce((product, axis) => product * axis, 1);
  const data = new Float64Array(points.length * width);
  points.forEach((point, i) => {
    data.set(point, i * width);
  });
  return { data, shape: [points.length, ...shape] };
}

function tableOf(x: Samples): Table {
  if (!('shape' in x)) {
    const rows = x.map((row) => Float64Array.from(row));
    return { rows, shape: [rows[0]?.length ?? 0] };
  }
  const [count = 0, ...shape] = x.shape;
  const width = shape.reduce((product, axis) => product * axis, 1);
  const rows = Array.from({ length: count }, (_, i) => Float64Array.from(x.data.subarray(i * width, (i + 1) * width)));
  return { rows, shape };
}

function inLine(a: Float64Array, b: Float64Array): boolean {
  const [lengthA, lengthB] = [Math.hypot(...a), Math.hypot(...b)];
  if (lengthA === 0 || lengthB === 0) return true;
  const along = a.reduce((sum, value, k) => sum + (value / lengthA) * ((b[k] as number) / lengthB), 0);
  return Math.sqrt(Math.max(0, 1 - along * along)) < leastAngle;
}
