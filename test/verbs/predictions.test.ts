/** What a model says of a row: by itself, among others, on any number of threads, and by the long way round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  classify,
  cntk,
  compile,
  cross,
  diagonal,
  gram,
  huang,
  type Kernel,
  loadModel,
  mlp,
  type Regressor,
  regress,
  solve,
  type Tensor,
} from '../../lib/index.js';
import { expectSameBytes, numbers, points, refusal } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'resgram-predictions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const n = 230;
const m = 37;
const x = points(n, 4);
const y = Array.from({ length: n }, (_, i) => [numbers(n, 7)[i] as number, 3 + 10 * (numbers(n, 8)[i] as number)]);
const bias = { var: 0.1, init: 'normal', trainable: true } as const;
const images = (count: number, seed: number): Tensor => ({ data: numbers(count * 48, seed), shape: [count, 4, 4, 3] });

const subjects: readonly [name: string, kernel: Kernel, x: Tensor, y: number[][], z: Tensor][] = [
  ['through a table', compile(mlp({ depth: 3 })), x, y, points(m, 4, 9)],
  ['through few layers', compile(mlp({ depth: 1 })), x, y, points(m, 4, 9)],
  ['with biases', compile(mlp({ depth: 2, bias })), x, y, points(m, 4, 9)],
  ['of GELU', compile(huang({ depth: 2, alpha: 0.5, activation: 'gelu' })), x, y, points(m, 4, 9)],
  ['of images', compile(cntk({ depth: 2, head: 'pool' })), images(12, 3), y.slice(0, 12), images(7, 4)],
];

/** Rows [from, to) of a tensor. */
function rowsOf({ data, shape: [rows, ...rest] }: Tensor, from: number, to: number): Tensor {
  const width = data.length / (rows as number);
  return { data: data.slice(from * width, to * width), shape: [to - from, ...rest] };
}

describe('a row', () => {
  test.each(subjects)('%s is told the same alone and among others, on one thread and on more', async (...subject) => {
    const [, kernel, samples, targets, z] = subject;
    const model = await regress(kernel, samples, targets, { ridge: 0.05, centre: true });
    const wanted = { std: true, threads: 1 } as const;
    const all = await model.predict(z, wanted);
    const shared = await model.predict(z, { ...wanted, threads: 3 });
    expectSameBytes(shared.mean.data, all.mean.data);
    expectSameBytes(shared.std, all.std);
    const count = z.shape[0] as number;
    for (const [from, to] of [
      [0, 1],
      [3, 5],
      [count - 1, count],
    ] as const) {
      const { mean, std } = await model.predict(rowsOf(z, from, to), wanted);
      expectSameBytes(mean.data, all.mean.data.slice(2 * from, 2 * to));
      expectSameBytes(std, all.std.slice(2 * from, 2 * to));
    }
    const { mean } = await model.predict(rowsOf(z, 0, 2), { threads: 1 });
    expectSameBytes(mean.data, all.mean.data.slice(0, 4));
    model.dispose();
  });

  test.each(subjects)('%s: means and deviations are those of cross matrix and solve', async (...subject) => {
    const [, kernel, samples, targets, z] = subject;
    const ridge = 0.05;
    for (const which of ['nngp', 'ntk'] as const) {
      const model = await regress(kernel, samples, targets, { ridge, which });
      const { mean, std } = await model.predict(z, { std: true });
      const [count, rows] = [samples.shape[0] as number, z.shape[0] as number];
      const k = (await cross(kernel, z, samples, which)).data as Float64Array;
      const prior = (await diagonal(kernel, z, which)).values;
      const turned = Float64Array.from(k, (_, at) => k[(at % rows) * count + Math.floor(at / rows)] as number);
      const weights = await solve(
        await gram(kernel, samples, which),
        { data: turned, shape: [count, rows] },
        { ridge },
      );
      for (let j = 0; j < rows; j++) {
        const row = k.subarray(j * count, (j + 1) * count);
        const explained = row.reduce((sum, value, i) => sum + value * (weights.x.data[i * rows + j] as number), 0);
        const variance = (prior[j] as number) - explained;
        for (const c of [0, 1]) {
          // ‖K + λI‖/λ is at most 1e4 here, and n·eps 5e-14.
          expect(((std[2 * j + c] as number) ** 2 - variance) / (prior[j] as number)).toBeCloseTo(0, 9);
          const terms = row.map((value, i) => value * (model.coefficients.data[2 * i + c] as number));
          const sum = terms.reduce((all, term) => all + term, 0);
          const size = terms.reduce((all, term) => all + Math.abs(term), 0);
          expect(Math.abs((mean.data[2 * j + c] as number) - sum) / size).toBeLessThan(1e-12);
        }
      }
      model.dispose();
    }
  });

  test('is told the same by a model from a file, alone and among others', async () => {
    const [, kernel, , , z] = subjects[0] as (typeof subjects)[number];
    const model = await regress(kernel, x, y, { ridge: 0.05 });
    await model.save(join(folder, 'a.model'));
    const loaded = (await loadModel(join(folder, 'a.model'))) as Regressor;
    const all = await model.predict(z, { std: true });
    const { mean, std } = await loaded.predict(rowsOf(z, 5, 6), { std: true });
    expectSameBytes(mean.data, all.mean.data.slice(10, 12));
    expectSameBytes(std, all.std.slice(10, 12));
  });

  test('has the mean that its covariance comes with', async () => {
    const [, kernel, , , z] = subjects[2] as (typeof subjects)[number];
    const model = await regress(kernel, x, y, { ridge: 0.05, amplitude: 'auto' });
    const { mean, std } = await model.predict(z, { std: true });
    const joint = await model.covariance(z, { column: 1 });
    expectSameBytes(joint.mean.data, mean.data);
    for (let j = 0; j < m; j++) {
      const ratio = (joint.covariance.data[j * (m + 1)] as number) / (std[2 * j + 1] as number) ** 2;
      expect(ratio).toBeCloseTo(1, 9);
    }
  });
});

