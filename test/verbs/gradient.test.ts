import { describe, expect, test } from 'vitest';
import {
  activation,
  compile,
  dense,
  gradient,
  hessian,
  type Kernel,
  type KernelName,
  type Layer,
  profile,
  repeat,
  residual,
  serial,
  sync,
} from '../../lib/index.js';
import { gradientCases } from '../golden/gradient-cases.js';

const names: readonly KernelName[] = ['nngp', 'ntk'];
const bias = { var: 0.3, init: 'normal', trainable: true } as const;
const input = (options = {}) => dense({ inputScale: '1', ...options });
const mlp = (phi: Layer, depth: number, options = {}) =>
  serial(input(options), repeat(depth, serial(phi, dense(options))));
const relu = activation('relu', { scale: Math.SQRT2 });
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, k) => sum + v * (b[k] as number), 0);
const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));

/** The angle of two vectors, from their difference: 1e-7 has seven digits. */
function angle(x: readonly number[], z: readonly number[]): number {
  const [a, b] = [x.map((v) => v / norm(x)), z.map((v) => v / norm(z))];
  const apart = (sign: number) => norm(a.map((v, k) => v - sign * (b[k] as number)));
  return 2 * Math.atan2(apart(1), apart(-1));
}

describe('multiprecision differences', () => {
  for (const { name, network, x, z, expected } of gradientCases()) {
    test(name, () => {
      using kernel = compile(network);
      // Inputs are rounded, so their angle is known to an ulp of 1 over itself, and with it on which side of a corner
      // they are; everything else to some ulps of the largest number, or of the kernel's own size.
      const sine = Math.max(Math.sin(angle(x, z)), x.length === 1 ? 1 : 0);
      for (const which of names) {
        const { value, gradient: first, hessian: second } = expected[which];
        const check = (got: Float64Array, wanted: readonly number[], order: number) => {
          expect(got.length).toBe(wanted.length);
          const size = Math.max(...wanted.map(Math.abs), Math.abs(value) / norm(x) ** order);
          wanted.forEach((number, k) => {
            const error = Math.abs((got[k] as number) - number);
            expect(error, `${which}, order ${order}, entry ${k}`).toBeLessThan(size * (1e-14 + 2 ** -51 / sine));
          });
        };
        check(sync.gradient(kernel, [x], [z], which).data, first, 1);
        check(sync.hessian(kernel, [x], [z], which).data, second, 2);
      }
    });
  }
});

const x = [
  [0.75, -0.5, 1.25],
  [0.1, 0.2, -0.4],
];
const z = [
  [1, 0.3, -0.2],
  [-0.4, 2, 0.7],
  [0.5, -0.25, 1],
  [0, 0, 0],
];

describe('homogeneous networks', () => {
  const networks: readonly [string, Layer][] = [
    ['MLP of depth 50', mlp(relu, 50)],
    ['leaky ReLU', mlp(activation('leakyRelu', { slope: -0.3 }), 4)],
    [
      'ResNet, its branches ending in ReLU',
      serial(input(), relu, repeat(4, residual(serial(dense(), activation('relu', { scale: 0.5 })))), dense()),
    ],
  ];
  for (const [name, network] of networks) {
    test(`${name}: x·∇k = k, ∇²k x = 0, symmetric`, () => {
      using kernel = compile(network);
      for (const which of names) {
        const value = sync.cross(kernel, x, z, which);
        const first = sync.gradient(kernel, x, z, which);
        const second = sync.hessian(kernel, x, z, which);
        expect(first.shape).toEqual([2, 4, 3]);
        expect(second.shape).toEqual([2, 4, 3, 3]);
        for (let pair = 0; pair < 8; pair++) {
          const row = x[pair >> 2] as number[];
          const slope = [...first.data.subarray(3 * pair, 3 * pair + 3)];
          const matrix = [0, 1, 2].map((a) => [...second.data.subarray(9 * pair + 3 * a, 9 * pair + 3 * a + 3)]);
          const k = value.data[pair] as number;
          expect(Math.abs(dot(row, slope) - k)).toBeLessThanOrEqual(8 * 2 ** -52 * norm(row) * norm(slope));
          for (const line of matrix) {
            const size = Math.max(...matrix.flat().map(Math.abs)) * norm(row);
            expect(Math.abs(dot(line, row))).toBeLessThanOrEqual(8 * 2 ** -52 * size);
          }
          expect(matrix).toEqual(matrix.map((_, a) => matrix.map((line) => line[a])));
        }
      }
    });
  }

  test('what the profile says of unit vectors: k_θ across, κ + κ″ and its transverse part', () => {
    using kernel = compile(mlp(relu, 3));
    for (const theta of [1e-9, 1e-3, 1, 2, 3.1]) {
      const side = [[Math.cos(theta), Math.sin(theta), 0]];
      const { values, slopes, curvatures } = profile(kernel, [theta], 'ntk', { derivatives: 2 });
      const [k, k1, k2] = [values[0] as number, slopes[0] as number, curvatures[0] as number];
      const close = (got: number | undefined, wanted: number) =>
        expect(Math.abs((got as number) / wanted - 1)).toBeLessThan(1e-13 + 2 ** -52 / theta);
      const first = sync.gradient(kernel, [[1, 0, 0]], side, 'ntk').data;
      close(first[0], k);
      close(first[1], -k1);
      const second = sync.hessian(kernel, [[1, 0, 0]], side, 'ntk').data;
      close(second[4], k + k2);
      // Grows like −s₀/θ where the inputs meet.
      close(second[8], k + k1 / Math.tan(theta));
    }
  });
});

