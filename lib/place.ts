/** Where something stands in a network, and how to say that it is wrong there. */

import { types } from 'node:util';
import { KernelError } from './errors.js';

export interface Place {
  /** 'layers[3].body', or '' for the network itself. */
  readonly path: string;
  /** How many layers enclose this one. */
  readonly level: number;
  /** Turns of the innermost enclosing repeat, null outside of any. */
  readonly times: number | null;
  /** Is this what the second turn of an enclosing repeat meets? The first was fine. */
  readonly again: boolean;
  /** Layers looked at since the root. */
  readonly visits: { count: number };
}

/** The place of a whole network. */
export function root(): Place {
  return {
    path: '',
    level: 0,
    times: null,
    again: false,
    visits: { count: 0 },
  };
}

export function inside(place: Place, key: string): Place {
  return {
    ...place,
    path: joined(place.path, key),
    level: place.level + 1,
  };
}

/** The path of what stands at `key` in what stands at `path`. */
export function joined(path: string, key: string): string {
  return path === '' || key === '' ? path + key : `${path}.${key}`;
}

/** Refuses with "layers[3].body (residual): …"; `what` is the kind of layer or the name of the preset. */
export function refuse(place: Place, what: string, problem: string, details: Record<string, unknown> = {}): never {
  const name = place.again ? `${what}, second turn of the repeat` : what;
  const where = place.path === '' || place.path === what ? name : `${place.path} (${name})`;
  throw new KernelError('ERR_NETWORK', `${where}: ${problem}`, {
    path: place.path,
    ...details,
  });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !types.isPromise(value);
}

/** A value as a message shows it: short, and without running any of its code. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (types.isPromise(value)) return 'a Promise; await it first';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  if (value === undefined) return 'nothing';
  return String(value);
}

/** Checks of the numbers and words of one layer; each names the key. */
export interface Checks {
  variance(key: string, value: unknown): void;
  /** A factor of functions: kernels see its square, which must stay in the range of doubles. */
  factor(key: string, value: unknown, zero: 'allowed' | 'refused'): void;
  integer(key: string, value: unknown, least: number, most: number): void;
  flag(key: string, value: unknown): void;
  word(key: string, value: unknown, known: readonly string[]): void;
}

export function checks(place: Place, what: string): Checks {
  const expected = (key: string, expectation: string, value: unknown): never =>
    refuse(place, what, `${key}: expected ${expectation}, got ${shown(value)}`, { key });
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  return {
    variance(key, value) {
      if (!isNumber(value) || value < 0 || value > 1e150) expected(key, 'a number from 0 to 1e150', value);
    },
    factor(key, value, zero) {
      if (!isNumber(value)) expected(key, 'a finite number', value);
      if (value === 0 && zero === 'refused')
        expected(key, 'a factor other than 0, which would make the kernel vanish', value);
      const size = Math.abs(value as number);
      if (size !== 0 && (size > 1e150 || size < 1e-150))
        expected(key, 'a size from 1e-150 to 1e150, so that its square is a double', value);
    },
    integer(key, value, least, most) {
      if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
        expected(key, `an integer from ${least} to ${most}`, value);
      }
    },
    flag(key, value) {
      if (typeof value !== 'boolean') expected(key, 'true or false', value);
    },
    word(key, value, known) {
      if (typeof value !== 'string' || !known.includes(value))
        expected(key, known.map((word) => `'${word}'`).join(' or '), value);
    },
  };
}
