import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalShares } from '../../lib/data/choose-rows.js';
import { createRandom } from '../../lib/data/rng.js';
import { monteCarloSplits, repeatedKFold, type Splittable, sampleRows } from '../../lib/data/split.js';
import { expectRefusal } from './support.js';

const take = (count: number, seed: number, stream?: number) => {
  const { uint32 } = createRandom(seed, stream);
  return Array.from({ length: count }, uint32);
};

describe('a sample of the rows', () => {
  const y = Float64Array.from({ length: 1000 }, (_, i) => (i < 700 ? 0 : i < 999 ? 1 : 2));
  const data: Splittable = { task: 'classify', y };
  it('has each class in proportion, and at least one row of a rare one', () => {
    const rows = sampleRows(data, 100, 3);
    expect([...rows].sort((a, b) => a - b)).toEqual(rows);
    expect(new Set(rows).size).toBe(100);
    expect([0, 1, 2].map((label) => rows.filter((row) => y[row] === label).length)).toEqual([70, 29, 1]);
  });
  it('is that of its seed, and all rows where there are no more', () => {
    expect(sampleRows(data, 100, 3)).toEqual(sampleRows(data, 100, 3));
    expect(sampleRows(data, 100, 4)).not.toEqual(sampleRows(data, 100, 3));
    expect(sampleRows(data, 1000, 3)).toHaveLength(1000);
    expect(sampleRows({ task: 'regress', y }, 10, 0)).toHaveLength(10);
  });
  it('of no rows is refused', async () => {
    await expectRefusal(() => sampleRows(data, 0, 0), 'ERR_ARGUMENT', /size must be a whole number/);
  });
});

describe('random numbers', () => {
  it('are those of a second implementation, written in Python from the published algorithm', () => {
    expect(take(4, 0)).toEqual([4109798699, 2943751892, 601973790, 2460450459]);
    expect(take(3, 1)).toEqual([2235598157, 3467619080, 3823610481]);
    expect(take(3, 2 ** 53 - 1, 7)).toEqual([1931852703, 16131042, 2130155168]);
  });

  it('streams and seeds differ', () => {
    const first = new Set([0, 1, 2, 2 ** 32, 2 ** 32 + 1].flatMap((seed) => [0, 1, 2].map((k) => take(1, seed, k)[0])));
    expect(first.size).toBe(15);
  });

  it('are spread evenly over a range and over the unit interval', () => {
    const { below, uniform } = createRandom(5);
    const counts = new Array<number>(7).fill(0);
    let sum = 0;
    for (let k = 0; k < 70_000; k++) {
      const value = below(7);
      counts[value] = (counts[value] as number) + 1;
      sum += uniform();
    }
    // Six degrees of freedom: above 22.5 once in a thousand seeds; the seed is fixed.
    expect(counts.reduce((chi, count) => chi + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.5);
    expect(Math.abs(sum / 70_000 - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 70_000));
    expect(createRandom(1).below(1)).toBe(0);
    expect(createRandom(0).below(2 ** 32)).toBe(4109798699);
  });

  it('shuffle keeps every item and reaches every order', () => {
    const orders = new Set<string>();
    const { shuffle } = createRandom(3);
    for (let k = 0; k < 600; k++) orders.add(shuffle([1, 2, 3, 4]).join(''));
    expect(orders.size).toBe(24);
    expect([...(shuffle(Uint32Array.of(5, 6, 7)) as Uint32Array)].toSorted()).toEqual([5, 6, 7]);
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('the seed %s is refused', (seed) =>
    expectRefusal(() => createRandom(seed), 'ERR_ARGUMENT', /seed must be a whole number/),
  );
});

describe('equal shares', () => {
  it('add up, exceed no class, and differ by one at most where there is enough', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 6 }),
        fc.nat({ max: 200 }),
        (sizes, total) => {
          const shares = equalShares(sizes, total);
          const all = sizes.reduce((sum, size) => sum + size, 0);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.min(total, all));
          const open = shares.filter((share, c) => share < (sizes[c] as number));
          for (const [c, share] of shares.entries()) {
            expect(share).toBeLessThanOrEqual(sizes[c] as number);
            for (const other of open) expect(share).toBeLessThanOrEqual(other + 1);
          }
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });
});

const classes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 2, maxLength: 5 }).map(
  (sizes): Splittable => ({
    task: 'classify',
    y: Float64Array.from(sizes.flatMap((size, c) => Array(size).fill(c))),
  }),
);
const numbers = fc.integer({ min: 4, max: 60 }).map((n): Splittable => ({ task: 'regress', y: new Float64Array(n) }));
const countOf = ({ y }: Splittable, rows: readonly number[], label: number) =>
  rows.filter((row) => y[row] === label).length;
const labelsOf = ({ y }: Splittable) => [...new Set(y)];

