import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../lib/compile.js';
import { applyScaling, fitScaling } from '../../lib/data/standardize.js';
import { loadModel } from '../../lib/load-model.js';
import { regress } from '../../lib/regress.js';
import { objections } from '../helpers/schemas.js';
import { listing, npyFile, points, resgram, workplace } from './run.js';

const { path: cwd, write } = workplace();
const fixture = (name: string) => join(import.meta.dirname, '..', 'fixtures', name);
const iris = readFileSync(fixture('iris.csv'), 'utf8').trim().split('\n');
const [irisHead = '', ...irisRows] = iris;
// Every third row is kept for testing.
const table = (rows: readonly string[], head = irisHead) => `${[head, ...rows].join('\n')}\n`;
write('train.csv', table(irisRows.filter((_, i) => i % 3 > 0)));
write('test.csv', table(irisRows.filter((_, i) => i % 3 === 0)));
const columns = (order: readonly number[], lines = iris) =>
  `${lines.map((line) => order.map((j) => line.split(',')[j]).join(',')).join('\n')}\n`;

const n = 60;
const x = points(n, 3);
const target = (i: number) => Math.sin(2 * (x[3 * i] as number)) + (x[3 * i + 1] as number) ** 2;
const line = (i: number) => [x[3 * i], x[3 * i + 1], x[3 * i + 2]].join(',');
const numbers = Array.from({ length: n }, (_, i) => i);
write('curve.csv', `a,b,c,y\n${numbers.map((i) => `${line(i)},${target(i)}`).join('\n')}\n`);
write('features.csv', `a,b,c\n${numbers.map(line).join('\n')}\n`);
const quick = ['--networks', 'mlp', '--depths', '1,3', '--no-learning-curve'];

async function succeed(...args: string[]) {
  const done = await resgram(args, { cwd });
  expect({ code: done.code, stderr: done.stderr.includes('resgram:') ? done.stderr : '' }).toEqual({
    code: 0,
    stderr: '',
  });
  return done;
}
const json = async (...args: string[]) => JSON.parse((await succeed(...args, '--json')).stdout);
const csv = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((row) => row.split(','));

beforeAll(async () => {
  await succeed('fit', 'train.csv', '--out', 'iris.model', ...quick);
  await succeed('fit', 'curve.csv', '--target', 'y', '--out', 'curve.model', ...quick);
});

