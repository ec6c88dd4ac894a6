/** Two classes of rows as labels ±1. */

import type { Dataset } from '../data/dataset.js';
import { cifarClasses } from '../data/public/catalogue.js';
import { KernelError } from '../errors.js';

/** Rows of unit length and labels ±1. */
export interface TwoClasses {
  readonly name: string;
  readonly rows: readonly Float64Array[];
  readonly labels: Float64Array;
}

/** Two of the classes of a data set, by their places; those of a data set of two are 0 and 1. */
export function twoClasses(
  { x, y, classes, name }: Dataset,
  pair: readonly [number, number],
  names?: readonly string[],
) {
  const columns = x.shape[1];
  const chosen = [...y.keys()].filter((row) => pair.includes(y[row] as number));
  const rows = chosen.map((i) => {
    const row = Float64Array.from(x.data.subarray(i * columns, (i + 1) * columns));
    const length = Math.hypot(...row);
    if (length === 0)
      throw new KernelError('ERR_ARGUMENT', `data: row ${i} is zero and has no direction; leave it out`, { row: i });
    return row.map((value) => value / length);
  });
  const named = pair.map((place) => names?.[place] ?? classes?.[place] ?? String(place));
  return {
    rows,
    labels: Float64Array.from(chosen, (row) => (y[row] === pair[0] ? 1 : -1)),
    name: `${name}, ${named.join(' against ')}`,
  };
}

/** Throws ERR_ARGUMENT for more classes or numbers to regress. */
export function onlyTwoClasses(data: Dataset): TwoClasses {
  if (data.classes?.length === 2) return twoClasses(data, [0, 1]);
  const got = data.classes === undefined ? 'numbers to regress' : `${data.classes.length} classes`;
  throw new KernelError('ERR_ARGUMENT', `data: expected two classes, got ${got}; choose two of them (--classes 3,8)`);
}

/** Photographs of two classes of CIFAR-10. */
export function photographs(data: Dataset, pair: readonly number[]): TwoClasses {
  const places = [...(data.classes ?? []).keys()];
  if (pair.length !== 2 || !pair.every((label) => places.includes(label))) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `cifarClasses: expected two labels from 0 to ${places.length - 1}, got ${pair.join(', ')}`,
    );
  }
  return twoClasses({ ...data, name: 'CIFAR-10' }, [pair[0] as number, pair[1] as number], cifarClasses);
}
