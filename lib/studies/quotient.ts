import type { Mean } from './measure.js';

/** Of two means over the same draws; its error by the first order of its change. */
export function quotient(above: readonly number[], below: readonly number[]): Mean {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const n = above.length;
  const mean = sum(above) / sum(below);
  const squares = sum(above.map((value, i) => (value - mean * (below[i] as number)) ** 2));
  return { mean, error: (Math.sqrt(squares / (n * (n - 1))) * n) / sum(below) };
}
