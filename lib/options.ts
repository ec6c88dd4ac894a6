/** One checker for every record of options: a table says what each key accepts. */

import { types } from 'node:util';
import { KernelError, unknownName } from './errors.js';

/** What one option accepts, and how a message says so. */
export interface Constraint<T> {
  readonly expected: string;
  readonly accepts: (value: unknown) => value is T;
}

type Constraints = Readonly<Record<string, Constraint<unknown>>>;

/** The options that a table describes, checked. */
export type Checked<C extends Constraints> = {
  readonly [Key in keyof C]?: C[Key] extends Constraint<infer T> ? T : never;
};

export function integer(low: number, high: number, meaning = ''): Constraint<number> {
  return {
    expected: `an integer from ${low} to ${high}${meaning === '' ? '' : ` (${meaning})`}`,
    accepts: (value): value is number =>
      Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
  };
}

export function oneOf<const Word extends string>(...words: readonly Word[]): Constraint<Word> {
  return {
    expected: words.map((word) => `'${word}'`).join(' or '),
    accepts: (value): value is Word => (words as readonly unknown[]).includes(value),
  };
}

export const nonNegative: Constraint<number> = {
  expected: 'a finite number of at least 0',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0,
};

export const flag: Constraint<boolean> = {
  expected: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};

// biome-ignore lint/suspicious/noExplicitAny: any function will do, its arguments are ours
export function callback<F extends (...args: any[]) => unknown>(): Constraint<F> {
  return { expected: 'a function', accepts: (value): value is F => typeof value === 'function' };
}

/** `what` names the record in messages. Unknown keys are refused with the nearest known one; undefined means absent. */
export function readOptions<C extends Constraints>(what: string, given: unknown, constraints: C): Checked<C> {
  if (given === undefined) return {};
  return reading(what, () => {
    if (typeof given !== 'object' || given === null || Array.isArray(given) || types.isPromise(given)) {
      throw new KernelError('ERR_ARGUMENT', `${what}: expected an object, got ${show(given)}`, { option: what });
    }
    const known = Object.keys(constraints);
    const checked: Record<string, unknown> = {};
    for (const key of Reflect.ownKeys(given)) {
      if (typeof key !== 'string' || !known.includes(key)) {
        throw new KernelError('ERR_ARGUMENT', `${what}: ${unknownName('option', String(key), known)}`, {
          option: String(key),
        });
      }
      const value = (given as Record<string, unknown>)[key];
      if (value === undefined) continue;
      const { accepts, expected } = constraints[key] as Constraint<unknown>;
      if (!accepts(value)) throw unexpected(key, expected, value);
      checked[key] = value;
    }
    return checked as Checked<C>;
  });
}

/** ERR_ARGUMENT "top: expected an integer from 1 to 400, got 0". */
export function unexpected(what: string, expected: string, value: unknown, remedy = ''): KernelError {
  return new KernelError('ERR_ARGUMENT', `${what}: expected ${expected}, got ${show(value)}${remedy}`, {
    option: what,
  });
}

/** Reads what a caller passed. A getter or proxy of theirs that throws becomes ERR_ARGUMENT with its error as cause. */
export function reading<R>(what: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError) throw error;
    throw new KernelError(
      'ERR_ARGUMENT',
      `${what}: expected plain data, but reading it threw ${show(error)}`,
      {},
      { cause: error },
    );
  }
}

/** "a Date", "an Int8Array"; an object literal is "a plain object". */
function instance(name: unknown): string {
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'a plain object';
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`;
}

/** A value as a message shows it: short, and whatever it is. */
export function show(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return 'a function';
    if (Array.isArray(value)) return `an array of ${value.length}`;
    if (types.isPromise(value)) return 'a Promise; await it first';
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value === 'object' && value !== null) return instance(value.constructor?.name);
    return Object.is(value, -0) ? '-0' : String(value);
  } catch {
    return 'something that cannot be read';
  }
}
