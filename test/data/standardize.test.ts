import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleMatrix } from '../../lib/data/dataset.js';
import { loadDataset } from '../../lib/data/load.js';
import { applyScaling, fitScaling } from '../../lib/data/standardize.js';
import { examples, expectFailure } from './support.js';

const matrix = (...rows: number[][]): SampleMatrix => ({
  data: Float64Array.from(rows.flat()),
  shape: [rows.length, rows[0]?.length ?? 0],
});
const column = ({ data, shape: [, d] }: SampleMatrix, j: number) => Array.from(data).filter((_, k) => k % d === j);
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const sd = (values: readonly number[]) => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));

describe('columns', () => {
  it('have mean 0 and standard deviation 1 over the training rows, and over them only', async () => {
    const { x } = await loadDataset(join(examples, 'wine.csv'));
    const train = Array.from({ length: 100 }, (_, k) => (7 * k) % 178);
    const scaling = fitScaling('columns', x, train);
    const inside = applyScaling(scaling, x, train);
    for (let j = 0; j < 13; j++) {
      expect(Math.abs(mean(column(inside, j)))).toBeLessThan(1e-14);
      expect(Math.abs(sd(column(inside, j)) - 1)).toBeLessThan(1e-14);
    }
    const changed = { ...x, data: x.data.map((v, k) => (train.includes(Math.floor(k / 13)) ? v : 1e6 * v)) };
    expect(fitScaling('columns', changed, train)).toEqual(scaling);
    expect(Math.abs(mean(column(applyScaling(scaling, x), 12)))).toBeGreaterThan(1e-3);
  });

  it('a column with one value becomes 0, also where test rows differ', () => {
    const x = matrix([0.1, 1], [0.1, 2], [0.1, 3], [9, 4]);
    const scaling = fitScaling('columns', x, [0, 1, 2]);
    expect(scaling.constantColumns).toEqual([0]);
    expect(column(applyScaling(scaling, x), 0)).toEqual([0, 0, 0, 0]);
  });

  it('neither overflows nor loses tiny or nearly equal values', () => {
    const max = Number.MAX_VALUE;
    const x = matrix(
      [max, 5e-324, 1 + Number.EPSILON, -max],
      [-max, 1e-323, 1, max],
      [max, 5e-324, 1 + Number.EPSILON, -max],
      [-max, 1e-323, 1, max],
    );
    const scaled = applyScaling(fitScaling('columns', x), x);
    expect(fitScaling('columns', x).constantColumns).toEqual([]);
    expect(column(scaled, 0)).toEqual([1, -1, 1, -1]);
    expect(column(scaled, 1)).toEqual([-1, 1, -1, 1]);
    expect(column(scaled, 2).map(Math.sign)).toEqual([1, -1, 1, -1]);
    expect(column(scaled, 3)).toEqual([-1, 1, -1, 1]);
  });

  it('does not depend on the unit or the origin of a column', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: -1000, max: 1000 }),
        (column0, power, shift) => {
          const plain = matrix(...column0.map((v) => [v]));
          const moved = matrix(...column0.map((v) => [(v + shift) * 2 ** power]));
          const [a, b] = [plain, moved].map((x) => applyScaling(fitScaling('columns', x), x).data);
          for (const [k, value] of (a as Float64Array).entries())
            expect(Math.abs(value - (b?.[k] as number))).toBeLessThan(1e-11);
        },
      ),
      { seed: 8, numRuns: 200 },
    );
  });
});

describe('sphere', () => {
  it('every row has norm 1 and keeps its direction; a row of zeros stays', () => {
    const x = matrix([3, 4], [0, 0], [1e-200, 0], [1e308, -1e308]);
    const scaled = applyScaling(fitScaling('sphere', x), x);
    expect(Array.from(scaled.data.subarray(0, 6))).toEqual([0.6, 0.8, 0, 0, 1, 0]);
    expect(scaled.data[6]).toBeCloseTo(Math.SQRT1_2, 15);
    expect(scaled.data[7]).toBeCloseTo(-Math.SQRT1_2, 15);
  });
});

describe('both', () => {
  it('give new arrays and leave the input alone, also for none', () => {
    for (const kind of ['none', 'columns', 'sphere'] as const) {
      const x = matrix([1, 2], [3, 5]);
      const before = x.data.slice();
      const scaled = applyScaling(fitScaling(kind, x), x, [1]);
      expect([scaled.shape, scaled.data.buffer === x.data.buffer, x.data]).toEqual([[1, 2], false, before]);
      if (kind === 'none') expect(Array.from(scaled.data)).toEqual([3, 5]);
    }
  });

  it('refuse another number of features, and no rows at all', async () => {
    const scaling = fitScaling('columns', matrix([1, 2], [3, 5]));
    await expectFailure(() => applyScaling(scaling, matrix([1, 2, 3])), 'ERR_SHAPE', /expected 2 features .* got 3/);
    await expectFailure(() => fitScaling('columns', matrix([1, 2]), []), 'ERR_ARGUMENT', /at least one training row/);
  });
});