describe('fit', () => {
  test('--json tells what was tried and chosen; the model is that of the library', async () => {
    const report = await json('fit', 'curve.csv', '--target', 'y', '--out', 'again.model', ...quick);
    expect(report).toMatchObject({
      schema: 1,
      kind: 'fit',
      data: { name: 'curve.csv', rows: n, features: 3, task: 'regress', target: 'y' },
      protocol: { ridge: 'auto', criterion: 'leave-one-out', depths: [1, 3], searchRows: n },
      test: null,
      learningCurve: null,
    });
    expect(report.candidates.map(({ depth }: { depth: number }) => depth)).toEqual([1, 3]);
    const best = report.candidates.find(({ chosen }: { chosen: boolean }) => chosen);
    expect(best.score).toBe(Math.min(...report.candidates.map(({ score }: { score: number }) => score)));
    expect(best.error).toBeCloseTo(report.leftOut.rmse, 9);

    const rows = { data: Float64Array.from(x), shape: [n, 3] as const };
    const scaled = applyScaling(fitScaling('columns', rows), rows);
    using kernel = compile(report.model.network);
    using model = await regress(kernel, scaled, Float64Array.from(numbers, target), {
      ridge: report.model.ridge,
      centre: true,
      amplitude: 'auto',
    });
    const { mean, std } = await model.predict(scaled, { std: true, noise: true });
    const lines = csv((await succeed('predict', 'again.model', 'features.csv', '--std')).stdout);
    expect(lines[0]).toEqual(['row', 'prediction', 'std']);
    expect(lines.slice(1).map(([row]) => Number(row))).toEqual(numbers.map((i) => i + 1));
    for (const [i, [, prediction, deviation]] of lines.slice(1).entries()) {
      expect(Math.abs(Number(prediction) - (mean.data[i] as number))).toBeLessThan(1e-12);
      expect(Math.abs(Number(deviation) - (std[i] as number))).toBeLessThan(1e-12);
    }
  });

  test('left-out scores are those of fits without the row', async () => {
    const { leftOut, model } = await json('fit', 'curve.csv', '--target', 'y', '--out', 'loo.model', ...quick);
    using kernel = compile(model.network);
    const all = { data: Float64Array.from(x), shape: [n, 3] as const };
    const { data } = applyScaling(fitScaling('columns', all), all);
    const y = numbers.map(target);
    const centre = y.reduce((sum, value) => sum + value, 0) / n;
    let squares = 0;
    for (const i of numbers) {
      const others = numbers.filter((j) => j !== i);
      const rows = {
        data: Float64Array.from(others.flatMap((j) => [...data.subarray(3 * j, 3 * j + 3)])),
        shape: [n - 1, 3],
      };
      // The mean of all rows is kept.
      const part = await regress(
        kernel,
        rows,
        others.map((j) => (y[j] as number) - centre),
        { ridge: model.ridge },
      );
      const { mean } = await part.predict({ data: data.slice(3 * i, 3 * i + 3), shape: [1, 3] });
      squares += ((y[i] as number) - centre - (mean.data[0] as number)) ** 2;
      part.dispose();
    }
    expect(leftOut.rmse / Math.sqrt(squares / n)).toBeCloseTo(1, 8);
  });

  test('a test file is scored with nothing of it used, and the file says where the model comes from', async () => {
    const report = await json('fit', 'train.csv', '--test', 'test.csv', '--out', 'scored.model', ...quick);
    expect(report.data).toMatchObject({ rows: 100, holdoutRows: 50, task: 'classify' });
    expect(report.test.confusion.flat().reduce((sum: number, count: number) => sum + count)).toBe(50);
    const { scores, predictions } = await json('predict', 'scored.model', 'test.csv');
    expect(scores).toEqual(report.test);
    const right = predictions.prediction.filter((label: string, i: number) => label === predictions.actual[i]).length;
    expect(report.test.accuracy).toBe(right / 50);
    const model = await loadModel(join(cwd, 'scored.model'));
    expect(model.notes).toMatchObject({
      kind: 'resgram fit',
      data: {
        features: irisHead.split(',').slice(0, 4),
        target: 'species',
        classes: ['setosa', 'versicolor', 'virginica'],
      },
      provenance: { rows: 100, command: expect.stringContaining('resgram fit train.csv --test test.csv') },
    });
    model.dispose();
  });

  test('the learning curve grows with the rows and ends below the yardstick', async () => {
    const { learningCurve } = await json('fit', 'curve.csv', '--out', 'lc.model', '--networks', 'mlp', '--depths', '2');
    expect(learningCurve.sizes.map(({ rows }: { rows: number }) => rows)).toEqual([12, 24, 48]);
    const means = learningCurve.sizes.map(({ mean }: { mean: number }) => mean);
    expect(means[2]).toBeLessThan(means[0]);
    expect(means[2]).toBeLessThan(learningCurve.baseline);
  });

  test('a sample chooses where there are more rows, and says so', async () => {
    const { stdout } = await succeed('fit', 'curve.csv', '--search-rows', '30', '--out', 'sample.model', ...quick);
    expect(stdout).toContain('chosen by leave-one-out on 30 sampled rows');
  });

  test('--report writes page, text, numbers and figures; two runs write the same bytes', async () => {
    for (const folder of ['r1', 'r2']) {
      const out = ['--out', `${folder}.model`, '--report', folder];
      await succeed('fit', 'curve.csv', '--test', 'curve.csv', '--networks', 'mlp', '--depths', '1,2', ...out);
    }
    const files = listing(join(cwd, 'r1'));
    expect(files).toEqual(expect.arrayContaining(['report.html', 'report.md', 'report.json', 'run.json']));
    expect(files).toContain(join('figures', 'learning-curve.png'));
    expect(listing(join(cwd, 'r2'))).toEqual(files);
    for (const file of files.filter((one) => /\.(html|md|json|svg)$/.test(one) && one !== 'run.json')) {
      expect(readFileSync(join(cwd, 'r2', file), 'utf8'), file).toBe(readFileSync(join(cwd, 'r1', file), 'utf8'));
    }
    const report = JSON.parse(readFileSync(join(cwd, 'r1', 'report.json'), 'utf8'));
    expect(objections('report', report)).toEqual([]);
    expect(objections('report', { ...report, leftOut: {} })).not.toEqual([]);
    expect(report.leftOut.predictions.actual).toHaveLength(n);
    expect(report.data.notes.join()).toContain('same contents as the training file');
    const again = await resgram(['fit', 'curve.csv', '--out', 'r3.model', '--report', 'r1'], { cwd });
    expect(again.code).toBe(6);
    expect(listing(cwd)).not.toContain('r3.model');
  });

  test('two runs print the same', async () => {
    const args = ['fit', 'curve.csv', '--out', 'same.model', '--force', '--networks', 'mlp', '--depths', '1'];
    expect((await succeed(...args)).stdout).toBe((await succeed(...args)).stdout);
  });

  test('images by a convolutional network, with their grid', async () => {
    const pixels = points(40, 16);
    write('images.npy', npyFile(pixels, [40, 4, 4]));
    const labels = Float64Array.from({ length: 40 }, (_, i) => ((pixels[16 * i] as number) > 0 ? 1 : 0));
    write('labels.npy', npyFile(labels, [40]));
    const net = '{"preset": "cntk", "depth": 1, "head": "trace"}';
    const args = ['fit', 'images.npy', '--labels', 'labels.npy', '--network', net, '--no-learning-curve'];
    await succeed(...args, '--out', 'images.model');
    const { scores } = await json('predict', 'images.model', 'images.npy', '--labels', 'labels.npy');
    expect(scores.accuracy).toBeGreaterThan(0.7);
    write('larger.npy', npyFile(points(2, 25), [2, 5, 5]));
    const { code, stderr } = await resgram(['predict', 'images.model', 'larger.npy'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'resgram: larger.npy holds images of 5 × 5 × 1, the model was fitted to images of 4 × 4 × 1\n',
    });
  });
});

