/**
 * Where digits are hardest to keep: ten thousand layers, inputs that are almost equal or almost opposite, smooth
 * activations at variances far apart and in the chaotic phase, rows of a raw table. Against multiprecision.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import { type DepthCase, depthCases } from '../golden/cases.js';
import { ledger } from './ledger.js';

const book = ledger('depth.json');

afterAll(() => {
  console.log(book.line());
});

const cases = [...depthCases()];

/** value · exp(logScale) over mantissa · 2^exponent, without ever forming either: logScale is a power of two. */
function quotient(value: number, logScale: number, mantissa: number, exponent: number): number {
  const power = logScale / Math.LN2;
  expect(Math.abs(power - Math.round(power))).toBeLessThan(1e-9);
  const shift = Math.round(power) - exponent;
  // A value near the ends of the range of doubles has a reference far from it, never the quotient.
  return (value * 2 ** Math.trunc(shift / 2) * 2 ** (shift - Math.trunc(shift / 2))) / mantissa;
}

/** √(k(x,x) k(z,z)) in units of k(x,z): how much of the tolerance a value of its own size may use. */
function room(expected: DepthCase['expected']['nngp']): number {
  const [[xx, ex], [xz, e], [zz, ez]] = expected as unknown as [[number, number], [number, number], [number, number]];
  return (Math.sqrt(xx * zz * 2 ** ((ex + ez) & 1)) / Math.abs(xz)) * 2 ** (Math.floor((ex + ez) / 2) - e);
}

/** With these the recursion adds terms of one sign only, or (ReLU without bias) has no difference that matters. */
function keepsDigits({ row, x, z }: DepthCase): boolean {
  const positive = x.reduce((sum, value, k) => sum + value * (z[k] as number), 0) >= 0;
  return row.activation !== 'abs' && (positive || (row.activation === 'relu' && !row.beta2));
}

const tolerance = 1e-12;

function judge(one: DepthCase): void {
  using kernel = compile(one.network);
  const points = [one.x, one.z];
  for (const which of ['nngp', 'ntk'] as const) {
    const { values, logScale } = sync.gram(kernel, points, which);
    const expected = one.expected[which];
    for (const [at, index] of [
      [0, 0],
      [1, 1],
      [2, 3],
    ] as const) {
      const [mantissa, exponent] = expected[at] as readonly [number, number];
      const place = `${one.name}, ${which} at ${['(x, x)', '(x, z)', '(z, z)'][at]}`;
      const value = values[index] as number;
      if (mantissa === 0) {
        expect(value, place).toBe(0);
        continue;
      }
      const ratio = quotient(value, logScale, mantissa, exponent);
      const size = at === 1 ? room(expected) : 1;
      expect(book.note('of √(k(x,x) k(z,z))', ratio, 1, size, place), place).toBeLessThan(tolerance);
      if (at === 1 && !keepsDigits(one)) continue;
      expect(book.note('of the value', ratio, 1, 1, place), place).toBeLessThan(tolerance);
    }
  }
}

describe('depth.json: 30-digit values', () => {
  test('all rows are there', () => {
    expect(cases.length).toBe(1170);
  });

  test('so are the ones that lose most: α = 1 and c = 1 ten thousand layers deep, opposite ResNets a thousand', () => {
    const deep = cases.filter(({ row }) => row.L === 10_000).map(({ row }) => row);
    expect(deep.some((row) => row.family === 'res2_huang_belfer' && row.alpha === 1)).toBe(true);
    expect(deep.some((row) => row.family === 'res2_tirer' && row.alpha === 1 && row.c === 1)).toBe(true);
    expect(deep.some((row) => row.family === 'mlp_tirer' && row.c === 1)).toBe(true);
    // 1 + ρ = δ²/2: 5e-13 for δ = 1e-6, down to 5e-31.
    for (const family of ['res2_huang_belfer', 'res2_tirer']) {
      for (const pair of ['near_opposite_6', 'near_opposite_10', 'near_opposite_15']) {
        const alphas = cases.filter(({ row }) => row.family === family && row.L === 1000 && row.pair === pair);
        expect(new Set(alphas.map(({ row }) => row.alpha)).size, `${family} ${pair}`).toBeGreaterThanOrEqual(4);
      }
    }
  });

  for (const family of new Set(cases.map(({ row }) => `${row.family} ${row.activation}`))) {
    test(`${family}: 1e-12`, () => {
      for (const one of cases.filter(({ row }) => `${row.family} ${row.activation}` === family)) judge(one);
    });
  }
});