describe('one call', () => {
  const kernel = compile(mlp({ depth: 3 }));

  test('is one job, once the samples were prepared', async () => {
    const model = await regress(kernel, x, y, { ridge: 0.05 });
    const phases = async () => {
      const seen = new Set<string>();
      await model.predict(x, { std: true, onProgress: ({ phase }) => seen.add(phase) });
      return [...seen];
    };
    expect(await phases()).toEqual(['prepare', 'predict']);
    expect(await phases()).toEqual(['predict']);
    // What grows or is fitted anew does not answer from samples of before.
    const grown = await model.append(points(1, 4, 50), [[100, 100]]);
    const { mean } = await grown.predict(points(1, 4, 50));
    expect(mean.data[0]).toBeGreaterThan(30);
    model.dispose();
    const { mean: again } = await grown.predict(points(1, 4, 50));
    expectSameBytes(again.data, mean.data);
    await refusal(() => model.predict(x), 'ERR_DISPOSED');
  });

  test('stops where it is aborted', async () => {
    const deep = compile(mlp({ depth: 2000, bias }));
    const model = await regress(deep, x, y, { ridge: 0.05 });
    await model.predict(points(1, 4));
    const controller = new AbortController();
    const running = model.predict(points(20_000, 4), { std: true, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    const start = performance.now();
    await model.predict(points(1, 4));
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('leaves samples out in steps that can be stopped between', async () => {
    const model = await regress(kernel, points(700, 4), numbers(700, 7), { ridge: 0.05 });
    const totals: number[] = [];
    await model.leaveOneOut({ onProgress: ({ total }) => totals.push(total) });
    expect(totals.at(-1)).toBeGreaterThan(700);
    const controller = new AbortController();
    const running = model.leaveOneOut({ signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('of two at the same time, first ones too, does not disturb the other', async () => {
    const model = await regress(kernel, x, y, { ridge: 0.05 });
    const z = points(3, 4, 9);
    const [a, b] = await Promise.all([model.predict(z, { std: true }), model.predict(z, { std: true })]);
    expectSameBytes(a.mean.data, b.mean.data);
    expectSameBytes(a.std, b.std);
    const going = model.predict(points(500, 4, 11), { std: true });
    model.dispose();
    await expect(going).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });
});

test('scores of classes are those of the rows alone', async () => {
  const labels = Array.from({ length: n }, (_, i) => 'abc'[i % 3] as string);
  const classifier = await classify(compile(mlp({ depth: 3 })), x, labels, { ridge: 0.1 });
  const z = points(m, 4, 9);
  const all = await classifier.predict(z);
  const one = await classifier.predict(rowsOf(z, 9, 10), { threads: 1 });
  expectSameBytes(one.probabilities.data, all.probabilities.data.slice(27, 30));
  expect(one.labels).toEqual(all.labels.slice(9, 10));
});
