import { describe, expect, test } from 'vitest';
import {
  activation,
  compile,
  conv,
  dense,
  gradient,
  head,
  type Kernel,
  type KernelName,
  type Layer,
  pool,
  repeat,
  residual,
  serial,
  sync,
} from '../../lib/index.js';

const names: readonly KernelName[] = ['nngp', 'ntk'];
const bias = { var: 0.25, init: 'normal', trainable: true } as const;
const relu = activation('relu', { scale: 1.5 });
const filter = (size: number, options = {}) => conv(size, { padding: 'circular', ...options });
const input = (size: number, options = {}) => filter(size, { inputScale: '1', ...options });

/** Images of numbers of size 1 without a pattern. */
function images(shape: readonly number[], phase: number): { data: Float64Array; shape: readonly number[] } {
  const count = shape.reduce((product, n) => product * n, 1);
  return {
    data: Float64Array.from({ length: count }, (_, k) => Math.sin(1.7 * k + phase) + 0.3 * Math.cos(5 * k * phase)),
    shape,
  };
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Differences of four points of k(x, z_j) by number i of x: an error of h⁴ and of rounding/h. */
function difference(
  kernel: Kernel,
  x: Float64Array,
  shape: readonly number[],
  z: object,
  which: KernelName,
  i: number,
  h = 2 ** -10,
) {
  const at = (by: number) => {
    const moved = { data: x.map((v, k) => (k === i ? v + by : v)), shape };
    return sync.cross(kernel, moved, z as typeof moved, which).data;
  };
  const [far, near, next, last] = [at(-2 * h), at(-h), at(h), at(2 * h)] as [Float64Array, ...Float64Array[]];
  return [...far].map(
    (v, j) => (8 * ((next?.[j] as number) - (near?.[j] as number)) - ((last?.[j] as number) - v)) / (12 * h),
  );
}

const networks: Record<string, Layer> = {
  'plain, trace': serial(input(3), relu, filter(3), relu, head('trace'), dense()),
  'plain, pool': serial(input(3), relu, filter(3), relu, head('pool'), dense()),
  'zero padding, pixel': serial(
    input(3, { padding: 'same' }),
    relu,
    filter(3, { padding: 'same' }),
    relu,
    head('pixel', [1]),
    dense(),
  ),
  'valid, then a stride': serial(
    input(3, { padding: 'valid' }),
    activation('erf', { scale: 1.5 }),
    filter(1, { stride: 2 }),
    relu,
    head('trace'),
    dense(),
  ),
  'residual with biases': serial(
    input(1, { bias }),
    repeat(2, residual(serial(filter(1, { bias }), relu, filter(3, { bias })), { bodyScale: 0.5 })),
    head('pool'),
    dense(),
  ),
  'average pooling': serial(input(3), activation('gelu'), pool(2), filter(1), relu, head('pool'), dense()),
  'layers behind the head': serial(input(3), relu, head('pool'), dense({ bias }), activation('sine'), dense()),
  'tables of activations': serial(
    input(3),
    activation('elu'),
    filter(3),
    relu,
    head('trace'),
    dense({ bias }),
    activation('softplus'),
    dense(),
  ),
};

describe('gradients by images', () => {
  for (const [name, network] of Object.entries(networks)) {
    test(`are what differences say: ${name}`, () => {
      using kernel = compile(network);
      const x = images([1, 6, 2], 0.3);
      const z = images([2, 6, 2], 1.1);
      for (const which of names) {
        const got = sync.gradient(kernel, x, z, which);
        expect(got.shape).toEqual([1, 2, 6, 2]);
        for (let i = 0; i < 12; i++) {
          difference(kernel, x.data, x.shape, z, which, i).forEach((slope, j) => {
            // Values are good to 1e-14, h makes 1e-11 of it; h⁴ stands beside fifth derivatives on scales of ½.
            expect(Math.abs((got.data[12 * j + i] as number) - slope)).toBeLessThan(2e-10 * largest(got.data));
          });
        }
      }
    });
  }

  test('of two dimensions, at the image itself: half that of the diagonal', () => {
    using kernel = compile(serial(input(3, { padding: 'same' }), relu, filter(3), relu, head('pool'), dense()));
    const x = images([1, 3, 4, 2], 0.7);
    for (const which of names) {
      const got = sync.gradient(kernel, x, x, which);
      expect(got.shape).toEqual([1, 1, 3, 4, 2]);
      const h = 2 ** -12;
      x.data.forEach((_, i) => {
        const at = (by: number) =>
          sync.diagonal(kernel, { ...x, data: x.data.map((v, k) => (k === i ? v + by : v)) }, which)
            .values[0] as number;
        const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        expect(Math.abs((got.data[i] as number) - slope / 2)).toBeLessThan(1e-9 * largest(got.data));
      });
    }
  });

  test('of one pixel are those of the vector network', () => {
    for (const phi of [relu, activation('gelu'), activation('tanh')]) {
      using onImages = compile(serial(input(1), phi, filter(1, { bias }), phi, head('trace'), dense()));
      using onVectors = compile(serial(dense({ inputScale: '1' }), phi, dense({ bias }), phi, dense()));
      const [x, z] = [images([2, 3], 0.4), images([3, 3], 1.3)];
      const pixel = ({ data, shape }: typeof x) => ({ data, shape: [shape[0] as number, 1, 3] });
      for (const which of names) {
        const wanted = sync.gradient(onVectors, x, z, which).data;
        sync.gradient(onImages, pixel(x), pixel(z), which).data.forEach((value, k) => {
          expect(Math.abs(value - (wanted[k] as number))).toBeLessThan(1e-13 * largest(wanted));
        });
      }
    }
  });

  test('of homogeneous networks satisfy x·∇k = k, and move with the image around a circle', () => {
    using kernel = compile(serial(input(3), relu, filter(3), relu, head('pool'), dense()));
    const [x, z] = [images([1, 6, 2], 0.3), images([1, 6, 2], 1.1)];
    const turned = { ...x, data: x.data.map((_, k) => x.data[(k + 4) % 12] as number) };
    for (const which of names) {
      const got = sync.gradient(kernel, x, z, which).data;
      const sum = got.reduce((total, value, k) => total + value * (x.data[k] as number), 0);
      expect(Math.abs(sum / (sync.cross(kernel, x, z, which).data[0] as number) - 1)).toBeLessThan(1e-14 * 12);
      // The pool head does not see how far the image was moved.
      sync.gradient(kernel, turned, z, which).data.forEach((value, k) => {
        expect(Math.abs(value - (got[(k + 4) % 12] as number))).toBeLessThan(1e-13 * largest(got));
      });
    }
  });

  test('exist at flat and at black patches, where they are means over opposite directions', () => {
    const shape = [1, 8, 1];
    const z = { data: Float64Array.of(0.5, 0.5, 0.5, 0.25, 1, 2, 2, 2), shape };
    const one = serial(input(3, { padding: 'same' }), relu, head('trace'), dense());
    const two = serial(input(3), relu, filter(3), relu, head('pool'), dense());
    const check = (network: Layer, x: Float64Array) => {
      using kernel = compile(network);
      for (const which of names) {
        const got = sync.gradient(kernel, { data: x, shape }, z, which).data;
        for (let i = 0; i < 8; i++) {
          // One-sided slopes differ, and their mean is approached like the step, times the inverse of the inputs' size.
          const [slope] = difference(kernel, x, shape, z, which, i, 2 ** -20);
          expect(Math.abs((got[i] as number) - (slope as number))).toBeLessThan(2 ** -16 * largest(got));
        }
      }
    };
    const black = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1);
    check(one, black);
    check(two, Float64Array.of(0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1));
    // Behind a second kink the slopes in opposite directions have no mean that is linear in the direction.
    using kernel = compile(two);
    const wide = { data: Float64Array.of(0, 0, 0, 0, 0, 0, 1, 1), shape };
    expect(() => sync.gradient(kernel, wide, z, 'nngp')).toThrow(
      /row 0 of x is black over a whole patch, where two layers with kinks make this kernel a cone; add a little/,
    );
  });

  test('have the same bytes in the background, for any number of threads and by several kernels', async () => {
    using kernel = compile(networks['average pooling'] as Layer);
    const [x, z] = [images([2, 6, 2], 0.3), images([3, 6, 2], 1.1)];
    const both = await gradient(kernel, x, z, names, { threads: 3 });
    for (const which of names) expect(both[which]).toEqual(sync.gradient(kernel, x, z, which, { threads: 1 }));
  });

  test('are refused with numbers where a pair of images takes too much, and Hessians at all', () => {
    using pooled = compile(networks['plain, pool'] as Layer);
    const large = images([1, 1000, 1000, 1], 0.2);
    expect(() => sync.gradient(pooled, large, large, 'ntk')).toThrow(
      /gradients of shape 1 × 1 × 1000 × 1000 × 1: needs/,
    );
    const x = images([1, 6, 2], 0.3);
    expect(() => sync.hessian(pooled, x, x, 'ntk')).toThrow(/on images, whose kernels have gradients but no Hessians/);
  });
});
