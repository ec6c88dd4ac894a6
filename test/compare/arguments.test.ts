import { describe, expect, test } from 'vitest';
import { compare } from '../../lib/compare/compare.js';
import type { Dataset } from '../../lib/data/dataset.js';
import { loadDataset, loadPair } from '../../lib/data/load.js';
import { loadPoints, loadPointsPair } from '../../lib/data/load-points.js';
import { KernelError } from '../../lib/errors.js';
import { compile } from '../../lib/kernel.js';
import { study } from '../../lib/study.js';
import { madeData } from './data.js';

const data = await madeData({ rows: 20, features: 2, target: (row) => row[0] as number });

/** The arguments as a caller without types may pass them. */
async function refusalOf(call: () => unknown): Promise<KernelError> {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => 'no error',
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(KernelError);
  return error as KernelError;
}

describe('compare refuses with ERR_ARGUMENT', () => {
  const circular: Record<string, unknown> = { preset: 'mlp' };
  circular.bias = circular;
  test.each([
    [undefined, {}, {}, 'data: expected a data set as loadDataset returns it (x, y, task, notes, …), got undefined'],
    [7, {}, {}, 'data: expected a data set'],
    [{}, {}, {}, 'data: expected a data set'],
    [{ ...data, y: [1, 2] }, {}, {}, 'data: expected a data set'],
    [{ ...data, y: new Float64Array(3) }, {}, {}, 'data: expected a data set'],
    [{ ...data, notes: undefined }, {}, {}, 'data: expected a data set'],
    [data, { holdout: 'test.csv' }, {}, 'holdout: expected a data set'],
    [data, null, {}, 'options: expected an object, got null'],
    [data, { networks: 7 }, {}, "networks: expected a text such as 'mlp,resnet:0.1' or a list of presets, got 7"],
    [data, { networks: { preset: 'mlp' } }, {}, 'put it in a list: [{ preset: … }]'],
    [data, {}, { onprogress: () => {} }, "job: unknown option 'onprogress'; did you mean 'onProgress'?"],
    [data, {}, { threads: 0 }, 'threads: expected an integer from 1'],
    [data, {}, { onGram: 'file' }, 'onGram: expected a function'],
    [data, {}, null, 'job: expected an object, got null'],
  ])('%#', async (given, options, job, message) => {
    const { code, message: got } = await refusalOf(() => compare(given as Dataset, options as object, job as object));
    expect(got).toContain(message);
    expect(code).toBe('ERR_ARGUMENT');
  });
  test.each([[[7]], [[null]], [[1n]], [[undefined]], [[circular]]])(
    'networks %#, with a KernelError',
    async (networks) => {
      await refusalOf(() => compare(data, { networks } as object));
    },
  );
  test('a getter that throws', async () => {
    const hostile = {
      get x(): never {
        throw new TypeError('no');
      },
    };
    expect((await refusalOf(() => compare(hostile as unknown as Dataset))).message).toMatch(/^data: .*threw/);
  });
});

test.each([
  [() => loadDataset(7 as never)],
  [() => loadDataset(undefined as never)],
  [() => loadDataset('x.csv', null as never)],
  [() => loadPair('x.csv', 7 as never)],
  [() => loadPoints({} as never)],
  [() => loadPoints('x.csv', null as never)],
  [() => loadPoints('x.csv', { target: 'y' } as never)],
  [() => loadPoints('x.csv', { unitPixels: 'yes' } as never)],
  [() => loadPointsPair('x.csv', undefined as never)],
])('readers of files refuse what is no path %#', async (call) => {
  expect((await refusalOf(call)).code).toBe('ERR_ARGUMENT');
});

test.each([
  [{ rigde: 1 }, "unknown option 'rigde'; did you mean 'ridge'?"],
  [{ ridge: -1 }, "ridge: expected 'loo' or a number"],
  [{ threads: 'all' }, 'threads: expected an integer'],
  [{ known: 3 }, 'known: expected an object'],
])('a study refuses %j', async (options, message) => {
  const kernel = compile({ preset: 'mlp', depth: 1 });
  const { code, message: got } = await refusalOf(() => study(kernel, [[1, 2]], options as object));
  expect(code).toBe('ERR_ARGUMENT');
  expect(got).toContain(message);
});
