/** What theory says that kernels of images must do, through the public verbs. */

import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import { compile, type KernelName } from '../../lib/kernel.js';
import { activation, conv, dense, head, type Layer, pool, repeat, residual, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { barzilai, cntk, type Network, network, tirer } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import { evaluateImages, imagesOf } from './image-recursion.js';

const names = ['nngp', 'ntk'] as const;
const phi = activation('relu', { scale: Math.SQRT2 });
const heads = ['pixel', 'trace', 'pool'] as const;
const paddings = ['circular', 'same'] as const;

function randomImages(shape: readonly number[], seed = 1): Tensor {
  const random = createRandom(seed);
  const length = shape.reduce((product, n) => product * n, 1);
  return { data: Float64Array.from({ length }, () => 2 * random.uniform() - 1), shape };
}

function kernels(spec: Network, x: Tensor): Record<KernelName, Float64Array> {
  using kernel = compile(spec);
  const { nngp, ntk } = sync.gram(kernel, x, names);
  return { nngp: nngp.values as Float64Array, ntk: ntk.values as Float64Array };
}

function crossed(spec: Network, x: Tensor, z: Tensor): Record<KernelName, Float64Array> {
  using kernel = compile(spec);
  const { nngp, ntk } = sync.cross(kernel, x, z, names);
  return { nngp: nngp.data as Float64Array, ntk: ntk.data as Float64Array };
}

/** Largest difference over the largest value. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>, factor = 1): number {
  expect(a.length).toBe(b.length);
  let [worst, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    worst = Math.max(worst, Math.abs((a[i] as number) - factor * (b[i] as number)));
    largest = Math.max(largest, Math.abs(a[i] as number));
  }
  return worst / largest;
}

/** Images moved around their edges by (dy, dx). */
function shifted({ data, shape }: Tensor, dy: number, dx: number): Tensor {
  const [n, height, width, channels] = shape as [number, number, number, number];
  const out = new Float64Array(data.length);
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          const from = ((i * height + y) * width + x) * channels + c;
          const to = ((i * height + ((y + dy) % height)) * width + ((x + dx) % width)) * channels + c;
          out[to] = data[from] as number;
        }
      }
    }
  }
  return { data: out, shape };
}

describe('an image of one pixel is a vector', () => {
  const x = randomImages([4, 1, 1, 5]);
  const vectors = { data: x.data, shape: [4, 5] };
  for (const reading of heads) {
    test(`convolutional ResNet, ${reading} head`, () => {
      const image = kernels({ preset: 'barzilai', depth: 4, alpha: 0.7, head: reading }, x);
      const vector = kernels(tirer({ depth: 4, alpha: 0.7, activation: phi }), vectors);
      for (const which of names) expect(apart(image[which], vector[which])).toBeLessThan(1e-14);
    });
    test(`plain network with biases, ${reading} head`, () => {
      const bias = { var: 0.3, init: 'normal', trainable: true } as const;
      const image = kernels({ preset: 'cntk', depth: 3, head: reading, bias }, x);
      const vector = kernels({ preset: 'mlp', depth: 3, bias, inputScale: '1/d' }, vectors);
      for (const which of names) expect(apart(image[which], vector[which])).toBeLessThan(1e-14);
    });
  }
});

describe('alpha and depth', () => {
  const x = randomImages([4, 3, 4, 2]);
  for (const padding of paddings) {
    test(`alpha = 0 leaves the linear kernel of the head, ${padding}`, () => {
      for (const reading of heads) {
        const linear = kernels({ preset: 'barzilai', depth: 0, alpha: 1, head: reading, padding }, x);
        const still = kernels({ preset: 'barzilai', depth: 5, alpha: 0, head: reading, padding }, x);
        for (const which of names) expect(apart(still[which], linear[which])).toBeLessThan(1e-15);
        // First layer and head train: twice the covariance.
        expect(apart(linear.ntk, linear.nngp, 2)).toBeLessThan(1e-15);
      }
    });

    test(`the block alone of a one-block ResNet has the NTK of the two-layer network, ${padding}`, () => {
      // With frozen ends nothing but the branch trains, and its gradient does not see the skip: α² times that of W, φ, V.
      const alpha = 0.7;
      const block = kernels({ preset: 'barzilai', depth: 1, alpha, head: 'trace', padding, frozenEnds: true }, x);
      const frozen = { trainable: false } as const;
      const plain = serial(
        conv(1, { inputScale: '1/d', ...frozen }),
        conv(1),
        phi,
        conv(3, { padding }),
        head('trace'),
        dense(frozen),
      );
      expect(apart(block.ntk, kernels(plain, x).ntk, alpha ** 2)).toBeLessThan(1e-13);
    });
  }
});

