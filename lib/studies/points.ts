import type { Random } from '../data/rng.js';

/** Points drawn evenly from the unit sphere: normal numbers, divided by their length. */
export function normalPoints(random: Random, count: number, dimension: number): readonly Float64Array[] {
  return Array.from({ length: count }, () => {
    const point = Float64Array.from({ length: dimension }, () => normal(random));
    const length = Math.hypot(...point);
    return point.map((value) => value / length);
  });
}

/** Box and Muller's map of two uniform numbers, one of which may not be 0. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
