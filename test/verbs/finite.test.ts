/** Sampled networks as values: the same for every number of threads, kept in files, refused where they mean nothing. */

import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { empirical, empiricalOutputs, kernelProduct } from '../../lib/finite/empirical.js';
import { loadNetwork } from '../../lib/finite/read.js';
import { sample } from '../../lib/finite/sample.js';
import { train } from '../../lib/finite/train.js';
import { activation, conv, dense, head, type Layer, repeat, serial } from '../../lib/layers.js';
import { sync } from '../../lib/sync.js';
import { distance, expectSameBytes, nested, numbers, points, refusal } from './support.js';

const spec = { preset: 'tirer', depth: 2, alpha: 0.5, activation: 'gelu' } as const;
const x = points(60, 7, 4);

describe('sample', () => {
  test('the seed and nothing else decides', async () => {
    using one = await sample(spec, { width: 90, shape: 7, seed: 5, threads: 1 });
    using two = await sample(spec, { width: 90, shape: 7, seed: 5, threads: 3 });
    using other = await sample(spec, { width: 90, shape: 7, seed: 6 });
    expectSameBytes(one.weights(), two.weights());
    expect(distance(one.weights().slice(0, 9), other.weights().slice(0, 9))).toBeGreaterThan(0.1);
    expect(one.seed).toBe(5);
    expect(one.smoothness).toBe(4);
    expect(Object.isFrozen(one)).toBe(true);
  });

  test('weights of a seed are what they were: files and seeds in papers outlive releases', () => {
    using network = sync.sample({ preset: 'mlp', depth: 1 }, { width: 2, shape: 2, seed: 2 ** 40 + 1 });
    // By Python's integers and its statistics.NormalDist, which rounds p where this takes it exactly.
    const expected = [-1.3688007250428029, 1.2151953441628918, 2.5634325787945653, -0.4067695651342038];
    expect(distance(network.weights(), [...expected, -1.8582040895851237, 1.6610980374139883])).toBeLessThan(1e-14);
  });

  test('blocks cover all parameters, in the order of the network', () => {
    using network = sync.sample(
      serial(
        dense({ inputScale: '1', bias: { var: 0.3, init: 'zero', trainable: true } }),
        activation('relu'),
        repeat(2, serial(dense({ trainable: false }), activation('relu'))),
        dense(),
      ),
      { width: 4, shape: 3, outputs: 2 },
    );
    expect(network.blocks.map(({ path, kind, shape, trainable }) => [path, kind, shape, trainable])).toEqual([
      ['layers[0]', 'weights', [4, 3], true],
      ['layers[0]', 'bias', [4], true],
      ['layers[2].layer.layers[0]', 'weights', [4, 4], false],
      ['layers[2].layer.layers[0]', 'weights', [4, 4], false],
      ['layers[3]', 'weights', [2, 4], true],
    ]);
    expect(network.blocks.map(({ offset }) => offset)).toEqual([0, 12, 16, 32, 48]);
    expect(network.blocks[1]?.factor).toBeCloseTo(Math.sqrt(0.3), 15);
    expect(network.parameters).toBe(56);
    expect(network.smoothness).toBe(1);
    // A bias that only trains starts at zero.
    expect([...network.weights().subarray(12, 16)]).toEqual([0, 0, 0, 0]);
  });

  test('bytes of outputs, derivatives and kernels do not depend on the threads', async () => {
    using network = await sample(spec, { width: 150, shape: 7, outputs: 2 });
    const u = points(60, 2, 9);
    const direction = network.weights();
    const all = async (threads: number) => {
      const { nngp, ntk } = await empirical(network, x, ['nngp', 'ntk'], { threads });
      return [
        (await network.forward(x, { threads })).data,
        (await network.jvp(x, direction, { threads })).data,
        await network.vjp(x, u, { threads }),
        nngp.values,
        ntk.values,
      ] as const;
    };
    const [alone, crowd] = [await all(1), await all(4)];
    for (const [i, numbers] of alone.entries()) expectSameBytes(numbers, crowd[i] as typeof numbers);
  });

  test.each([
    ['width', { width: 0, shape: 2 }, 'ERR_ARGUMENT', /width: expected an integer from 1 to/],
    ['no width', { shape: 2 }, 'ERR_ARGUMENT', /width: expected an integer from 1 to .*, got undefined/],
    ['no shape', { width: 3 }, 'ERR_ARGUMENT', /shape: expected the size of one input/],
    ['an image for vectors', { width: 3, shape: [4, 4, 1] }, 'ERR_SHAPE', /begins with a dense layer, got \[4, 4, 1\]/],
    ['a seed below 0', { width: 3, shape: 2, seed: -1 }, 'ERR_ARGUMENT', /seed: expected an integer from 0/],
    ['more weights than memory', { width: 2 ** 22, shape: 2 }, 'ERR_OUT_OF_MEMORY', /needs \d+ MiB, but only \d+ MiB/],
    [
      'petabytes of weights',
      { width: 2 ** 24, shape: 2 ** 24, outputs: 2 ** 20 },
      'ERR_OUT_OF_MEMORY',
      /needs \d+ MiB/,
    ],
  ] as const)('refuses %s', async (_, options, code, message) => {
    const error = await refusal(() => sample({ preset: 'mlp', depth: 3 }, options as never), code);
    expect(error.message).toMatch(message);
  });

  test('refuses images that do not fit, with the layer', async () => {
    const network: Layer = serial(
      conv(3, { inputScale: '1/d', padding: 'valid' }),
      activation('tanh'),
      head('trace'),
      dense(),
    );
    const error = await refusal(() => sample(network, { width: 3, shape: [2, 2, 1] }), 'ERR_SHAPE');
    expect(error.details.path).toBe('layers[0]');
    expect((await refusal(() => sample(network, { width: 3, shape: 5 }), 'ERR_SHAPE')).message).toMatch(/conv\(\)/);
  });
});

