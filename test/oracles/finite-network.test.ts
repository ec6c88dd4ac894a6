/**
 * The sampled networks differentiate by hand; here the same networks, very narrow, are differentiated by moving one
 * parameter after the other. So the oracle for the kernels rests on forward passes alone.
 */

import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import {
  activation,
  conv,
  dense,
  head,
  type Layer,
  pool,
  repeat,
  residual,
  scale,
  serial,
  tabulated,
} from '../../lib/layers.js';
import { type Draw, type Inputs, sample } from './finite-network.js';
import type { Numbers } from './matrix.js';

const random = createRandom(7);
const anyNumbers = (count: number) => Array.from({ length: count }, () => 2 * random.uniform() - 1);
const rows = (count: number) => Array.from({ length: 4 }, () => anyNumbers(count));
const points: Inputs = { rows: rows(4) };
const line: Inputs = { rows: rows(5 * 2), shape: [5, 2] };
const image: Inputs = { rows: rows(4 * 4 * 2), shape: [4, 4, 2] };

const normal = { var: 0.3, init: 'normal', trainable: true } as const;
const zero = { var: 0.5, init: 'zero', trainable: true } as const;
const erf = activation('erf', { scale: 1.2 });
const gelu = activation('gelu');
/** A parabola between straight lines that touch it. */
const bumps = tabulated([
  { from: -4, to: 0, coefficients: [1.5, -2, 0.5] },
  { from: 0, to: 4, coefficients: [1.5, 2, 0.5] },
]);
const cases: readonly { readonly name: string; readonly network: Layer; readonly inputs: Inputs }[] = [
  {
    name: 'dense layers, biases of both kinds, frozen ones',
    network: serial(
      dense({ inputScale: '1/d', bias: normal, weightVar: 1.7 }),
      erf,
      dense({ bias: zero, trainable: false }),
      gelu,
      dense({ bias: { ...normal, trainable: false } }),
      erf,
      dense({ bias: zero }),
    ),
    inputs: points,
  },
  {
    name: 'residuals in repeats, scales, a shortcut, a body that ends in φ',
    network: serial(
      dense({ inputScale: '1', trainable: false }),
      repeat(2, residual(serial(dense(), erf, dense()), { bodyScale: [0.7, 0.4] })),
      scale(1.3),
      residual(serial(dense(), gelu), { shortcut: dense(), bodyScale: 0.8, shortcutScale: 0.6 }),
      dense({ trainable: false }),
    ),
    inputs: points,
  },
  ...(['circular', 'same'] as const).map((padding) => ({
    name: `filters on lines, ${padding}, vectorised head`,
    network: serial(
      conv(1, { inputScale: '1/d' }),
      residual(serial(conv(1), erf, conv(3, { padding, bias: normal })), { bodyScale: 0.9 }),
      conv(3, { padding, stride: 2 }),
      bumps,
      head('trace'),
      dense({ bias: zero }),
    ),
    inputs: line,
  })),
  {
    name: 'filters on images, average pooling, pooled head',
    network: serial(
      conv(3, { inputScale: '1', padding: 'circular', bias: zero }),
      gelu,
      pool(2),
      conv(3, { padding: 'same' }),
      erf,
      head('pool'),
      dense(),
    ),
    inputs: image,
  },
  {
    name: 'valid filters, one pixel read',
    network: serial(
      conv(3, { inputScale: '1/d', padding: 'valid' }),
      erf,
      conv(1),
      gelu,
      head('pixel', [1, 0]),
      dense(),
    ),
    inputs: image,
  },
];

/** The same parameters for every call, those that train collected in one list that can be moved. */
function parameters(seed: number): { draw: Draw; all: Numbers[] } {
  const numbers = createRandom(seed);
  const all: Numbers[] = [];
  const draw: Draw = (count, { starts, trains }) => {
    const drawn = new Float64Array(count).map(() => (starts === 'zero' ? 0 : 3 * (numbers.uniform() - 0.5)));
    if (trains) all.push(drawn);
    return drawn;
  };
  return { draw, all };
}

describe('gradients of sampled networks', () => {
  // Three units take the plain loops of products of matrices, four the blocked ones.
  for (const [seed, { name, network, inputs, width }] of cases
    .flatMap((one) => [3, 4].map((width) => ({ ...one, width })))
    .entries()) {
    test(`${name}, ${width} wide: their inner products are those of central differences`, () => {
      const { draw, all } = parameters(seed);
      const { ntk } = sample(network, inputs, width, draw);
      const outputs = (block: number, at: number, shift: number): Numbers => {
        const again = parameters(seed);
        let blocks = 0;
        const moved: Draw = (count, role) => {
          const drawn = again.draw(count, role);
          if (role.trains && blocks++ === block) drawn[at] = (drawn[at] as number) + shift;
          return drawn;
        };
        return sample(network, inputs, width, moved).outputs;
      };
      const n = inputs.rows.length;
      const sum = new Float64Array(n * n);
      // Fourth order: h⁴ times a fifth derivative of order 1, and rounding of 1e-16/h; both 1e-12.
      const h = 1e-3;
      for (const [block, numbers] of all.entries()) {
        for (const at of numbers.keys()) {
          const [a, b, c, d] = [h, -h, 2 * h, -2 * h].map((shift) => outputs(block, at, shift)) as Numbers[];
          const slope = (i: number) =>
            (8 * ((a?.[i] as number) - (b?.[i] as number)) - ((c?.[i] as number) - (d?.[i] as number))) / (12 * h);
          for (const k of sum.keys()) sum[k] = (sum[k] as number) + slope(Math.floor(k / n)) * slope(k % n);
        }
      }
      const size = Math.max(...sum);
      expect(size).toBeGreaterThan(0.01);
      for (const [k, value] of sum.entries()) expect(Math.abs((ntk[k] as number) - value) / size).toBeLessThan(1e-10);
    });
  }
});
