/** What dense algebra is planned to take, against what the process is seen to take. */
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { program, requireBuilt } from './support.js';

beforeAll(requireBuilt);

interface Taken {
  readonly what: string;
  readonly plan: number;
  readonly peaks: readonly number[];
}

// The kernel of the system keeps the highest resident size, and forgets it on demand.
test.skipIf(!existsSync('/proc/self/clear_refs'))(
  'plans cover what decompositions and solutions take',
  { timeout: 180_000 },
  async () => {
    const { err, out } = await program(
      `
    import { readFileSync, writeFileSync } from 'node:fs';
    import v8 from 'node:v8';
    import vm from 'node:vm';
    import { bytesOfExtremes } from './build-ts/extremes.js';
    import { bytesOfSolution } from './build-ts/solve.js';
    import { bytesOfDecomposition } from './build-ts/spectrum.js';
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
    const y = (n, columns) => ({ data: Float64Array.from({ length: n * columns }, (_, k) => Math.sin(k)), shape: [n, columns] });
    const jobs = [
      ...[[1200, true], [400, true], [1200, false], [10, false]].map(([top, vectors]) => [
        \`spectrum, top \${top}, \${vectors ? 'with' : 'without'} vectors\`,
        bytesOfDecomposition(1200, top, vectors),
        (gram) => resgram.spectrum(gram, { top: Math.min(top, gram.size), vectors }),
      ]),
      ['extremes', bytesOfExtremes(1200), (gram) => resgram.extremeEigenvalues(gram)],
      ['solve', bytesOfSolution(1200, 5), (gram) => resgram.solve(gram, y(gram.size, 5))],
      ['solve in float64', bytesOfSolution(1200, 200), (gram) => resgram.solve(gram, y(gram.size, 200), { precision: 'float64' })],
    ];
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc');
    const peakOf = async (run) => {
      // Nothing of what came before is freed while the job runs; large matrices go back to the system on another thread.
      collect();
      await new Promise((resolve) => setTimeout(resolve, 200));
      writeFileSync('/proc/self/clear_refs', '5');
      const before = bytes('VmRSS');
      await run(large);
      return bytes('VmHWM') - before;
    };
    const taken = [];
    for (const [what, plan, run] of jobs) {
      await run(small);
      // The collector and the compiler of JavaScript come and go; what a job takes it takes every time.
      taken.push({ what, plan, peaks: [await peakOf(run), await peakOf(run), await peakOf(run)] });
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
      expect(one, JSON.stringify(one)).toSatisfy(({ peaks, plan }: Taken) => Math.min(...peaks) <= plan + slack);
      // At least the copy, or nothing was measured.
      expect(Math.max(...one.peaks), JSON.stringify(one)).toBeGreaterThan(8 * 1200 ** 2 - slack);
    }
  },
);
