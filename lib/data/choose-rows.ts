import type { LoadOptions } from './dataset.js';
import { createRandom } from './rng.js';

/** Puts candidate rows into the order in which limits take them. */
export function inAskedOrder(rows: Uint32Array, { order, seed }: Pick<LoadOptions, 'order' | 'seed'>): Uint32Array {
  return order === 'random' ? createRandom(seed ?? 0).shuffle(rows) : rows;
}

/** The first `limit` rows; `classOf` gives the class of a row where there are classes. */
export function limitRows(
  rows: Uint32Array,
  { limit, perClassLimit }: Pick<LoadOptions, 'limit' | 'perClassLimit'>,
  classOf: ((row: number) => number) | undefined,
  balanced: boolean,
): Uint32Array {
  let taken = rows;
  if (classOf !== undefined && perClassLimit !== undefined) taken = takePerClass(taken, classOf, () => perClassLimit);
  if (limit === undefined || limit >= taken.length) return taken;
  if (classOf === undefined || !balanced) return taken.slice(0, limit);
  const shares = equalShares(countClasses(taken, classOf), limit);
  return takePerClass(taken, classOf, (label) => shares[label] as number);
}

function takePerClass(
  rows: Uint32Array,
  classOf: (row: number) => number,
  most: (label: number) => number,
): Uint32Array {
  const taken: number[] = [];
  return rows.filter((row) => {
    const label = classOf(row);
    taken[label] = (taken[label] ?? 0) + 1;
    return (taken[label] as number) <= most(label);
  });
}

function countClasses(rows: Uint32Array, classOf: (row: number) => number): number[] {
  const counts: number[] = [];
  for (const row of rows) {
    const label = classOf(row);
    while (counts.length <= label) counts.push(0);
    counts[label] = (counts[label] as number) + 1;
  }
  return counts;
}

/**
 * Shares of `total` among classes of the given sizes: equal, except that a class cannot give more than it has and that
 * what is left over goes to the first classes, one each.
 */
export function equalShares(sizes: readonly number[], total: number): number[] {
  const shares = sizes.map(() => 0);
  let left = total;
  for (;;) {
    const open = sizes.flatMap((size, label) => (size > (shares[label] as number) ? [label] : []));
    if (left === 0 || open.length === 0) return shares;
    const step = Math.floor(left / open.length);
    for (const label of open) {
      const more = Math.min(Math.max(1, step), (sizes[label] as number) - (shares[label] as number), left);
      shares[label] = (shares[label] as number) + more;
      left -= more;
    }
  }
}
