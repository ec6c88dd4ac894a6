/** What a Gram matrix is seen to take beside the matrix itself and a copy of its input. */
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

interface Taken {
  readonly what: string;
  readonly matrix: number;
  readonly input: number;
  readonly peak: number;
}

// Packed as a whole, the rows alone would take 80 MB.
test.skipIf(!existsSync('/proc/self/clear_refs'))('a Gram job takes matrix, input and less than 64 MiB', async () => {
  const { err, out } = await program(
    `
    import { readFileSync, writeFileSync } from 'node:fs';
    const bytes = (name) =>
      1024 * Number(new RegExp('^' + name + ':\\\\s*(\\\\d+)', 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const points = (n, d) => ({ data: Float64Array.from({ length: n * d }, (_, k) => Math.sin(k * k)), shape: [n, d] });
    const small = points(500, 40);
    const large = points(2500, 4000);
    const relu = resgram.compile(resgram.mlp({ depth: 3 }));
    const gelu = resgram.compile(resgram.mlp({ depth: 2, activation: 'gelu', bias: { init: 'normal', var: 0.1, trainable: true } }));
    const taken = [];
    for (const [what, kernel] of [['tabulated', relu], ['in steps', gelu]]) {
      for (const precision of ['float64', 'float32']) {
        await resgram.gram(kernel, small, 'ntk', { precision });
        await new Promise((resolve) => setTimeout(resolve, 200));
        writeFileSync('/proc/self/clear_refs', '5');
        const before = bytes('VmRSS');
        const { values } = await resgram.gram(kernel, large, 'ntk', { precision });
        const peak = bytes('VmHWM') - before;
        taken.push({ what: what + ', ' + precision, matrix: values.byteLength, input: large.data.byteLength, peak });
      }
    }
    console.log(JSON.stringify(taken));
  `,
    120_000,
    { MALLOC_MMAP_THRESHOLD_: '65536', RESGRAM_THREADS: '2' },
  );
  expect(err).toBe('');
  const all = JSON.parse(out) as Taken[];
  expect(all).toHaveLength(4);
  for (const { what, matrix, input, peak } of all) {
    expect(peak, what).toBeGreaterThan(matrix);
    expect(peak, what).toBeLessThanOrEqual(matrix + input + 64 * 2 ** 20);
  }
});
