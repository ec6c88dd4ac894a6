import { describe, expect, test } from 'vitest';
import { lower } from '../../lib/lower.js';
import { network } from '../../lib/presets.js';
import { type KernelCase, neuralTangentsCases, referenceKernelCases } from '../golden/cases.js';
import { evaluate } from '../oracles/recursion.js';

// The naive recursion takes acos of a correlation, which costs half the digits where ρ is 1 but for rounding.
const generic = new Set(['generic', 'orthogonal', 'nonunit', 'opposite', 'zero_x', 'both_zero']);
const lossy = 1e-7;
const sharp = (depth: number) => 1e-13 * Math.sqrt(depth);

/** The largest deviation of a case, relative to √(k(x,x) k(z,z)). */
function deviation({ network: spec, x, z, expected }: KernelCase): number {
  const program = lower(network(spec));
  const rows = z ?? x;
  const kernel = (a: readonly number[], b: readonly number[]) => {
    const [only] = evaluate(program, a, b);
    if (only === undefined) throw new Error('nothing was emitted');
    return only;
  };
  let worst = 0;
  for (const [i, a] of x.entries()) {
    for (const [j, b] of rows.entries()) {
      for (const which of ['nngp', 'ntk'] as const) {
        const size = Math.sqrt(kernel(a, a)[which] * kernel(b, b)[which]);
        const difference = Math.abs(kernel(a, b)[which] - (expected[which][i]?.[j] as number));
        worst = Math.max(worst, difference === 0 ? 0 : difference / size);
      }
    }
  }
  return worst;
}

describe('presets mean the kernels of the papers (30-digit values)', () => {
  const cases = [...referenceKernelCases()];
  const families = new Set(cases.map(({ family }) => family));
  test('all families are there', () => {
    expect([...families].sort()).toEqual([
      'mlp',
      'mlp_huang_ffnet',
      'mlp_tirer',
      'res1_li',
      'res2',
      'res2_huang_belfer',
      'res2_tirer',
    ]);
    expect(cases.length).toBe(489);
  });
  for (const family of families) {
    test(`${family}: to 1e-13 √L of √(k(x,x) k(z,z)) at generic pairs, 7 digits at nearly parallel ones`, () => {
      for (const one of cases.filter((candidate) => candidate.family === family)) {
        expect(deviation(one), one.name).toBeLessThan(generic.has(one.row.pair) ? sharp(one.depth) : lossy);
      }
    });
  }
});

describe('layers mean the kernels of neural-tangents', () => {
  const cases = [...neuralTangentsCases()];
  test('the cases are there', () => {
    expect(cases.filter(({ family }) => family === 'mlp').length).toBeGreaterThan(45);
    expect(cases.filter(({ family }) => family === 'resnet').length).toBeGreaterThan(55);
  });
  for (const one of cases) {
    test(one.name, () => {
      // Gram matrices of E hold nearly equal points; without exact values the other program's own digits decide.
      expect(deviation(one)).toBeLessThan(one.exact && !one.name.endsWith('of E') ? sharp(one.depth) : lossy);
    });
  }
});