test('a network over large images is laid out as fast as one over small ones', () => {
  const first = conv(3, { padding: 'circular', inputScale: '1/d' });
  const block = serial(activation('relu'), conv(3, { padding: 'circular' }));
  const deep = serial(first, repeat(30, block), head('pool'), dense());
  const shortest = (side: number): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      sync.sample(deep, { width: 1, shape: [side, side, 1] }).dispose();
      least = Math.min(least, performance.now() - start);
    }
    return least;
  };
  shortest(8);
  // 784 times the pixels; tables of them took 200 times as long.
  expect(shortest(224)).toBeLessThan(10 * shortest(8));
});

describe('forward, jvp, vjp', () => {
  test('⟨J v, u⟩ = ⟨v, Jᵀ u⟩, and J v is a derivative', async () => {
    using network = await sample(spec, { width: 20, shape: 7, outputs: 3 });
    const u = points(60, 3, 2);
    const start = network.weights();
    const v = points(1, network.parameters, 3).data as Float64Array;
    const [pushed, pulled] = [await network.jvp(x, v), await network.vjp(x, u)];
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);
    const size = Math.sqrt(dot(pushed.data, pushed.data) * dot(u.data, u.data));
    expect(Math.abs(dot(pushed.data, u.data) - dot(v, pulled))).toBeLessThan(1e-13 * size);
    const h = 1e-5;
    const at = async (step: number) => {
      using moved = network.withWeights(start.map((value, i) => value + step * (v[i] as number)));
      expect(moved.seed).toBeNull();
      return (await moved.forward(x)).data;
    };
    const [above, below] = [await at(h), await at(-h)];
    // h² of a third derivative, and ε/h of outputs of size 1.
    const slopes = above.map((value, i) => (value - (below[i] as number)) / (2 * h));
    expect(distance(slopes, pushed.data)).toBeLessThan(1e-8);
    // One output takes plain targets.
    using single = await sample(spec, { width: 20, shape: 7 });
    const plain = numbers(60, 6);
    const gradient = await single.vjp(nested(x), plain);
    expectSameBytes(gradient, await single.vjp(x, { data: plain, shape: [60, 1] }));
    const way = numbers(single.parameters, 8);
    const along = (await single.jvp(x, way)).data;
    expect(Math.abs(dot(gradient, way) - dot(plain, along))).toBeLessThan(
      1e-13 * Math.sqrt(dot(plain, plain) * dot(along, along)),
    );
    expect(Math.hypot(...gradient)).toBeGreaterThan(0.1);
  });

  test('refusals', async () => {
    using network = await sample(spec, { width: 5, shape: 7, outputs: 2 });
    expect((await refusal(() => network.forward(points(3, 6)), 'ERR_SHAPE')).message).toMatch(
      /inputs of 7 numbers, which the network was sampled for, got 6/,
    );
    expect((await refusal(() => network.vjp(x, points(60, 3)), 'ERR_SHAPE')).message).toMatch(/2 columns/);
    expect((await refusal(() => network.jvp(x, [1, 2]), 'ERR_SHAPE')).message).toMatch(/one for each parameter/);
    const bad = network.weights();
    bad[3] = Number.NaN;
    expect((await refusal(() => network.withWeights(bad), 'ERR_NOT_FINITE')).message).toMatch(/weights: row 3 is NaN/);
    expect((await refusal(() => network.jvp(x, bad), 'ERR_NOT_FINITE')).message).toMatch(/direction/);
    expect((await refusal(() => network.forward(x, { maxBytes: 100 }), 'ERR_ARGUMENT')).message).toMatch(
      /maxBytes: expected at least \d+ .* got 100/,
    );
    const huge = network.weights().map(() => 1e120);
    using far = network.withWeights(huge);
    expect((await refusal(() => far.forward(x), 'ERR_RANGE')).message).toMatch(/outputs of the sampled network/);
    const sign = await sample({ preset: 'mlp', depth: 2, activation: 'sign' }, { width: 5, shape: 7 });
    expect((await sign.forward(x)).shape).toEqual([60, 1]);
    // One code, whichever verb meets the jump first.
    const ways = [
      () => sign.jvp(x, sign.weights()),
      () => sign.vjp(x, new Float64Array(60)),
      () => empirical(sign, x, 'ntk'),
      () => empiricalOutputs(sign, x),
      () => kernelProduct(sign, x, new Float64Array(60)),
      () => train(sign, x, new Float64Array(60), { times: [1] }),
    ];
    for (const way of ways) {
      const { message, details } = await refusal(way, 'ERR_NETWORK');
      expect(message).toMatch(/sign/);
      expect(details.path).toBe('layers[1]');
    }
    sign.dispose();
    expect((await refusal(() => sign.forward(x), 'ERR_DISPOSED')).message).toMatch(/disposed of/);
  });

  test('an abort rejects with its reason', async () => {
    using network = await sample({ preset: 'mlp', depth: 20 }, { width: 400, shape: 7 });
    const stop = new AbortController();
    const call = empirical(network, points(600, 7), 'ntk', {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
      maxBytes: 6e7,
    });
    await expect(call).rejects.toThrow('enough');
  });
});

