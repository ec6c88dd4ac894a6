/**
 * Sampled networks of the package against the slow ones of these tests, which share no formula with them but φ and φ′: with
 * the same weights, outputs and both kernels agree to rounding.
 */

import { describe, expect, test } from 'vitest';
import type { Gram } from '../../lib/evaluate.js';
import type { FiniteNetwork } from '../../lib/finite/types.js';
import { activation, conv, dense, head, type Layer, pool, residual, scale, serial } from '../../lib/layers.js';
import { network as networkOf } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import { everyPreset } from '../conformance/catalogue.js';
import { type Inputs, type Sampled, sample as sampleSlowly } from '../oracles/finite-network.js';
import { numbers } from './support.js';

/** The slow network with the weights of the fast one. */
function replayed(layer: Layer, x: Tensor, finite: FiniteNetwork): Sampled {
  const [n = 0, ...shape] = x.shape;
  const size = x.data.length / n;
  const rows = Array.from({ length: n }, (_, i) => [...x.data.subarray(i * size, (i + 1) * size)]);
  const inputs: Inputs = shape.length === 1 ? { rows } : { rows, shape };
  const weights = finite.weights();
  let next = 0;
  return sampleSlowly(layer, inputs, finite.width, (count) => {
    const block = finite.blocks[next] as FiniteNetwork['blocks'][number];
    const isHead = finite.blocks.slice(next + 1).every(({ kind }) => kind === 'bias') && block.kind === 'weights';
    next += 1;
    expect(block.shape.reduce((product, one) => product * one, 1)).toBe(count);
    const own = weights.slice(block.offset, block.offset + count);
    if (!isHead || count === finite.width) return own;
    // A flattened image lies channel by channel there, pixel by pixel here.
    const pixels = count / finite.width;
    return own.map((_, at) => own[(at % pixels) * finite.width + Math.floor(at / pixels)] as number);
  });
}

function expectNear(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) {
    // Sums of at most some thousand products of either sign: 1e-12 is for all of their roundings.
    expect(Math.abs((got[i] as number) - (expected[i] as number)), `${what}, ${i}`).toBeLessThanOrEqual(
      1e-12 * largest,
    );
  }
}

async function compare(layer: Layer, x: Tensor, tangent: boolean): Promise<void> {
  const shape = x.shape.slice(1);
  using finite = sync.sample(layer, { width: 6, shape, seed: 3 });
  const slow = replayed(layer, x, finite);
  expectNear((await finite.forward(x)).data, slow.outputs, 'outputs');
  expectNear(sync.empirical(finite, x, 'nngp').values, slow.nngp, 'nngp');
  if (tangent) expectNear((sync.empirical(finite, x, 'ntk') as Gram).values, slow.ntk, 'ntk');
}

const vectors: Tensor = { data: numbers(4 * 5).map((value) => 2 * value), shape: [4, 5] };
const pictures: Tensor = { data: numbers(3 * 4 * 3 * 2).map((value) => 2 * value), shape: [3, 4, 3, 2] };
const signals: Tensor = { data: numbers(3 * 7 * 2).map((value) => 2 * value), shape: [3, 7, 2] };

describe('every preset with every activation', () => {
  test.each(everyPreset(2).map((one) => [one.name, one] as const))('%s', async (_, { spec, image, tangent }) => {
    await compare(networkOf(spec), image ? pictures : vectors, tangent);
  });
});

describe('layers that no preset has', () => {
  const erf = activation('erf', { scale: 1.2 });
  const gelu = activation('gelu');
  const normal = { var: 0.3, init: 'normal', trainable: true } as const;
  const zero = { var: 0.5, init: 'zero', trainable: true } as const;
  const cases: readonly (readonly [string, Layer, Tensor])[] = [
    [
      'frozen layers, biases of both kinds, a shortcut, a body that ends in φ, a scale at the end',
      serial(
        dense({ inputScale: '1/d', bias: normal, weightVar: 1.7 }),
        erf,
        dense({ bias: { ...normal, trainable: false }, trainable: false }),
        residual(serial(dense({ bias: zero }), gelu), { shortcut: dense(), bodyScale: 0.8, shortcutScale: 0.6 }),
        dense({ bias: normal }),
      ),
      vectors,
    ],
    [
      'strides, pooling and every padding on images, a pooled head',
      serial(
        conv(3, { inputScale: '1', padding: 'circular', bias: zero }),
        gelu,
        pool(2),
        scale(1.5),
        conv(3, { padding: 'same', bias: normal, trainable: false }),
        erf,
        head('pool'),
        dense({ bias: normal }),
      ),
      { data: numbers(3 * 4 * 6 * 2), shape: [3, 4, 6, 2] },
    ],
    [
      'a signal: strides, a valid filter, a vectorised head',
      serial(
        conv(3, { inputScale: '1/d', stride: 2 }),
        erf,
        conv(3, { padding: 'valid', bias: normal }),
        gelu,
        head('trace'),
        dense(),
      ),
      signals,
    ],
    [
      'a pixel behind valid filters',
      serial(conv(3, { inputScale: '1/d', padding: 'valid' }), erf, head('pixel', [1, 0]), dense({ bias: zero })),
      pictures,
    ],
  ];
  test.each(cases)('%s', async (_, layer, x) => {
    await compare(layer, x, true);
  });
});