describe('where inputs are equal or parallel', () => {
  const kernels: readonly [string, Layer][] = [
    ['MLP', mlp(relu, 3)],
    ['MLP with biases', mlp(relu, 3, { bias })],
    ['erf with biases', mlp(activation('erf'), 3, { bias })],
    ['GELU, then ReLU', serial(input(), activation('gelu'), dense({ bias }), relu, dense())],
  ];
  for (const [name, network] of kernels) {
    test(`${name}: the gradient at equal inputs is half that of the diagonal`, () => {
      using kernel = compile(network);
      for (const which of names) {
        const row = x[0] as number[];
        const at = (h: number) =>
          sync.diagonal(
            kernel,
            [0, 1, 2].map((k) => row.map((v, i) => (i === k ? v + h : v))),
            which,
          ).values;
        const got = sync.gradient(kernel, [row], [row], which).data;
        // Central differences with one step of Richardson: h⁴ and rounding over h are 1e-10.
        const h = 1e-3;
        const quotient = (step: number) => at(step).map((v, k) => (v - (at(-step)[k] as number)) / (2 * step));
        const [coarse, fine] = [quotient(2 * h), quotient(h)];
        fine.forEach((v, k) => {
          const derivative = v + (v - (coarse[k] as number)) / 3;
          expect(Math.abs((got[k] as number) - derivative / 2)).toBeLessThan(1e-9 * Math.abs(derivative) + 1e-10);
        });
      }
    });

    test(`${name}: the gradient there is the mean of those on either side`, () => {
      using kernel = compile(network);
      const [row, step] = [x[0] as number[], [3e-7, 5e-7, -2e-7]];
      const sides = [1, -1].map((sign) => row.map((v, k) => v + sign * (step[k] as number)));
      for (const which of names) {
        const at = sync.gradient(kernel, [row], [row], which).data;
        const [left, right] = sides.map((side) => sync.gradient(kernel, [side], [row], which).data) as [
          Float64Array,
          Float64Array,
        ];
        const size = Math.max(...at.map(Math.abs));
        // They are curved on the scale of the inputs: the mean is off by the step, 6e-7, times s₀ and the like.
        at.forEach((v, k) => {
          expect(Math.abs(v - ((left[k] as number) + (right[k] as number)) / 2)).toBeLessThan(1e-5 * size);
        });
      }
    });
  }

  test('a Hessian that does not exist is refused, one that does is given', () => {
    using kernel = compile(mlp(relu, 2));
    using biased = compile(mlp(relu, 2, { bias }));
    const row = x[0] as number[];
    for (const other of [row, row.map((v) => 2 * v), row.map((v) => -v)]) {
      const refused = () => sync.hessian(kernel, [[1, 2, 3], row], [other], 'ntk');
      expect(refused).toThrow(/Hessian of the NTK by row 1 of x at row 0 of z does not exist: the two are parallel/);
    }
    expect(() => sync.hessian(biased, [row], [row], 'ntk')).toThrow(/the two are one point/);
    // With biases parallel inputs of other lengths are no corner.
    expect(sync.hessian(biased, [row], [row.map((v) => 2 * v)], 'ntk').data.every(Number.isFinite)).toBe(true);
    // The NNGP kernel's corner is one of the third derivative: (1 − x̂x̂ᵀ)(κ + κ″) with κ = 1, κ″ = −1 at angle 0.
    for (const entry of sync.hessian(kernel, [row], [row], 'nngp').data) expect(Math.abs(entry)).toBeLessThan(1e-15);
  });

  test('in one dimension there is no angle', () => {
    using kernel = compile(mlp(relu, 2));
    expect([...sync.hessian(kernel, [[2], [3]], [[3], [-1]], 'ntk').data]).toEqual([0, 0, 0, 0]);
    using smooth = compile(mlp(activation('erf'), 2));
    const h = 1e-3;
    const k = sync.cross(smooth, [[2 - h], [2], [2 + h]], [[3]], 'ntk').data as Float64Array;
    const [before, at, after] = [...k] as [number, number, number];
    const second = sync.hessian(smooth, [[2]], [[3]], 'ntk').data[0] as number;
    expect(Math.abs(second - (before - 2 * at + after) / h ** 2)).toBeLessThan(1e-6);
  });
});

