/** Abort, progress, the line in front of the addon, and who else gets to run meanwhile. */

import { getEventListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compile, gram, huang, mlp, type Progress, regress, ridgePath, spectrum } from '../../lib/index.js';
import { points, refusal } from '../verbs/support.js';

const quick = compile(mlp({ depth: 1 }));
/** Seconds of work for any number of points. */
const slow = compile(huang({ depth: 100_000, alpha: 0.01 }));
const x = points(200, 3);
const few = points(3, 2);

const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (reason: unknown) => reason,
  );

describe('abort', () => {
  test('before the call: the reason, and no work', async () => {
    const reason = new Error('changed my mind');
    expect(await settled(gram(slow, x, 'ntk', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await settled(gram(quick, few, 'ntk', { signal: AbortSignal.abort('a word') }))).toBe('a word');
    expect(await settled(gram(quick, few, 'ntk', { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
  });

  test('during the work: at once, and the thread is free soon', async () => {
    const controller = new AbortController();
    const running = settled(gram(slow, x, 'ntk', { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await running).toBe(reason);
    // At once, beside work of minutes; a busy machine may add some tenths of a second.
    expect(performance.now() - start).toBeLessThan(500);
    await gram(quick, few, 'ntk');
    expect(performance.now() - start).toBeLessThan(6000);
  });

  test('while waiting in line: at once, and the line goes on', async () => {
    const front = new AbortController();
    const first = settled(gram(slow, x, 'ntk', { signal: front.signal }));
    const controller = new AbortController();
    const second = settled(gram(slow, x, 'ntk', { signal: controller.signal }));
    const third = gram(quick, few, 'ntk');
    await turn();
    controller.abort();
    expect(await second).toMatchObject({ name: 'AbortError' });
    front.abort();
    expect(await first).toMatchObject({ name: 'AbortError' });
    expect((await third).size).toBe(3);
  });

  test('between the slices of a large copy', async () => {
    const controller = new AbortController();
    const large = { data: new Float64Array(3 * 2 ** 18), shape: [3, 2 ** 18] };
    const running = settled(gram(quick, large, 'ntk', { signal: controller.signal }));
    await turn();
    controller.abort();
    expect(await running).toMatchObject({ name: 'AbortError' });
  });

  test('in a later phase of a call of several', async () => {
    const controller = new AbortController();
    const running = settled(
      regress(quick, points(600, 3), points(600, 1, 5), {
        ridge: 'auto',
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'spectrum') controller.abort();
        },
      }),
    );
    expect(await running).toMatchObject({ name: 'AbortError' });
  });

  test('after the work: nothing happens', async () => {
    const controller = new AbortController();
    const { size } = await gram(quick, few, 'ntk', { signal: controller.signal });
    controller.abort();
    await turn();
    expect(size).toBe(3);
  });

  test('listeners are removed, however the call ends', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 30 }, (_, i) =>
      settled(gram(quick, i % 3 === 0 ? [[Number.NaN]] : few, 'ntk', { signal })),
    );
    calls.push(settled(gram(slow, x, 'ntk', { signal })));
    // However many calls share a signal: more than ten would set off Node's warning of a leak.
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(calls.slice(0, -1));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    await Promise.all(calls);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('the line', () => {
  test('jobs end in the order in which they were asked for', async () => {
    const order: number[] = [];
    await Promise.all(
      [60, 3, 30, 1].map(async (rows, i) => {
        await gram(quick, points(rows, 3), 'ntk');
        order.push(i);
      }),
    );
    expect(order).toEqual([0, 1, 2, 3]);
  });

  test('calls of several phases take turns with others', async () => {
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    await Promise.all([
      regress(quick, points(300, 3), points(300, 1, 5), { ridge: 'auto' }).then(note('five phases')),
      gram(quick, few, 'ntk').then(note('one phase')),
    ]);
    expect(order).toEqual(['one phase', 'five phases']);
  });

  test('a job that is refused or fails makes way', async () => {
    const matrix = await gram(quick, few, 'ntk');
    const failures = [
      regress(quick, [[1], [1]], [1, 2]),
      gram(
        quick,
        [
          [1, 2],
          [3, Number.NaN],
        ],
        'ntk',
      ),
      spectrum(matrix, { top: 9 }),
    ];
    const results = await Promise.allSettled(failures);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await gram(quick, few, 'ntk')).size).toBe(3);
  });

  test('others of libuv’s threads are not kept waiting by many jobs', async () => {
    const controller = new AbortController();
    const jobs = Array.from({ length: 8 }, () => settled(gram(slow, x, 'ntk', { signal: controller.signal })));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    await readFile(fileURLToPath(import.meta.url));
    const waited = performance.now() - start;
    controller.abort();
    await Promise.all(jobs);
    // With all jobs in libuv's queue this would take as long as half of them.
    expect(waited).toBeLessThan(500);
  });
});

describe('progress', () => {
  test('rises, phase by phase, and ends each complete', async () => {
    const seen: Progress[] = [];
    await regress(compile(huang({ depth: 2000, alpha: 0.1 })), points(150, 3), points(150, 1, 5), {
      ridge: 'auto',
      onProgress: (progress) => seen.push(progress),
    });
    const phases = [...new Set(seen.map(({ phase }) => phase))];
    expect(phases).toEqual(['gram', 'diagonal', 'spectrum', 'ridges', 'factor', 'solve']);
    for (const phase of phases) {
      const steps = seen.filter((one) => one.phase === phase);
      for (const [i, { done, total }] of steps.entries()) {
        expect(done).toBeGreaterThanOrEqual(steps[i - 1]?.done ?? 0);
        expect(done).toBeLessThanOrEqual(total);
      }
      expect(steps.at(-1)?.done).toBe(steps.at(-1)?.total);
    }
  });

  test('is reported at most ten times a second', async () => {
    const controller = new AbortController();
    const times: number[] = [];
    const running = settled(
      gram(compile(huang({ depth: 500, alpha: 0.01 })), points(2500, 3), 'ntk', {
        signal: controller.signal,
        // A table would be done before the second report.
        path: 'steps',
        onProgress: () => times.push(performance.now()),
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    controller.abort();
    await running;
    expect(times.length).toBeGreaterThan(2);
    expect(times.length).toBeLessThan(13);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('mine');
      },
    ],
  ])('a listener that %s fails the call, and nothing else', async (_how, onProgress) => {
    const error = await refusal(() => gram(quick, few, 'ntk', { onProgress }), 'ERR_ARGUMENT');
    expect(error.message).toBe('onProgress: threw Error: mine');
    expect(error.cause).toMatchObject({ message: 'mine' });
    expect((await gram(quick, few, 'ntk')).size).toBe(3);
  });
});

test('the event loop turns while the addon works', async () => {
  const matrix = await gram(quick, points(900, 5), 'ntk');
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const start = performance.now();
  await ridgePath(matrix, points(900, 1, 3), [0.1, 1]);
  const took = performance.now() - start;
  clearInterval(timer);
  // A tenth of what an idle loop would make of it: the machine may be busy. A blocked loop makes a handful.
  expect(turns).toBeGreaterThan(took / 10);
});
