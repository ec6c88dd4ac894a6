/**
 * The package, through its public verbs, against values that other programs computed with more digits or by another
 * way. Nothing here may be skipped.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import type { Layer } from '../../lib/layers.js';
import { activation, dense, serial } from '../../lib/layers.js';
import { network, type PresetSpec } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import {
  type KernelCase,
  type Matrix,
  neuralTangentsCases,
  referenceDuals,
  referenceKernelCases,
  referenceSlopes,
  type ZonalFamily,
} from '../golden/cases.js';
import { ledger } from './ledger.js';

const reference = ledger('reference.json');
const tangents = ledger('neural_tangents.json');

afterAll(() => {
  console.log(`${reference.line()}\n${tangents.line()}`);
});

const names = ['nngp', 'ntk'] as const;
type Name = (typeof names)[number];

interface Values {
  readonly kernel: (which: Name, i: number, j: number) => number;
  readonly size: (which: Name, i: number, j: number) => number;
}

/** The kernels of a case with √(k(x,x) k(z,z)) for scale. */
function run({ network: spec, x, z }: KernelCase): Values {
  using kernel = compile(spec);
  const left = sync.diagonal(kernel, x, names);
  const right = z === null ? left : sync.diagonal(kernel, z, names);
  const width = (z ?? x).length;
  const evaluated = (which: Name): ArrayLike<number> => {
    const result = z === null ? sync.gram(kernel, x, which) : sync.cross(kernel, x, z, which);
    if (result.logScale !== 0) throw new Error(`expected values as they are, got a scale of exp(${result.logScale})`);
    return 'data' in result ? result.data : result.values;
  };
  const values = { nngp: evaluated('nngp'), ntk: evaluated('ntk') };
  return {
    kernel: (which, i, j) => values[which][i * width + j] as number,
    size: (which, i, j) => Math.sqrt((left[which].values[i] as number) * (right[which].values[j] as number)),
  };
}

/** Every entry of a case: to `tolerance` of √(k(x,x) k(z,z)), and of the value itself where `digits(i, j)` says so. */
function judge(
  one: KernelCase,
  book: ReturnType<typeof ledger>,
  tolerance: number,
  digits: (i: number, j: number) => boolean,
): void {
  const { kernel, size } = run(one);
  const kind = one.exact ? '' : ', plain values';
  for (const which of names) {
    for (const [i, row] of one.expected[which].entries()) {
      for (const [j, want] of row.entries()) {
        const at = `${one.name}, ${which}[${i}, ${j}]`;
        const got = kernel(which, i, j);
        const scaled = book.note(`of √(k(x,x) k(z,z))${kind}`, got, want, size(which, i, j), at);
        expect(scaled, at).toBeLessThanOrEqual(tolerance);
        if (!digits(i, j)) continue;
        expect(book.note(`of the value${kind}`, got, want, Math.abs(want), at), at).toBeLessThanOrEqual(tolerance);
      }
    }
  }
}

function inner(x: readonly number[], z: readonly number[]): number {
  return x.reduce((sum, value, k) => sum + value * (z[k] as number), 0);
}

/**
 * Is every step of the recursion a sum of terms of one sign? With ρ ≥ 0, slopes ≥ 0 and no bias that is negative (there
 * is none) K, T, S and Ṡ are all ≥ 0 at every layer.
 */
