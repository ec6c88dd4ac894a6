/** The two surfaces on which interpolants are drawn: the unit sphere, and the plane at height 1 over the origin. */

import { evenly } from '../measure.js';
import type { ChartPoint, MapAxis } from '../schema.js';

/** Gradient and matrix of second derivatives of a function of three numbers, row after row. */
export interface Derivatives {
  readonly gradient: ArrayLike<number>;
  readonly hessian: ArrayLike<number>;
}

export interface Domain {
  readonly id: 'sphere' | 'plane';
  /** As it follows 'interpolants'. */
  readonly where: string;
  readonly formula: string;
  readonly target: (row: Float64Array) => number;
  readonly x: MapAxis;
  readonly y: MapAxis;
  /** The grid of the map, row after row from y.low on. */
  readonly columns: number;
  readonly grid: readonly Float64Array[];
  /** Of each point of the grid, in the mean over the surface. */
  readonly weights: readonly number[];
  /** Evenly over the surface; different shifts from 0 to 1 have no point in common. */
  readonly spread: (count: number, shift: number) => readonly Float64Array[];
  /** Where a point lies on the map. */
  readonly place: (row: Float64Array) => ChartPoint;
  /** The Laplacian on the surface, and the Frobenius norm of the Hessian there.                   [surface-derivatives] */
  readonly second: (row: Float64Array, of: Derivatives) => { readonly laplacian: number; readonly norm: number };
}

const degrees = 180 / Math.PI;
/** Five degrees, and a 24th. */
const [longitudes, latitudes, side] = [evenly(-180, 180, 73), evenly(-90, 90, 37), evenly(-1, 1, 49)];

function onSphere(longitude: number, latitude: number): Float64Array {
  const [u, v] = [longitude / degrees, latitude / degrees];
  return Float64Array.of(Math.cos(v) * Math.cos(u), Math.cos(v) * Math.sin(u), Math.sin(v));
}

const sphere: Domain = {
  id: 'sphere',
  where: 'on the unit sphere',
  formula: '0.5x₁ + x₂⁴ − 6x₂²x₃² + x₃⁴',
  target: ([a = 0, b = 0, c = 0]) => 0.5 * a + b ** 4 - 6 * b * b * c * c + c ** 4,
  x: { label: 'Longitude (degrees)', low: -180, high: 180, ticks: [-180, -90, 0, 90, 180] },
  y: { label: 'Latitude (degrees)', low: -90, high: 90, ticks: [-90, -45, 0, 45, 90] },
  columns: longitudes.length,
  grid: Array.from(latitudes).flatMap((latitude) =>
    Array.from(longitudes, (longitude) => onSphere(longitude, latitude)),
  ),
  // The last longitude is the first one again.
  weights: Array.from(latitudes).flatMap((latitude) =>
    Array.from(longitudes, (longitude) => (longitude === 180 ? 0 : Math.max(0, Math.cos(latitude / degrees)))),
  ),
  spread: (count, shift) =>
    // Equal steps of height, turned by the golden angle from one to the next.
    Array.from({ length: count }, (_, i) => {
      const height = 1 - (2 * i + 1 + shift) / count;
      return onSphere((((i * 137.50776405003785) % 360) - 180) % 360, Math.asin(height) * degrees);
    }),
  place: ([a = 0, b = 0, c = 0]) => ({ x: Math.atan2(b, a) * degrees, y: Math.asin(c) * degrees }),
  second: (row, { gradient, hessian }) => {
    const at = (i: number) => row[i] as number;
    const outward = [0, 1, 2].reduce((sum, i) => sum + at(i) * (gradient[i] as number), 0);
    // P H P − (x·∇f) P with P = 1 − xxᵀ.
    const P = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1 : 0) - at(i) * at(j)));
    const entry = (i: number, j: number) => (P[i] as number[])[j] as number;
    const inner = (i: number, j: number) =>
      [0, 1, 2].reduce(
        (sum, p) =>
          sum + [0, 1, 2].reduce((part, q) => part + entry(i, p) * (hessian[3 * p + q] as number) * entry(q, j), 0),
        0,
      ) -
      outward * entry(i, j);
    let [laplacian, squares] = [0, 0];
    for (let i = 0; i < 3; i++) {
      laplacian += inner(i, i);
      for (let j = 0; j < 3; j++) squares += inner(i, j) ** 2;
    }
    return { laplacian, norm: Math.sqrt(squares) };
  },
};

const plane: Domain = {
  id: 'plane',
  where: 'in the plane',
  formula: '0.5x₁ + cos 3x₁ sin 3x₂',
  target: ([a = 0, b = 0]) => 0.5 * a + Math.cos(3 * a) * Math.sin(3 * b),
  x: { label: 'x₁', low: -1, high: 1 },
  y: { label: 'x₂', low: -1, high: 1 },
  columns: side.length,
  grid: Array.from(side).flatMap((b) => Array.from(side, (a) => Float64Array.of(a, b, 1))),
  weights: Array.from({ length: side.length ** 2 }, () => 1),
  spread: (count, shift) =>
    // The additive sequence of the plastic number, the root of t³ = t + 1.
    Array.from({ length: count }, (_, i) => {
      const share = (step: number) => 2 * ((0.5 + shift + (i + 1) * step) % 1) - 1;
      return Float64Array.of(share(1 / 1.324717957244746), share(1 / 1.324717957244746 ** 2), 1);
    }),
  place: ([x = 0, y = 0]) => ({ x, y }),
  second: (_, { hessian }) => {
    const [a, b, c, e] = [0, 1, 3, 4].map((i) => hessian[i] as number) as [number, number, number, number];
    return { laplacian: a + e, norm: Math.hypot(a, b, c, e) };
  },
};

export const domains: readonly Domain[] = [sphere, plane];