describe('heads', () => {
  const x = randomImages([3, 3, 4, 2]);
  const z = randomImages([2, 3, 4, 2], 2);
  test.each(paddings)('the trace is the mean of the pixels, %s', (padding) => {
    const all = crossed({ preset: 'barzilai', depth: 3, alpha: 0.6, head: 'trace', padding }, x, z);
    const sums = { nngp: new Float64Array(6), ntk: new Float64Array(6) };
    for (let pixel = 0; pixel < 12; pixel++) {
      const at = [Math.floor(pixel / 4), pixel % 4];
      const one = crossed({ preset: 'barzilai', depth: 3, alpha: 0.6, head: 'pixel', at, padding }, x, z);
      for (const which of names) {
        for (const [i, value] of one[which].entries()) sums[which][i] = (sums[which][i] as number) + value / 12;
      }
    }
    for (const which of names) expect(apart(all[which], sums[which])).toBeLessThan(1e-14);
  });

  test('pooling the whole image before the head makes all heads one', () => {
    const whole = (reading: 'pixel' | 'trace' | 'pool') =>
      serial(conv(3, { inputScale: '1/d', padding: 'circular' }), phi, conv(3), pool(2), head(reading), dense());
    const small = randomImages([3, 2, 2, 2]);
    const pooled = kernels(whole('pool'), small);
    for (const reading of ['pixel', 'trace'] as const) {
      const other = kernels(whole(reading), small);
      for (const which of names) expect(apart(other[which], pooled[which])).toBeLessThan(1e-14);
    }
  });
});

describe('shifts around the edge, circular filters', () => {
  const x = randomImages([3, 3, 5, 2]);
  const z = randomImages([2, 3, 5, 2], 2);
  const specs: Network[] = [
    { preset: 'barzilai', depth: 3, alpha: 0.5, head: 'trace' },
    { preset: 'barzilai', depth: 3, alpha: 0.5, head: 'pool' },
    { preset: 'cntk', depth: 3, head: 'pool', activation: 'erf' },
  ];
  test.each(specs)('of both images change nothing: %j', (spec) => {
    const before = crossed(spec, x, z);
    const after = crossed(spec, shifted(x, 1, 3), shifted(z, 1, 3));
    for (const which of names) expect(apart(before[which], after[which])).toBeLessThan(1e-14);
  });
  test('of one image change nothing under a pooled head, and something under a trace', () => {
    const moved = shifted(x, 2, 1);
    for (const spec of specs.slice(1)) {
      const [before, after] = [crossed(spec, x, z), crossed(spec, moved, z)];
      for (const which of names) expect(apart(before[which], after[which])).toBeLessThan(1e-14);
    }
    const [before, after] = [crossed(specs[0] as Network, x, z), crossed(specs[0] as Network, moved, z)];
    for (const which of names) expect(apart(before[which], after[which])).toBeGreaterThan(1e-3);
  });
  test('a pixel head follows the shift', () => {
    const at = (pixel: readonly number[]) =>
      crossed(barzilai({ depth: 2, alpha: 1, head: 'pixel', at: pixel }), shifted(x, 1, 3), shifted(z, 1, 3));
    const still = crossed(barzilai({ depth: 2, alpha: 1, head: 'pixel', at: [0, 1] }), x, z);
    for (const which of names) expect(apart(still[which], at([1, 4])[which])).toBeLessThan(1e-14);
  });
});

describe('homogeneity, precision, batches', () => {
  const x = randomImages([5, 4, 3, 2]);
  const spec = { preset: 'barzilai', depth: 3, alpha: 0.8, head: 'pool' } as const;
  test('without biases k(s x, t z) = s t k(x, z)', () => {
    const scaled = { data: x.data.map((value) => 8 * value), shape: x.shape } as Tensor;
    const [plain, large] = [kernels(spec, x), kernels(spec, scaled)];
    for (const which of names) expect(apart(large[which], plain[which], 64)).toBeLessThan(1e-15);
  });
  test('Float32Array in, float32 out', () => {
    const short = { data: Float32Array.from(x.data), shape: x.shape };
    const exact = kernels(spec, { data: Float64Array.from(short.data), shape: x.shape });
    expect(kernels(spec, short)).toEqual(exact);
    using kernel = compile(spec);
    const { values } = sync.gram(kernel, short, 'ntk', { precision: 'float32' });
    expect(values).toBeInstanceOf(Float32Array);
    expect(apart(values, exact.ntk)).toBeLessThan(4e-6);
  });
  test('a Gram matrix is symmetric, and the same as pairs, diagonals, any threads', () => {
    using kernel = compile(spec);
    const gram = sync.gram(kernel, x, 'ntk', { threads: 1 });
    expect(sync.gram(kernel, x, 'ntk', { threads: 3 }).values).toEqual(gram.values);
    const cross = sync.cross(kernel, x, x, 'ntk');
    const diagonal = sync.diagonal(kernel, x, 'ntk');
    for (let i = 0; i < 5; i++) {
      expect(apart([gram.values[6 * i] as number], [diagonal.values[i] as number])).toBeLessThan(1e-14);
      for (let j = 0; j < 5; j++) expect(gram.values[5 * i + j]).toBe(gram.values[5 * j + i]);
    }
    expect(apart(gram.values, cross.data)).toBeLessThan(1e-13);
  });
});

