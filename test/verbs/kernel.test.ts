import { describe, expect, test } from 'vitest';
import {
  compile,
  cross,
  crossSweep,
  dense,
  diagonal,
  type Gram,
  gram,
  gramSweep,
  huang,
  mlp,
  type Network,
  profile,
  sync,
  tirer,
} from '../../lib/index.js';
import { distance, expectSameBytes, nested, points, refusal } from './support.js';

const networks: readonly (readonly [string, Network])[] = [
  ['mlp', mlp({ depth: 3 })],
  ['mlp with a trained bias', mlp({ depth: 2, bias: { var: 0.5, init: 'zero', trainable: true } })],
  ['mlp of gelu', mlp({ depth: 2, activation: 'gelu' })],
  ['huang', huang({ depth: 4, alpha: 0.3 })],
  ['tirer', tirer({ depth: 4, alpha: { gamma: 0.5 } })],
];
const linear = dense({ inputScale: '1' });
const x = points(37, 5);
const z = points(11, 5, 7);

describe.each(networks)('%s', (_name, network) => {
  const kernel = compile(network);

  test('the Gram matrix is bitwise symmetric and positive on its diagonal', async () => {
    const { ntk, nngp } = await gram(kernel, x, ['ntk', 'nngp']);
    for (const { values, size } of [ntk, nngp]) {
      expect(size).toBe(37);
      for (let i = 0; i < size; i++) {
        expect(values[i * size + i]).toBeGreaterThan(0);
        for (let j = 0; j < i; j++) expect(values[i * size + j]).toBe(values[j * size + i]);
      }
    }
  });

  test('one pass for both kernels gives the bytes of one pass each', async () => {
    const both = await gram(kernel, x, ['nngp', 'ntk']);
    for (const which of ['nngp', 'ntk'] as const) {
      expectSameBytes((await gram(kernel, x, which)).values, both[which].values);
    }
  });

  test('threads, nested arrays and the calling thread change no byte', async () => {
    const { values } = await gram(kernel, x, 'ntk');
    expectSameBytes((await gram(kernel, x, 'ntk', { threads: 1 })).values, values);
    expectSameBytes((await gram(kernel, x, 'ntk', { threads: 5 })).values, values);
    expectSameBytes((await gram(kernel, nested(x), 'ntk')).values, values);
    expectSameBytes(sync.gram(kernel, x, 'ntk').values, values);
  });

  test('permuted rows give permuted bytes', async () => {
    const rows = nested(x);
    const order = rows.map((_, i) => (i * 10) % rows.length);
    const { values, size } = await gram(kernel, rows, 'ntk');
    const permuted = await gram(
      kernel,
      order.map((i) => rows[i] as number[]),
      'ntk',
    );
    const expected = new Float64Array(size * size);
    order.forEach((from, i) => {
      order.forEach((to, j) => {
        expected[i * size + j] = values[from * size + to] as number;
      });
    });
    expectSameBytes(permuted.values, expected);
  });

  test('float32 is float64 to seven digits of the scale', async () => {
    const double = await gram(kernel, x, 'ntk');
    const single = await gram(kernel, x, 'ntk', { precision: 'float32' });
    expect(single.values).toBeInstanceOf(Float32Array);
    expect(distance(single.values, double.values)).toBeLessThan(2e-5 * Math.max(...double.values));
  });

  test('cross of x and z, transposed, is cross of z and x; of x and x it is the Gram matrix', async () => {
    const there = await cross(kernel, x, z, ['nngp', 'ntk']);
    const back = await cross(kernel, z, x, ['nngp', 'ntk']);
    for (const which of ['nngp', 'ntk'] as const) {
      expect(there[which].shape).toEqual([37, 11]);
      const transposed = there[which].data.map(
        (_, k) => back[which].data[(k % 11) * 37 + Math.floor(k / 11)] as number,
      );
      const scale = Math.max(...there[which].data.map(Math.abs));
      expect(distance(there[which].data, transposed)).toBeLessThan(1e-14 * scale);
    }
    const own = await cross(kernel, x, x, 'ntk');
    const { values } = await gram(kernel, x, 'ntk');
    expect(distance(own.data, values)).toBeLessThan(1e-12 * Math.max(...values));
    expectSameBytes(sync.cross(kernel, x, z, 'ntk').data, there.ntk.data);
  });

  test('diagonal is the diagonal', async () => {
    const { ntk, nngp } = await diagonal(kernel, x, ['ntk', 'nngp']);
    const grams = await gram(kernel, x, ['ntk', 'nngp']);
    for (const [{ values }, { values: matrix, size }] of [
      [ntk, grams.ntk],
      [nngp, grams.nngp],
    ] as const) {
      expectSameBytes(
        values,
        Float64Array.from({ length: size }, (_, i) => matrix[i * size + i] as number),
      );
    }
    expectSameBytes(sync.diagonal(kernel, x, 'ntk').values, ntk.values);
  });

  test('profile is the Gram matrix of unit vectors', async () => {
    const angles = [0, 1e-6, 0.3, Math.PI / 2, 3, Math.PI];
    const circle = angles.map((angle) => [Math.cos(angle), Math.sin(angle)]);
    const first = await cross(kernel, [[1, 0]], circle, ['nngp', 'ntk']);
    const curves = profile(kernel, angles, ['nngp', 'ntk'], { dimension: 2 });
    for (const which of ['nngp', 'ntk'] as const) {
      expect([...curves[which].angles]).toEqual(angles);
      expect(distance(curves[which].values, first[which].data)).toBeLessThan(
        1e-14 * (curves[which].values[0] as number),
      );
    }
  });
});

