import { describe, expect, test } from 'vitest';
import {
  correctedPairedTest,
  holm,
  lineFit,
  mean,
  median,
  rankCorrelation,
  studentCritical,
  studentTwoSided,
  variance,
} from '../../lib/statistics.js';

/** Student's density, for quadrature; Γ through its recurrence Γ(x + 1) = xΓ(x) from Γ(1/2) and Γ(1). */
function gammaOfHalf(twice: number): number {
  let value = twice % 2 === 0 ? 1 : Math.sqrt(Math.PI);
  for (let k = twice % 2 === 0 ? 2 : 1; k < twice; k += 2) value *= k / 2;
  return value;
}

function tailByQuadrature(t: number, nu: number): number {
  const factor = gammaOfHalf(nu + 1) / (Math.sqrt(nu * Math.PI) * gammaOfHalf(nu));
  // Simpson on [0, t]; the integrand is analytic, 4000 panels are far below 1e-12.
  const panels = 4000;
  const h = t / panels;
  let sum = 0;
  for (let i = 0; i <= panels; i++) {
    const weight = i === 0 || i === panels ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * (1 + (i * h) ** 2 / nu) ** (-(nu + 1) / 2);
  }
  return 1 - 2 * factor * ((h / 3) * sum);
}

/** Seeded uniform numbers (a 32-bit mixing generator), enough for a calibration test. */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('Student t', () => {
  test('one degree of freedom is the Cauchy law', () => {
    for (const t of [0.1, 1, 3, 50]) expect(studentTwoSided(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 14);
  });
  test('two degrees of freedom have the closed tail 1 − t/√(2 + t²)', () => {
    for (const t of [0.1, 1, 3, 50]) expect(studentTwoSided(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 14);
  });
  test('the finite series agrees with quadrature of the density', () => {
    for (const nu of [1, 2, 3, 4, 5, 9, 10, 29, 30]) {
      for (const t of [0.25, 1, 2.5, 6]) expect(studentTwoSided(t, nu)).toBeCloseTo(tailByQuadrature(t, nu), 11);
    }
  });
  test('critical values are those of the printed tables', () => {
    const table: [alpha: number, nu: number, t: number][] = [
      [0.05, 1, 12.706],
      [0.05, 4, 2.776],
      [0.05, 9, 2.262],
      [0.01, 9, 3.25],
      [0.05, 29, 2.045],
      [0.1, 10, 1.812],
    ];
    for (const [alpha, nu, t] of table) expect(studentCritical(alpha, nu)).toBeCloseTo(t, 3);
  });
  test('t = 0 has tail 1, infinite t has tail 0, the sign does not matter', () => {
    expect(studentTwoSided(0, 7)).toBe(1);
    expect(studentTwoSided(Number.POSITIVE_INFINITY, 7)).toBe(0);
    expect(studentTwoSided(-2, 7)).toBe(studentTwoSided(2, 7));
  });
  test('refuses a fractional number of degrees of freedom', () => {
    expect(() => studentTwoSided(1, 2.5)).toThrow(/degreesOfFreedom: expected an integer/);
  });
});

describe('corrected paired test', () => {
  test('is the definition, worked by hand', () => {
    // mean 3, s² = 2.5, J = 5, test/train = 1/4: se = √(2.5 (0.2 + 0.25)) = 1.0606…
    const result = correctedPairedTest([1, 2, 3, 4, 5], 80, 20);
    expect(result.difference).toBe(3);
    expect(result.standardError).toBeCloseTo(Math.sqrt(2.5 * 0.45), 15);
    expect(result.t).toBeCloseTo(2.8284271247461903, 14);
    expect(result.degreesOfFreedom).toBe(4);
    // Two-sided tail of t = 2√2 at ν = 4: 1 − sin θ (1 + ½ cos²θ), cos²θ = 1/3.
    expect(result.pStudent).toBeCloseTo(1 - Math.sqrt(2 / 3) * (1 + 1 / 6), 13);
    // Nine splits: mean 5, s² = 7.5, se = √(7.5 (1/9 + 0.25)), t₀.₀₂₅ of 8 degrees of freedom is 2.306004135.
    const nine = correctedPairedTest([1, 2, 3, 4, 5, 6, 7, 8, 9], 80, 20);
    expect(nine.p).toBe(nine.pStudent);
    expect(nine.interval[0]).toBeCloseTo(5 - 2.306004135 * Math.sqrt(7.5 * (1 / 9 + 0.25)), 6);
  });
  test('rejects true hypotheses at its level when splits are as correlated as it supposes; the naive test does not', () => {
    const next = uniforms(20240607);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const [splits, trainRows, testRows, draws] = [10, 80, 20, 20_000];
    const rho = testRows / (trainRows + testRows);
    const critical = studentCritical(0.05, splits - 1);
    let corrected = 0;
    let naive = 0;
    for (let draw = 0; draw < draws; draw++) {
      const shared = Math.sqrt(rho) * normal();
      const differences = Array.from({ length: splits }, () => shared + Math.sqrt(1 - rho) * normal());
      if (correctedPairedTest(differences, trainRows, testRows).p < 0.05) corrected++;
      if (Math.abs(mean(differences)) / Math.sqrt(variance(differences) / splits) > critical) naive++;
    }
    // Three standard errors of a proportion of 0.05 in 20,000 draws are 0.0046.
    expect(Math.abs(corrected / draws - 0.05)).toBeLessThan(0.0047);
    expect(naive / draws).toBeGreaterThan(0.15);
  });
  test('two or three splits that agree by accident are no certainty', () => {
    // One error more in each of two splits of 36 rows: s² = (1/36)², J = 2, 1 degree of freedom, the Cauchy tail.
    const two = correctedPairedTest([1 / 36, 1 / 36], 142, 36, 1 / 36);
    const t = 1 / Math.sqrt(1 / 2 + 36 / 142);
    expect(two.t).toBeCloseTo(t, 13);
    expect(two.pStudent).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 13);
    expect(two.p).toBe(0.5);
    expect(two.interval[0]).toBeLessThan(-0.2);
    const three = correctedPairedTest([0.5, 0.5, 0.5], 80, 20, 1 / 20);
    expect(three.pStudent).toBeLessThan(0.01);
    expect(three.p).toBe(0.25);
    expect(three.interval).toEqual([0, 1]);
  });
  test('a spread of at least one step is what it is', () => {
    const differences = [0.1, 0.2, 0.05, 0.15];
    expect(correctedPairedTest(differences, 80, 20, 0.05)).toEqual(correctedPairedTest(differences, 80, 20));
  });
  test('differences without spread or grid: none gives p = 1, a constant one the floor of the signs', () => {
    expect(correctedPairedTest([0, 0, 0], 80, 20)).toMatchObject({ p: 1, interval: [0, 0] });
    expect(correctedPairedTest([0.5, 0.5], 80, 20)).toMatchObject({ p: 0.5, interval: [0, 1] });
    expect(correctedPairedTest(Array(10).fill(0.5), 80, 20)).toMatchObject({ p: 2 ** -9, interval: [0.5, 0.5] });
  });
  test('the interval holds 0 exactly where p is at least 0.05', () => {
    const next = uniforms(7);
    for (let draw = 0; draw < 500; draw++) {
      const differences = Array.from({ length: 2 + (draw % 8) }, () => 0.4 + next());
      const { p, interval } = correctedPairedTest(differences, 80, 20);
      expect(interval[0] <= 0 && interval[1] >= 0).toBe(p >= 0.05);
    }
  });
  test('refuses a single split', () => {
    expect(() => correctedPairedTest([1], 80, 20)).toThrow(/at least 2 splits, got 1/);
  });
});

describe('Holm', () => {
  test('multiplies by the number of hypotheses left and never decreases', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});

test('rank correlation handles order, reversal, ties and no spread', () => {
  expect(rankCorrelation([1, 2, 3, 10], [2, 4, 9, 11])).toBe(1);
  expect(rankCorrelation([1, 2, 3, 10], [5, 4, 3, 2])).toBe(-1);
  // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5/√(4.5 · 5).
  expect(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 14);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
});

test('median, variance and the least squares line', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(variance([1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1);
  const fit = lineFit([0, 1, 2, 3], [1, 3, 5, 7]);
  expect(fit?.slope).toBeCloseTo(2, 14);
  expect(fit?.standardError).toBeCloseTo(0, 14);
  expect(lineFit([1, 1, 1], [1, 2, 3])).toBeNull();
});
