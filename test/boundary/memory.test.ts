/** What a decomposition is planned to take, against what the process is seen to take. */
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

interface Taken {
  readonly top: number;
  readonly vectors: boolean;
  readonly plan: number;
  readonly peak: number;
}

// The kernel of the system keeps the highest resident size, and forgets it on demand.
test.skipIf(!existsSync('/proc/self/clear_refs'))('plans cover what decompositions take', async () => {
  const { err, out } = await program(
    `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { bytesOfDecomposition } from './dist/spectrum.js';
    const bytes = (name) =>
      1024 * Number(new RegExp('^' + name + ':\\\\s*(\\\\d+)', 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]);
    // A flat spectrum, for which the Krylov iteration gives up, and distinct in every direction.
    const matrix = (n) => {
      const values = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
        values[i * n + j] = (i === j ? 20 + i / n : 0) + Math.sin((i + 1) * (j + 1)) / Math.sqrt(n);
      }
      return { kernel: 'ntk', size: n, values, logScale: 0 };
    };
    const small = matrix(600);
    const large = matrix(1200);
    for (const options of [{}, { vectors: true }, { top: 3 }]) await resgram.spectrum(small, options);
    const taken = [];
    for (const [top, vectors] of [[1200, true], [400, true], [1200, false], [10, false]]) {
      // Large matrices go back to the system on another thread.
      await new Promise((resolve) => setTimeout(resolve, 200));
      writeFileSync('/proc/self/clear_refs', '5');
      const before = bytes('VmRSS');
      await resgram.spectrum(large, { top, vectors });
      const peak = bytes('VmHWM') - before;
      taken.push({ top, vectors, plan: bytesOfDecomposition(1200, top, vectors), peak });
    }
    console.log(JSON.stringify(taken));
  `,
    120_000,
    // Every matrix a mapping of its own, which goes back to the system when it is freed.
    { MALLOC_MMAP_THRESHOLD_: '65536', RESGRAM_THREADS: '1' },
  );
  expect(err).toBe('');
  // Stacks, code that is touched for the first time, and garbage that is not collected yet.
  const slack = 8 * 2 ** 20;
  for (const one of JSON.parse(out) as Taken[]) {
    expect(one, JSON.stringify(one)).toSatisfy(({ peak, plan }: Taken) => peak <= plan + slack);
    // At least the copy and one matrix to work on, or nothing was measured.
    expect(one.peak, JSON.stringify(one)).toBeGreaterThan(2 * 8 * 1200 ** 2 - slack);
  }
});
