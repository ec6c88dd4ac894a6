import { createRandom } from '../data/rng.js';

/** The streams below this are those of points, labels and targets. */
const firstStream = 1 << 20;

/** Seed of the network `index` of a run with `seed`, below 2^52; runs of neighbouring seeds share no network. */
export function seedOf(seed: number, index: number): number {
  const { uint32 } = createRandom(seed, firstStream + index);
  return (uint32() >>> 12) * 2 ** 32 + uint32();
}
