import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import { compile, gram } from '../../lib/kernel.js';
import { ridgePath } from '../../lib/loo.js';
import { ridgePaths } from '../../lib/ridge-batch.js';

const random = createRandom(11);
const n = 60;
const x = { data: Float64Array.from({ length: 4 * n }, () => 2 * random.uniform() - 1), shape: [n, 4] };
const matrix = await gram(compile({ preset: 'mlp', depth: 2 }), x, 'ntk');
const y = { data: Float64Array.from({ length: 2 * n }, () => random.uniform()), shape: [n, 2] };
const rows = random.shuffle(Array.from({ length: n }, (_, i) => i)).slice(0, 45);
const part = { data: y.data.slice(0, 90), shape: [45, 2] };
const ridges = [1e-6, 0.1, 10];

const problems = [
  { gram: matrix, y, ridges, check: true },
  { gram: matrix, rows, y: part, ridges: [0.5] },
  { gram: matrix, rows: rows.slice(0, 7), y: y.data.slice(0, 7), ridges },
];

describe('a batch of ridge paths', () => {
  test('gives the bytes of each path on one thread, for any number of threads', async () => {
    for (const threads of [1, 2, 5]) {
      const batch = await ridgePaths(problems, { threads });
      for (const [i, { gram: of, y: targets, ridges: tried, ...rest }] of problems.entries()) {
        const { check: _, ...options } = { check: false, ...rest };
        const single = await ridgePath(of, targets, tried, { ...options, coefficients: true, threads: 1 });
        const { residual, ...same } = batch[i] as (typeof batch)[number];
        const { residual: expected, ...wanted } = single;
        expect(same).toEqual(wanted);
        if (i === 0) expect(residual).toBe(expected);
        else expect(residual).toBeNaN();
      }
    }
  });

  test('leaves the Gram matrix as it was', async () => {
    const before = Float64Array.from(matrix.values);
    await ridgePaths(problems);
    expect(matrix.values).toEqual(before);
  });

  test('an empty batch has no results', async () => {
    expect(await ridgePaths([])).toEqual([]);
  });

  test('can be aborted', async () => {
    const controller = new AbortController();
    const running = ridgePaths(Array(50).fill(problems[0]), { signal: controller.signal, threads: 1 });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  test('refuses what a single path refuses', async () => {
    await expect(ridgePaths([{ gram: matrix, y: [1, 2], ridges }])).rejects.toThrow(`y: expected ${n} rows`);
    await expect(ridgePaths([{ gram: matrix, y, ridges: [-1] }])).rejects.toThrow(
      'ridges[0]: expected a finite number',
    );
    await expect(ridgePaths([{ gram: matrix, y, ridges, rows: [0, 0] }])).rejects.toThrow('expected every index once');
  });
});