describe('empirical', () => {
  test('kernels of one pair of sets are parts of those of one set', () => {
    using network = sync.sample(spec, { width: 30, shape: 7, outputs: 2 });
    const { nngp, ntk } = sync.empirical(network, x, ['nngp', 'ntk']);
    const part = { data: (x.data as Float64Array).slice(0, 5 * 7), shape: [5, 7] };
    const cross = sync.empiricalCross(network, part, x, ['nngp', 'ntk']);
    for (const [whole, piece] of [
      [nngp, cross.nngp],
      [ntk, cross.ntk],
    ] as const) {
      expect(piece.shape).toEqual([5, 60]);
      expect(distance(whole.values.subarray(0, 300), piece.data)).toBeLessThan(1e-13 * (whole.values[0] as number));
    }
  });

  test('outputs by themselves have the NTK as their mean, and products are those of the matrix', async () => {
    using network = await sample(spec, { width: 30, shape: 7, outputs: 3 });
    const each = await empiricalOutputs(network, x);
    const { values } = await empirical(network, x, 'ntk');
    expect(each).toHaveLength(3);
    const mean = values.map((_, i) => each.reduce((sum, one) => sum + (one.values[i] as number), 0) / 3);
    expect(distance(mean, values)).toBeLessThan(1e-12);
    using one = await sample(spec, { width: 30, shape: 7 });
    const ntk = await empirical(one, x, 'ntk');
    const v = points(60, 4, 11);
    const product = await kernelProduct(one, x, v);
    expect(distance(product.data, sync.multiply(ntk, v).data)).toBeLessThan(1e-11);
    const slow = await kernelProduct(one, x, v, { maxBytes: 20_000 });
    expect(distance(product.data, slow.data)).toBeLessThan(1e-11);
    expect((await refusal(() => kernelProduct(network, x, v), 'ERR_SHAPE')).message).toMatch(/multiple of 3 columns/);
  });

  test('a fit takes them as it takes any Gram matrix', async () => {
    using network = await sample(spec, { width: 200, shape: 7 });
    const ntk = await empirical(network, x, 'ntk');
    const { values } = sync.spectrum(ntk);
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(sync.solve(ntk, points(60, 1, 8), { ridge: 0.1 }).x.shape).toEqual([60, 1]);
  });

  test('refusals: no tangent kernel, too few bytes, more than there is', async () => {
    using sign = await sample({ preset: 'mlp', depth: 2, activation: 'sign' }, { width: 5, shape: 7 });
    expect((await empirical(sign, x, 'nngp')).size).toBe(60);
    expect((await refusal(() => empirical(sign, x, 'ntk'), 'ERR_NETWORK')).message).toMatch(/no tangent kernel/);
    using network = await sample(spec, { width: 50, shape: 7 });
    const { message, details } = await refusal(() => empirical(network, x, 'ntk', { maxBytes: 1000 }), 'ERR_ARGUMENT');
    expect(message).toMatch(/maxBytes: expected at least \d+ \(\d+ MiB\) for empirical kernels/);
    // As few as it asks for will do.
    const ntk = await empirical(network, x, 'ntk', { maxBytes: details.needed as number });
    expect(distance(ntk.values, (await empirical(network, x, 'ntk')).values)).toBeLessThan(1e-12);
    const many = { data: new Float64Array(7 * 400_000).fill(1), shape: [400_000, 7] };
    expect((await refusal(() => empirical(network, many, 'ntk'), 'ERR_OUT_OF_MEMORY')).message).toMatch(/MiB/);
    expect((await refusal(() => empirical({ ...network }, x, 'ntk'), 'ERR_ARGUMENT')).message).toBe(
      'network: expected what sample() or loadNetwork() returned, got a copy of it, which has no weights; pass the object itself',
    );
    expect((await refusal(() => empirical(undefined as never, x, 'ntk'), 'ERR_ARGUMENT')).message).toBe(
      'network: expected what sample() or loadNetwork() returned, got undefined',
    );
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resgram-finite-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('come back to the last bit', async () => {
    const path = join(folder, 'network.safetensors');
    using network = await sample(spec, { width: 33, shape: 7, outputs: 2, seed: 12 });
    await network.save(path);
    using again = await loadNetwork(path);
    expectSameBytes(again.weights(), network.weights());
    expect(again.network).toEqual(network.network);
    expect([again.seed, again.width, again.outputs, again.shape]).toEqual([12, 33, 2, [7]]);
    expectSameBytes((await again.forward(x)).data, (await network.forward(x)).data);
    await refusal(() => network.save(path), 'ERR_OUTPUT_EXISTS');
    using moved = network.withWeights(network.weights().map((value) => value / 2));
    await moved.save(path, { force: true });
    using half = await loadNetwork(path);
    expect(half.seed).toBeNull();
    expectSameBytes(half.weights(), moved.weights());
    expect((await stat(path)).size).toBeGreaterThan(8 * network.parameters);
  });

  test('of networks that were disposed of, before or meanwhile, are not written', async () => {
    const path = join(folder, 'gone.safetensors');
    const network = await sample({ preset: 'mlp', depth: 2 }, { width: 1000, shape: 7 });
    const running = network.save(path);
    network.dispose();
    for (const call of [() => running, () => network.save(path)]) {
      expect((await refusal(call, 'ERR_DISPOSED')).message).toBe(
        'network: this sampled network was disposed of; sample or load it again',
      );
    }
    await refusal(() => loadNetwork(path), 'ERR_IO');
  });

  test('are refused when they were changed or are others', async () => {
    const path = join(folder, 'whole.safetensors');
    using network = await sample({ preset: 'mlp', depth: 2 }, { width: 6, shape: 4 });
    await network.save(path);
    const whole = await readFile(path);
    const changed = async (bytes: Buffer): Promise<string> => {
      const other = join(folder, 'changed.safetensors');
      await writeFile(other, bytes);
      return (await refusal(() => loadNetwork(other), 'ERR_DATA')).message;
    };
    expect(await changed(whole.subarray(0, whole.length - 8))).toMatch(/network file is cut short/);
    const flipped = Buffer.from(whole);
    flipped[whole.length - 3] = (flipped[whole.length - 3] as number) ^ 1;
    expect(await changed(flipped)).toMatch(/checksum of its weights/);
    const edited = (from: string, to: string) => Buffer.from(whole.toString('latin1').replace(from, to), 'latin1');
    expect(await changed(edited('\\"width\\":6', '\\"width\\":7'))).toMatch(/checksum of its record/);
    expect(await changed(edited('resgram-network', 'resgram-notwork'))).toMatch(/expected a network file of resgram/);
    expect(await changed(edited('"1.weights"', '"7.weights"'))).toMatch(/it has no 1\.weights/);
    expect((await refusal(() => loadNetwork(join(folder, 'none')), 'ERR_IO')).message).toMatch(/no such file/);
    using model = sync.regress(
      await import('../../lib/compile.js').then(({ compile }) => compile(spec)),
      x,
      points(60, 1),
      {
        ridge: 1,
      },
    );
    const fit = join(folder, 'model.safetensors');
    await model.save(fit);
    expect((await refusal(() => loadNetwork(fit), 'ERR_DATA')).message).toMatch(/expected a network file of resgram/);
  });
});
