import { types } from 'node:util';
import { KernelError } from './errors.js';

/** Networks nest a handful of levels; more than this is a mistake (an object that contains itself, say). */
export const maxNesting = 100;

const alreadyFrozen = new WeakSet<object>();

/** A deeply frozen copy of plain data. What this function froze before is shared, not copied again. */
export function frozen<T>(value: T, level = 0): T {
  // A promise stays what it is, so that a message can say so.
  if (typeof value !== 'object' || value === null || types.isPromise(value) || alreadyFrozen.has(value)) return value;
  if (level > 2 * maxNesting + 8) {
    throw new KernelError(
      'ERR_NETWORK',
      `expected at most ${maxNesting} nested layers, got more; does a layer contain itself?`,
      { path: '' },
    );
  }
  const copy = Array.isArray(value)
    ? value.map((entry) => frozen(entry, level + 1))
    : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, frozen(entry, level + 1)]));
  Object.freeze(copy);
  alreadyFrozen.add(copy);
  return copy as T;
}
