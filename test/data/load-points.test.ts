import { describe, expect, test } from 'vitest';
import { loadPoints, loadPointsPair } from '../../lib/data/load-points.js';
import { npyBytes } from '../../lib/data/npy.js';
import { scratchFolder } from './support.js';

const { write: file } = scratchFolder();
const npy = (values: number[], shape: number[]) => npyBytes({ data: Float64Array.from(values), shape });

describe('samples without targets', () => {
  test('every column of an array is a feature', async () => {
    const points = await loadPoints(file('x.npy', npy([1, 2, 3, 4, 5, 6], [3, 2])));
    expect(points.x.shape).toEqual([3, 2]);
    expect([...points.x.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(points.source.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('every column of a table is a feature unless it is ignored', async () => {
    const path = file('t.csv', 'a,b,label\n1,2,x\n3,4,y\n');
    const points = await loadPoints(path, { ignore: ['label'] });
    expect(points.features).toEqual(['a', 'b']);
    expect(points.notes.messages).toContain("columns left out: 'label'");
    await expect(loadPoints(path)).rejects.toMatchObject({
      code: 'ERR_DATA',
      message: expect.stringContaining("'label'"),
    });
    expect((await loadPoints(path, { oneHot: true })).features).toEqual(['a', 'b', 'label=x', 'label=y']);
  });

  test('rows are limited in file order, after incomplete ones are left out', async () => {
    const path = file('missing.csv', 'a,b\n1,2\n,3\n4,5\n6,7\n');
    const points = await loadPoints(path, { limit: 2, missing: 'drop-rows' });
    expect([...points.x.data]).toEqual([1, 2, 4, 5]);
    expect(points.notes.messages.slice(1)).toEqual([
      '1 row with missing values were left out',
      'the first 2 of 3 rows were taken',
    ]);
    await expect(loadPoints(path)).rejects.toMatchObject({ code: 'ERR_DATA' });
  });

  test('repeated and zero rows and constant columns are told', async () => {
    const { notes } = await loadPoints(file('rows.npy', npy([0, 0, 1, 0, 1, 0], [3, 2])));
    expect(notes).toMatchObject({ duplicateRows: 1, zeroRows: 1, constantColumns: ['column 2'] });
    expect(notes.messages).toHaveLength(3);
  });

  test('numbers that are not finite are refused with their place', async () => {
    const path = file('inf.npy', npy([1, 2, 3, Number.POSITIVE_INFINITY], [2, 2]));
    await expect(loadPoints(path)).rejects.toMatchObject({
      code: 'ERR_NOT_FINITE',
      details: { row: 1, column: 1 },
    });
  });
});

describe('two sets of samples', () => {
  test('the second is encoded and filled like the first', async () => {
    const first = file('first.csv', 'c,v\nred,1\nblue,3\n');
    const second = file('second.csv', 'v,extra,c\n,9,blue\n');
    const [, other] = await loadPointsPair(first, second, { oneHot: true, missing: 'mean' });
    expect(other.features).toEqual(['c=blue', 'c=red', 'v']);
    expect([...other.x.data]).toEqual([1, 0, 2]);
    expect(other.notes.messages).toContain("columns left out: 'extra'");
  });

  test('a second set that does not fit is refused', async () => {
    const first = file('a.npy', npy([1, 2], [1, 2]));
    const second = file('b.npy', npy([1, 2, 3], [1, 3]));
    await expect(loadPointsPair(first, second)).rejects.toMatchObject({
      code: 'ERR_SHAPE',
      message: 'b.npy has 3 features, a.npy has 2 features; both must have the same',
    });
    const tall = file('tall.npy', npy([1, 2, 3, 4, 5, 6], [1, 3, 2]));
    const wide = file('wide.npy', npy([1, 2, 3, 4, 5, 6], [1, 2, 3]));
    await expect(loadPointsPair(tall, wide)).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    const table = file('lacks.csv', 'a,b\n1,2\n');
    await expect(loadPointsPair(table, file('other.csv', 'a,c\n1,2\n'))).rejects.toMatchObject({
      code: 'ERR_DATA',
      details: { absent: ['b'] },
    });
  });
});
