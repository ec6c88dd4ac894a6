/** Images through the verbs: what they take, what they refuse with which words, and what is planned beforehand. */

import { describe, expect, test } from 'vitest';
import {
  barzilai,
  cntk,
  compile,
  conv,
  cross,
  crossSweep,
  dense,
  diagonal,
  gram,
  gramSweep,
  head,
  mlp,
  type Progress,
  profile,
  regress,
  type Samples,
  serial,
  type Tensor,
} from '../../lib/index.js';
import { refusal } from '../verbs/support.js';

function images(...shape: number[]): Tensor {
  const length = shape.reduce((product, n) => product * n, 1);
  return { data: Float64Array.from({ length }, (_, i) => ((i * Math.SQRT2) % 1) - 0.5), shape };
}

const traced = compile(barzilai({ depth: 3, alpha: 0.5, head: 'trace' }));
const pooled = compile(cntk({ depth: 3, head: 'pool' }));
const vectors = compile(mlp({ depth: 1 }));
const x = images(4, 5, 6, 2);

describe('shapes', () => {
  const cases: [what: string, x: unknown, code: 'ERR_SHAPE' | 'ERR_ARGUMENT', message: RegExp][] = [
    [
      'rows',
      images(4, 60),
      'ERR_SHAPE',
      /^x: expected images, \[n, length, channels\] or \[n, height, width, channels\], because this network begins with conv\(\), got \[4, 60\]; say how the 60 numbers of a row lie/,
    ],
    [
      'nested arrays',
      [
        [1, 2],
        [3, 4],
      ],
      'ERR_ARGUMENT',
      /^x: expected images as a tensor \{ data, shape: .*, because this network begins with conv\(\), got an array of 2; of nested arrays, data is Float64Array\.from\(images\.flat\(3\)\)$/,
    ],
    ['one axis', images(4), 'ERR_SHAPE', /got \[4\]$/],
    ['five axes', images(1, 2, 2, 2, 1), 'ERR_SHAPE', /got \[1, 2, 2, 2, 1\]$/],
    [
      'too few numbers',
      { data: new Float64Array(5), shape: [1, 2, 3, 1] },
      'ERR_SHAPE',
      /expected 1 × 6 = 6 numbers, got 5/,
    ],
    ['no channels', { data: new Float64Array(0), shape: [1, 2, 3, 0] }, 'ERR_SHAPE', /sizes of at least 1/],
    ['no tensor', 'x', 'ERR_ARGUMENT', /^x: expected images as a tensor/],
    [
      'other numbers',
      { data: new Int8Array(6), shape: [1, 2, 3, 1] },
      'ERR_ARGUMENT',
      /^x\.data: expected a Float64Array or Float32Array, got an? Int8Array; Float64Array\.from\(data\) makes one of it$/,
    ],
  ];
  test.each(cases)('%s', async (_what, value, code, message) => {
    expect((await refusal(() => gram(traced, value as Samples, 'ntk'), code)).message).toMatch(message);
    const family = { preset: 'barzilai', alpha: 0.5, head: 'trace' } as const;
    expect((await refusal(() => gramSweep(family, [1, 2], value as Samples, 'ntk'), code)).message).toMatch(message);
  });

  test('NaN with its place', async () => {
    const bad = images(2, 2, 2, 1);
    bad.data[5] = Number.NaN;
    const error = await refusal(() => gram(traced, bad, 'ntk'), 'ERR_NOT_FINITE');
    expect(error).toMatchObject({
      message: 'x: [image, row, column, channel] = [1, 0, 1, 0] is NaN; expected finite numbers',
      details: { row: 1, column: 1, index: [1, 0, 1, 0] },
    });
  });

  test('images for a network on vectors', async () => {
    const { message } = await refusal(() => gram(vectors, x, 'ntk'), 'ERR_SHAPE');
    expect(message).toBe(
      'x: expected vectors, [n, d], because this network begins with a dense layer, got [4, 5, 6, 2]; flatten the images ' +
        'to [4, 60], or begin the network with conv()',
    );
  });

  test('two sets of unequal size, in every verb that takes two', async () => {
    const message =
      /^z: expected images of 5 × 6 × 2 \(height × width × channels\), as in x, got 5 × 5 × 2; crop or resize/;
    const other = images(3, 5, 5, 2);
    expect((await refusal(() => cross(traced, x, other, 'ntk'), 'ERR_SHAPE')).message).toMatch(message);
    // The same numbers in another order are other images.
    expect((await refusal(() => cross(traced, x, images(4, 6, 5, 2), 'ntk'), 'ERR_SHAPE')).message).toMatch(
      /got 6 × 5 × 2/,
    );
    const family = { preset: 'cntk', head: 'trace' } as const;
    expect((await refusal(() => crossSweep(family, [1], x, other, 'ntk'), 'ERR_SHAPE')).message).toMatch(message);
    using model = await regress(traced, x, [1, 2, 3, 4], { ridge: 1e-3 });
    expect((await refusal(() => model.predict(other), 'ERR_SHAPE')).message).toMatch(message);
  });

  test('numbers that depend on the size of the images are refused with the layer', async () => {
    const small = compile(serial(conv(7, { inputScale: '1', padding: 'valid' }), head('trace'), dense()));
    const error = await refusal(() => gram(small, x, 'ntk'), 'ERR_SHAPE');
    expect(error.message).toMatch(
      /^layers\[0\] \(conv\): 'valid' filters of 7 × 7 pixels leave nothing of 5 × 6 pixels/,
    );
    expect(error.details).toMatchObject({ path: 'layers[0]', images: [5, 6] });
    const outside = { preset: 'cntk', head: 'pixel', at: [5, 0] } as const;
    expect((await refusal(() => gramSweep(outside, [1, 2], x, 'ntk'), 'ERR_SHAPE')).message).toMatch(
      /lies outside of 5 × 6/,
    );
  });

  test('a profile is over the angle of two vectors', async () => {
    const { message } = await refusal(() => profile(traced, [0, 1], 'ntk', { dimension: 2 }), 'ERR_ARGUMENT');
    expect(message).toMatch(/^a profile is over the angle between two vectors, but this network takes images; take /);
  });
});

describe('verbs', () => {
  test('all of them agree on images', async () => {
    const { values } = await gram(pooled, x, 'ntk');
    const crossed = await cross(pooled, x, x, 'ntk');
    const own = await diagonal(pooled, x, 'ntk');
    for (let i = 0; i < 4; i++) expect(own.values[i]).toBeCloseTo(values[5 * i] as number, 13);
    for (const [i, value] of values.entries()) expect(crossed.data[i]).toBeCloseTo(value, 13);
    using model = await regress(pooled, x, [1, -1, 2, 0], { which: 'ntk' });
    const { mean, std } = await model.predict(x, { std: true });
    for (const [i, y] of [1, -1, 2, 0].entries()) expect(mean.data[i]).toBeCloseTo(y, 6);
    for (const deviation of std) expect(deviation).toBeLessThan(1e-4);
  });

  test('progress ends at its total; abort is at once, and the thread is free soon', async () => {
    const seen: Progress[] = [];
    await gram(pooled, images(30, 6, 6, 1), 'ntk', { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ phase: 'gram' });
    expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total);

    const controller = new AbortController();
    const deep = compile(cntk({ depth: 50, head: 'pool' }));
    const running = gram(deep, images(100, 20, 20, 1), 'ntk', { signal: controller.signal }).then(
      () => 'resolved',
      (reason: unknown) => reason,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await running).toBe(reason);
    // At once, beside work of minutes; a busy machine may add some tenths of a second.
    expect(performance.now() - start).toBeLessThan(500);
    await gram(vectors, [[1, 2]], 'ntk');
    expect(performance.now() - start).toBeLessThan(6000);
  });
});

