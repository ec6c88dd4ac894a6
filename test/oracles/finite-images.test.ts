/** The presets on images against networks of finite width. */

import { createRandom } from '../../lib/data/rng.js';
import { imagePresetKeys } from '../../lib/image-presets.js';
import type { Case } from './finite-errors.js';
import type { Inputs } from './finite-network.js';
import { isFull, sampledSuite } from './finite-suite.js';

/** Four images of different sizes at every pixel; the third is almost opposite to the first. */
function images(shape: readonly number[]): Inputs {
  const random = createRandom(5);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const [a, b, c] = [1, 1.7, 0.5].map((size) =>
    Array.from({ length: count }, () => size * (2 * random.uniform() - 1)),
  ) as [number[], number[], number[]];
  return { rows: [a, b, a.map((value, i) => -0.6 * value + 0.2 * (c[i] as number)), c], shape };
}
const line = images([5, 2]);
const square = images([3, 3, 2]);

const normal = { var: 0.3, init: 'normal', trainable: true } as const;
const barzilai = { preset: 'barzilai', alpha: 1 } as const;
const cntk = { preset: 'cntk', depth: 2 } as const;

const cases: readonly Case[] = [
  { name: 'barzilai, one pixel', network: { ...barzilai, depth: 2, head: 'pixel', at: [1] }, inputs: line },
  {
    name: 'barzilai, all pixels, zeros around',
    network: { ...barzilai, depth: 2, alpha: 0.8, head: 'trace', padding: 'same' },
    inputs: line,
  },
  { name: 'barzilai, pooled', network: { ...barzilai, depth: 1, head: 'pool' }, inputs: square },
  {
    name: 'barzilai, frozen ends',
    network: { ...barzilai, depth: 1, head: 'trace', frozenEnds: true },
    inputs: line,
  },
  { name: 'cntk, all pixels, zeros around', network: { ...cntk, head: 'trace', padding: 'same' }, inputs: line },
  { name: 'cntk, pooled', network: { ...cntk, head: 'pool' }, inputs: line },
];

const inFull: readonly Case[] = [
  {
    name: 'barzilai, wide inner filters, pooled, zeros around',
    network: { ...barzilai, depth: 1, innerSize: 3, head: 'pool', padding: 'same' },
    inputs: line,
  },
  { name: 'barzilai, biases', network: { ...barzilai, depth: 1, bias: normal, head: 'pool' }, inputs: line },
  { name: 'cntk, one pixel, erf', network: { ...cntk, activation: 'erf', head: 'pixel', at: [1, 1] }, inputs: square },
];

sampledSuite(
  'presets on images',
  Object.keys(imagePresetKeys),
  isFull ? [...cases, ...inFull] : cases,
  isFull
    ? [
        { width: 64, seeds: 512 },
        { width: 256, seeds: 192 },
        { width: 1024, seeds: 64 },
      ]
    : [
        { width: 64, seeds: 128 },
        { width: 256, seeds: 48 },
        { width: 1024, seeds: 16 },
      ],
);
