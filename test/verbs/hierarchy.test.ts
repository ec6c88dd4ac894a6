/** The tangent hierarchy against given numbers and against its definition; what it refuses. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FiniteNetwork, hierarchy, sample, type TangentHierarchy } from '../../lib/index.js';
import { activation, conv, dense, head, type Layer, pool, repeat, residual, serial } from '../../lib/layers.js';
import { type Data, hierarchyByJets } from '../oracles/hierarchy-jets.js';

type Nested = number | readonly Nested[];
const flat = (nested: Nested): number[] => (typeof nested === 'number' ? [nested] : nested.flatMap(flat));

interface Row {
  readonly [key: string]: Nested | string;
}
const folder = path.resolve(import.meta.dirname, '../golden');
const [given] = (JSON.parse(readFileSync(path.join(folder, 'reference.json'), 'utf8')) as { nth: [Row] }).nth;
const numbers = (key: string): number[] => flat(given[key] as Nested);

function expectClose(got: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(got.length).toBe(expected.length);
  const size = Math.max(...expected.map(Math.abs));
  for (const [i, value] of expected.entries())
    expect(Math.abs((got[i] as number) - value)).toBeLessThan(tolerance * size);
}

const all = ({ outputs, second, third, fourth }: TangentHierarchy) =>
  [outputs, second, third, fourth].flatMap((tensor) => (tensor === undefined ? [] : [tensor.data]));

const liBlock = (phi: ReturnType<typeof activation>, factor: number) =>
  residual(serial(dense(), phi), { bodyScale: factor });

/** The network that the reference's numbers are of: c_res = 0.9, c_σ = 2.5, depth 3. */
async function referenceNetwork(): Promise<FiniteNetwork> {
  const phi = activation('tanh');
  const network = serial(
    dense({ inputScale: '1' }),
    activation('tanh', { scale: Math.sqrt(given.c_sigma as number) }),
    repeat(2, liBlock(phi, (given.c_res as number) / 3)),
    dense(),
  );
  using drawn = await sample(network, { width: 3, shape: 2 });
  return drawn.withWeights(['W1', 'W2', 'W3', 'a'].flatMap(numbers));
}

