// What the benches do with their samples.
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import * as statistics from '../../bench/harness/statistics.mjs';
import type { Sample } from '../../bench/harness/vocabulary.js';

const { figurePerRound, meets, quantile, relativeDifference, summarise, worseBy } = statistics;

describe('summaries', () => {
  test('quartiles lie linearly between neighbours', () => {
    expect(summarise([5, 1, 4, 2, 3])).toEqual({ median: 3, q1: 2, q3: 4, count: 5 });
    expect(summarise([1, 2, 3, 4])).toEqual({ median: 2.5, q1: 1.75, q3: 3.25, count: 4 });
    expect(quantile([7], 0.25)).toBe(7);
  });

  test('numbers are sorted as numbers, and the list stays as it was', () => {
    const values = [10, 9, 100];
    expect(summarise(values).median).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  test('of nothing there is none', () => {
    expect(() => summarise([])).toThrow(RangeError);
  });
});

describe('figures', () => {
  const rule = { id: 'r', says: 'r', measure: 'cpu', of: 'ours', unit: '×', better: 'lower' } as const;
  const seconds = (...values: number[]) => values.map((cpu) => ({ cpu }));

  test('a ratio is formed within each round', () => {
    // The machine was half as fast in the second round; the ratio does not see it.
    const samples = new Map([
      ['ours', seconds(3, 6)],
      ['limit', seconds(2, 4)],
    ]);
    expect(figurePerRound({ ...rule, over: 'limit' }, samples)).toEqual([1.5, 1.5]);
  });

  test('differences, constants and counts', () => {
    const samples = new Map([
      ['ours', seconds(10)],
      ['shallow', seconds(4)],
      ['limit', seconds(2)],
    ]);
    expect(figurePerRound({ ...rule, minus: 'shallow', per: 3 }, samples)).toEqual([2]);
    expect(figurePerRound({ ...rule, minus: 'shallow', over: 'limit', less: 1, per: 4 }, samples)).toEqual([0.5]);
  });

  test('only rounds in which all took part count', () => {
    const samples = new Map([
      ['ours', seconds(2, 2, 2)],
      ['slow peer', seconds(8)],
    ]);
    expect(figurePerRound({ ...rule, of: 'slow peer', over: 'ours' }, samples)).toEqual([4]);
  });

  test('what was not measured gives no figure', () => {
    const samples = new Map<string, readonly Sample[]>([
      ['ours', [{ wall: 1 }]],
      ['limit', seconds(1)],
    ]);
    expect(figurePerRound({ ...rule, over: 'limit' }, samples)).toEqual([]);
    expect(figurePerRound({ ...rule, over: 'nobody' }, samples)).toEqual([]);
  });

  test('a ratio that got worse is above 1 in either direction', () => {
    expect(worseBy('lower', 3, 2)).toBe(1.5);
    expect(worseBy('higher', 2, 3)).toBe(1.5);
    expect([meets('lower', 1.15, 1.15), meets('lower', 1.16, 1.15), meets('higher', 7.9, 8)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test('results are compared relative to the largest number', () => {
  expect(relativeDifference([2, 0], [2, 1e-3])).toBeCloseTo(5e-4, 12);
  expect(relativeDifference([1, 2], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(relativeDifference([1], [Number.NaN])).toBeNaN();
});