describe('predict', () => {
  test('classes come with a probability each, which add up to 1', async () => {
    const [head, ...rows] = csv((await succeed('predict', 'iris.model', 'test.csv', '--limit', '7')).stdout);
    expect(head).toEqual(['row', 'prediction', 'p(setosa)', 'p(versicolor)', 'p(virginica)', 'actual']);
    expect(rows).toHaveLength(7);
    for (const [, prediction, ...rest] of rows) {
      const shares = rest.slice(0, 3).map(Number);
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
      expect(['setosa', 'versicolor', 'virginica'][shares.indexOf(Math.max(...shares))]).toBe(prediction);
    }
  });

  test('--out writes what stdout would have had', async () => {
    const { stdout } = await succeed('predict', 'curve.model', 'features.csv', '--std', 'function');
    const done = await succeed('predict', 'curve.model', 'features.csv', '--std', 'function', '--out', 'p.csv');
    expect(readFileSync(join(cwd, 'p.csv'), 'utf8')).toBe(stdout);
    expect(done.stdout).toBe('predicted 60 rows of features.csv\nThe predictions: p.csv\n');
    await succeed('predict', 'curve.model', 'curve.csv', '--out', 'p.json');
    const document = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    expect(document).toMatchObject({ kind: 'predictions', data: { rows: n }, scores: { task: 'regress' } });
    expect(document.predictions.prediction).toHaveLength(n);
  });

  test('columns are taken by name where that is asked for, others are left out', async () => {
    write('order.csv', columns([2, 0, 1, 3, 0]));
    const plain = csv((await succeed('predict', 'iris.model', fixture('iris.csv'), '--no-score')).stdout);
    const byName = csv((await succeed('predict', 'iris.model', 'order.csv', '--by-name')).stdout);
    expect(byName).toEqual(plain);
  });

  test('a target column without values is to be predicted', async () => {
    write('open.csv', table(irisRows.slice(0, 5).map((row) => row.replace(/[^,]*$/, ''))));
    const [head, ...rows] = csv((await succeed('predict', 'iris.model', 'open.csv')).stdout);
    expect(head).not.toContain('actual');
    expect(rows).toHaveLength(5);
  });

  test('missing values: dropped rows keep their numbers, means are those of the training rows', async () => {
    write('holes.csv', `a,b,c\n${line(0)}\n,1,1\n${line(2)}\n`);
    const rows = csv((await succeed('predict', 'curve.model', 'holes.csv', '--missing', 'drop-rows')).stdout);
    expect(rows.slice(1).map(([row]) => row)).toEqual(['1', '3']);
    const mean = numbers.reduce((sum, i) => sum + (x[3 * i] as number) / n, 0);
    write('filled.csv', `a,b,c\n${line(0)}\n${mean},1,1\n${line(2)}\n`);
    const filled = csv((await succeed('predict', 'curve.model', 'holes.csv', '--missing', 'mean')).stdout);
    const known = csv((await succeed('predict', 'curve.model', 'filled.csv')).stdout);
    expect(Number(filled[2]?.[1])).toBeCloseTo(Number(known[2]?.[1]), 10);
  });

  test('tables without names are told apart by their number of columns', async () => {
    write('bare.csv', numbers.map((i) => `${target(i)},${line(i)}\n`).join(''));
    await succeed('fit', 'bare.csv', '--target', '1', '--header', 'no', '--out', 'bare.model', ...quick);
    write('bare-features.csv', numbers.map((i) => `${line(i)}\n`).join(''));
    const whole = csv((await succeed('predict', 'bare.model', 'bare.csv', '--no-score')).stdout);
    expect(csv((await succeed('predict', 'bare.model', 'bare-features.csv')).stdout)).toEqual(whole);
    write('bare-short.csv', '1,2\n3,4\n');
    const { code, stderr } = await resgram(['predict', 'bare.model', 'bare-short.csv'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('expected 4 columns as in the training data, or its 3 features, got 2');
  });

  test('arrays with and without the target column', async () => {
    const rows = Float64Array.from({ length: 4 * n }, (_, k) => {
      const [i, j] = [Math.floor(k / 4), k % 4];
      return j === 0 ? target(i) : (x[3 * i + j - 1] as number);
    });
    write('rows.npy', npyFile(rows, [n, 4]));
    write('x.npy', npyFile(x, [n, 3]));
    await succeed('fit', 'rows.npy', '--target', '1', '--out', 'array.model', ...quick);
    const whole = csv((await succeed('predict', 'array.model', 'rows.npy', '--no-score')).stdout);
    expect(csv((await succeed('predict', 'array.model', 'x.npy')).stdout)).toEqual(whole);
  });
});