describe('zero vectors', () => {
  const zero = [[0, 0, 0]];

  test('x = 0 is the tip of a cone without biases, and refused', () => {
    using kernel = compile(mlp(relu, 2));
    expect(() => sync.gradient(kernel, zero, z, 'ntk')).toThrow(/row 0 of x is zero, where this kernel is a cone/);
    using smooth = compile(mlp(activation('erf'), 2));
    expect(() => sync.hessian(smooth, zero, z, 'ntk')).toThrow(
      /row 0 of x is zero, where this package has no Hessians/,
    );
  });

  test('x = 0 has a gradient along z where φ is smooth or a bias comes first', () => {
    const networks = [mlp(activation('erf'), 3), mlp(activation('gelu'), 2), mlp(relu, 3, { bias })];
    for (const network of networks) {
      using kernel = compile(network);
      for (const which of names) {
        const got = sync.gradient(kernel, zero, z, which).data;
        const h = 1e-5;
        for (let k = 0; k < 3; k++) {
          const step = [1, -1].map((sign) => [0, 1, 2].map((i) => (i === k ? sign * h : 0)));
          const values = sync.cross(kernel, step, z, which).data;
          z.forEach((_, j) => {
            const quotient = ((values[j] as number) - (values[z.length + j] as number)) / (2 * h);
            expect(Math.abs((got[3 * j + k] as number) - quotient)).toBeLessThan(1e-8);
          });
        }
      }
    }
  });
});

describe('the verbs', () => {
  const flat = (kernel: Kernel, threads: number) => sync.gradient(kernel, x, z, 'ntk', { threads }).data;

  test('give the same bytes in the background, for any number of threads and by several kernels', async () => {
    using kernel = compile(mlp(activation('gelu'), 3, { bias }));
    const one = flat(kernel, 1);
    expect(flat(kernel, 4)).toEqual(one);
    const both = await gradient(kernel, x, z, names);
    expect(both.ntk.data).toEqual(one);
    expect(both.nngp).toEqual(sync.gradient(kernel, x, z, 'nngp'));
    expect(await hessian(kernel, x, z, 'ntk')).toEqual(sync.hessian(kernel, x, z, 'ntk'));
  });

  test('divide by the number of inputs where the network does', () => {
    const phi = activation('erf');
    using divided = compile(serial(dense({ inputScale: '1/d' }), phi, dense()));
    using plain = compile(serial(input(), phi, dense()));
    const shrink = (rows: number[][]) => rows.map((row) => row.map((v) => v / Math.sqrt(3)));
    const got = sync.gradient(divided, x, z, 'ntk').data;
    sync.gradient(plain, shrink(x), shrink(z), 'ntk').data.forEach((v, k) => {
      expect(Math.abs((got[k] as number) - v / Math.sqrt(3))).toBeLessThan(1e-15);
    });
  });

  test('refuse a tangent kernel that is none', () => {
    using kernel = compile(serial(input(), activation('sign'), dense()));
    expect(() => sync.gradient(kernel, x, z, 'ntk')).toThrow(/tangent/);
    expect(sync.gradient(kernel, x, z.slice(0, 3), 'nngp').data.every(Number.isFinite)).toBe(true);
  });

  test('stop when asked to, and plan their memory', async () => {
    using kernel = compile(mlp(relu, 2000));
    const many = { data: Float64Array.from({ length: 600 * 3 }, (_, k) => Math.sin(k)), shape: [600, 3] };
    const controller = new AbortController();
    const running = gradient(kernel, many, many, 'ntk', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(running).rejects.toThrow('enough');
    const wide = { data: new Float64Array(2000 * 800).fill(1), shape: [2000, 800] };
    await expect(hessian(kernel, wide, wide, 'ntk')).rejects.toThrow(
      /Hessians of shape 2000 × 2000 × 800 × 800: needs/,
    );
  });
});
