/** Targets whose squares are doubles. */

import { KernelError } from './errors.js';

/**
 * Errors, amplitudes and likelihoods are sums of squares of targets. Doubles reach from 1e-308 to 1e308: within 1e±120 the
 * squares leave a factor of 1e68 for the matrix, and errors at rounding level, 1e-32 of the squares, are still exact.
 */
const least = 1e-120;
const most = 1e120;

/**
 * Refuses (ERR_RANGE) targets with a column whose largest number has no square in the range of doubles. Columns of zeros
 * pass. `parts`: rows of `columns` numbers, below each other.
 */
export function requireSquares(what: string, columns: number, ...parts: readonly ArrayLike<number>[]): void {
  const largest = new Float64Array(columns);
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      const size = Math.abs(part[i] as number);
      if (size > (largest[i % columns] as number)) largest[i % columns] = size;
    }
  }
  const column = largest.findIndex((size) => size > most || (size > 0 && size < least));
  if (column < 0) return;
  const size = largest[column] as number;
  throw new KernelError(
    'ERR_RANGE',
    `${what}: expected the largest number of each column between ${least} and ${most}, so that squares stay in the range of ` +
      `doubles, got ${size} in column ${column}; use another unit`,
    { column, largest: size },
  );
}

/** Refuses (ERR_RANGE) a result that left the range of doubles, which neither a user nor a file could do anything with. */
export function requireFinite(what: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isFinite(value)) continue;
    throw new KernelError(
      'ERR_RANGE',
      `${what}: got ${value}, outside the range of doubles, from targets and a kernel of too different magnitudes; use other ` +
        'units for x or y',
      { index: i },
    );
  }
}
