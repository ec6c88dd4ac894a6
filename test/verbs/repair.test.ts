/** What is repaired when asked for, and what is refused otherwise. */
import { describe, expect, test } from 'vitest';
import { classify, compile, huang, regress, repair } from '../../lib/index.js';
import { distance, refusal } from './support.js';

const kernel = compile(huang({ depth: 2, alpha: 0.5 }));
const x = [
  [1, 2],
  [3, 4],
  [1, 2],
  [0, -1],
  [3, 4],
  [1, 2],
];

describe('repair', () => {
  test('changes nothing unasked', () => {
    const same = repair(x, [1, 2, 3, 4, 5, 6]);
    expect([...same.x.data]).toEqual(x.flat());
    expect([...same.y.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(same).toMatchObject({ rows: [0, 1, 2, 3, 4, 5], dropped: [], merged: [] });
  });

  test('equal rows become one with the mean target, and a fit without a ridge goes through it', async () => {
    const y = [
      [1, 0],
      [2, 1],
      [4, 0],
      [5, 1],
      [6, 3],
      [1, 3],
    ];
    await refusal(() => regress(kernel, x, y), 'ERR_NOT_POSITIVE_DEFINITE');
    const sound = repair(x, y, { duplicates: 'merge' });
    expect(sound).toMatchObject({
      rows: [0, 1, 3],
      merged: [
        [0, 2, 5],
        [1, 4],
      ],
    });
    expect(distance(sound.y.data, [2, 1, 4, 2, 5, 1])).toBeLessThan(1e-15);
    const model = await regress(kernel, sound.x, sound.y);
    expect(distance((await model.predict(sound.x)).mean.data, sound.y.data)).toBeLessThan(1e-10);
    // The limit of the fit to all of them: it is off by about ridge/λ_min, and by rounding of λ_max/ridge · 1e-16.
    const all = await regress(kernel, x, y, { ridge: 1e-6 });
    expect(distance((await all.predict([[2, 2]])).mean.data, (await model.predict([[2, 2]])).mean.data)).toBeLessThan(
      1e-5,
    );
  });

  test('rows with gaps are left out, and named otherwise', async () => {
    const gaps = [1, null, 3, Number.NaN, undefined, 6];
    expect((await refusal(async () => repair(x, gaps), 'ERR_DATA')).message).toBe(
      "row 1 has a missing target; leave such rows out (missing: 'drop')",
    );
    const sound = repair(x, gaps, { missing: 'drop' });
    expect(sound).toMatchObject({ rows: [0, 2, 5], dropped: [1, 3, 4] });
    expect([...sound.y.data]).toEqual([1, 3, 6]);
    const holes = x.map((row, i) => (i === 3 ? [null, 1] : row));
    expect(repair(holes, [1, 2, 3, 4, 5, 6], { missing: 'drop' }).dropped).toEqual([3]);
    await refusal(
      async () =>
        repair(
          x,
          x.map(() => null),
          { missing: 'drop' },
        ),
      'ERR_DATA',
    );
  });

  test('labels: the most frequent of equal rows, gaps left out, numbers when said to be labels', async () => {
    const labels = ['a', 'b', 'c', 'a', 'b', 'c'];
    const sound = repair(x, labels, { duplicates: 'merge' });
    expect(sound.y).toEqual(['c', 'b', 'a']);
    expect((await classify(kernel, sound.x, sound.y)).classes).toEqual(['a', 'b', 'c']);
    expect(repair(x, ['a', '', 'c', null, 'b', 'b'], { missing: 'drop' })).toMatchObject({
      y: ['a', 'c', 'b', 'b'],
      dropped: [1, 3],
    });
    const asNumbers = repair(x, [1, 2, 5, 4, 2, 5], { duplicates: 'merge', labels: true });
    expect(asNumbers.y).toEqual([5, 2, 4]);
  });

  test('images keep their shape, and −0 is 0', () => {
    const images = { data: Float32Array.of(1, 0, 2, 3, 1, -0, 2, 3), shape: [2, 2, 2] };
    const sound = repair(images, [1, 3], { duplicates: 'merge' });
    expect(sound.x.shape).toEqual([1, 2, 2]);
    expect([...sound.y.data]).toEqual([2]);
  });

  test('refuses what does not fit together', async () => {
    await refusal(async () => repair(x, [1, 2]), 'ERR_SHAPE');
    await refusal(async () => repair([[1], [1, 2]], [1, 2]), 'ERR_SHAPE');
    await refusal(async () => repair('x' as never, [1]), 'ERR_ARGUMENT');
    await refusal(async () => repair(x, [1, 2, 3, 4, 5, 6n] as never), 'ERR_ARGUMENT');
    await refusal(async () => repair(x, [1, 2, 3, 4, 5, 6], { mising: 'drop' } as never), 'ERR_ARGUMENT');
    await refusal(async () => repair({ data: new Float64Array(3), shape: [2, 2] }, [1, 2]), 'ERR_SHAPE');
  });
});
