import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { circleTarget, interpolateCircle } from '../../lib/smoothness/circle.js';
import type { Curve } from '../../lib/smoothness/curve.js';
import { closedCusp, extrapolatedSlope, mlpCurve, resnetCurve, type Values } from './zonal.js';

interface CuspRow {
  readonly family: 'mlp' | 'res2_tirer' | 'res2_huang_belfer';
  readonly L: number;
  readonly alpha: number;
  readonly s0_exact: number;
  readonly e_pi: number;
  readonly e_pi_tol: number;
}

const reference = JSON.parse(readFileSync(new URL('../golden/reference.json', import.meta.url), 'utf8')) as {
  cusp: CuspRow[];
};

function valuesOf({ family, L, alpha }: CuspRow): Values {
  if (family === 'mlp') return mlpCurve(L);
  return family === 'res2_tirer' ? resnetCurve(L, alpha ** 2 / 2, true) : resnetCurve(L, alpha ** 2, false);
}

const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

describe('the oracle of curves', () => {
  test('has the slopes of the reference rows', () => {
    expect(reference.cusp.length).toBeGreaterThan(0);
    for (const row of reference.cusp) {
      const curve = valuesOf(row);
      expect(relative(extrapolatedSlope(curve, 0), row.s0_exact), JSON.stringify(row)).toBeLessThan(1e-8);
      const antipodal = extrapolatedSlope(curve, Math.PI);
      expect(Math.abs(antipodal - row.e_pi), JSON.stringify(row)).toBeLessThan(row.e_pi_tol + 1e-9);
    }
  });
});

describe('interpolants on the circle', () => {
  const curveOf = (at: Values, cuspSlope: number): Curve => ({
    at,
    cuspSlope,
    antipodalSlope: extrapolatedSlope(at, Math.PI),
  });
  const mlp = curveOf(mlpCurve(5), closedCusp.mlp(5));
  const tirer = (alpha: number) => curveOf(resnetCurve(5, alpha ** 2 / 2, true), closedCusp.tirer(5, alpha ** 2 / 2));

  test('pass through the samples, none of them twice', () => {
    for (const samples of [5, 9, 15]) {
      const circle = interpolateCircle(mlp, samples);
      expect(circle.sampleAngles).toHaveLength(samples);
      expect(circle.sampleAngles[0]).toBe(-Math.PI);
      expect(circle.sampleAngles.at(-1)).toBeLessThan(Math.PI - 0.1);
      circle.sampleAngles.forEach((t, i) => {
        // f̂ = Σ c κ(|t − tᵢ|), summed directly.
        const angles = circle.sampleAngles.map((u) => Math.min(Math.abs(t - u), 2 * Math.PI - Math.abs(t - u)));
        const kernel = mlpCurve(5)(angles);
        const value = kernel.reduce((sum, k, j) => sum + k * (circle.coefficients[j] as number), 0);
        expect(value).toBeCloseTo(circleTarget.at(t), 12);
        expect(circle.sampleValues[i]).toBeCloseTo(circleTarget.at(t), 15);
      });
    }
  });

  test('show the measured corners of MLP and ResNets of five layers', () => {
    // [curve, samples, largest jump, total jump, spectral tail, rms error], from an independent dense computation.
    const rows: [Curve, number, number, number | null, number | null, number | null][] = [
      [mlp, 15, 5.17, 46.3, 2.27e-2, 0.158],
      [tirer(0.1), 15, 2.5, 23.9, 1.38e-2, 0.058],
      [tirer(1), 15, 4.15, 38.9, 1.96e-2, 0.131],
      [mlp, 9, 5.67, null, null, null],
      [tirer(0.1), 9, 3.65, null, null, null],
      [tirer(1), 9, 4.59, null, null, null],
    ];
    // The figures are printed to three digits (the errors to three decimals).
    for (const [curve, samples, largest, total, tail, rms] of rows) {
      const circle = interpolateCircle(curve, samples);
      expect(relative(circle.largestJump, largest)).toBeLessThan(2e-3);
      if (total !== null) expect(relative(circle.totalJump, total)).toBeLessThan(2e-3);
      if (tail !== null) expect(relative(circle.spectralTail, tail)).toBeLessThan(4e-3);
      if (rms !== null) expect(Math.abs(circle.rmsError - rms)).toBeLessThan(6e-4);
    }
  });

  test('the jump formula is what second differences see at a sample', () => {
    const circle = interpolateCircle(mlp, 9);
    const middle = circle.angles.length >> 1; // angle 0 is no sample of 9 from −π; take a sample: −π + 2π·2/9
    expect(circle.angles[middle]).toBeCloseTo(0, 12);
    const index = Math.round((2 / 9) * 720);
    const h = (2 * Math.PI) / 720;
    const [before, at, after] = [index - 1, index, index + 1].map((i) => circle.values[i] as number) as [
      number,
      number,
      number,
    ];
    const jump = Math.abs((after - at) / h - (at - before) / h);
    const expected = 2 * closedCusp.mlp(5) * Math.abs(circle.coefficients[2] as number);
    // The regular part adds h f̂''; h = 0.009 and f̂'' is of the order of 16.
    expect(Math.abs(jump - expected)).toBeLessThan(0.3);
    expect(expected).toBeGreaterThan(2);
  });

  test('refuses a number of samples that does not divide the turn', () => {
    expect(() => interpolateCircle(mlp, 7)).toThrow(/samples: expected a divisor of 5760 from 3 up, got 7/);
  });
});
