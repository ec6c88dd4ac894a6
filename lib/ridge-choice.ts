import { KernelError } from './errors.js';
import { requireSquares } from './squares.js';

/**
 * Ridges tried when leave-one-out chooses: half decades from 10⁻¹⁰ to 10², relative to the mean diagonal of the
 * training Gram matrix, so that one grid suits every network and depth.
 */
export const ridgeGrid: readonly number[] = Array.from(
  { length: 25 },
  (_, i) => Number(`1e${-10 + Math.floor(i / 2)}`) * (i % 2 === 0 ? 1 : Math.sqrt(10)),
);

/** Errors closer than this, relatively, count as equal: where data are free of noise the path is flat to rounding. */
const tie = 1e-6;

interface RidgeChoice {
  /** Index into the ridges. */
  readonly index: number;
  /** Mean over samples and columns of the squared leave-one-out error at that ridge. */
  readonly squaredError: number;
  /** The same at every ridge. */
  readonly squaredErrors: readonly number[];
}

/**
 * The ridge whose leave-one-out predictions have the least squared error; of equal ones the largest, which asks least
 * of the data. Squared error decides for classes too: it uses all that the predictions say, where an error rate of
 * 40 rows moves in steps of 2.5 points and picks by chance.
 *
 * `loo` holds ridges × rows × columns. Where K + λI is singular to rounding, the rounding decides which directions are
 * dropped; such a ridge stands only where every ridge has that trouble.                              [leave-one-out]
 */
export function chooseRidge(
  loo: Float64Array,
  targets: Float64Array,
  ridges: number,
  dropped: ArrayLike<number>,
): RidgeChoice {
  const cells = targets.length;
  if (loo.length !== ridges * cells || ridges < 1 || cells < 1) {
    throw new KernelError(
      'ERR_INTERNAL',
      `leave-one-out predictions: expected ${ridges} × ${cells} numbers, got ${loo.length}; please report this`,
    );
  }
  const errors = Array.from({ length: ridges }, (_, r) => {
    let sum = 0;
    for (let i = 0; i < cells; i++) sum += ((loo[r * cells + i] as number) - (targets[i] as number)) ** 2;
    return sum / cells;
  });
  if (!errors.some(Number.isFinite)) requireSquares('y', 1, targets);
  const sound = errors.map((error, r) => Number.isFinite(error) && (dropped[r] as number) === 0);
  const candidates = sound.includes(true) ? sound : errors.map(Number.isFinite);
  let least = Number.POSITIVE_INFINITY;
  for (let r = 0; r < ridges; r++) if (candidates[r]) least = Math.min(least, errors[r] as number);
  // Only a Gram matrix without one usable direction leaves nothing; the largest ridge then predicts zero.
  let index = ridges - 1;
  for (let r = 0; r < ridges; r++) if (candidates[r] && (errors[r] as number) <= least * (1 + tie)) index = r;
  return { index, squaredError: errors[index] as number, squaredErrors: errors };
}

/** Of a list of any length, unlike Math.min(...values), whose arguments must fit on the stack; NaN if any is. */
export function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

/** Index of the least value; of equal ones the first. With depths in ascending order: the shallowest. */
export function chooseFirst(squaredErrors: readonly number[]): number {
  const least = leastOf(squaredErrors);
  return squaredErrors.findIndex((error) => error <= least * (1 + tie));
}
