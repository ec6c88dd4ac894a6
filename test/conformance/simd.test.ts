// The instruction sets compute the same kernels, and RESGRAM_SIMD chooses among them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import { lower } from '../../lib/lower.js';
import { library } from '../../lib/native.js';
import { type Network, network } from '../../lib/presets.js';

const bias = { var: 0.1, init: 'normal', trainable: true } as const;
const networks: Network[] = [
  { preset: 'mlp', depth: 5 },
  { preset: 'mlp', depth: 50, bias },
  { preset: 'huang', depth: 20, alpha: 0.5 },
  { preset: 'tirer', depth: 5, alpha: 1 },
  { preset: 'mlp', depth: 4, activation: 'erf', bias },
  { preset: 'mlp', depth: 4, activation: 'gelu', weightVar: 2 },
];
const rows = 75;
const columns = 11;

/** Points with near neighbours, near opposites and a zero row among them. */
function points(): number[] {
  const random = createRandom(5);
  const data = Array.from({ length: rows * columns }, () => 2 * random.uniform() - 1);
  for (let i = 1; i < rows; i += 4) {
    const sign = i % 8 === 1 ? 1 : -1;
    for (let k = 0; k < columns; k++) {
      data[i * columns + k] = sign * (data[(i - 1) * columns + k] as number) + 1e-7 * random.uniform();
    }
  }
  data.fill(0, 6 * columns, 7 * columns);
  return data;
}

interface Answer {
  readonly simd: string;
  /** Coefficients, bias, objective, violation and iterations of a support vector machine. */
  readonly machine: readonly number[];
  readonly kernels: readonly { readonly nngp: readonly number[]; readonly ntk: readonly number[] }[];
}

function run(simd: string | undefined): Answer {
  const { RESGRAM_SIMD: _, ...env } = process.env;
  const data = points();
  const cases = networks.map((spec) => ({ steps: lower(network(spec)).steps, rows, columns, data }));
  const child = spawnSync(process.execPath, [fileURLToPath(new URL('simd-child.mjs', import.meta.url))], {
    env: simd === undefined ? env : { ...env, RESGRAM_SIMD: simd },
    input: JSON.stringify({ binary: library().path, cases }),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(child.status, child.stderr).toBe(0);
  return JSON.parse(child.stdout) as Answer;
}

describe('instruction sets', () => {
  const order = ['baseline', 'avx2', 'avx512'];
  const best = run(undefined);

  test('RESGRAM_SIMD takes the widest set that is allowed and there', () => {
    if (best.simd === 'neon') {
      expect(run('baseline').simd).toBe('neon');
      return;
    }
    for (const [i, simd] of order.entries()) {
      expect(run(simd).simd).toBe(order[Math.min(i, order.indexOf(best.simd))]);
    }
  });

  test('all take the same steps to a support vector machine, to the last bit', () => {
    const iterations = best.machine.at(-1) as number;
    expect(iterations).toBeGreaterThan(64);
    for (const simd of order.slice(0, 2)) expect(run(simd).machine).toEqual(best.machine);
  });

  test('all agree to 1e-13 of √(k(x,x) k(z,z))', () => {
    for (const simd of order.slice(0, 2)) {
      const other = run(simd);
      for (const [c, want] of best.kernels.entries()) {
        for (const which of ['nngp', 'ntk'] as const) {
          const a = want[which];
          const b = other.kernels[c]?.[which] as readonly number[];
          let worst = 0;
          for (let i = 0; i < rows; i++) {
            for (let j = 0; j < rows; j++) {
              const size = Math.sqrt((a[i * rows + i] as number) * (a[j * rows + j] as number));
              const error = Math.abs((a[i * rows + j] as number) - (b[i * rows + j] as number));
              if (!(error <= worst * size)) worst = error / size;
            }
          }
          expect(worst, `${simd}, ${JSON.stringify(networks[c])}, ${which}`).toBeLessThan(1e-13);
        }
      }
    }
  });
});
