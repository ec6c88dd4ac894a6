import { describe, expect, test } from 'vitest';
import {
  compile,
  cross,
  diagonal,
  type Ensemble,
  type EnsembleKernels,
  ensemble,
  gram,
  huang,
  mlp,
  regress,
  sync,
} from '../../lib/index.js';
import type { Tensor } from '../../lib/tensor.js';
import { distance, nested, numbers, points, refusal } from './support.js';
import {
  at,
  combine,
  descend,
  identity,
  largest,
  times as product,
  type Rows,
  rowsOf,
  rungeKutta,
  scaled,
  transposed,
} from './training.js';

const threads = 1;
const names = ['nngp', 'ntk'] as const;
const [n, m, c] = [20, 6, 2];
const kernel = compile(huang({ depth: 2, alpha: 0.7 }));
const train = points(n, 4, 21);
const unseen = points(m, 4, 22);
const y = rowsOf(numbers(n * c, 23), c);
const kernels = {
  train: await gram(kernel, train, names),
  cross: await cross(kernel, unseen, train, names),
  test: await gram(kernel, unseen, 'nngp'),
} satisfies EnsembleKernels;
const gap = (a: Rows, b: Rows) => largest(combine(a, b, -1));

/** The lower Cholesky factor, by its definition. */
function choleskyOf(a: Rows): number[][] {
  const lower = a.map((row) => row.map(() => 0));
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      const [u, v] = [lower[i] as number[], lower[j] as number[]];
      const rest =
        ((a[i] as number[])[j] as number) - v.slice(0, j).reduce((sum, value, k) => sum + value * (u[k] as number), 0);
      u[j] = i === j ? Math.sqrt(rest) : rest / (v[j] as number);
    }
  }
  return lower;
}

/**
 * Values at the start whose covariance is that of the NNGP, exactly: L·e_k for the columns of a factor of it, training points
 * first. What training to y = 0 makes of them has F·Fᵀ for its covariance.
 */
function starts(noise: number): { train: number[][]; test: number[][] } {
  const [c11, c21, c22] = [kernels.train.nngp.values, kernels.cross.nngp.data, kernels.test.values].map((data, i) =>
    rowsOf(data as Float64Array, i === 2 ? m : n),
  ) as [number[][], number[][], number[][]];
  const c12 = transposed(c21);
  const joint = [
    ...combine(c11, identity(n), noise).map((row, i) => [...row, ...(c12[i] as number[])]),
    ...c21.map((row, i) => [...row, ...(c22[i] as number[])]),
  ];
  const lower = choleskyOf(joint);
  return { train: lower.slice(0, n), test: lower.slice(n) };
}

const zero = (rows: number, columns: number) => rowsOf(new Float64Array(rows * columns), columns);

