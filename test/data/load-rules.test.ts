import { describe, expect, it } from 'vitest';
import type { Dataset, LoadOptions } from '../../lib/data/dataset.js';
import { loadDataset } from '../../lib/data/load.js';
import { expectFailure, expectRefusal, scratchFolder } from './support.js';

const scratch = scratchFolder();
let files = 0;
const csv = (content: string, options?: LoadOptions) =>
  loadDataset(scratch.write(`table-${files++}.csv`, content), options);
const rows = ({ x }: Dataset) =>
  Array.from({ length: x.shape[0] }, (_, i) => Array.from(x.data.subarray(i * x.shape[1], (i + 1) * x.shape[1])));

describe('columns of text', () => {
  it('become indicators, in sorted order, with a note', async () => {
    const t = await csv('c,v,t\nred,1,0\nblue,2,1\nred,3,0\n');
    expect(t.features).toEqual(['c=blue', 'c=red', 'v']);
    expect(rows(t)).toEqual([
      [0, 1, 1],
      [1, 0, 2],
      [0, 1, 3],
    ]);
    expect(t.notes.oneHot).toEqual([{ column: 'c', levels: ['blue', 'red'] }]);
    expect(t.notes.messages.join()).toMatch(/column 'c' holds text: one indicator for each of its 2 levels/);
  });

  it('and their names stay apart from those of other columns', async () => {
    expect((await csv('a,a=x,t\nx,1,0\ny,2,1\n')).features).toEqual(['a=x', 'a=y', 'a=x (2)']);
  });

  it('are told as decimal commas where they are', async () => {
    const german = `a;t\n${Array.from({ length: 30 }, (_, i) => `0,${100 + i};${i % 2}`).join('\n')}\n`;
    await expectFailure(() => csv(german), 'ERR_DATA', /column 'a': '0,100' looks like a number with a decimal comma/);
  });

  it('are refused when they look like a slip, an identifier, or are not wanted', async () => {
    const ids = `id,v,t\n${Array.from({ length: 30 }, (_, i) => `p${i},${i % 7},${i % 2}`).join('\n')}\n`;
    await expectFailure(() => csv(ids), 'ERR_DATA', /column 'id': 30 different texts, more than the 20/);
    expect((await csv(ids, { oneHot: true })).x.shape).toEqual([30, 31]);
    expect((await csv(ids, { ignore: ['id'] })).notes.ignoredColumns).toEqual(['id']);
    expect((await csv(ids, { ignore: [1] })).features).toEqual(['v']);
    const slip = 'a,t\n1,0\n2,1\n0x10,0\n';
    const error = await expectFailure(
      () => csv(slip),
      'ERR_DATA',
      /line 4, column 'a': '0x10' is not a number; correct/,
    );
    expect(error.details).toMatchObject({ line: 4, row: 2, column: 'a' });
    expect((await csv(slip, { oneHot: true })).features).toEqual(['a=0x10', 'a=1', 'a=2']);
    await expectFailure(
      () => csv('a,t\nx,0\ny,1\n', { oneHot: false }),
      'ERR_DATA',
      /line 2, column 'a': 'x' is not a number/,
    );
  });

  it.each([
    ['1e400', 'ERR_NOT_FINITE', /line 3, column 'a': '1e400' is beyond the range of doubles/],
    ['-inf', 'ERR_NOT_FINITE', /line 3, column 'a': '-inf' is infinite/],
    ['Infinity', 'ERR_NOT_FINITE', /line 3, column 'a': 'Infinity' is infinite/],
    ['"1,5"', 'ERR_DATA', /'1,5' is not a number: write the decimal point as '\.'/],
    ['12 kg', 'ERR_DATA', /'12 kg' is not a number/],
  ] as const)('%s among numbers', (cell, code, message) =>
    expectRefusal(() => csv(`a,t\n1,0\n${cell},1\n2,0\n`, { delimiter: ',' }), code, message),
  );

  it('infinities alone are no categories', () =>
    expectRefusal(() => csv('a,t\ninf,0\ninf,1\n-inf,0\n'), 'ERR_NOT_FINITE', /line 2, column 'a': 'inf' is infinite/));

  it('names from Object.prototype are ordinary names', async () => {
    const t = await csv('__proto__,constructor,t\nx,1,toString\ny,2,valueOf\nx,3,toString\n');
    expect(t.features).toEqual(['__proto__=x', '__proto__=y', 'constructor']);
    expect(t.classes).toEqual(['toString', 'valueOf']);
    expect(rows(t)[1]).toEqual([0, 1, 2]);
  });
});

