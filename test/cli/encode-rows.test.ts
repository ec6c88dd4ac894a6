// Rows of a program for models of `resgram fit`: what the library makes of them is what `resgram predict` makes of a file's.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Classifier, encodeRows, loadModel, mlp, type Regressor, regress, rowFormat } from '../../lib/index.js';
import { compile } from '../../lib/kernel.js';
import { refusal } from '../verbs/support.js';
import { npyFile, points, resgram, workplace } from './run.js';

const { path: cwd, write } = workplace();
const n = 60;
const x = points(n, 3);
const towns = ['Bern', 'Aarau', '7'] as const;
const flats = Array.from({ length: n }, (_, i) => ({
  size: 50 + 30 * (x[3 * i] as number),
  town: towns[i % 3] as string,
  floor: Math.round(4 * (x[3 * i + 1] as number)),
}));
const price = (i: number) => 3 * (flats[i] as (typeof flats)[number]).size + 40 * (i % 3) + (x[3 * i + 2] as number);
const table = (last: string, cell: (i: number) => string | number) =>
  `size,town,floor,id,${last}\n${flats.map((flat, i) => `${Object.values(flat).join(',')},${i},${cell(i)}\n`).join('')}`;
const images = Array.from({ length: 40 }, (_, i) => points(40, 16).slice(16 * i, 16 * (i + 1)));

const models: Record<string, Regressor | Classifier> = {};
const fit = ['--networks', 'mlp', '--depths', '2', '--no-learning-curve'];
async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await resgram(args, { cwd });
  expect(code, stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  write('flats.csv', table('price', price));
  write(
    'kinds.csv',
    table('kind', (i) => (price(i) > 190 ? 'dear' : 'cheap')),
  );
  write(
    'rows.npy',
    npyFile(
      Float64Array.from({ length: 4 * n }, (_, k) => (k % 4 < 3 ? x[3 * Math.floor(k / 4) + (k % 4)] : k) as number),
      [n, 4],
    ),
  );
  write('images.npy', npyFile(Float64Array.from(images.flatMap((one) => [...one])), [40, 4, 4]));
  write(
    'labels.npy',
    npyFile(
      Float64Array.from({ length: 40 }, (_, i) => i % 2),
      [40],
    ),
  );
  const net = '{"preset":"cntk","depth":1,"head":"trace"}';
  await run('fit', 'flats.csv', '--target', 'price', '--ignore', 'id', '--one-hot', '--out', 'flats.model', ...fit);
  await run('fit', 'kinds.csv', '--target', 'kind', '--ignore', 'id', '--one-hot', '--out', 'kinds.model', ...fit);
  await run('fit', 'rows.npy', '--task', 'regress', '--out', 'rows.model', ...fit);
  await run(
    'fit',
    'images.npy',
    '--labels',
    'labels.npy',
    '--network',
    net,
    '--no-learning-curve',
    '--out',
    'images.model',
  );
  for (const name of ['flats', 'kinds', 'rows', 'images']) {
    models[name] = await loadModel(path.join(cwd, `${name}.model`));
  }
});
afterAll(() => {
  for (const model of Object.values(models)) model.dispose();
});
const model = (name: string) => models[name] as Regressor | Classifier;

async function told(name: string, file: string, ...more: string[]) {
  return JSON.parse(await run('predict', `${name}.model`, file, '--json', ...more)).predictions;
}

describe('rows of a program are predicted as those of a file, to the last bit', () => {
  test('of a table, with a column of texts', async () => {
    const { prediction, std } = await told('flats', 'flats.csv', '--std', '--no-score');
    const regressor = model('flats') as Regressor;
    const all = await regressor.predict(encodeRows(regressor, flats), { std: true, noise: true });
    expect([...all.mean.data]).toEqual(prediction);
    expect([...all.std]).toEqual(std);
    // Alone, in another order, with what is not looked at; numbers for texts that are spelled so.
    const { size, floor } = flats[2] as (typeof flats)[number];
    const z = encodeRows(regressor, [{ price: null, town: 7, floor, size, id: 'x' }]);
    const one = await regressor.predict(z, { std: true, noise: true, threads: 1 });
    expect([one.mean.data[0], one.std[0]]).toEqual([prediction[2], std[2]]);
  });

  test('of classes', async () => {
    const { prediction, probabilities, classes } = await told('kinds', 'kinds.csv', '--no-score');
    const classifier = model('kinds') as Classifier;
    const answer = await classifier.predict(encodeRows(classifier, flats));
    expect(answer.labels).toEqual(prediction);
    expect(classes).toEqual([...answer.classes].sort());
    const order = classes.map((label: string) => answer.classes.indexOf(label));
    const rows = flats.map((_, i) => order.map((c: number) => answer.probabilities.data[2 * i + c]));
    expect(rows).toEqual(probabilities);
  });

  test('of a matrix, with and without its target', async () => {
    const { prediction } = await told('rows', 'rows.npy', '--no-score');
    const regressor = model('rows') as Regressor;
    const features = Array.from({ length: n }, (_, i) => [...x.slice(3 * i, 3 * i + 3)]);
    for (const rows of [features, features.map((row) => [...row, Number.NaN])]) {
      expect([...(await regressor.predict(encodeRows(regressor, rows))).mean.data]).toEqual(prediction);
    }
  });

  test('of images, nested or flat', async () => {
    const { prediction } = await told('images', 'images.npy', '--no-score');
    const classifier = model('images') as Classifier;
    const flat = images.map((one) => [...one]);
    const nested = flat.map((one) => [0, 4, 8, 12].map((at) => one.slice(at, at + 4).map((pixel) => [pixel])));
    for (const rows of [flat, nested]) {
      expect((await classifier.predict(encodeRows(classifier, rows))).labels.map(String)).toEqual(prediction);
    }
    await refusal(() => encodeRows(classifier, [[[1, 2, 3, 4]]]), 'ERR_SHAPE');
    await refusal(() => encodeRows(classifier, [flat[0]?.slice(1)]), 'ERR_SHAPE');
  });
});