describe('the ensemble', () => {
  for (const trainedBy of names) {
    const K = rowsOf(kernels.train[trainedBy].values, n);
    const Kz = rowsOf(kernels.cross[trainedBy].data, n);

    test(`trained by the ${trainedBy} by flow: mean and covariance are those of networks that Runge–Kutta trains, to 1e-8`, async () => {
      const when = [0.7, 6];
      const found = await ensemble(kernels, y, { times: when, trainedBy, threads });
      for (const [index, time] of when.entries()) {
        const { test } = rungeKutta(K, Kz, zero(n, n + m), starts(0), n, time, 300);
        expect(gap(at(found.covariance as Tensor, index), product(test, transposed(test)))).toBeLessThan(1e-8);
        const mean = rungeKutta(K, Kz, y, { train: zero(n, c), test: zero(m, c) }, n, time, 300);
        expect(gap(at(found.mean, index), mean.test)).toBeLessThan(1e-8);
        expect(gap(at(found.trainMean, index), mean.train)).toBeLessThan(1e-8);
      }
    });

    test(`trained by the ${trainedBy} in steps, overshooting ones too, to 1e-12`, async () => {
      const times = [0, 1, 13, 60];
      const options = { times, trainedBy, average: 'entries', method: 'descent', threads } as const;
      const { stabilityLimit } = await ensemble(kernels, y, { times: [0], trainedBy, average: 'entries' });
      for (const share of [0.3, 0.95]) {
        const learningRate = share * stabilityLimit;
        const found = await ensemble(kernels, y, { ...options, learningRate });
        for (const [index, steps] of times.entries()) {
          const { test } = descend(K, Kz, zero(n, n + m), starts(0), learningRate / (n * c), steps);
          expect(gap(at(found.covariance as Tensor, index), product(test, transposed(test)))).toBeLessThan(1e-12);
        }
      }
    });
  }

  test('with a ridge: held back by it under the NTK, noise that also varies at the start under the NNGP', async () => {
    const [ridge, time] = [0.5, 9];
    for (const trainedBy of names) {
      const found = await ensemble(kernels, y, { times: [time], trainedBy, ridge });
      const K = combine(rowsOf(kernels.train[trainedBy].values, n), identity(n), ridge);
      const Kz = rowsOf(kernels.cross[trainedBy].data, n);
      const begin = starts(trainedBy === 'nngp' ? ridge : 0);
      const { test } = rungeKutta(K, Kz, zero(n, n + m), begin, n, time, 400);
      expect(gap(at(found.covariance as Tensor, 0), product(test, transposed(test)))).toBeLessThan(1e-8);
      const mean = rungeKutta(K, Kz, y, { train: zero(n, c), test: zero(m, c) }, n, time, 400);
      expect(gap(at(found.mean, 0), mean.test)).toBeLessThan(1e-8);
    }
  });

  test('begins as the prior, and ends, trained by the NNGP, as the posterior', async () => {
    const ridge = 0.2;
    const found = await ensemble(kernels, y, { times: [0, Number.POSITIVE_INFINITY], trainedBy: 'nngp', ridge });
    expect(distance((found.covariance as Tensor).data.subarray(0, m * m), kernels.test.values)).toBe(0);
    expect(distance(found.mean.data.subarray(0, m * c), new Float64Array(m * c))).toBe(0);
    using model = await regress(kernel, train, y, { which: 'nngp', ridge });
    const { mean, std } = await model.predict(unseen, { std: true });
    expect(distance(found.mean.data.subarray(m * c), mean.data)).toBeLessThan(1e-13);
    expect(
      distance(
        found.variance.data.subarray(m),
        Float64Array.from({ length: m }, (_, j) => (std[j * c] as number) ** 2),
      ),
    ).toBeLessThan(1e-13);
  });

  test('variances are the diagonal, whatever the number of points; covariances are symmetric to the bit', async () => {
    const many = points(300, 4, 31);
    const times = [2, Number.POSITIVE_INFINITY];
    for (const trainedBy of names) {
      const across = await cross(kernel, many, train, names);
      const whole = await ensemble({ ...kernels, cross: across, test: await gram(kernel, many, 'nngp') }, y, {
        times,
        trainedBy,
      });
      const part = { ...kernels, cross: across, test: await diagonal(kernel, many, 'nngp') };
      const variances = await ensemble(part, y, { times, trainedBy });
      expect(variances.covariance).toBeUndefined();
      expect(distance(variances.variance.data, whole.variance.data)).toBeLessThan(1e-13);
      expect(whole.variance.shape).toEqual([2, 300]);
      for (const index of [0, 1]) {
        const full = at(whole.covariance as Tensor, index);
        expect(full).toEqual(transposed(full));
        expect(full.map((row, j) => Math.max(0, row[j] as number))).toEqual([
          ...whole.variance.data.subarray(300 * index, 300 * (index + 1)),
        ]);
      }
      const few = { data: many.data.subarray(0, 40), shape: [10, 4] };
      const alone = await ensemble(
        { ...kernels, cross: await cross(kernel, few, train, names), test: await gram(kernel, few, 'nngp') },
        y,
        { times, trainedBy },
      );
      expect(distance(alone.variance.data.subarray(0, 10), whole.variance.data.subarray(0, 10))).toBeLessThan(1e-13);
    }
  });

  test('is the same whether times are few or many, for which the NNGP goes into the eigenbasis', async () => {
    const when = Array.from({ length: 12 }, (_, i) => 2 ** i - 1);
    const together = await ensemble(kernels, y, { times: when });
    for (const [index, time] of when.entries()) {
      const alone = await ensemble(kernels, y, { times: [time] });
      expect(gap(at(together.covariance as Tensor, index), at(alone.covariance as Tensor, 0))).toBeLessThan(1e-13);
    }
  });

  test('knows the training points in the end, and no variance is negative', async () => {
    const own = {
      ...kernels,
      cross: await cross(kernel, train, train, names),
      test: await diagonal(kernel, train, 'nngp'),
    };
    for (const trainedBy of names) {
      const found = await ensemble(own, y, { times: [Number.POSITIVE_INFINITY], trainedBy });
      expect(Math.min(...(found.variance.data as Float64Array))).toBeGreaterThanOrEqual(0);
      expect(largest([[...found.variance.data]])).toBeLessThan(1e-12);
      expect(gap(at(found.mean, 0), y)).toBeLessThan(1e-11);
    }
  });

  test('runs on the calling thread, too, and carries logarithmic scales', async () => {
    const options = { times: [3], threads } as const;
    const found = await ensemble(kernels, y, options);
    expect(sync.ensemble(kernels, y, options)).toEqual(found);
    // Scales are sums of one for either side: train 2a, cross a + b, test 2b.
    const [a, b] = [0.3, -0.4];
    const moved = {
      train: { nngp: { ...kernels.train.nngp, logScale: 2 * a }, ntk: { ...kernels.train.ntk, logScale: 2 * a } },
      cross: { nngp: { ...kernels.cross.nngp, logScale: a + b }, ntk: { ...kernels.cross.ntk, logScale: a + b } },
      test: { ...kernels.test, logScale: 2 * b },
    };
    for (const trainedBy of names) {
      const plain = await ensemble(kernels, y, { ...options, trainedBy });
      const other = await ensemble(moved, y, { ...options, trainedBy });
      expect(other.logScale).toBe(2 * b);
      expect(distance((other.covariance as Tensor).data, (plain.covariance as Tensor).data)).toBeLessThan(1e-13);
      const unit = Math.exp(b - a);
      expect(
        distance(
          other.mean.data,
          plain.mean.data.map((value) => value * unit),
        ),
      ).toBeLessThan(1e-13);
    }
    const deep = compile(mlp({ depth: 2 }));
    const twice = [...nested(train), nested(train)[3] as number[]];
    const doubled: Ensemble = await ensemble(
      {
        train: await gram(deep, twice, names),
        cross: await cross(deep, unseen, twice, names),
        test: await gram(deep, unseen, 'nngp'),
      },
      [...y, [0, 0]],
      { times: [Number.POSITIVE_INFINITY] },
    );
    expect(doubled.rank).toBe(n);
  });

  test('refuses what does not belong together', async () => {
    const run = (change: object, options: object = {}, targets: unknown = y) =>
      ensemble({ ...kernels, ...change } as EnsembleKernels, targets as never, { times: [1], ...options } as never);
    const { train: grams, cross: across, test: prior } = kernels;
    for (const [change, code, message] of [
      [
        { train: { nngp: grams.nngp } },
        'ERR_ARGUMENT',
        'kernels.train.ntk: expected a Gram matrix, as gram() returns it, got undefined',
      ],
      [
        { train: { ntk: grams.ntk } },
        'ERR_ARGUMENT',
        'kernels.train.nngp: expected a Gram matrix, as gram() returns it, got undefined',
      ],
      [
        { train: { nngp: grams.nngp, ntk: grams.nngp } },
        'ERR_ARGUMENT',
        'kernels.train.ntk.kernel: expected \'ntk\', got "nngp"',
      ],
      [
        { cross: { nngp: across.nngp } },
        'ERR_ARGUMENT',
        'kernels.cross.ntk: expected a tensor or a Gram matrix, got undefined',
      ],
      [
        { cross: { nngp: across.ntk, ntk: across.ntk } },
        'ERR_ARGUMENT',
        'kernels.cross.nngp: expected the nngp, as the Gram is, got "ntk"',
      ],
      [{ test: { ...prior, kernel: 'ntk' } }, 'ERR_ARGUMENT', 'kernels.test.kernel: expected \'nngp\', got "ntk"'],
      [{ test: grams.nngp }, 'ERR_SHAPE', 'kernels.test: expected 6 test points, as `cross` has, got 20'],
      [
        { test: { kernel: 'nngp', values: [1], logScale: 0 } },
        'ERR_ARGUMENT',
        'kernels.test.values: expected a Float64Array, got an array of 1',
      ],
      [
        { test: { kernel: 'nngp', values: Float64Array.of(1), logScale: 0 } },
        'ERR_SHAPE',
        'kernels.test.values: expected 6 × 1 = 6 numbers, got 1',
      ],
      [{ cross: undefined }, 'ERR_ARGUMENT', 'kernels.cross: expected an object of kernels, got undefined'],
    ] as const) {
      expect((await refusal(() => run(change), code)).message).toBe(message);
    }
    await refusal(() => run({}, { trainedBy: 'gpk' }), 'ERR_ARGUMENT');
    await refusal(() => run({}, {}, y.slice(1)), 'ERR_SHAPE');
    await refusal(() => run({}, { method: 'descent', learningRate: 1e9 }), 'ERR_ARGUMENT');
    await refusal(() => ensemble(null as never, y, { times: [1] }), 'ERR_ARGUMENT');
    const bad = { ...prior, values: prior.values.map((value, i) => (i === 2 ? Number.NaN : value)) };
    await refusal(() => run({ test: bad }), 'ERR_NOT_FINITE');
    const controller = new AbortController();
    const pending = ensemble(kernels, y, { times: [1], signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await ensemble(kernels, scaled(y, 2), { times: [1] })).rank).toBe(n);
  });
});
