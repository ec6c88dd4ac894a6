import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PairOptions } from '../../lib/data/dataset.js';
import { loadPair } from '../../lib/data/load.js';
import { npyBytes } from '../../lib/data/npy.js';
import { expectFailure, fixtures, scratchFolder } from './support.js';

const scratch = scratchFolder();
let files = 0;
const pair = (train: string, test: string, options?: PairOptions) => {
  const k = files++;
  return loadPair(scratch.write(`train-${k}.csv`, train), scratch.write(`test-${k}.csv`, test), options);
};

describe('a training and a test table', () => {
  it('share columns by name, levels, classes and means', async () => {
    const { train, test } = await pair('n,c,t\n1,x,no\n3,y,yes\n5,z,no\n', 't,c,extra,n\nyes,z,9,\nno,x,9,4\n', {
      missing: 'mean',
      target: 't',
    });
    expect([train.features, test.features]).toEqual([['n', 'c=x', 'c=y', 'c=z'], train.features]);
    expect(Array.from(test.x.data)).toEqual([3, 0, 0, 1, 4, 1, 0, 0]);
    expect([test.classes, Array.from(test.y)]).toEqual([
      ['no', 'yes'],
      [1, 0],
    ]);
    expect(test.notes.ignoredColumns).toEqual(['extra']);
    expect([train.sources[0]?.role, test.sources[0]?.role]).toEqual(['data', 'test']);
  });

  it('a test table of one class, or of numbers that were text in training', async () => {
    const { test } = await pair('c,t\n1,a\nx,b\n1,b\n', 'c,t\n1,b\n1,b\n', { oneHot: true });
    expect([Array.from(test.x.data), Array.from(test.y), test.notes.classCounts]).toEqual([
      [1, 0, 1, 0],
      [1, 1],
      [0, 2],
    ]);
  });

  it('without names of columns', async () => {
    const { test } = await pair('1,2,0\n3,4,1\n5,6,0\n', '7,8,1\n');
    expect([Array.from(test.x.data), Array.from(test.y)]).toEqual([[7, 8], [1]]);
  });

  it('refusals name the difference', async () => {
    const train = 'n,c,t\n1,x,no\n3,y,yes\n5,y,no\n';
    await expectFailure(
      () => pair(train, 'n,t\n1,no\n'),
      'ERR_DATA',
      /lacks a column of the training data: 'c'; it has 'n', 't'/,
    );
    await expectFailure(
      () => pair(train, 'n,c,t\n1,w,no\n'),
      'ERR_DATA',
      /line 2, column 'c': the level 'w' does not occur in the training/,
    );
    await expectFailure(
      () => pair(train, 'n,c,t\n1,x,no\n2,x,maybe\n'),
      'ERR_DATA',
      /line 3, column 't': the label 'maybe' does not occur/,
    );
    await expectFailure(
      () => pair(train, 'n,c,t\n1,x,no\nfour,x,no\n'),
      'ERR_DATA',
      /line 3, column 'n': 'four' is not a number; the training column holds numbers/,
    );
    await expectFailure(() => pair(train, 'n,c,t\n1,x,\n'), 'ERR_DATA', /line 2, column 't': the target is missing/);
  });

  it('with named classes, other labels in the test table are left out', async () => {
    const options = { classes: ['b', 'a'] };
    const { test } = await pair('n,t\n1,a\n2,b\n3,c\n', 'n,t\n4,c\n5,b\n6,d\n7,a\n', options);
    expect([Array.from(test.x.data), Array.from(test.y)]).toEqual([
      [5, 7],
      [0, 1],
    ]);
  });

  it('the same file twice is noticed', async () => {
    const text = 'n,t\n1,a\n2,b\n';
    const { test } = await pair(text, text);
    expect(test.notes.messages[0]).toMatch(/same contents as the training file/);
  });

  it('regression', async () => {
    const { test } = await pair('n,t\n1,0.5\n2,1.5\n', 'n,t\n3,7\n');
    expect([test.task, test.classes, Array.from(test.y)]).toEqual(['regress', undefined, [7]]);
  });

  it('limits apply to each by its own option', async () => {
    const text = 'n,t\n1,a\n2,b\n3,a\n4,b\n';
    const { train, test } = await pair(text, text, { limit: 2, testLimit: 3 });
    expect([train.x.shape[0], test.x.shape[0]]).toEqual([2, 3]);
  });
});

describe('images', () => {
  const images = join(fixtures, 'mnist2-200-images.idx.gz');
  it('find their labels on both sides', async () => {
    const { train, test } = await loadPair(images, images, { classes: ['1', '0'], limit: 20, testLimit: 10 });
    expect([train.x.shape, test.x.shape, test.notes.classCounts]).toEqual([
      [20, 784],
      [10, 784],
      [5, 5],
    ]);
    expect(test.sources.map(({ role }) => role)).toEqual(['test', 'test-labels']);
  });

  it('must have one size', async () => {
    const small = scratch.write('small.npy', npyBytes({ data: new Float64Array(2 * 4 * 4).fill(1), shape: [2, 4, 4] }));
    const testLabels = scratch.write('small.txt', '0\n1\n');
    await expectFailure(
      () => loadPair(images, small, { testLabels }),
      'ERR_SHAPE',
      /images of 4 × 4 × 1.* images of 28 × 28 × 1/,
    );
    await expectFailure(() => loadPair(images, small), 'ERR_DATA', /small\.npy has no targets/);
  });
});