test('a model says which rows it takes', async () => {
  expect(rowFormat(model('flats'))).toEqual({
    kind: 'columns',
    columns: [{ name: 'size' }, { name: 'town', levels: ['7', 'Aarau', 'Bern'] }, { name: 'floor' }],
    ignored: ['id', 'price'],
  });
  expect(rowFormat(model('rows'))).toEqual({ kind: 'numbers', columns: 4, target: 3 });
  expect(rowFormat(model('images'))).toEqual({ kind: 'image', height: 4, width: 4, channels: 1 });
  const own = await regress(compile(mlp({ depth: 1 })), [[1], [2]], [1, 2], { ridge: 1 });
  expect(rowFormat(own)).toBeUndefined();
  const { message } = await refusal(() => encodeRows(own, [[1]]), 'ERR_DATA');
  expect(message).toContain("expected a model that 'resgram fit' wrote");
});

describe('what does not fit is refused with its place', () => {
  const row = { size: 50, town: 'Bern', floor: 1 };
  test.each([
    [
      [row, { size: 50, floor: 1 }],
      'ERR_DATA',
      "rows[1] lacks a column of the training data: 'town'; it has 'size', 'floor'",
    ],
    [[{ ...row, rooms: 3 }], 'ERR_DATA', "rows[0] has a column that the training data lack: 'rooms'; leave it out"],
    [
      [{ ...row, town: 'Chur' }],
      'ERR_DATA',
      "rows[0], column 'town': the level 'Chur' does not occur in the training data ('7', 'Aarau', 'Bern')",
    ],
    [[{ ...row, size: '50' }], 'ERR_DATA', 'rows[0], column \'size\': expected a number, got "50"'],
    [[{ ...row, size: null }], 'ERR_DATA', "rows[0], column 'size': the value is missing"],
    [[{ ...row, town: undefined }], 'ERR_DATA', "rows[0], column 'town': the value is missing"],
    [[{ ...row, size: Number.NaN }], 'ERR_NOT_FINITE', "rows[0], column 'size': expected finite numbers, got NaN"],
    [[{ ...row, town: ['Bern'] }], 'ERR_DATA', "rows[0], column 'town': expected a text, got an array of 1"],
    [[[50, 'Bern', 1]], 'ERR_ARGUMENT', 'rows[0]: expected an object by column, got an array of 3'],
    [[], 'ERR_ARGUMENT', 'rows: expected an array of at least one row'],
    [[Object.create({ ...row })], 'ERR_DATA', "rows[0] lacks columns of the training data: 'size', 'town', 'floor'"],
  ] as const)('%j', async (rows, code, expected) => {
    const { message } = await refusal(() => encodeRows(model('flats'), rows), code);
    expect(message).toContain(expected);
  });

  test('numbers of a matrix', async () => {
    for (const [rows, code, expected] of [
      [[[1, 2]], 'ERR_SHAPE', 'rows[0]: expected 4 columns as in the training data, or 3 without the target, got 2'],
      [[[1, '2', 3]], 'ERR_DATA', 'rows[0][1]: expected a number, got "2"'],
      [[{ a: 1 }], 'ERR_ARGUMENT', 'rows[0]: expected an array of numbers'],
    ] as const) {
      expect((await refusal(() => encodeRows(model('rows'), rows), code)).message).toContain(expected);
    }
  });

  test('holes in arrays are values that are not there', async () => {
    const hole = Object.assign(new Array<unknown>(3), { 0: 1, 2: 3 });
    for (const [name, rows, code, expected] of [
      ['flats', new Array(2), 'ERR_ARGUMENT', 'rows[0]: expected an object by column, got undefined'],
      ['rows', new Array(1), 'ERR_ARGUMENT', 'rows[0]: expected an array of numbers, got undefined'],
      ['rows', [hole], 'ERR_DATA', 'rows[0][1]: the value is missing; leave out such rows'],
    ] as const) {
      expect((await refusal(() => encodeRows(model(name), rows), code)).message).toContain(expected);
    }
  });

  test('numbers that leave the range of doubles when they are scaled', async () => {
    const { message } = await refusal(
      () =>
        encodeRows(model('rows'), [
          [1, 2, 3],
          [1, -1.7e308, 3],
        ]),
      'ERR_RANGE',
    );
    expect(message).toContain('rows: row 1, feature 1 leaves the range of doubles');
  });

  test('unless the mean is asked for, as in a file', async () => {
    write('gaps.csv', 'size,town,floor\n,Bern,1\n50,,2\n');
    const { prediction } = await told('flats', 'gaps.csv', '--missing', 'mean');
    const regressor = model('flats') as Regressor;
    const rows = [
      { ...row, size: null },
      { size: 50, town: null, floor: 2 },
    ];
    const { mean } = await regressor.predict(encodeRows(regressor, rows, { missing: 'mean' }));
    expect([...mean.data]).toEqual(prediction);
  });
});