describe('several depths', () => {
  const depths = [1, 2, 5];
  const same = (a: Gram, b: Gram) => expect(distance(a.values, b.values)).toBeLessThan(1e-14 * Math.max(...b.values));

  test.each([
    ['a fixed alpha: one pass', { preset: 'huang', alpha: 0.2 }, (depth: number) => huang({ depth, alpha: 0.2 })],
    [
      'a rule: a pass each',
      { preset: 'tirer', alpha: { gamma: 1 } },
      (depth: number) => tirer({ depth, alpha: { gamma: 1 } }),
    ],
  ] as const)('%s', async (_name, preset, at) => {
    const swept = await gramSweep(preset, depths, x, 'ntk');
    expect(swept).toHaveLength(3);
    for (const [i, depth] of depths.entries()) same(swept[i] as Gram, await gram(compile(at(depth)), x, 'ntk'));
    const both = await gramSweep(preset, depths, x, ['nngp', 'ntk']);
    expectSameBytes((both[1] as { ntk: Gram }).ntk.values, (swept[1] as Gram).values);
    const here = sync.gramSweep(preset, depths, x, 'ntk');
    expectSameBytes((here[2] as Gram).values, (swept[2] as Gram).values);
    const against = await crossSweep(preset, depths, x, z, 'ntk');
    const one = await cross(compile(at(5)), x, z, 'ntk');
    expect(against[2]?.shape).toEqual([37, 11]);
    expect(distance(against[2]?.data ?? [], one.data)).toBeLessThan(1e-14 * Math.max(...one.data));
  });

  test('a preset or depths that mean nothing are refused', async () => {
    await refusal(() => gramSweep({ preset: 'huang', alpha: 0.2 }, [], x, 'ntk'), 'ERR_NETWORK');
    await refusal(() => gramSweep({ preset: 'hunag', alpha: 0.2 } as never, [1], x, 'ntk'), 'ERR_NETWORK');
  });
});