describe('against the recursion on all pairs of pixels', () => {
  const valid = (size: number, stride = 1) => conv(size, { padding: 'valid', stride });
  const ends = heads.map((reading) => [head(reading), dense()]);
  const trunks: [what: string, shape: number[], trunk: Layer[]][] = [
    ['a signal', [3, 7, 2], [conv(3, { inputScale: '1/d' }), phi, conv(5, { padding: 'circular' }), phi]],
    [
      'strides',
      [3, 5, 6, 2],
      [conv(3, { inputScale: '1', stride: 2 }), phi, conv(3, { stride: 2, padding: 'circular' }), phi],
    ],
    ['valid filters', [3, 6, 7, 1], [conv(3, { inputScale: '1', padding: 'valid' }), phi, valid(3, 2), phi]],
    [
      'filters wider than the image',
      [2, 2, 3, 2],
      [conv(7, { inputScale: '1', padding: 'circular' }), phi, conv(5), phi],
    ],
    [
      'pooling',
      [3, 4, 6, 2],
      [conv(3, { inputScale: '1/d' }), phi, pool(2), conv(3), phi, conv(3, { padding: 'circular' })],
    ],
    [
      'pooling behind circular filters',
      [2, 4, 4, 1],
      [conv(3, { inputScale: '1', padding: 'circular' }), phi, pool(2), conv(3, { padding: 'circular' }), phi],
    ],
    [
      'a residual with strides',
      [3, 5, 4, 2],
      [
        conv(1, { inputScale: '1/d' }),
        residual(serial(conv(3, { stride: 2 }), phi, conv(3)), { shortcut: conv(1, { stride: 2 }), bodyScale: 0.5 }),
        repeat(2, residual(serial(conv(3), activation('gelu'), conv(1)))),
      ],
    ],
    [
      'biases',
      [3, 4, 3, 2],
      [
        conv(3, { inputScale: '1/d', bias: { var: 0.3, init: 'normal', trainable: true } }),
        activation('erf'),
        conv(3, { bias: { var: 0.2, init: 'zero', trainable: true } }),
        phi,
        conv(3, { padding: 'circular', bias: { var: 0.4, init: 'normal', trainable: false } }),
        phi,
      ],
    ],
  ];
  for (const [what, shape, trunk] of trunks) {
    test.each(heads)(`${what}, %s head`, (reading) => {
      const network = serial(...trunk, ...(ends[heads.indexOf(reading)] as Layer[]));
      const x = randomImages(shape);
      const z = randomImages([2, ...shape.slice(1)], 7);
      const got = crossed(network, x, z);
      const program = lower(network);
      const wanted = imagesOf(x).flatMap((a) => imagesOf(z).map((b) => evaluateImages(program, a, b)[0]));
      for (const which of names) {
        expect(
          apart(
            got[which],
            wanted.map((one) => one?.[which] as number),
          ),
        ).toBeLessThan(1e-13);
      }
    });
  }

  test('several depths come from one pass', () => {
    const x = randomImages([3, 3, 4, 2]);
    for (const family of [
      { preset: 'barzilai', alpha: 0.4, head: 'pool' },
      { preset: 'cntk', head: 'trace', padding: 'same' },
    ] as const) {
      const swept = sync.gramSweep(family, [1, 2, 4], x, names);
      for (const [i, depth] of [1, 2, 4].entries()) {
        const alone = kernels({ ...family, depth } as Network, x);
        for (const which of names)
          expect(apart(swept[i]?.[which].values as Float64Array, alone[which])).toBeLessThan(1e-14);
      }
    }
  });

  test('deep networks keep their range with a logScale', () => {
    const x = randomImages([2, 2, 2, 1]);
    using kernel = compile(network({ preset: 'barzilai', depth: 2000, alpha: 1, head: 'trace' }));
    const { nngp } = sync.gram(kernel, x, names);
    expect(nngp.values.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
    // Every block multiplies variances by up to 1 + α².
    expect(nngp.logScale).toBeGreaterThan(1000);
    expect(cntk({ depth: 1, head: 'pool' }).kind).toBe('serial');
  });
});
