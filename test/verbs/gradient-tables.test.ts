/** Gradients and Hessians of networks whose activations have no closed form. */

import { describe, expect, test } from 'vitest';
import {
  activation,
  compile,
  dense,
  type Kernel,
  type KernelName,
  type Layer,
  repeat,
  residual,
  serial,
  sync,
  tabulate,
  tabulated,
} from '../../lib/index.js';

const names: readonly KernelName[] = ['nngp', 'ntk'];
const bias = { var: 0.3, init: 'normal', trainable: true } as const;
const input = (options = {}) => dense({ inputScale: '1', ...options });
const mlp = (phi: Layer, depth: number, options = {}) =>
  serial(input(options), repeat(depth, serial(phi, dense(options))));

const x = [0.75, -0.5, 1.25];
const z = [
  [1, 0.3, -0.2],
  [-0.4, 2, 0.7],
  [0.5, -0.25, 1],
  [-0.5, 0.4, -0.75],
];

/** Lines between kinks at −1 and 0.5, where φ′ jumps; the second has its kink at 0. */
const clipped = tabulated([
  { from: -2, to: -1, coefficients: [-1] },
  { from: -1, to: 0.5, coefficients: [-0.25, 0.75] },
  { from: 0.5, to: 2, coefficients: [0.5] },
]);
const lines = (slope: number) =>
  tabulated([
    { from: -1, to: 0, coefficients: [-slope / 2, slope / 2] },
    { from: 0, to: 1, coefficients: [0.5, 0.5] },
  ]);

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Differences of four points: an error of h⁴ and of rounding/h. */
function differences(at: (by: number) => number, h: number): number {
  const pair = (k: number) => at(k * h) - at(-k * h);
  return (8 * pair(1) - pair(2)) / (12 * h);
}

describe('differences of kernels', () => {
  const networks: Record<string, Layer> = {
    tanh: mlp(activation('tanh', { scale: 1.3 }), 2),
    'tanh with biases, long inputs': mlp(activation('tanh', { scale: 2 }), 1, { bias, weightVar: 9 }),
    softplus: mlp(activation('softplus'), 2),
    'SiLU, biases': mlp(activation('silu', { scale: 1.5 }), 2, { bias }),
    ELU: mlp(activation('elu'), 2),
    'a clipped line': mlp(clipped, 2),
    'ResNet of softplus, then ReLU': serial(
      input(),
      repeat(2, residual(serial(dense({ bias }), activation('softplus'), dense()), { bodyScale: 0.5 })),
      activation('relu'),
      dense(),
    ),
    // Branches that end in φ itself: their means travel.
    'one matrix per block': serial(
      input(),
      activation('silu'),
      repeat(2, residual(serial(dense(), activation('softplus')), { bodyScale: 0.5 })),
      dense(),
    ),
  };
  for (const [name, network] of Object.entries(networks)) {
    test(name, () => {
      using kernel = compile(network);
      const h = 2 ** -11;
      const steps = [-2, -1, 1, 2];
      const rows = [0, 1].flatMap((i) => steps.map((k) => x.map((v, l) => (l === i ? v + k * h : v))));
      const values = sync.cross(kernel, rows, z, names);
      const slopes = sync.gradient(kernel, rows, z, names);
      const [first, second] = [sync.gradient(kernel, [x], z, names), sync.hessian(kernel, [x], z, names)];
      for (const which of names) {
        // Values are good to 1e-14, which h makes 2e-11; h⁴ = 6e-14 stands beside fifth derivatives, and the kernels bend on
        // scales of ½ and more.
        const size = largest(first[which].data) + largest(second[which].data);
        z.forEach((_, j) => {
          for (let i = 0; i < 2; i++) {
            const row = (by: number) => (4 * i + steps.indexOf(Math.round(by / h))) * z.length + j;
            const slope = differences((by) => values[which].data[row(by)] as number, h);
            expect(Math.abs((first[which].data[3 * j + i] as number) - slope)).toBeLessThan(1e-10 * size);
            for (let k = 0; k < 3; k++) {
              const bend = differences((by) => slopes[which].data[3 * row(by) + k] as number, h);
              expect(Math.abs((second[which].data[9 * j + 3 * i + k] as number) - bend)).toBeLessThan(1e-10 * size);
            }
          }
        });
      }
    });
  }
});