describe('plans', () => {
  test('pooled kernels of ten thousand images are refused with their hours; maxHours raises the limit', async () => {
    const many = { data: new Float32Array(10_000 * 784), shape: [10_000, 28, 28, 1] };
    const error = await refusal(() => gram(pooled, many, 'ntk', { threads: 2 }), 'ERR_ARGUMENT');
    expect(error.message).toMatch(
      /^10000 × 10000 pairs of images of 28 × 28 pixels: about \d+ hours on 2 threads, more than the 24 allowed; use head\('trace'\) in place of head\('pool'\).* or allow more \(maxHours\)$/,
    );
    const { hours, maxHours } = error.details as { hours: number; maxHours: number };
    expect(maxHours).toBe(24);
    expect(hours).toBeGreaterThan(24);
    expect(hours).toBeLessThan(1000);
    const few = images(2, 6, 6, 1);
    expect((await refusal(() => gram(pooled, few, 'ntk', { maxHours: 1e-12 }), 'ERR_ARGUMENT')).message).toMatch(
      /allow more \(maxHours\)$/,
    );
    expect((await gram(pooled, few, 'ntk', { maxHours: 1 })).size).toBe(2);
    expect((await refusal(() => gram(pooled, few, 'ntk', { maxHours: 0 }), 'ERR_ARGUMENT')).message).toBe(
      'maxHours: expected a number of hours above 0, got 0',
    );
  });

  test('what does not fit in memory is refused with bytes needed and available', async () => {
    const rows = 2 ** 20;
    const many = { data: new Float32Array(rows), shape: [rows, 1, 1, 1] };
    const error = await refusal(() => gram(traced, many, 'ntk'), 'ERR_OUT_OF_MEMORY');
    expect(error.message).toMatch(/^a Gram matrix of 1048576 × 1048576 float64 numbers: needs \d+ MiB, but only/);
    expect(error.details).toMatchObject({ needed: expect.any(Number), available: expect.any(Number) });
    expect((error.details as { needed: number }).needed).toBeGreaterThan(8 * rows * rows);
  });
});
