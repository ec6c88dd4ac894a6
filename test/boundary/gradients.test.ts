/** Gradients that take long: refused with the hours, watched, and stopped. */

import { describe, expect, test } from 'vitest';
import {
  activation,
  compile,
  conv,
  dense,
  type GradientOptions,
  gradient,
  gram,
  head,
  hessian,
  mlp,
  type Progress,
  serial,
  sync,
} from '../../lib/index.js';
import { points, refusal } from '../verbs/support.js';

const pooled = (phi: string, layers = 1) => {
  const hidden = Array.from({ length: layers }, (_, k) => [
    conv(3, { padding: 'circular', ...(k === 0 && { inputScale: '1' }) }),
    activation(phi as 'relu'),
  ]).flat();
  return compile(serial(...hidden, head('pool'), dense()));
};
const images = (count: number, size: number) => ({
  data: Float64Array.from({ length: count * size * size }, (_, k) => Math.sin(1.7 * k) + 0.3 * Math.cos(5 * k)),
  shape: [count, size, size, 1],
});

describe('maxHours', () => {
  const hours = (error: { details: object }) => error.details as { hours: number; maxHours: number };

  test('of closed forms, on images and on vectors: refused by counts, before anything runs', async () => {
    using kernel = pooled('relu', 2);
    const x = images(40, 32);
    const long = await refusal(() => gradient(kernel, x, x, 'ntk', { threads: 2, maxHours: 0.01 }), 'ERR_ARGUMENT');
    expect(long.message).toMatch(
      /^gradients of 40 × 40 pairs of images of 32 × 32 pixels: about \S+ hours on 2 threads, more than the 0.01 allowed; use fewer or smaller images, or allow more \(maxHours\)$/,
    );
    expect(hours(long).hours).toBeGreaterThan(1);
    using deep = compile(mlp({ depth: 10_000, activation: 'erf' }));
    const rows = points(2000, 1);
    for (const verb of [gradient, hessian]) {
      const error = await refusal(() => verb(deep, rows, rows, 'nngp', { threads: 2, maxHours: 0.5 }), 'ERR_ARGUMENT');
      expect(error.message).toMatch(
        /^(gradients|Hessians) of 2000 × 2000 pairs: about \S+ hours on 2 threads, more than the 0.5 allowed; use fewer rows or a shallower network, or allow more \(maxHours\)$/,
      );
    }
    // A day unless said otherwise.
    const all = images(400, 32);
    expect(hours(await refusal(() => gradient(kernel, all, all, 'ntk', { threads: 2 }), 'ERR_ARGUMENT')).maxHours).toBe(
      24,
    );
  });

  test('of what is integrated pair by pair: refused by the time that one of them takes', async () => {
    using kernel = pooled('tanh');
    const x = images(1, 32);
    const error = await refusal(() => gradient(kernel, x, x, 'ntk', { threads: 2, maxHours: 0.02 }), 'ERR_ARGUMENT');
    expect(error.message).toMatch(
      /^derivatives of 3.15e\+06 pairs of pixels at 1 layer of tanh, each of them an integral, take about \S+ hours on 1 thread, more than the 0.02 allowed; use fewer or smaller images, a trace head .* or allow more \(maxHours\)$/,
    );
    // A tenth of a millisecond to a hundred for each.
    expect(hours(error).hours).toBeGreaterThan(0.08);
    expect(hours(error).hours).toBeLessThan(90);
    using onVectors = compile(mlp({ depth: 2, activation: 'softplus' }));
    const rows = points(300, 3);
    const few = { maxHours: 5e-4 };
    for (const call of [
      () => gradient(onVectors, rows, rows, 'ntk', few),
      () => hessian(onVectors, rows, rows, 'ntk', few),
      () => sync.gradient(onVectors, rows, rows, 'ntk', few),
      () => sync.hessian(onVectors, rows, rows, 'ntk', few),
    ]) {
      const refused = await refusal(call, 'ERR_ARGUMENT');
      expect(refused.message).toMatch(
        /^derivatives of 1.8e\+05 pairs of rows at 2 layers of softplus, each of them an integral, .*; use fewer rows, or activations with closed forms \(relu, erf, gelu\), or allow more \(maxHours\)$/,
      );
    }
    const two = points(2, 3);
    expect((await gradient(onVectors, two, two, 'ntk', { maxHours: 0.1 })).shape).toEqual([2, 2, 3]);
  });

  test('is a number above 0', async () => {
    using kernel = pooled('relu');
    const x = images(1, 4);
    for (const maxHours of [0, -1, Number.NaN, '1'] as number[]) {
      const error = await refusal(() => gradient(kernel, x, x, 'ntk', { maxHours }), 'ERR_ARGUMENT');
      expect(error.message).toMatch(/^maxHours: expected a number of hours above 0, got/);
    }
    expect((await gradient(kernel, x, x, 'ntk', { maxHours: Infinity })).shape).toEqual([1, 1, 4, 4, 1]);
  });
});

// Each of them would take minutes, in one step.
for (const phi of ['tanh', 'softplus']) {
  test(`a pooled gradient through ${phi} moves, and ends when it is aborted`, async () => {
    using kernel = pooled(phi);
    using quick = compile(mlp({ depth: 1 }));
    const x = images(1, 32);
    const stop = new AbortController();
    const seen: Progress[] = [];
    const options: GradientOptions = { signal: stop.signal, threads: 1, onProgress: (progress) => seen.push(progress) };
    const running = gradient(kernel, x, x, 'ntk', options).then(
      () => 'done',
      (reason: unknown) => reason,
    );
    while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    const start = performance.now();
    stop.abort('enough');
    expect(await running).toBe('enough');
    // The next in line runs once the thread is free: some tens of milliseconds, more on a busy machine.
    await gram(quick, points(3, 2), 'ntk');
    expect(performance.now() - start).toBeLessThan(1000);
    for (const [i, { done, total }] of seen.entries()) {
      expect(done).toBeLessThanOrEqual(total);
      expect(done).toBeGreaterThan(seen[i - 1]?.done ?? -1);
    }
  });
}
