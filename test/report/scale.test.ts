import { describe, expect, test } from 'vitest';
import { depthAxis, linearAxis, logAxis, niceTicks, spread } from '../../lib/report/figures/scale.js';
import { uniforms } from './kernels.js';

describe('axes', () => {
  test('ticks are round, ascending and exact in decimal', () => {
    expect(niceTicks(0, 0.31, 5)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(niceTicks(-0.07, 1, 5)).toEqual([-0.25, 0, 0.25, 0.5, 0.75, 1]);
  });

  test('every value lies inside its axis and every tick too', () => {
    const uniform = uniforms(3);
    for (let i = 0; i < 500; i++) {
      const scale = 10 ** (10 * uniform() - 5);
      const values = Array.from({ length: 5 }, () => scale * (uniform() - 0.4));
      const positive = values.map((value) => Math.abs(value) ** (1 + 3 * uniform()) + 1e-300);
      const linear = linearAxis(values, { label: '', count: 5 });
      const log = logAxis(positive, { label: '', count: 6 });
      for (const [axis, given] of [
        [linear, values],
        [log, positive],
      ] as const) {
        const [low, high] = axis.domain;
        expect(Math.min(...given)).toBeGreaterThanOrEqual(low * (low > 0 ? 1 - 1e-9 : 1 + 1e-9));
        expect(Math.max(...given)).toBeLessThanOrEqual(high * (high > 0 ? 1 + 1e-9 : 1 - 1e-9));
        expect(axis.ticks.length).toBeGreaterThan(0);
        for (const tick of axis.ticks) expect(tick >= low * (1 - 1e-9) || tick >= low).toBe(true);
        expect(new Set(axis.ticks.map(axis.format)).size).toBe(axis.ticks.length);
      }
    }
  });

  test('equal values and single ones still make an axis', () => {
    expect(linearAxis([2, 2], { label: '', count: 5 }).domain[1]).toBeGreaterThan(2);
    const [low, high] = logAxis([100], { label: '', count: 5 }).domain;
    expect(low < 100 && high > 100).toBe(true);
    expect(depthAxis([5], 300).ticks).toEqual([5]);
  });

  test('depths are logarithmic when they span a factor of eight, and crowded labels give way', () => {
    expect(depthAxis([1, 2, 5, 10], 400).type).toBe('log');
    expect(depthAxis([2, 3, 4], 400).type).toBe('linear');
    const crowded = depthAxis([1, 2, 3, 5, 10, 20, 50, 51, 52], 300).ticks;
    expect(crowded).toContain(52);
    expect(crowded).not.toContain(51);
  });
});

describe('labels', () => {
  test('end at least a gap apart, in the order they asked for, inside the panel', () => {
    const uniform = uniforms(8);
    for (let i = 0; i < 300; i++) {
      const wanted = Array.from({ length: 1 + Math.floor(7 * uniform()) }, () => 20 + 200 * uniform() ** 3);
      const placed = spread(wanted, 18, 20, 220);
      const order = wanted.map((_, k) => k).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
      for (let k = 0; k < order.length; k++) {
        const y = placed[order[k] as number] as number;
        expect(y).toBeGreaterThanOrEqual(20 - 1e-9);
        expect(y).toBeLessThanOrEqual(220 + 1e-9);
        if (k > 0) expect(y - (placed[order[k - 1] as number] as number)).toBeGreaterThanOrEqual(18 - 1e-9);
      }
    }
  });

  test('labels that are apart already stay where they are', () => {
    expect(spread([30, 100, 60], 18, 0, 200)).toEqual([30, 100, 60]);
  });
});
