/** Small data and comparisons for the tests of the verbs. */

import { expect } from 'vitest';
import { type ErrorCode, KernelError } from '../../lib/errors.js';
import type { Tensor } from '../../lib/tensor.js';

/** Numbers in [−½, ½) of the minimal standard generator: the same in every run. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  });
}

export function points(rows: number, dimension: number, seed = 1): Tensor {
  return { data: numbers(rows * dimension, seed), shape: [rows, dimension] };
}

export function nested({ data, shape: [rows, columns] }: Tensor): number[][] {
  const width = columns as number;
  return Array.from({ length: rows as number }, (_, i) => [...data.subarray(i * width, (i + 1) * width)]);
}

/** The KernelError of a call that must fail, with its code. */
export async function refusal(call: () => unknown, code: ErrorCode): Promise<KernelError> {
  const error: unknown = await (async () => call())().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof KernelError)) throw new Error(`expected a KernelError with ${code}, got ${error}`);
  expect(error.code).toBe(code);
  return error;
}

/** Largest |a − b|, for arrays of one length. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs((a[i] as number) - (b[i] as number)));
  return worst;
}

/** Same bits, so that −0 and 0 differ and NaN equals itself. */
export function expectSameBytes(a: Float64Array | Float32Array, b: Float64Array | Float32Array): void {
  const bytes = ({ buffer, byteOffset, byteLength }: typeof a) => Buffer.from(buffer, byteOffset, byteLength);
  expect(a.constructor).toBe(b.constructor);
  expect(bytes(a).equals(bytes(b))).toBe(true);
}
