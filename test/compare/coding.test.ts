import { describe, expect, test } from 'vitest';
import { codingOf } from '../../lib/compare/coding.js';
import { summarise } from '../../lib/compare/spectrum-summary.js';
import { decayExponent, logRanks } from '../../lib/smoothness/decay.js';

describe('targets as numbers', () => {
  test('two classes are one column of ±1, centred', () => {
    const coding = codingOf(Float64Array.of(0, 1, 1, 1), 2);
    const { values, centre } = coding.encode([0, 1, 2, 3]);
    expect([...centre]).toEqual([0.5]);
    expect([...values]).toEqual([-1.5, 0.5, 0.5, 0.5]);
  });
  test('the error of two classes looks at the sign after the centre is back', () => {
    const y = Float64Array.of(0, 1, 1, 0);
    const coding = codingOf(y, 2);
    // With centre 0.5: 0.4, 0.6, −0.1, −0.6 → wrong, right, wrong, right.
    expect(coding.error(Float64Array.of(-0.1, 0.1, -0.6, -1.1), Float64Array.of(0.5), y, [0, 1, 2, 3])).toBe(0.5);
  });
  test('three classes are a column each; the largest wins', () => {
    const y = Float64Array.of(0, 1, 2);
    const coding = codingOf(y, 3);
    const { values, centre } = coding.encode([0, 1, 2]);
    expect(coding.columns).toBe(3);
    expect([...centre].every((c) => Math.abs(c - 1 / 3) < 1e-15)).toBe(true);
    expect(coding.error(values, centre, y, [0, 1, 2])).toBe(0);
    expect(coding.error(new Float64Array(9), centre, y, [0, 1, 2])).toBeCloseTo(2 / 3, 15);
  });
  test('a regression target keeps its unit', () => {
    const y = Float64Array.of(10, 20, 30);
    const coding = codingOf(y, null);
    const { values, centre } = coding.encode([0, 1, 2]);
    expect([...values]).toEqual([-10, 0, 10]);
    expect(coding.error(Float64Array.of(-10, 3, 14), centre, y, [0, 1, 2])).toBeCloseTo(Math.sqrt(25 / 3), 14);
  });
  test('rows choose which targets count', () => {
    const y = Float64Array.of(0, 1, 0, 1);
    const coding = codingOf(y, 2);
    expect(coding.error(Float64Array.of(1, 1), Float64Array.of(0), y, [1, 3])).toBe(0);
    expect(coding.error(Float64Array.of(1, 1), Float64Array.of(0), y, [0, 3])).toBe(0.5);
  });
});

describe('spectra in short', () => {
  test('a power law is found with its exponent', () => {
    const values = Float64Array.from({ length: 400 }, (_, i) => 7 * (i + 1) ** -2.5);
    const decay = decayExponent(values);
    expect(decay?.exponent).toBeCloseTo(2.5, 12);
    expect(decay?.standardError).toBeLessThan(1e-12);
  });
  test('what is lost to rounding does not count', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i < 4 ? 1 : 1e-17));
    expect(decayExponent(values)).toBeNull();
    expect(summarise(values, 0, undefined).conditionNumber).toBeNull();
    expect(summarise(values, 0, 1).conditionNumberDistinct).toBe(1);
    expect(summarise(values, 0, null).conditionNumberDistinct).toBeNull();
  });
  test('eigenvalues are told in units of the mean diagonal', () => {
    const summary = summarise(Float64Array.of(6, 2, 1), 1e-16, undefined);
    expect(summary).toMatchObject({
      ranks: [1, 2, 3],
      conditionNumber: 6,
      conditionNumberDistinct: 6,
      residual: 1e-16,
    });
    expect(summary.values[0]).toBeCloseTo(2, 15);
    expect(summary.smallest).toBeCloseTo(1 / 3, 15);
    expect(summary.decayExponent).toBeNull();
  });
  test('ranks are whole, distinct, ascending, and include both ends', () => {
    const ranks = logRanks(1, 1000, 48);
    expect(ranks[0]).toBe(1);
    expect(ranks.at(-1)).toBe(1000);
    expect(ranks.every((rank, i) => Number.isInteger(rank) && (i === 0 || rank > (ranks[i - 1] as number)))).toBe(true);
    expect(logRanks(3, 2, 10)).toEqual([]);
  });
});
