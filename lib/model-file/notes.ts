/** What JSON holds without loss. */

import { KernelError } from '../errors.js';
import { reading, unexpected } from '../options.js';

/**
 * A copy of notes by way of JSON. Refuses (ERR_ARGUMENT) what would not come back as it was: NaN and infinite numbers,
 * undefined, functions, symbols, big integers, holes in arrays, and objects other than plain ones (a Map, a Date and a
 * typed array lose what they are).
 */
export function plainNotes(notes: unknown): unknown {
  return reading('notes', () => {
    requirePlain(notes, 'notes', new Set());
    return JSON.parse(JSON.stringify(notes)) as unknown;
  });
}

function requirePlain(value: unknown, where: string, around: Set<object>): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (typeof value !== 'object' || !isPlain(value)) throw unexpected(where, 'plain data that JSON can hold', value);
  if (around.has(value)) {
    throw new KernelError('ERR_ARGUMENT', `${where}: expected plain data that JSON can hold, got a part of itself`, {
      option: where,
    });
  }
  around.add(value);
  for (const [key, one] of Object.entries(value)) {
    requirePlain(one, Array.isArray(value) ? `${where}[${key}]` : `${where}.${key.slice(0, 40)}`, around);
  }
  around.delete(value);
}

/** An object literal (of any realm) with names alone for keys, or an array without holes or further keys. */
function isPlain(value: object): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  if (Array.isArray(value)) {
    const keys = Object.keys(value);
    return keys.length === value.length && keys.every((key, i) => key === String(i));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
