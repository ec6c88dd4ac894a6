/** Kernels of images beyond the range of doubles: the images and the layers are homogeneous, so the values are known. */

import { expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import { compile, kernelNames } from '../../lib/kernel.js';
import { activation, conv, dense, head, type Layer, pool, repeat, residual, serial } from '../../lib/layers.js';
import { barzilai } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';

const random = createRandom(1);
const pixels = Float64Array.from({ length: 2 * 16 }, () => 2 * random.uniform() - 1);

function images(factor: number): Tensor {
  return { data: pixels.map((value) => factor * value), shape: [2, 4, 4, 1] };
}

/** log |k| of all entries. */
function logarithms(network: Layer, x: Tensor, which: 'nngp' | 'ntk', precision: 'float64' | 'float32'): number[] {
  using kernel = compile(network);
  const { values, logScale } = sync.gram(kernel, x, which, { precision });
  return Array.from(values, (value) => Math.log(Math.abs(value)) + logScale);
}

/** The logarithms of both, `shift` apart. */
function expectShifted(got: readonly number[], want: readonly number[], shift: number, tolerance: number, at: string) {
  for (const [i, value] of got.entries()) {
    expect(Math.abs(value - shift - (want[i] as number)), `${at}, entry ${i}`).toBeLessThan(tolerance);
  }
}

const relu = (scale = 1) => activation('relu', { scale });
const networks: Readonly<Record<string, Layer>> = {
  trace: barzilai({ depth: 3, alpha: 0.5, head: 'trace' }),
  pool: barzilai({ depth: 3, alpha: 0.5, head: 'pool' }),
  'frozen ends': barzilai({ depth: 3, alpha: 0.5, head: 'pool', frozenEnds: true }),
  pooling: serial(
    conv(3, { inputScale: '1/d' }),
    pool(2),
    residual(serial(conv(3), relu(), conv(3)), { shortcut: conv(1) }),
    head('trace'),
    dense(),
  ),
};

test.each(Object.entries(networks))('%s: s · x has s² times the kernel, from 1e-250 to 1e250', (name, network) => {
  for (const precision of ['float64', 'float32'] as const) {
    // An entry that is 1e-2 of the largest keeps two digits less than the numbers have.
    const tolerance = precision === 'float64' ? 1e-12 : 1e-4;
    for (const which of kernelNames) {
      const want = logarithms(network, images(1), which, precision);
      for (const factor of [1e-250, 1e-160, 1e-154, 1e154, 1e250]) {
        const got = logarithms(network, images(factor), which, precision);
        expectShifted(got, want, 2 * Math.log(factor), tolerance, `${name}, ${which}, ${precision}, ${factor}`);
      }
    }
  }
});

test.each([true, false])(
  '2500 layers that halve the variance, trained: %s, have 2^-2501 times the kernel',
  (trainable) => {
    const deep = (scale: number, read: 'trace' | 'pool'): Layer =>
      serial(
        conv(1, { inputScale: '1/d' }),
        relu(scale),
        repeat(2500, serial(conv(3, { trainable, padding: 'circular' }), relu(scale))),
        head(read),
        dense(),
      );
    for (const read of ['trace', 'pool'] as const) {
      for (const which of kernelNames) {
        const want = logarithms(deep(Math.SQRT2, read), images(1), which, 'float64');
        const got = logarithms(deep(1, read), images(1), which, 'float64');
        // √2² is 2 to an ulp, 2501 times over; logarithms of 2^-2501 are good to 4e-13.
        expectShifted(got, want, -2501 * Math.LN2, 2e-12, `${read}, ${which}`);
      }
    }
  },
);
