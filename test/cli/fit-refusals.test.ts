import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/load-model.js';
import { finished, listing, npyFile, points, resgram, start, workplace } from './run.js';

const { path: cwd, write } = workplace();
const iris = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'iris.csv'), 'utf8')
  .trim()
  .split('\n');
const [irisHead = '', ...irisRows] = iris;
const table = (rows: readonly string[], head = irisHead) => `${[head, ...rows].join('\n')}\n`;
const columns = (order: readonly number[], lines = iris) =>
  `${lines.map((line) => order.map((j) => line.split(',')[j]).join(',')).join('\n')}\n`;
const numbers = Array.from({ length: 60 }, (_, i) => i);
const target = (i: number) => Math.sin(i);
const quick = ['--networks', 'mlp', '--depths', '1,3', '--no-learning-curve'];

interface Refusal {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: string;
}

describe('refusals leave nothing and say what helps', () => {
  beforeAll(async () => {
    write('train.csv', table(irisRows.filter((_, i) => i % 3 > 0)));
    write('test.csv', table(irisRows.filter((_, i) => i % 3 === 0)));
    write('some.npy', npyFile(points(5, 4), [5, 4]));
    await resgram(['fit', 'train.csv', '--out', 'iris.model', ...quick], { cwd });
    const coloured = numbers.map((i) => `${i % 3 === 0 ? 'red' : 'green'},${i * i},${target(i)}`);
    write('colours.csv', `colour,a,y\n${coloured.join('\n')}\n`);
    await resgram(['fit', 'colours.csv', '--out', 'level.model', ...quick], { cwd });
    write('level.csv', 'colour,a\nred,1\nblue,2\n');
    write('order.csv', columns([2, 0, 1, 3]));
    write('lacks.csv', columns([0, 1, 3, 4]));
    write('extra.csv', columns([0, 1, 2, 3, 3]));
    write('tulip.csv', table(['5,3,1,0.2,tulip']));
    write('missing.csv', table(['5,,1,0.2,setosa']));
    write('unlabelled.csv', table(['5,3,1,0.2,setosa', '5,3,1,0.2,']));
    write('one.csv', table(irisRows.slice(0, 20)));
    write('gap.csv', `a,y\n${numbers.map((i) => `${i * i},${i === 7 ? '' : i / 7}`).join('\n')}\n`);
    write('constant.csv', `a,y\n${numbers.map((i) => `${i * i},1.5`).join('\n')}\n`);
    write('equal.csv', `a,y\n${numbers.map((i) => `${(i >> 1) ** 2},${target(i)}`).join('\n')}\n`);
    const bytes = readFileSync(join(cwd, 'iris.model'));
    writeFileSync(join(cwd, 'cut.model'), bytes.subarray(0, bytes.length - 9));
    const later = bytes.toString('latin1').replace('"version":"1"', '"version":"9"');
    writeFileSync(join(cwd, 'later.model'), Buffer.from(later, 'latin1'));
    const model = await loadModel(join(cwd, 'iris.model'));
    await model.save(join(cwd, 'record.model'), { notes: { ...(model.notes as object), schema: 2 } });
    await model.save(join(cwd, 'own.model'), { notes: { mine: true } });
    model.dispose();
    const changed = Buffer.from(bytes);
    changed[changed.length - 5] = (changed[changed.length - 5] as number) ^ 1;
    writeFileSync(join(cwd, 'changed.model'), changed);
  });

  const predict = (file: string, model = 'iris.model') => ['predict', model, file];
  const cases: readonly Refusal[] = [
    {
      what: 'another order',
      args: predict('order.csv'),
      code: 3,
      says: "feature 1 is 'petal_length' and not 'sepal_length'; put them into order, or have them taken by their names (--by-name)",
    },
    {
      what: 'a column that lacks',
      args: predict('lacks.csv'),
      code: 3,
      says: "lacks a column of the training data: 'petal_length'",
    },
    {
      what: 'a column too many',
      args: predict('extra.csv'),
      code: 3,
      says: "has a column that the training data lack: 'petal_width (2)'",
    },
    {
      what: 'an unseen label',
      args: predict('tulip.csv'),
      code: 3,
      says: "line 2, column 'species': the label 'tulip' is none of the training data ('setosa', 'versicolor', 'virginica'); leave such rows out, or only predict (--no-score)",
    },
    {
      what: 'a missing value',
      args: predict('missing.csv'),
      code: 3,
      says: "line 2, column 'sepal_width': the value is missing",
    },
    {
      what: 'a label of some',
      args: predict('unlabelled.csv'),
      code: 3,
      says: "line 3, column 'species': the target is missing",
    },
    { what: 'a file cut short', args: predict('test.csv', 'cut.model'), code: 3, says: 'the model file is cut short' },
    {
      what: 'a later format',
      args: predict('test.csv', 'later.model'),
      code: 3,
      says: 'expected format version 1, got 9; a later release of resgram wrote it',
    },
    {
      what: 'a later record',
      args: predict('test.csv', 'record.model'),
      code: 3,
      says: 'expected a record of version 1, got 2',
    },
    {
      what: 'a model that a program saved',
      args: predict('test.csv', 'own.model'),
      code: 3,
      says: "expected a model that 'resgram fit' wrote",
    },
    { what: 'a bit changed', args: predict('test.csv', 'changed.model'), code: 3, says: 'the model file is damaged' },
    { what: 'no model file', args: predict('test.csv', 'test.csv'), code: 3, says: 'expected a model file of resgram' },
    { what: 'no such model', args: predict('test.csv', 'nowhere.model'), code: 8, says: 'no such file' },
    {
      what: 'deviations of classes',
      args: [...predict('test.csv'), '--std'],
      code: 2,
      says: '--std: expected a model of numbers',
    },
    {
      what: 'another ending',
      args: [...predict('test.csv'), '--out', 'p.txt'],
      code: 2,
      says: '--out: expected a file that ends in .csv or .json',
    },
    {
      what: 'an array for a table',
      args: predict('some.npy'),
      code: 3,
      says: 'expected a table with names of columns (CSV, TSV), as the model was fitted to',
    },
    {
      what: 'a test file without labels',
      args: ['fit', 'train.csv', '--test', 'order.csv', '--out', 'm'],
      code: 3,
      says: 'order.csv',
    },
    { what: 'one class', args: ['fit', 'one.csv', '--out', 'm'], code: 3, says: 'or name another column (--target)' },
    {
      what: 'a folder that is not there, before the data are read',
      args: ['fit', 'nowhere.csv', '--out', 'none/m'],
      code: 8,
      says: "there is no folder 'none'; make it first",
    },
    {
      what: 'a missing target',
      args: ['fit', 'gap.csv', '--out', 'm'],
      code: 3,
      says: "line 9, column 'y': the target is missing",
    },
    {
      what: 'a constant target',
      args: ['fit', 'constant.csv', '--task', 'regress', '--out', 'm', ...quick],
      code: 3,
      says: 'column 0 is constant',
    },
    {
      what: 'equal rows at ridge 0',
      args: ['fit', 'equal.csv', '--ridge', '0', '--out', 'm', ...quick],
      code: 4,
      says: 'singular',
    },
    {
      what: 'a folder in place of the model',
      args: ['fit', 'train.csv', '--out', '.', '--force'],
      code: 6,
      says: "output '.' is a folder; choose the name of a file",
    },
    {
      what: 'an unseen level',
      args: predict('level.csv', 'level.model'),
      code: 3,
      says: "the level 'blue' does not occur in the training data ('green', 'red'); leave these rows out, or fit without the column: --ignore 'colour' where",
    },
    {
      what: 'a model that exists',
      args: ['fit', 'train.csv', '--out', 'iris.model'],
      code: 6,
      says: "the output file 'iris.model' exists; choose another name or allow replacing it (--force)",
    },
    {
      what: 'two kinds of networks',
      args: ['fit', 'train.csv', '--out', 'm', '--network', '{"preset":"mlp","depth":1}', '--depths', '3'],
      code: 2,
      says: '--depths: --network is one network as it is',
    },
    {
      what: 'folds without their criterion',
      args: ['fit', 'train.csv', '--out', 'm', '--folds', '3'],
      code: 2,
      says: '--folds: expected together with --criterion folds',
    },
    {
      what: 'test labels alone',
      args: ['fit', 'train.csv', '--out', 'm', '--test-labels', 'l.csv'],
      code: 2,
      says: '--test-labels: expected together with --test',
    },
    {
      what: 'a convolution on rows',
      args: ['fit', 'train.csv', '--out', 'm', '--network', '{"preset":"cntk","depth":1,"head":"trace"}'],
      code: 3,
      says: 'expected images',
    },
  ];

  test.each(cases)('$what', async ({ args, code, says }) => {
    const before = listing(cwd);
    const plain = await resgram(args, { cwd });
    expect({ code: plain.code, stdout: plain.stdout }).toEqual({ code, stdout: '' });
    expect(plain.stderr).toContain(says);
    expect(plain.stderr).not.toMatch(/^ +at /m);
    const { stdout } = await resgram([...args, '--json'], { cwd });
    expect(JSON.parse(stdout).error.message).toContain(says);
    expect(listing(cwd)).toEqual(before);
  });
});

test('Ctrl-C during a fit leaves nothing', async () => {
  const data = points(2500, 6);
  write(
    'large.csv',
    `${Array.from({ length: 2500 }, (_, i) => [...data.subarray(6 * i, 6 * i + 6)].join(',')).join('\n')}\n`,
  );
  const before = listing(cwd);
  const child = start(['fit', 'large.csv', '--out', 'large.model'], { cwd });
  const end = finished(child);
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
      if (/^(gram|spectrum|search)/m.test(text)) resolve();
    });
    child.once('exit', () => reject(new Error(text)));
  });
  child.kill('SIGINT');
  expect((await end).stdout).toBe('');
  expect(child.signalCode).toBe('SIGINT');
  expect(listing(cwd)).toEqual(before);
});