describe('φ in two ways', () => {
  const same = (one: Layer, other: Layer, tolerance: number) => {
    using left = compile(one);
    using right = compile(other);
    const inputs = [...z, x.map((v) => v + 1e-5), [0.3, 0.4, -0.1]];
    const value = sync.cross(right, [x], inputs, names);
    for (const verb of [sync.gradient, sync.hessian]) {
      const [got, wanted] = [left, right].map((kernel: Kernel) => verb(kernel, [x], inputs, names)) as unknown as [
        Record<KernelName, { data: Float64Array }>,
        Record<KernelName, { data: Float64Array }>,
      ];
      for (const which of names) {
        const each = wanted[which].data.length / inputs.length;
        inputs.forEach((_, j) => {
          const part = wanted[which].data.subarray(j * each, (j + 1) * each);
          const size = Math.max(largest(part), Math.abs(value[which].data[j] as number));
          part.forEach((number, k) => {
            expect(Math.abs((got[which].data[j * each + k] as number) - number)).toBeLessThan(tolerance * size);
          });
        });
      }
    }
  };

  // Next to a corner, 2e-5 away, derivatives are known to ε over that.
  for (const slope of [0, 0.3, -1]) {
    test(`lines of slope ${slope} and 1 are leaky ReLU`, () => {
      const phi = activation('leakyRelu', { slope });
      same(mlp(lines(slope), 2), mlp(phi, 2), 1e-10);
      same(mlp(lines(slope), 2, { bias }), mlp(phi, 2, { bias }), 1e-10);
    });
  }

  test('a sampled softplus is softplus', () => {
    const sampled = tabulate((u) => Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)))).layer;
    same(mlp(sampled, 2, { bias }), mlp(activation('softplus'), 2, { bias }), 1e-10);
  });

  test('opposite inputs of an odd φ have opposite gradients', () => {
    using kernel = compile(mlp(activation('tanh'), 2));
    for (const which of names) {
      const [near, far] = [z, z.map((row) => row.map((v) => -v))].map((rows) => sync.hessian(kernel, [x], rows, which));
      near?.data.forEach((value, k) => {
        expect(Math.abs(value + (far?.data[k] as number))).toBeLessThan(1e-14 * largest(near.data));
      });
    }
  });
});

describe('where inputs are one', () => {
  const networks: Record<string, Layer> = {
    tanh: mlp(activation('tanh'), 2),
    'SiLU with biases': mlp(activation('silu'), 2, { bias }),
    ELU: mlp(activation('elu'), 2, { bias }),
    'a clipped line': mlp(clipped, 2),
  };
  for (const [name, network] of Object.entries(networks)) {
    test(`${name}: the gradient is half that of the diagonal`, () => {
      using kernel = compile(network);
      for (const which of names) {
        const got = sync.gradient(kernel, [x], [x], which).data;
        for (let i = 0; i < 3; i++) {
          const slope = differences((by) => {
            const rows = [x.map((v, k) => (k === i ? v + by : v))];
            return sync.diagonal(kernel, rows, which).values[0] as number;
          }, 2 ** -10);
          expect(Math.abs((got[i] as number) - slope / 2)).toBeLessThan(1e-10 * largest(got));
        }
      }
    });
  }

  test('smooth kernels have a Hessian, kinked φ a corner', () => {
    for (const phi of [activation('tanh'), activation('silu'), activation('elu')]) {
      using kernel = compile(mlp(phi, 2, { bias }));
      for (const which of names) {
        const at = sync.hessian(kernel, [x], [x], which).data;
        const near = sync.hessian(kernel, [x], [x.map((v, k) => v + (k === 0 ? 2e-5 : 1e-5))], which).data;
        // Hessians change by the distance, those of ELU's NTK like all kernels of a φ″ that jumps.
        at.forEach((value, k) => {
          expect(Math.abs(value - (near[k] as number))).toBeLessThan(2e-4 * largest(at));
        });
      }
    }
    using kernel = compile(mlp(clipped, 2));
    expect(() => sync.hessian(kernel, [x], [x], 'ntk')).toThrow(/Hessian of the NTK by row 0 .* does not exist/);
    expect(sync.hessian(kernel, [x], [x], 'nngp').data.every(Number.isFinite)).toBe(true);
    // Parallel inputs of other lengths meet the kinks apart: no corner.
    expect(sync.hessian(kernel, [x], [x.map((v) => 2 * v)], 'ntk').data.every(Number.isFinite)).toBe(true);
  });
});

describe('zero vectors', () => {
  const zero = [0, 0, 0];

  test('have the gradient of a smooth kernel, and the tip of a cone where φ′ jumps at 0', () => {
    for (const phi of [activation('tanh'), activation('softplus'), activation('elu')]) {
      using kernel = compile(mlp(phi, 2));
      for (const which of names) {
        const got = sync.gradient(kernel, [zero], z, which).data;
        for (let i = 0; i < 3; i++) {
          // ELU's tangent kernel bends like x|x|: an error of h, next to slopes of 1.
          const rows = [1, -1].map((sign) => zero.map((_, k) => (k === i ? sign * 1e-5 : 0)));
          const values = sync.cross(kernel, rows, z, which).data;
          z.forEach((_, j) => {
            const slope = ((values[j] as number) - (values[z.length + j] as number)) / 2e-5;
            expect(Math.abs((got[3 * j + i] as number) - slope)).toBeLessThan(5e-5);
          });
        }
      }
    }
    using pieces = compile(mlp(clipped, 2));
    expect(() => sync.gradient(pieces, [zero], z, 'ntk')).toThrow(/row 0 of x is zero, where a tabulated function/);
    using kinked = compile(mlp(lines(0), 2));
    expect(() => sync.gradient(kinked, [zero], z, 'nngp')).toThrow(/row 0 of x is zero, where this kernel is a cone/);
  });

  test('on the other side are a constant', () => {
    using kernel = compile(mlp(activation('softplus'), 2));
    for (const which of names) {
      const got = sync.gradient(kernel, [x], [zero], which).data;
      for (let i = 0; i < 3; i++) {
        const at = (by: number) =>
          sync.cross(kernel, [x.map((v, k) => (k === i ? v + by : v))], [zero], which).data[0] as number;
        expect(Math.abs((got[i] as number) - differences(at, 2 ** -10))).toBeLessThan(1e-10 * largest(got));
      }
    }
  });
});