describe('missing values', () => {
  const text = 'a,c,t\n1,x,0\n,y,1\n3,?,0\n5,x,1\n';
  it('are refused by default, with the first place and the remedies', async () => {
    const error = await expectFailure(
      () => csv(text),
      'ERR_DATA',
      /line 3, column 'a': the value is missing.*drop-rows.*mean/,
    );
    expect(error.details).toMatchObject({ line: 3, column: 'a', row: 1 });
  });

  it('drop-rows leaves out the rows', async () => {
    const t = await csv(text, { missing: 'drop-rows' });
    expect(rows(t)).toEqual([
      [1, 1, 0],
      [5, 1, 0],
    ]);
    expect(t.notes.droppedRows).toBe(2);
  });

  it('mean fills numbers with the mean and indicators with the frequencies', async () => {
    const t = await csv(text, { missing: 'mean' });
    expect(rows(t)).toEqual([[1, 1, 0], [3, 0, 1], [3, 2 / 3, 1 / 3].map((v) => expect.closeTo(v, 14)), [5, 1, 0]]);
    expect(t.notes.filledCells).toBe(2);
  });

  it('of rows that are not taken do not matter', async () => {
    expect((await csv('a,t\n1,0\n2,1\n,0\n', { limit: 2 })).x.shape).toEqual([2, 1]);
    expect((await csv('a,t\n1,0\n2,1\n,2\n', { classes: ['0', '1'] })).x.shape).toEqual([2, 1]);
    expect((await csv('a,b,t\n1,,0\n2,,1\n', { ignore: ['b'] })).features).toEqual(['a']);
  });

  it('in the target, or everywhere, cannot be filled', async () => {
    await expectFailure(
      () => csv('a,t\n1,x\n2,\n3,y\n', { missing: 'mean' }),
      'ERR_DATA',
      /line 3, column 't': the target is missing/,
    );
    expect((await csv('a,t\n1,x\n2,\n3,y\n', { missing: 'drop-rows' })).x.shape).toEqual([2, 1]);
    await expectFailure(
      () => csv('a,b,t\n1,,0\n2,,1\n', { missing: 'mean' }),
      'ERR_DATA',
      /column 'b': every value is missing/,
    );
    await expectFailure(() => csv('a,b,t\n1,,0\n2,,1\n', { missing: 'drop-rows' }), 'ERR_DATA', /no rows are left/);
  });

  it('a delimiter at the end of each line is no missing column', async () => {
    expect((await csv('a,t,\n1,0,\n2,1,\n')).features).toEqual(['a']);
  });
});

describe('limits', () => {
  const labels = ['a', 'a', 'a', 'b', 'c', 'b', 'c', 'c'];
  const text = `f,t\n${labels.map((label, i) => `${i},${label}`).join('\n')}\n`;
  const taken = async (options: LoadOptions) => rows(await csv(text, options)).flat();

  it('the first rows in file order', async () => {
    const t = await csv(text, { limit: 4 });
    expect([rows(t).flat(), t.classes, Array.from(t.y)]).toEqual([
      [0, 1, 2, 3],
      ['a', 'b'],
      [0, 0, 0, 1],
    ]);
    expect(t.notes.messages.join()).toMatch(
      /the first 4 of 8 rows in file order were taken,no row of 'c' is among them/,
    );
  });

  it('with classes, an equal share of each; small classes leave theirs to others', async () => {
    expect(await taken({ limit: 4, classes: ['a', 'c'] })).toEqual([0, 1, 4, 6]);
    expect(await taken({ limit: 5, classes: ['c', 'a'] })).toEqual([0, 1, 4, 6, 7]);
    expect(await taken({ limit: 7, classes: ['a', 'b', 'c'] })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await taken({ limit: 100, classes: ['a', 'b'] })).toEqual([0, 1, 2, 3, 5]);
  });

  it('so many of each class', async () => expect(await taken({ perClassLimit: 2 })).toEqual([0, 1, 3, 4, 5, 6]));

  it('random order is the same for the same seed', async () => {
    const of = (seed: number) => taken({ limit: 6, order: 'random', seed });
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
    expect((await taken({ order: 'random' })).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('refusals', async () => {
    await expectFailure(
      () => csv(text, { limit: 3 }),
      'ERR_DATA',
      /all of class 'a'; the file also has 'b', 'c'; take more rows/,
    );
    await expectFailure(
      () => csv('f,t\n1,0.5\n2,1.5\n', { perClassLimit: 1 }),
      'ERR_ARGUMENT',
      /perClassLimit needs classes/,
    );
  });
});

describe('what is worth knowing', () => {
  it('constant columns, duplicates, conflicts, zero rows, row numbers', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `${i + 1},7,${i % 3 === 0 ? '-0' : i % 4},${i % 2}`);
    const t = await csv(`id,c,v,t\n${lines.join('\n')}\n`, { ignore: ['id'] });
    expect(t.notes.constantColumns).toEqual(['c']);
    expect(t.notes.duplicateRows).toBe(8);
    expect(t.notes.conflictingRows).toBeGreaterThan(0);
    const zeros = await csv('a,b,t\n0,-0,0\n1,0,1\n0.0,0,0\n');
    expect(zeros.notes).toMatchObject({ zeroRows: 2, duplicateRows: 1, conflictingRows: 0 });
    const numbered = await csv(`id,v,t\n${lines.map((line) => line.replace(',7', '')).join('\n')}\n`);
    expect(numbered.notes.messages.join()).toMatch(/column 'id' counts the rows/);
  });
});