describe('repeated k-fold', () => {
  it('every row is tested once in each repeat, parts and classes are even, training sees every class', () => {
    fc.assert(
      fc.property(fc.oneof(classes, numbers), fc.integer({ min: 2, max: 4 }), fc.nat(), (data, folds, seed) => {
        const n = data.y.length;
        fc.pre(n >= folds);
        const splits = repeatedKFold(data, { folds, repeats: 2, seed });
        expect(splits.length).toBe(2 * folds);
        for (const repeat of [0, 1]) {
          const own = splits.filter((split) => split.repeat === repeat);
          expect(own.flatMap(({ test }) => test).toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: n }, (_, i) => i),
          );
          for (const { train, test } of own) {
            expect([...train, ...test].toSorted((a, b) => a - b)).toHaveLength(n);
            expect(test.length - Math.floor(n / folds)).toBeOneOf([0, 1]);
            expect(train.toSorted((a, b) => a - b)).toEqual(train);
            if (data.task === 'regress') continue;
            for (const label of labelsOf(data)) {
              const size = countOf(data, Array.from(data.y.keys()), label);
              expect(countOf(data, test, label) - Math.floor(size / folds)).toBeOneOf([0, 1]);
              if (size >= 2) expect(countOf(data, train, label)).toBeGreaterThan(0);
            }
          }
        }
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  it('the same seed gives the same splits, repeats differ', () => {
    const data: Splittable = { task: 'regress', y: new Float64Array(20) };
    const of = (seed: number) => repeatedKFold(data, { folds: 2, repeats: 2, seed });
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(of(1)[0]?.test).not.toEqual(of(1)[2]?.test);
    expect(JSON.parse(JSON.stringify(of(1)))).toEqual(of(1));
  });

  it('refuses more folds than rows', () =>
    expectRefusal(
      () => repeatedKFold({ task: 'regress', y: new Float64Array(3) }, { folds: 4, repeats: 1, seed: 0 }),
      'ERR_ARGUMENT',
      /folds must be a whole number from 2 to 3, got 4/,
    ));
});

describe('Monte Carlo splits', () => {
  it('have the asked sizes, are disjoint and stratified, and training sees every class', () => {
    const fraction = fc.double({ min: 0.1, max: 0.6, noNaN: true });
    fc.assert(
      fc.property(
        fc.oneof(classes, numbers),
        fraction,
        fc.nat(),
        fc.nat({ max: 50 }),
        (data, testFraction, seed, cap) => {
          const n = data.y.length;
          const maxTrain = cap < 6 ? undefined : cap;
          const splits = monteCarloSplits(data, { repeats: 3, testFraction, seed, ...(maxTrain && { maxTrain }) });
          const labels = data.task === 'classify' ? labelsOf(data) : [];
          const testable = data.task === 'classify' ? n - labels.length : n;
          const wanted = Math.min(n - 1, Math.max(1, Math.round(testFraction * n)));
          for (const { train, test } of splits) {
            expect(test.length).toBe(Math.min(wanted, testable));
            expect(train.length).toBe(Math.min(n - wanted, maxTrain ?? n));
            expect(new Set([...train, ...test]).size).toBe(train.length + test.length);
            for (const label of labels) {
              const size = countOf(data, Array.from(data.y.keys()), label);
              if (train.length >= labels.length) expect(countOf(data, train, label)).toBeGreaterThan(0);
              if (test.length >= 3 * labels.length && size >= 6) {
                expect(Math.abs(countOf(data, test, label) - (test.length * size) / n)).toBeLessThan(labels.length + 1);
              }
            }
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('proportions are exact where they can be', () => {
    const y = Float64Array.from({ length: 100 }, (_, i) => (i < 70 ? 0 : 1));
    for (const { train, test } of monteCarloSplits(
      { task: 'classify', y },
      { repeats: 4, testFraction: 0.3, seed: 9, maxTrain: 40 },
    )) {
      expect([countOf({ task: 'classify', y }, test, 0), countOf({ task: 'classify', y }, test, 1)]).toEqual([21, 9]);
      expect([countOf({ task: 'classify', y }, train, 0), countOf({ task: 'classify', y }, train, 1)]).toEqual([
        28, 12,
      ]);
    }
  });

  it('every row is tested sooner or later', () => {
    const data: Splittable = { task: 'classify', y: Float64Array.from({ length: 30 }, (_, i) => i % 3) };
    const tested = new Set(
      monteCarloSplits(data, { repeats: 60, testFraction: 0.2, seed: 1 }).flatMap(({ test }) => test),
    );
    expect(tested.size).toBe(30);
  });

  it.each([0, 1, -0.5, Number.NaN])('refuses the fraction %s', (testFraction) =>
    expectRefusal(
      () => monteCarloSplits({ task: 'regress', y: new Float64Array(9) }, { repeats: 1, testFraction, seed: 0 }),
      'ERR_ARGUMENT',
      /testFraction must lie between 0 and 1/,
    ),
  );
});
