/** What ends a process or an environment while the addon works; each in a process of its own. */

import { beforeAll, describe, expect, test } from 'vitest';
import { node, program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

const at = (name: string) => `test/boundary/programs/${name}.mjs`;

test('worker_threads are terminated while jobs run, wait and copy: soon, and nothing crashes', async () => {
  const { code, signal, out, err } = await node([at('terminate')], 120_000);
  expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
  const { times, size } = JSON.parse(out) as { times: Record<string, number>; size: number };
  expect(size).toBe(1);
  // The jobs themselves would take minutes.
  for (const [situation, time] of Object.entries(times)) expect(time, situation).toBeLessThan(5000);
}, 150_000);

describe('leaving while a job runs', () => {
  test.each([
    ['exit', 3],
    ['worker', 3],
    ['throw', 1],
  ])('by %s: with that code, and soon', async (how, expected) => {
    const { code, signal, out, milliseconds } = await node([at('exit'), how]);
    expect({ code, signal, out }).toEqual({ code: expected, signal: null, out: 'leaving\n' });
    expect(milliseconds).toBeLessThan(15_000);
  });

  test('by a signal', async () => {
    const { signal } = await program(`
      const kernel = resgram.compile(resgram.huang({ depth: 100_000, alpha: 0.01 }));
      resgram.gram(kernel, { data: new Float64Array(3000).fill(0.5), shape: [1000, 3] }, 'ntk');
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 100);
    `);
    expect(signal).toBe('SIGTERM');
  });
});

test('eight worker_threads at once get the bytes of the main thread', async () => {
  const { code, out, err } = await node([at('many')], 120_000);
  expect({ code, out, err }).toEqual({ code: 0, out: 'true\n', err: '' });
}, 150_000);

test('a job keeps the process alive, its timers do not', async () => {
  const { code, out } = await program(`
    const kernel = resgram.compile(resgram.mlp({ depth: 1 }));
    resgram.gram(kernel, [[1, 2]], 'ntk', { onProgress: () => {} }).then(({ size }) => console.log(size));
  `);
  expect({ code, out }).toEqual({ code: 0, out: '1\n' });
});

test('memory that was used once is used again', async () => {
  // One arena, and matrices straight from the system: what is freed is gone, and what is not shows.
  const env = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536' };
  const { code, out, err } = await node(['--expose-gc', at('leak')], 120_000, env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  // A round makes and drops some ten matrices of 80 kB; half of one may get lost to noise.
  expect((JSON.parse(out) as { perRound: number }).perRound).toBeLessThan(40_000);
}, 150_000);

// Only Linux limits the address space of a process on request.
test.runIf(process.platform === 'linux')('memory that the system refuses is an error with a code', async () => {
  const text = `
    import { spawnSync } from 'node:child_process';
    const { code, message } = await resgram
      .gram(resgram.compile(resgram.mlp({ depth: 1 })), { data: new Float64Array(20_000), shape: [20_000, 1] }, 'ntk')
      .then(({ size }) => ({ code: 'ok', message: String(size) }), (error) => error);
    console.log(code, message);
  `;
  // 3 GiB of Gram matrix in 2.5 GiB of address space: the planner may think there is enough, the system says no.
  const whole = `import * as resgram from './dist/index.js';\n${text}`;
  const { out, code } = await limited(whole, 2_500_000);
  expect(code).toBe(0);
  expect(out).toMatch(/^ERR_OUT_OF_MEMORY /);
});

/** Node with its address space limited to `kibibytes`. */
async function limited(text: string, kibibytes: number) {
  return node(
    [
      '--input-type=module',
      '--eval',
      `import { spawnSync } from 'node:child_process';
       const command = 'ulimit -v ${kibibytes}; exec "$0" "$@"';
       const { status, stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, '--input-type=module', '--eval', ${JSON.stringify(text)}]);
       process.stdout.write(stdout); process.stderr.write(stderr); process.exitCode = status;`,
    ],
    60_000,
  );
}
