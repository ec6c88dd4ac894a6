/** A φ without a closed form takes its time: it is announced, can be stopped, and is refused where it would be hours. */

import { expect, test } from 'vitest';
import type { Progress } from '../../lib/jobs.js';
import { compile, gram } from '../../lib/kernel.js';
import { tabulate } from '../../lib/tabulate.js';
import { refusal } from '../verbs/support.js';

/** Rows of unequal length. */
const rows = (count: number, columns: number): number[][] =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: columns }, (_, k) => (1 + i / count) * Math.sin(1 + 3 * i + 7 * k)),
  );

const shiftedElu = tabulate((u) => (u < 1 ? Math.expm1(u - 1) : u - 1), { kinks: [1] }).layer;
const hardTanh = tabulate((u) => Math.max(-1, Math.min(1, u)), { kinks: [-1, 1] }).layer;

test('curved pieces, a kink away from 0 and unequal lengths: refused with the hours, and what helps', async () => {
  using kernel = compile({ preset: 'mlp', depth: 2, activation: shiftedElu });
  const error = await refusal(() => gram(kernel, rows(40, 3), 'ntk', { threads: 1, maxHours: 1e-6 }), 'ERR_ARGUMENT');
  expect(error.message).toMatch(
    /^800 pairs at 2 layers of tabulated, whose kinks inputs of different length see at different places, take about \S+ hours on 1 threads, more than the 1e-06 allowed; use inputs of one length, pieces of degree 3 or less, fewer rows, or allow more \(maxHours\)$/,
  );
  expect(error.details).toMatchObject({ maxHours: 1e-6, pairs: 800 });
  expect((error.details as { hours: number }).hours).toBeGreaterThan(1e-6);
});

test('splines of degree 3 or less are never that slow', async () => {
  using kernel = compile({ preset: 'mlp', depth: 2, activation: hardTanh });
  const start = process.cpuUsage();
  expect((await gram(kernel, rows(100, 3), 'ntk', { maxHours: 1 / 60 })).size).toBe(100);
  const { user } = process.cpuUsage(start);
  // 10,000 pair steps of a few microseconds; integrals over the plane would be 40 seconds.
  expect(user / 1e6).toBeLessThan(4);
});

test('pairs that are integrated one by one are counted, and an abort stops between two of them', async () => {
  using kernel = compile({ preset: 'mlp', depth: 1, activation: shiftedElu });
  const seen: Progress[] = [];
  const stop = new AbortController();
  const reason = new Error('enough');
  const job = gram(kernel, rows(60, 3), 'nngp', {
    signal: stop.signal,
    onProgress: (progress) => {
      seen.push(progress);
      if (progress.done > 60) stop.abort(reason);
    },
  });
  await expect(job).rejects.toBe(reason);
  const last = seen.at(-1) as Progress;
  expect(last.total).toBeGreaterThanOrEqual(1800);
  expect(last.done).toBeLessThan(last.total);
});

test('tables are announced while they are made', async () => {
  using kernel = compile({ preset: 'mlp', depth: 1, activation: 'softplus' });
  const seen: Progress[] = [];
  // A table of many variances.
  const x = rows(40, 3).map((row, i) => row.map((value) => value * (1 + i / 40)));
  await gram(kernel, x, 'nngp', { threads: 1, onProgress: (progress) => seen.push(progress) });
  expect(seen[0]?.total).toBeGreaterThan(60);
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total);
});
