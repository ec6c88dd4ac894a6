/** What empirical kernels are seen to take beside their results: no more than maxBytes and what any job takes. */
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

interface Taken {
  readonly maxBytes: number;
  readonly results: number;
  readonly signals: number;
  readonly peak: number;
}

// Gradients of all samples would take 880 MB, their signals 19 MB.
test.skipIf(!existsSync('/proc/self/clear_refs'))(
  'an empirical NTK takes its results, maxBytes and little more',
  async () => {
    const { err, out } = await program(
      `
    import { readFileSync, writeFileSync } from 'node:fs';
    const bytes = (name) =>
      1024 * Number(new RegExp('^' + name + ':\\\\s*(\\\\d+)', 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    const x = { data: Float64Array.from({ length: 400 * 10 }, (_, k) => Math.sin(k * k)), shape: [400, 10] };
    const network = await resgram.sample(resgram.mlp({ depth: 4, activation: 'erf' }), { width: 300, shape: 10 });
    const sweepBytes = 8 * (10 + 20 * 300 + 2);
    await resgram.empirical(network, { data: x.data.subarray(0, 500), shape: [50, 10] }, 'ntk', { maxBytes: 1.5e6 });
    const taken = [];
    for (const maxBytes of [3 * 2 ** 20, 8 * 2 ** 20]) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      globalThis.gc();
      writeFileSync('/proc/self/clear_refs', '5');
      const before = bytes('VmRSS');
      const { values } = await resgram.empirical(network, x, 'ntk', { maxBytes });
      taken.push({ maxBytes, results: values.byteLength, signals: 400 * sweepBytes, peak: bytes('VmHWM') - before });
    }
    console.log(JSON.stringify(taken));
  `,
      120_000,
      { MALLOC_MMAP_THRESHOLD_: '65536', RESGRAM_THREADS: '2', NODE_OPTIONS: '--expose-gc' },
    );
    expect(err).toBe('');
    const all = JSON.parse(out) as Taken[];
    expect(all).toHaveLength(2);
    for (const { maxBytes, results, signals, peak } of all) {
      // Large pages round arrays up, and BLAS packs its operands: 8 MiB.
      expect(peak, String(maxBytes)).toBeLessThan(results + maxBytes + 8 * 2 ** 20);
      expect(results + maxBytes + 8 * 2 ** 20).toBeLessThan(results + signals);
    }
  },
);
