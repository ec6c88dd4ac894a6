import { KernelError } from '../errors.js';

/** A seeded source of random numbers; the same seed gives the same numbers on every machine. */
export interface Random {
  /** A whole number in [0, 2^32). */
  readonly uint32: () => number;
  /** A whole number in [0, n), each equally likely; 1 ≤ n ≤ 2^32. */
  readonly below: (n: number) => number;
  /** A multiple of 2^-53 in [0, 1). */
  readonly uniform: () => number;
  /** Puts the items into random order, in place. */
  readonly shuffle: <A extends Uint32Array | number[]>(items: A) => A;
}

/**
 * xoshiro128** of Blackman and Vigna, in 32-bit integer arithmetic only. Its state comes from SplitMix32 run over the
 * two halves of the seed and the stream, so that neighbouring seeds give unrelated numbers.
 */
export function createRandom(seed: number, stream = 0): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new KernelError('ERR_ARGUMENT', `seed must be a whole number from 0 to 2^53 - 1, got ${seed}`, { seed });
  }
  const mix = splitMix(seed % 2 ** 32, Math.floor(seed / 2 ** 32), stream);
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  // The one state from which the generator never leaves zero.
  if ((a | b | c | d) === 0) a = 1;

  const uint32 = () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result;
  };
  const below = (n: number) => {
    // The last, incomplete run of n values would favour small results; it is drawn again.
    const complete = 2 ** 32 - (2 ** 32 % n);
    let value = uint32();
    while (value >= complete) value = uint32();
    return value % n;
  };
  const uniform = () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) * 2 ** -53;
  const shuffle = <A extends Uint32Array | number[]>(items: A): A => {
    for (let i = items.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const held = items[i] as number;
      items[i] = items[j] as number;
      items[j] = held;
    }
    return items;
  };
  return { uint32, below, uniform, shuffle };
}

function rotated(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** Weyl sequence through the finaliser of MurmurHash3, with several words absorbed one after the other. */
function splitMix(...words: readonly number[]): () => number {
  let state = 0;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  for (const word of words) state = (next() ^ word) | 0;
  return next;
}
