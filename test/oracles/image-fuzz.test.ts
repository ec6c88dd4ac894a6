/** Networks and images of every kind, at random: what the checks accept, the core takes, and means what the definition does. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KernelError } from '../../lib/errors.js';
import { fitGrid } from '../../lib/fit-grid.js';
import { compile } from '../../lib/kernel.js';
import {
  activation,
  type Bias,
  conv,
  dense,
  head,
  type Layer,
  pool,
  repeat,
  residual,
  scale,
  serial,
} from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { sync } from '../../lib/sync.js';
import { evaluateImages, imagesOf } from './image-recursion.js';

const names = ['nngp', 'ntk'] as const;

const padding = fc.constantFrom('valid', 'same', 'circular');
const bias: fc.Arbitrary<Bias | null> = fc.constantFrom(
  null,
  { var: 0.3, init: 'normal', trainable: true },
  { var: 0.5, init: 'normal', trainable: false },
  { var: 0.2, init: 'zero', trainable: true },
);
const filter = fc.record({
  size: fc.constantFrom(1, 3, 5),
  stride: fc.constantFrom(1, 1, 1, 2, 3),
  padding,
  weightVar: fc.constantFrom(1, 2, 0.5),
  trainable: fc.boolean(),
  bias,
});
const convolution = filter.map(({ size, ...options }) => conv(size, options));
const phi = fc.constantFrom<Layer>(
  activation('relu', { scale: Math.SQRT2 }),
  activation('leakyRelu', { slope: 0.2 }),
  activation('erf'),
  activation('gelu'),
);
/** Blocks that keep the grid or change it; each ends in weights. */
const keeping = fc.record({ size: fc.constantFrom(1, 3, 5), padding: fc.constantFrom('same', 'circular'), bias });
const inPlace = keeping.map(({ size, ...options }) => conv(size, options));
const block: fc.Arbitrary<Layer> = fc.oneof(
  fc.tuple(phi, convolution).map((layers) => serial(...layers)),
  fc
    .tuple(phi, inPlace, fc.double({ min: 0.1, max: 2, noNaN: true }))
    .map(([f, end, factor]) => residual(serial(f, end), { bodyScale: factor })),
  fc
    .tuple(inPlace, phi, inPlace, fc.integer({ min: 0, max: 3 }))
    .map(([a, f, b, times]) => repeat(times, residual(serial(a, f, b), { bodyScale: 0.5, shortcutScale: 0.8 }))),
  fc
    .tuple(phi, inPlace, fc.constantFrom(1, 2))
    .map(([f, end, stride]) => residual(serial(f, conv(3, { stride }), end), { shortcut: conv(1, { stride }) })),
  fc.constantFrom(2, 3).map((size) => pool(size)),
  fc.constant(scale(0.7)),
);
const reading = fc.oneof(
  fc.constantFrom<Layer>(head('trace'), head('pool')),
  fc.tuple(fc.nat(2), fc.nat(2)).map((at) => head('pixel', at)),
);
const tail = fc.constantFrom<readonly Layer[]>(
  [dense()],
  [dense(), activation('relu'), dense()],
  [scale(2), dense({ trainable: false })],
);
const network = fc
  .record({
    entry: filter,
    inputScale: fc.constantFrom<'1' | '1/d'>('1', '1/d'),
    blocks: fc.array(block, { maxLength: 3 }),
    last: fc.option(phi, { nil: null }),
    reading,
    tail,
  })
  .map(({ entry: { size, ...options }, inputScale, blocks, last, reading: read, tail: end }) =>
    serial(conv(size, { ...options, inputScale }), ...blocks, ...(last === null ? [] : [last]), read, ...end),
  );
const axes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 9 })),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
);

test('the core takes what the checks accept, and gives what the definition gives', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(
      network,
      axes,
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1000)),
      (layers, size, channels, numbers) => {
        const program = lower(layers);
        const shape = (n: number) => [n, ...size, channels];
        const length = (n: number) => shape(n).reduce((product, one) => product * one, 1);
        const images = (n: number) => ({ data: Float64Array.from(numbers.take(length(n))), shape: shape(n) });
        const [x, z] = [images(2), images(1)];
        using kernel = compile(layers);
        try {
          fitGrid(layers, size);
        } catch (error) {
          expect((error as KernelError).code).toBe('ERR_SHAPE');
          expect(() => sync.cross(kernel, x, z, names)).toThrow((error as KernelError).message);
          refused++;
          return;
        }
        accepted++;
        const got = sync.cross(kernel, x, z, names);
        const own = [x, z].map((one) => sync.diagonal(kernel, one, names));
        for (const [i, a] of imagesOf(x).entries()) {
          const [want] = evaluateImages(program, a, imagesOf(z)[0] as typeof a);
          for (const which of names) {
            const product = (own[0]?.[which].values[i] as number) * (own[1]?.[which].values[0] as number);
            const difference = Math.abs((got[which].data[i] as number) - (want?.[which] as number));
            // Pixels of one channel are parallel, which costs the recursion half of its digits.
            expect(difference).toBeLessThanOrEqual((channels === 1 ? 1e-7 : 1e-11) * Math.sqrt(product));
          }
        }
      },
    ),
    { numRuns: 600, seed: 4 },
  );
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(30);
}, 60_000);
