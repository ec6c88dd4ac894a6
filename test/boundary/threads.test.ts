/** As many threads as the options allow, on however few CPUs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile, gram } from '../../lib/kernel.js';
import { bytesOfRidgePaths } from '../../lib/ridge-batch.js';
import { spectrum } from '../../lib/spectrum.js';
import { node, program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

const folder = mkdtempSync(join(tmpdir(), 'resgram-threads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('1024 threads fit hundreds of problems side by side without more calls to BLAS at once than it has room for', async () => {
  const { code, signal, out, err } = await program(`
    import { ridgePaths } from './build-ts/ridge-batch.js';
    const n = 150;
    const x = { data: Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i * i)), shape: [n, 3] };
    const gram = await resgram.gram(resgram.compile({ preset: 'mlp', depth: 2 }), x, 'ntk');
    const y = Float64Array.from({ length: n }, (_, i) => Math.cos(i));
    const problems = Array(600).fill({ gram, y, ridges: [1e-3, 1] });
    const [first, second] = [
      await ridgePaths(problems, { threads: 1024 }),
      await ridgePaths(problems.slice(0, 1), { threads: 1 }),
    ];
    const same = first.every(({ eigenvalues }) => eigenvalues.every((v, i) => v === second[0].eigenvalues[i]));
    console.log(first.length, same);
  `);
  expect({ code, signal, err, out: out.trim() }).toEqual({ code: 0, signal: null, err: '', out: '600 true' });
});

test('1024 threads take no scratch memory that their number of CPUs cannot use, and give the same bytes', async () => {
  const { code, signal, out, err } = await program(`
    import { readFileSync } from 'node:fs';
    const n = 2000;
    const x = { data: Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i * i)), shape: [n, 3] };
    const kernel = resgram.compile({ preset: 'huang', depth: 3, alpha: 0.5 });
    const one = await resgram.gram(kernel, x, 'ntk', { threads: 1 });
    const many = await resgram.gram(kernel, x, 'ntk', { threads: 1024 });
    const same = Buffer.from(one.values.buffer).equals(Buffer.from(many.values.buffer));
    let threads = 0;
    try {
      threads = Number(/^Threads:\\s*(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    } catch {}
    console.log(JSON.stringify({ same, few: threads < 100 + 5 * resgram.info().cpus }));
  `);
  expect({ code, signal, err, out: out.trim() }).toEqual({
    code: 0,
    signal: null,
    err: '',
    out: '{"same":true,"few":true}',
  });
});

test('compare --threads 1024 ends as with one thread', async () => {
  const table = join(folder, 'table.csv');
  const rows = Array.from(
    { length: 200 },
    (_, i) => `${Math.sin(i)},${Math.cos(3 * i)},${Math.sin(i) + 0.1 * (i % 7)}`,
  );
  writeFileSync(table, ['a,b,target', ...rows].join('\n'));
  const out = join(folder, 'report');
  const args = [
    'dist/cli/main.js',
    'compare',
    table,
    '--target',
    'target',
    '--depths',
    '1,2,3',
    '--splits',
    '100',
    '--networks',
    'mlp',
  ];
  const { code, signal, err } = await node([...args, '--threads', '1024', '--quiet', '--out', out]);
  expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
});

test('a plan counts the matrices of the threads that run, not of those that were asked for', () => {
  const small = bytesOfRidgePaths([100], 1);
  expect(small).toBe(8 * 4 * 100 ** 2);
  expect(bytesOfRidgePaths([100], 1024)).toBe(small);
  expect(bytesOfRidgePaths(Array(1000).fill(100), 1024)).toBeGreaterThan(8 * 1000 * 100 ** 2);
});

test('between numbers of threads kernel matrices agree to the last bit and spectra to rounding', async () => {
  const n = 600; // BLAS uses its threads from 512 rows on
  const x = { data: Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i * i)), shape: [n, 3] };
  const kernel = compile({ preset: 'mlp', depth: 2 });
  const [one, two] = [await gram(kernel, x, 'ntk', { threads: 1 }), await gram(kernel, x, 'ntk', { threads: 2 })];
  expect(Buffer.from(one.values.buffer).equals(Buffer.from(two.values.buffer))).toBe(true);
  const alone = await spectrum(one, { threads: 1 });
  const again = await spectrum(one, { threads: 1 });
  const shared = await spectrum(one, { threads: 2 });
  expect(again).toEqual(alone);
  // Weyl: either set of eigenvalues is that of a matrix within LAPACK's backward error, n·eps·‖K‖, of this one.
  const allowed = 2 * n * Number.EPSILON * (alone.values[0] as number);
  alone.values.forEach((value, i) => {
    expect(Math.abs(value - (shared.values[i] as number))).toBeLessThan(allowed);
  });
});