describe('tensors of the hierarchy', () => {
  test('are the given ones of a network with given weights', async () => {
    using network = await referenceNetwork();
    const x = given.X as number[][];
    const got = await hierarchy(network, x, { order: 4 });
    for (const [at, key] of ['f', 'K2', 'K3', 'K4'].entries()) {
      expectClose(all(got)[at] as Float64Array, numbers(key), 1e-12);
    }
    // dK/dt = −(1/n) Σ_β K r_β.
    const n = x.length;
    const r = numbers('f').map((f, i) => f - (numbers('y')[i] as number));
    for (const [at, key] of ['df_dt', 'dK2_dt', 'dK3_dt'].entries()) {
      const tensor = all(got)[at + 1] as Float64Array;
      const rates = Array.from({ length: tensor.length / n }, (_, k) =>
        r.reduce((sum, residual, b) => sum - (residual * (tensor[k * n + b] as number)) / n, 0),
      );
      expectClose(rates, numbers(key), 1e-12);
    }
  });

  const tanh = activation('tanh');
  const silu = activation('silu');
  const networks: readonly [name: string, network: Layer, shape: number | number[], width: number, data: Data][] = [
    [
      'an MLP with biases',
      serial(
        dense({ inputScale: '1/d', bias: { var: 0.2, init: 'normal', trainable: true } }),
        tanh,
        dense({ bias: { var: 0.1, init: 'zero', trainable: true } }),
        silu,
        dense(),
      ),
      2,
      3,
      {
        rows: [
          [0.3, -1],
          [1.2, 0.4],
          [-0.5, 0.9],
        ],
      },
    ],
    [
      'a ResNet with frozen ends and a shortcut of its own',
      serial(
        dense({ inputScale: '1', trainable: false }),
        residual(serial(dense(), activation('softplus'), dense()), { bodyScale: 0.7 }),
        residual(serial(dense(), tanh), { shortcut: serial(dense(), activation('sine')) }),
        dense({ trainable: false }),
      ),
      2,
      3,
      {
        rows: [
          [0.3, -1],
          [1.2, 0.4],
        ],
      },
    ],
    [
      'a convolutional ResNet with pooling',
      serial(
        conv(3, { inputScale: '1', padding: 'same', bias: { var: 0.3, init: 'normal', trainable: true } }),
        residual(serial(tanh, conv(3, { padding: 'circular' })), { bodyScale: 0.5 }),
        silu,
        pool(2),
        conv(1),
        activation('softplus'),
        head('pool'),
        dense(),
      ),
      [4, 1],
      2,
      {
        rows: [
          [0.3, -1, 0.2, 0.8],
          [1.2, 0.4, -0.3, 0.1],
        ],
        shape: [4, 1],
      },
    ],
    [
      'a convolutional network that reads every pixel',
      serial(conv(3, { inputScale: '1/d', padding: 'same', stride: 2 }), tanh, head('trace'), dense()),
      [3, 3, 1],
      2,
      {
        rows: [
          [0.3, -1, 0.2, 0.8, 1.2, 0.4, -0.3, 0.1, 1],
          [1, 0.5, 0, -0.2, 0.4, 0.9, -1.1, 0.6, 0.2],
        ],
        shape: [3, 3, 1],
      },
    ],
  ];
  for (const [name, layers, shape, width, data] of networks) {
    test(`are nested derivatives: ${name}`, async () => {
      using network = await sample(layers, { width, shape, seed: 3 });
      const x =
        data.shape === undefined
          ? data.rows
          : { data: Float64Array.from(data.rows.flat()), shape: [data.rows.length, ...data.shape] };
      const got = all(await hierarchy(network, x, { order: 4 }));
      const { outputs, second, third, fourth } = hierarchyByJets(layers, data, width, network.weights());
      // Rounding alone: a few hundred operations deep.
      for (const [at, expected] of [outputs, second, third, fourth].entries()) {
        expectClose(got[at] as Float64Array, expected, 1e-12);
      }
    });
  }

  test('stop when nobody wants them any more', async () => {
    using network = await sample(serial(dense({ inputScale: '1' }), tanh, dense(), tanh, dense()), {
      width: 512,
      shape: 2,
    });
    const many = { data: Float64Array.from({ length: 2 * 48 }, (_, i) => Math.sin(i * i)), shape: [48, 2] };
    const controller = new AbortController();
    const call = hierarchy(network, many, { order: 4, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(call).rejects.toThrow('enough');
    expect((await hierarchy(network, [[1, 2]])).third?.shape).toEqual([1, 1, 1]);
  });

  test('are refused where they do not exist or do not fit', async () => {
    const kinked = serial(dense({ inputScale: '1' }), activation('relu'), dense());
    const x = [[1, 2]];
    using relu = await sample(kinked, { width: 4, shape: 2 });
    await expect(hierarchy(relu, x)).rejects.toMatchObject({
      code: 'ERR_NETWORK',
      message: expect.stringMatching(/second derivative.*relu.*smooth activation \(gelu/s),
    });
    expect((await hierarchy(relu, x, { order: 2 })).second.data[0]).toBeGreaterThan(0);
    using two = await sample(kinked, { width: 4, shape: 2, outputs: 2 });
    await expect(hierarchy(two, x)).rejects.toThrow('expected one output for the tangent hierarchy, got 2');
    using smooth = await sample(serial(dense({ inputScale: '1' }), tanh, dense()), { width: 64, shape: 2 });
    const many = { data: new Float64Array(2 * 3000).fill(1), shape: [3000, 2] };
    await expect(hierarchy(smooth, many, { order: 4 })).rejects.toMatchObject({
      code: 'ERR_OUT_OF_MEMORY',
      message: expect.stringMatching(/order 4 of 3000 inputs.*needs \d+ MiB.*lower order/s),
    });
    await expect(hierarchy(smooth, x, { order: 5 as 4 })).rejects.toThrow('order: expected 2, 3 or 4, got 5');
    smooth.dispose();
    await expect(hierarchy(smooth, x)).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});
