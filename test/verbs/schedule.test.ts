/** How far a direction has come: against exact expressions, where the plain forms lose digits. */

import { expect, test } from 'vitest';
import { scheduleOf } from '../../lib/dynamics/schedule.js';

/** |got/want − 1|, for want ≠ 0. */
const off = (got: number, want: number) => Math.abs(got / want - 1);
const ulp = 2 ** -52;

test('flow: what is gone of slow directions keeps its digits, and nothing is left at infinity', () => {
  const { left, gone, rate } = scheduleOf('flow', 0.25);
  for (const x of [1e-300, 1e-20, 1e-9]) {
    // 1 − e^−x = x − x²/2 + x³/6 − …
    expect(off(gone(4 * x, 1), x - (x * x) / 2)).toBeLessThan(2 * ulp);
    expect(left(4 * x, 1)).toBe(1 - x);
  }
  expect([left(2, 0), gone(2, 0)]).toEqual([1, 0]);
  expect([left(2, Number.POSITIVE_INFINITY), gone(2, Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
  expect(rate(2)).toBe(0.5);
});

test('descent: powers of 1 − x, one factor at a time', () => {
  const { left, gone, rate } = scheduleOf('descent', 1);
  // 1 − x is a double for these.
  for (const x of [2 ** -10, 0.25, 0.75, 1 - 2 ** -20, 1.25, 1.75, 2 - 2 ** -10]) {
    let power = 1;
    for (let k = 0; k <= 40; k++) {
      // The exponent k·log|1 − x| is right to a unit or two in its last place, the product to k/2 of them.
      const allowed = ulp * (k + 2 + 2 * k * Math.abs(Math.log(Math.abs(1 - x))));
      expect(off(left(x, k), power)).toBeLessThanOrEqual(allowed);
      expect(Math.abs(gone(x, k) - (1 - power))).toBeLessThanOrEqual(allowed * Math.abs(power) + ulp);
      power *= 1 - x;
    }
    expect(off(Math.exp(-rate(x)), Math.abs(1 - x))).toBeLessThan(8 * ulp);
  }
});

test('descent: small steps, overshooting ones, and many of them', () => {
  const { left, gone, rate } = scheduleOf('descent', 1);
  const x = 2 ** -40;
  expect(off(gone(x, 3), 3 * x - 3 * x * x)).toBeLessThan(2 * ulp);
  // (1 − x)^(1/x) = e⁻¹(1 − x/2 − …), of either sign of 1 − x by an even number of steps.
  const many = 2 ** 40;
  expect(off(left(x, many), Math.exp(-1) * (1 - x / 2))).toBeLessThan(4 * ulp);
  expect(off(left(2 - x, many), Math.exp(-1) * (1 - x / 2))).toBeLessThan(4 * ulp);
  expect(off(left(2 - x, many + 1), -Math.exp(-1) * (1 - (3 * x) / 2))).toBeLessThan(4 * ulp);
  // 1 − (1 − δ)² = 2δ − δ² after two steps of almost 2.
  expect(off(gone(2 - x, 2), 2 * x - x * x)).toBeLessThan(2 * ulp);
  expect([0, 1, 2, Number.POSITIVE_INFINITY].map((k) => left(1, k))).toEqual([1, 0, 0, 0]);
  expect([0, 1, Number.POSITIVE_INFINITY].map((k) => gone(1, k))).toEqual([0, 1, 1]);
  expect(rate(1)).toBe(Number.POSITIVE_INFINITY);
  for (const stiffness of [1e-10, 0.5, 1.9]) expect(gone(stiffness, Number.POSITIVE_INFINITY)).toBe(1);
});
