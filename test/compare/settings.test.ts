import { describe, expect, test } from 'vitest';
import { distinctRows } from '../../lib/compare/distinct.js';
import type { CompareOptions } from '../../lib/compare/options.js';
import { planComparison } from '../../lib/compare/plan.js';
import { mostAllRows, settingsOf } from '../../lib/compare/settings.js';
import { madeData } from './data.js';

const table = await madeData({
  rows: 100,
  features: 3,
  classes: ['a', 'b'],
  target: (row) => ((row[0] as number) > 0 ? 1 : 0),
});
const images = { ...table, kind: 'images' as const };

describe('defaults suit the data', () => {
  test('tables are standardised and get a trained bias; inputs count per feature', () => {
    const settings = settingsOf(table, {});
    expect(settings).toMatchObject({ scaling: 'columns', bias: 1, kernel: 'ntk', convention: 'huang', shownDepth: 5 });
    for (const { spec } of settings.contestants) {
      expect(spec).toMatchObject({ inputScale: '1/d', bias: { var: 1, init: 'zero', trainable: true } });
    }
  });
  test('images go to the sphere without a bias', () => {
    const settings = settingsOf(images, {});
    expect(settings).toMatchObject({ scaling: 'sphere', bias: 0 });
    for (const { spec } of settings.contestants) {
      expect(spec.inputScale).toBe('1');
      expect(spec).not.toHaveProperty('bias');
    }
  });
  test('splits: four fifths for training, at most 1000, and enough to test on', async () => {
    const sizes = async (rows: number, options: CompareOptions = {}) => {
      const data = await madeData({ rows, features: 1, target: () => 0 });
      const { trainRows, testRows } = settingsOf(data, options);
      return [trainRows, testRows];
    };
    expect(await sizes(100)).toEqual([80, 20]);
    expect(await sizes(1000)).toEqual([800, 200]);
    expect(await sizes(5000)).toEqual([1000, 250]);
    expect(await sizes(1000, { trainRows: 100 })).toEqual([100, 200]);
    expect(await sizes(1000, { trainRows: 950 })).toEqual([950, 50]);
  });
  test('the shown depth is the one nearest to five', () => {
    expect(settingsOf(table, { depths: [1, 4, 20] }).shownDepth).toBe(4);
    expect(settingsOf(table, { depths: [2, 8] }).shownDepth).toBe(2);
  });
});

describe('refused before work starts', () => {
  test.each([
    [{ depths: [0, 1] }, 'depths: expected ascending integers from 1 to'],
    [{ depths: [3, 2] }, 'depths: expected ascending integers'],
    [{ ridge: -1 }, "ridge: expected 'loo' or a number ≥ 0"],
    [{ splits: 1 }, 'splits: expected an integer from 2 to 1000'],
    [{ trainRows: 100 }, 'trainRows: expected at most 99'],
    [{ bias: Number.NaN }, 'bias: expected a variance'],
    [{ activation: 'rellu' }, "unknown activation 'rellu'; did you mean 'relu'?"],
    [{ activation: 'leakyRelu' }, "'leakyRelu' needs slope; give the networks as JSON"],
    [{ scaling: 'rows' }, "scaling: expected 'none' or 'columns' or 'sphere'"],
    [{ scalling: 'none' }, "unknown option 'scalling'; did you mean 'scaling'?"],
  ] as [object, string][])('%o', (options, message) => {
    expect(() => settingsOf(table, options as CompareOptions)).toThrow(message);
  });
  test('a test set of other features or classes', async () => {
    const wider = await madeData({ rows: 20, features: 4, classes: ['a', 'b'], target: () => 0 });
    const other = await madeData({ rows: 20, features: 3, classes: ['a', 'c'], target: () => 0 });
    expect(() => settingsOf(table, { holdout: wider })).toThrow('holdout: expected 3 features as in made.csv, got 4');
    expect(() => settingsOf(table, { holdout: other })).toThrow('holdout: expected the task and classes of made.csv');
  });
  test('too few rows', async () => {
    const few = await madeData({ rows: 9, features: 1, target: () => 0 });
    expect(() => settingsOf(few, {})).toThrow(
      'expected at least 10 rows, so that some can be kept apart and predicted, got 9',
    );
  });
  test('a comparison that would take days, with what makes it shorter', () => {
    const settings = settingsOf(table, {});
    expect(() => planComparison(40_000, 3, 0, { ...settings, allRows: 40_000 })).toThrow(
      /comparing 5 networks at 7 depths on 40000 rows .*: about \d+ days .* the cube of the rows under spectra \(allRows\)/,
    );
    // 5 · 1400 fits of 8 · 3000³ operations at 2e10 per second: 21 hours. Twice as many are more than a day.
    const long = { ...settings, depths: [1], allRows: 2000, trainRows: 3000, testRows: 100, splits: 1400 };
    expect(planComparison(4000, 3, 0, long).total).toBe(5 * (1 + 1400));
    expect(() => planComparison(4000, 3, 0, { ...long, splits: 2800 })).toThrow(/about 1\.8 days/);
    const total = planComparison(20, 3, 0, { ...settings, allRows: 20, trainRows: 10 }).total;
    expect(total).toBe(5 * 7 * (8 + 10));
  });
});

test.each([6000, 20_000, 100_000])('a table of %i rows is planned on 2000 of them', async (rows) => {
  const data = await madeData({ rows, features: 2, target: () => 0 });
  const settings = settingsOf(data, {});
  expect(settings).toMatchObject({ allRows: mostAllRows, trainRows: 1000 });
  expect(planComparison(rows, 2, 0, settings).total).toBe(5 * 7 * (8 + 10));
  expect(settingsOf(data, { allRows: 3000 }).allRows).toBe(3000);
  expect(settingsOf(data, { allRows: 200_000 }).allRows).toBe(rows);
});

test('rows that repeat another are found, the first of them stays', async () => {
  const data = Float64Array.of(1, 2, 3, 4, 1, 2, 5, 6, 3, 4);
  expect(await distinctRows({ data, shape: [5, 2] })).toEqual([0, 1, 3]);
  expect(await distinctRows({ data, shape: [2, 5] })).toBeNull();
});