function allTermsPositive(one: KernelCase): boolean {
  return !/abs|abrelu\(-/.test(one.name);
}

describe('reference.json: 30-digit values of plain recursions', () => {
  const cases = [...referenceKernelCases()];

  test('all rows are there', () => {
    expect(cases.length).toBe(489);
  });

  for (const family of new Set(cases.map((one) => one.family))) {
    test(`${family}: 1e-12 of √(k(x,x) k(z,z)), and of the value itself`, () => {
      for (const one of cases.filter((candidate) => candidate.family === family)) {
        // Without a bias and with ReLU the pairs of this file keep their digits at any angle: near opposite inputs κ₀
        // and κ₁ are small but no differences.
        const homogeneous = one.row.activation === 'relu' && !one.row.beta2;
        const positive = inner(one.x[0] as number[], (one.z as Matrix)[0] as number[]) >= 0 && allTermsPositive(one);
        judge(one, reference, 1e-12, () => homogeneous || positive);
      }
    });
  }

  test('duals, through networks of one hidden layer: 1e-13', () => {
    const duals = referenceDuals();
    expect(duals.length).toBe(52);
    for (const { name, phi, qx, qz, k, value, slope } of duals) {
      // (a, 0) and (k/a, √(qz − k²/qx)), the difference of squares as a product.
      const root = Math.sqrt(qx * qz);
      const x = [[Math.sqrt(qx), 0]];
      const z = [[k / Math.sqrt(qx), Math.sqrt(((root - k) * (root + k)) / qx)]];
      // Only the first layer trains: NTK = k · E φ′φ′.
      using kernel = compile(serial(dense({ inputScale: '1' }), phi, dense({ trainable: false })));
      const [nngp, ntk] = names.map((which) => sync.cross(kernel, x, z, which).data[0] as number) as [number, number];
      const sizes = sync.diagonal(kernel, [...x, ...z], names);
      const [a, b] = [...sizes.nngp.values] as [number, number];
      const [ta, tb] = [...sizes.ntk.values] as [number, number];
      expect(reference.note('of a dual', nngp, value, Math.sqrt(a * b), `${name}, φφ`), name).toBeLessThan(1e-13);
      expect(reference.note('of a dual', ntk, k * slope, Math.sqrt(ta * tb), `${name}, φ′φ′`), name).toBeLessThan(
        1e-13,
      );
    }
  });

  function zonal(family: ZonalFamily, depth: number, alpha: number | null): Layer {
    const spec: PresetSpec =
      family === 'mlp'
        ? { preset: 'mlp', depth }
        : { preset: family === 'res2_tirer' ? 'tirer' : 'huang', depth, alpha: alpha as number };
    return network(spec);
  }

  test('curves over the angle: 1e-13 of their value at 0', () => {
    const { curves } = referenceSlopes();
    expect(curves.length).toBe(28);
    for (const { family, depth, alpha, theta, kappa } of curves) {
      using kernel = compile(zonal(family, depth, alpha));
      const [at0, at] = [...sync.profile(kernel, [0, theta], 'ntk', { dimension: 2 }).values] as [number, number];
      const name = `${family} L=${depth} θ=${theta}`;
      expect(reference.note('of κ(θ)', at / at0, kappa, 1, name), name).toBeLessThan(1e-13);
    }
  });

  test('its first and second derivatives: 1e-12', () => {
    for (const { family, depth, alpha, theta, slope, curvature } of referenceSlopes().curves) {
      using kernel = compile(zonal(family, depth, alpha));
      const curve = sync.profile(kernel, [0, theta], 'ntk', { dimension: 2, derivatives: 2 });
      const [at0] = curve.values as unknown as [number];
      const name = `${family} L=${depth} θ=${theta}`;
      const [first, second] = [curve.slopes[1] as number, curve.curvatures[1] as number];
      expect(reference.note('of κ′(θ)', first / at0, slope, 1, name), name).toBeLessThan(1e-12);
      expect(reference.note('of κ″(θ)', second / at0, curvature, 1, name), name).toBeLessThan(1e-12);
    }
  });

  test('slopes at both ends of the curve: 1e-12, and what the other computation knows of the far one', () => {
    const { cusps } = referenceSlopes();
    expect(cusps.length).toBe(5);
    for (const { family, depth, alpha, cusp, antipodal, antipodalTolerance } of cusps) {
      using kernel = compile(zonal(family, depth, alpha));
      const { values, slopes } = sync.profile(kernel, [0, Math.PI], 'ntk', { dimension: 2, derivatives: 1 });
      const [at0, near, far] = [values[0] as number, slopes[0] as number, slopes[1] as number];
      const name = `${family} L=${depth}`;
      expect(reference.note('of a cusp slope', -near / at0, cusp, cusp, name), name).toBeLessThan(1e-12);
      expect(Math.abs(far / at0 - antipodal), name).toBeLessThan(antipodalTolerance);
    }
  });
});

describe('neural_tangents.json: another library, and exact values beside its own', () => {
  const cases = [...neuralTangentsCases()];

  test('its fully connected and residual networks are there', () => {
    expect(cases.length).toBeGreaterThan(100);
    expect(cases.filter((one) => one.exact).length).toBeGreaterThan(50);
  });

  for (const family of new Set(cases.map((one) => one.family))) {
    test(`${family}: exact values to 1e-11, its own to 1e-6`, () => {
      for (const one of cases.filter((candidate) => candidate.family === family)) {
        const other = one.z ?? one.x;
        const positive = (i: number, j: number) => inner(one.x[i] as number[], other[j] as number[]) >= 0;
        judge(one, tangents, one.exact ? 1e-11 : 1e-6, (i, j) => allTermsPositive(one) && positive(i, j));
      }
    });
  }
});

test('leaky ReLU of slope 1 is no activation at all', () => {
  using linear = compile(serial(dense({ inputScale: '1' }), activation('leakyRelu', { slope: 1 }), dense()));
  const { nngp, ntk } = sync.cross(linear, [[1, 2]], [[3, -1]], names);
  expect(Math.abs((nngp.data[0] as number) - 1)).toBeLessThan(1e-14);
  expect(Math.abs((ntk.data[0] as number) - 2)).toBeLessThan(1e-14);
});