describe('logarithmic scale', () => {
  test('is 0, and not −0, while numbers suffice', async () => {
    const { logScale } = await gram(compile(mlp({ depth: 3 })), x, 'ntk');
    expect(Object.is(logScale, 0)).toBe(true);
  });

  test('carries what 10,000 layers with α = 1 would overflow', async () => {
    const deep = compile(huang({ depth: 10_000, alpha: 1 }));
    const { values, logScale } = await gram(
      deep,
      [
        [1, 0],
        [0.6, 0.8],
      ],
      'nngp',
    );
    // On the unit sphere k(x, x) = (1 + α²)^L.
    expect(Math.log(values[0] as number) + logScale).toBeCloseTo(10_000 * Math.LN2, 8);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe('kernels', () => {
  test('compile takes layers and presets, and keeps the network as it is printed', () => {
    const kernel = compile({ preset: 'mlp', depth: 3 });
    expect(JSON.parse(JSON.stringify(kernel.network))).toEqual(mlp({ depth: 3 }));
    expect(kernel.path).toBe('table');
    expect(kernel.program.steps.at(-1)).toEqual(['emit']);
    expect(Object.isFrozen(kernel)).toBe(true);
  });

  test('a disposed kernel says so, at once and once only', async () => {
    const kernel = compile(linear);
    const running = gram(kernel, x, 'ntk');
    kernel[Symbol.dispose]();
    kernel.dispose();
    await refusal(() => gram(kernel, x, 'ntk'), 'ERR_DISPOSED');
    await refusal(() => profile(kernel, [1], 'ntk'), 'ERR_DISPOSED');
    // What was under way may have missed the listing or caught it, but it must end in one of two ways.
    await running.catch((error) => expect(error.code).toBe('ERR_DISPOSED'));
  });

  test('a copy of a kernel is none', async () => {
    const { message } = await refusal(() => gram({ ...compile(linear) }, x, 'ntk'), 'ERR_ARGUMENT');
    expect(message).toContain('compile()');
  });

  test('a profile of a network that divides by the dimension asks for it', async () => {
    const kernel = compile(tirer({ depth: 2, alpha: 0.1 }));
    expect((await refusal(() => profile(kernel, [1], 'ntk'), 'ERR_ARGUMENT')).message).toContain('options.dimension');
    expect(profile(kernel, [1], 'ntk', { dimension: 4 }).values[0]).toBeGreaterThan(0);
  });

  test('a profile that would hold the calling thread for minutes is refused with the numbers', async () => {
    const kernel = compile(mlp({ depth: 1_000_000 }));
    const angles = new Float64Array(2000);
    const { message, details } = await refusal(() => profile(kernel, angles, 'ntk'), 'ERR_ARGUMENT');
    expect(message).toMatch(/^angles: expected at most 1000000000 steps of a profile.* 2000 angles × \d+ steps/);
    expect(details).toMatchObject({ angles: 2000, most: 1e9 });
    expect(details.steps).toBeGreaterThan(1e6);
  });

  test('angles beyond [0, π] are refused with their place', async () => {
    const kernel = compile(linear);
    for (const angle of [-1e-9, 3.15, Number.NaN]) {
      const { message } = await refusal(() => profile(kernel, [0, angle], 'ntk'), 'ERR_ARGUMENT');
      expect(message).toMatch(/^angles\[1\]: expected an angle in radians/);
    }
  });

  test('a variance beyond the range of numbers is refused with its row', async () => {
    const erf = compile(mlp({ depth: 1, activation: 'erf' }));
    const { details } = await refusal(() => gram(erf, [[1], [1e200]], 'nngp'), 'ERR_RANGE');
    expect(details).toEqual({ row: 1, path: 'layers[1]' });
  });

  test('inputs of any size have finite kernels, relative to a logarithmic scale', async () => {
    const { values, logScale } = await gram(compile(linear), [[3e200], [2e200]], 'nngp');
    expect((values[1] as number) / (values[0] as number)).toBeCloseTo(2 / 3, 14);
    expect(Math.log(values[3] as number) + logScale).toBeCloseTo(2 * Math.log(2e200), 10);
  });
});
