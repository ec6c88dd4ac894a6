import { describe, expect, test } from 'vitest';
import {
  compile,
  cross,
  type Dynamics,
  type DynamicsOptions,
  dynamics,
  gram,
  huang,
  mlp,
  multiply,
  solve,
  spectrum,
  sync,
} from '../../lib/index.js';
import { distance, expectSameBytes, nested, numbers, points, refusal } from './support.js';
import {
  at,
  combine,
  descend,
  exponential,
  identity,
  largest,
  times as product,
  type Rows,
  rowsOf,
  rungeKutta,
  scaled,
  solved,
  transposed,
} from './training.js';

const threads = 1;
const [n, m, c] = [20, 7, 2];
const kernel = compile(huang({ depth: 3, alpha: 0.5 }));
const train = points(n, 4, 11);
const unseen = points(m, 4, 12);
const y = rowsOf(numbers(n * c, 13), c);
const initial = { train: rowsOf(numbers(n * c, 14), c), test: rowsOf(numbers(m * c, 15), c) };
const matrix = await gram(kernel, train, 'ntk');
const across = await cross(kernel, unseen, train, 'ntk');
const K = rowsOf(matrix.values, n);
const Kz = rowsOf(across.data, n);
const { values } = await spectrum(matrix);
const slowest = n / (values.at(-1) as number);
const base = { cross: across, initial, threads };

const gap = (a: Rows, b: Rows) => largest(combine(a, b, -1));

describe('gradient flow', () => {
  test('is what Runge–Kutta integrates, on training and test points, to 1e-8', async () => {
    const when = [0, 0.3, 2.5];
    const result = await dynamics(matrix, y, { ...base, times: when });
    for (const [index, time] of when.entries()) {
      const expected = rungeKutta(K, Kz, y, initial, n, time, 400);
      expect(gap(at(result.train, index), expected.train)).toBeLessThan(1e-8);
      expect(gap(at(result.test as Dynamics['train'], index), expected.test)).toBeLessThan(1e-8);
    }
  });

  test('is the matrix exponential, with several targets averaged over samples or entries, at any learning rate', async () => {
    const time = 3;
    for (const average of ['samples', 'entries'] as const) {
      const learningRate = 0.7;
      const over = average === 'samples' ? n : n * c;
      const left = exponential(scaled(K, (-learningRate * time) / over));
      const residual = product(left, combine(initial.train, y, -1));
      const result = await dynamics(matrix, y, { ...base, times: [time], learningRate, average });
      expect(gap(at(result.train, 0), combine(y, residual, 1))).toBeLessThan(1e-13);
      const moved = combine(combine(initial.train, y, -1), residual, -1);
      const test = combine(initial.test, product(Kz, solved(K, moved)), -1);
      expect(gap(at(result.test as Dynamics['train'], 0), test)).toBeLessThan(1e-11);
      const loss = residual.flat().reduce((sum, value) => sum + value * value, 0) / (2 * over);
      expect(Math.abs((result.trainLoss[0] as number) / loss - 1)).toBeLessThan(1e-12);
    }
  });

  test('under a ridge: both readings, by their definitions', async () => {
    const [ridge, time] = [0.4, 5];
    const ridged = combine(K, identity(n), ridge);
    const gone = combine(identity(n), exponential(scaled(ridged, -time / n)), -1);
    const change = combine(y, initial.train, -1);
    const coefficients = solved(ridged, product(gone, change));
    for (const ridgeAs of ['penalty', 'features'] as const) {
      const result = await dynamics(matrix, y, { ...base, times: [time], ridge, ridgeAs, coefficients: true });
      const by = ridgeAs === 'penalty' ? K : ridged;
      expect(gap(at(result.train, 0), combine(initial.train, product(by, coefficients), 1))).toBeLessThan(1e-12);
      const test = combine(initial.test, product(Kz, coefficients), 1);
      expect(gap(at(result.test as Dynamics['train'], 0), test)).toBeLessThan(1e-12);
      expect(gap(at(result.coefficients as Dynamics['train'], 0), coefficients)).toBeLessThan(1e-12);
      expect(result.ridge).toBe(ridge);
    }
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const relative = await dynamics(matrix, y, { ...base, times: [time], relativeRidge: ridge / mean });
    const absolute = await dynamics(matrix, y, { ...base, times: [time], ridge });
    expect(distance(relative.train.data, absolute.train.data)).toBeLessThan(1e-13);
    expect(relative.ridge).toBeCloseTo(ridge, 13);
  });

  test('in the limit is the regression with ridge 0, and begins at f(0) to the bit', async () => {
    const result = await dynamics(matrix, y, { ...base, times: [0, Number.POSITIVE_INFINITY] });
    expect(at(result.train, 0)).toEqual(initial.train);
    expect(at(result.test as Dynamics['train'], 0)).toEqual(initial.test);
    const { x } = await solve(matrix, combine(y, initial.train, -1), { precision: 'float64', threads });
    const fit = await multiply(across, x);
    const expected = combine(initial.test, rowsOf(fit.data, c), 1);
    // Both solutions are off by cond(K)·n·ε at most.
    const condition = (values[0] as number) / (values.at(-1) as number);
    expect(gap(at(result.test as Dynamics['train'], 1), expected)).toBeLessThan(
      condition * n * Number.EPSILON * largest(expected),
    );
    expect(gap(at(result.train, 1), y)).toBeLessThan(1e-8 * largest(y));
    expect(result.trainLoss[1]).toBe(0);
    // In a ridge's limit it is the regression with that ridge.
    const ridged = await dynamics(matrix, y, { cross: across, times: [Number.POSITIVE_INFINITY], ridge: 0.3 });
    const coefficients = await solve(matrix, y, { ridge: 0.3, precision: 'float64', threads });
    const regression = await multiply(across, coefficients.x);
    expect(distance((ridged.test as Dynamics['train']).data, regression.data)).toBeLessThan(1e-11);
  });

  test('keeps its digits for tiny and for huge times', async () => {
    const tiny = 1e-14;
    const result = await dynamics(matrix, y, { cross: across, times: [tiny, 1e6 * slowest], threads });
    const first = product(K, scaled(y, tiny / n));
    // The second order is below tiny·λ/n of the first.
    expect(gap(at(result.train, 0), first)).toBeLessThan(1e-12 * largest(first));
    expect(gap(at(result.test as Dynamics['train'], 0), product(Kz, scaled(y, tiny / n)))).toBeLessThan(
      1e-12 * largest(first),
    );
    const limit = await dynamics(matrix, y, { cross: across, times: [Number.POSITIVE_INFINITY], threads });
    expect(gap(at(result.train, 1), at(limit.train, 0))).toBe(0);
  });
});

describe('gradient descent', () => {
  test('is its steps one by one, to 1e-12', async () => {
    const limit = (2 * n) / (values[0] as number);
    for (const share of [0.01, 0.5, 0.75, 0.99]) {
      const learningRate = share * limit;
      const when = [0, 1, 2, 37, 200];
      const result = await dynamics(matrix, y, { ...base, times: when, method: 'descent', learningRate });
      expect(result.stabilityLimit).toBeCloseTo(limit, 12);
      for (const [index, steps] of when.entries()) {
        const expected = descend(K, Kz, y, initial, learningRate / n, steps);
        expect(gap(at(result.train, index), expected.train)).toBeLessThan(1e-12);
        expect(gap(at(result.test as Dynamics['train'], index), expected.test)).toBeLessThan(1e-12);
      }
    }
  });

  test('of one direction: overshoots, ends in one step, and tends to flow in small steps', async () => {
    const one = { kernel: 'ntk', size: 1, values: Float64Array.of(2), logScale: 0 } as const;
    const run = (options: Partial<DynamicsOptions>) =>
      dynamics(one, [1], { method: 'descent', times: [0, 1, 2, 3], ...options }).then(({ train: { data } }) => [
        ...data,
      ]);
    expect(await run({ learningRate: 0.5 })).toEqual([0, 1, 1, 1]);
    expect(await run({ learningRate: 0.75 })).toEqual([0, 1.5, 0.75, 1.125]);
    const [small] = await run({ learningRate: 1e-9, times: [1e9] });
    expect(Math.abs((small as number) - (1 - Math.exp(-2)))).toBeLessThan(1e-8);
    expect(await run({ learningRate: 0.75, times: [Number.POSITIVE_INFINITY] })).toEqual([1]);
  });

  test('refuses steps that diverge, with the limit, unless they are asked for', async () => {
    const limit = (2 * n) / (values[0] as number);
    const run = (options: Partial<DynamicsOptions>) =>
      dynamics(matrix, y, { method: 'descent', times: [3], learningRate: 1.01 * limit, ...options });
    const error = await refusal(() => run({}), 'ERR_ARGUMENT');
    expect(error.message).toMatch(/^learningRate: expected less than [\d.]+ = 2·n\/λ_max, got /);
    expect(error.details).toMatchObject({ learningRate: 1.01 * limit });
    expect(error.details.stabilityLimit).toBeCloseTo(limit, 12);
    const wild = await run({ allowUnstable: true, cross: across });
    const expected = descend(K, Kz, y, { train: scaled(y, 0), test: scaled(initial.test, 0) }, (1.01 * limit) / n, 3);
    expect(gap(at(wild.train, 0), expected.train)).toBeLessThan(1e-12);
    await refusal(() => run({ allowUnstable: true, times: [Number.POSITIVE_INFINITY] }), 'ERR_ARGUMENT');
    await refusal(() => run({ allowUnstable: true, learningRate: 3 * limit, times: [100_000] }), 'ERR_RANGE');
    // A ridge counts: it makes steps stiffer.
    await refusal(() => run({ learningRate: 0.99 * limit, ridge: values[0] as number }), 'ERR_ARGUMENT');
    // Exactly at the limit nothing converges either.
    const one = { kernel: 'ntk', size: 1, values: Float64Array.of(2), logScale: 0 } as const;
    await refusal(() => dynamics(one, [1], { method: 'descent', times: [1], learningRate: 1 }), 'ERR_ARGUMENT');
    await refusal(() => dynamics(one, [1], { method: 'descent', times: [1] }), 'ERR_ARGUMENT');
  });
});

describe('modes', () => {
  test('decay each at its rate', async () => {
    const when = [0, 1.5, 40];
    const flow = await dynamics(matrix, y, { times: when, modes: true });
    const learningRate = 0.9 * flow.stabilityLimit;
    const steps = await dynamics(matrix, y, {
      times: when.map(Math.ceil),
      modes: true,
      method: 'descent',
      learningRate,
    });
    const { vectors } = await spectrum(matrix, { vectors: true, threads });
    const start = scaled(product(rowsOf(vectors.data, n), y), -1);
    expect(distance(flow.eigenvalues, values)).toBeLessThan(n * 2 ** -52 * (values[0] as number));
    expect(flow.rank).toBe(n);
    for (const [index, time] of when.entries()) {
      for (const run of [flow, steps]) {
        const rows = at(run.residuals as Dynamics['train'], index);
        const t = run.times[index] as number;
        const expected = start.map((row, k) =>
          row.map((value) => Math.abs(value) * Math.exp(-(run.rates[k] as number) * t)),
        );
        expect(
          gap(
            rows.map((row) => row.map(Math.abs)),
            expected,
          ),
        ).toBeLessThan(1e-13);
        expect(run.times[index]).toBeGreaterThanOrEqual(time);
      }
    }
    // Eigenvectors turn residuals of modes into residuals of samples.
    const back = product(transposed(rowsOf(vectors.data, n)), at(flow.residuals as Dynamics['train'], 1));
    expect(gap(combine(y, back, 1), at(flow.train, 1))).toBeLessThan(1e-13);
  });

  test('a spectrum stands for its matrix', async () => {
    const options = { ...base, times: [1, Number.POSITIVE_INFINITY], validation: initial.test };
    const whole = await spectrum(matrix, { vectors: true, threads });
    const [a, b] = [await dynamics(matrix, y, options), await dynamics(whole, y, options)];
    expect(b).toEqual(a);
    expect(sync.dynamics(matrix, y, options)).toEqual(a);
    const part = await spectrum(matrix, { vectors: true, top: 3 });
    expect((await refusal(() => dynamics(part, y, options), 'ERR_SHAPE')).message).toContain('leave `top` out');
  });

  test('of a singular matrix: what does not train stays, and the limit is the fit by the pseudo-inverse', async () => {
    // Sample 0 three times, with the labels 0, 1 and 5: the limit predicts their mean.
    const rows = nested(train);
    const twins = [...rows, rows[0] as number[], rows[0] as number[]];
    const labels = numbers(n + 2, 3);
    labels.set([0], 0);
    labels.set([1, 5], n);
    const doubled = await gram(kernel, twins, 'ntk');
    const toUnseen = await cross(kernel, unseen, twins, 'ntk');
    const when = [1, Number.POSITIVE_INFINITY];
    const result = await dynamics(doubled, labels, { times: when, cross: toUnseen, threads });
    expect(result.rank).toBe(n);
    expect([...result.rates.subarray(n)]).toEqual([0, 0]);
    const merged = Float64Array.from(labels.subarray(0, n));
    merged[0] = 2;
    const alone = await dynamics(matrix, merged, { times: when, cross: across, threads });
    expect(
      distance((result.test as Dynamics['train']).data.subarray(m), (alone.test as Dynamics['train']).data.subarray(m)),
    ).toBeLessThan(1e-9);
    const limit = at(result.train, 1).flat();
    for (const i of [0, n, n + 1]) expect(limit[i]).toBeCloseTo(2, 9);
    // ½·((0−2)² + (1−2)² + (5−2)²)/N is all that is left.
    expect(result.trainLoss[1]).toBeCloseTo(14 / 2 / (n + 2), 9);
    const expected = rungeKutta(
      rowsOf(doubled.values, n + 2),
      rowsOf(toUnseen.data, n + 2),
      rowsOf(labels, 1),
      {
        train: rowsOf(new Float64Array(n + 2), 1),
        test: rowsOf(new Float64Array(m), 1),
      },
      n + 2,
      1,
      200,
    );
    expect(gap(at(result.train, 0), expected.train)).toBeLessThan(1e-8);
  });

  test('a kernel that is zero trains nothing', async () => {
    const zero = { kernel: 'ntk', size: 2, values: new Float64Array(4), logScale: 0 } as const;
    const result = await dynamics(zero, [1, 3], {
      times: [5, Number.POSITIVE_INFINITY],
      cross: { data: new Float64Array(2), shape: [1, 2] },
      validation: [1],
    });
    expect(result).toMatchObject({ rank: 0, stabilityLimit: Number.POSITIVE_INFINITY });
    expect([...result.train.data, ...result.trainLoss]).toEqual([0, 0, 0, 0, 2.5, 2.5]);
    expect(result.earlyStopping).toEqual({ time: 0, loss: 0.5, lossAtStart: 0.5, lossAtEnd: 0.5 });
  });
});

describe('early stopping', () => {
  const one = { kernel: 'ntk', size: 1, values: Float64Array.of(1), logScale: 0 } as const;
  const toItself = { data: Float64Array.of(1), shape: [1, 1] };
  const stop = async (truth: number, options: Partial<DynamicsOptions> = {}) => {
    const run = await dynamics(one, [1], { times: [1], cross: toItself, validation: [truth], ...options });
    return run.earlyStopping as NonNullable<Dynamics['earlyStopping']>;
  };

  test('of one direction is where it passes the truth: f(t) = 1 − exp(−t)', async () => {
    for (const truth of [1e-6, 0.01, 0.5, 0.9, 0.999]) {
      const { time, loss, lossAtStart, lossAtEnd } = await stop(truth);
      expect(Math.abs(time / -Math.log1p(-truth) - 1)).toBeLessThan(1e-10);
      expect(loss).toBeLessThan(1e-24);
      expect(lossAtStart).toBeCloseTo(truth ** 2 / 2, 14);
      expect(lossAtEnd).toBeCloseTo((1 - truth) ** 2 / 2, 14);
    }
    expect((await stop(-1)).time).toBe(0);
    expect((await stop(2)).time).toBe(Number.POSITIVE_INFINITY);
    // 0.9⁷ = 0.478 is nearer to a half than 0.9⁶ = 0.531.
    expect((await stop(0.5, { method: 'descent', learningRate: 0.1 })).time).toBe(7);
    // Steps that overshoot, 1 − (−0.9)^k: 0.19, 1.9, 0.344, 1.729, …; the 12th, at 0.718, comes nearest to 0.7.
    expect((await stop(0.7, { method: 'descent', learningRate: 1.9 })).time).toBe(12);
    expect((await stop(0.5, { method: 'descent', learningRate: 1e-7 })).time).toBe(6931471);
  });

  test('is the least of the loss at many times', async () => {
    const truth = combine(initial.test, product(Kz, scaled(numbers2(), 0.02)), 1);
    for (const options of [{}, { method: 'descent', learningRate: 0.3 }] as const) {
      const times = Float64Array.from({ length: 4000 }, (_, i) =>
        options.method === undefined ? 1.01 ** (i - 1200) : i,
      ).filter(Number.isFinite);
      const run = await dynamics(matrix, y, { ...base, ...options, times, validation: truth });
      const { time, loss, lossAtStart, lossAtEnd } = run.earlyStopping as NonNullable<Dynamics['earlyStopping']>;
      const best = Math.min(...(run.testLoss as Float64Array), lossAtStart, lossAtEnd);
      expect(loss).toBeLessThanOrEqual(best * (1 + 1e-12));
      const there = await dynamics(matrix, y, { ...base, ...options, times: [time], validation: truth });
      expect(Math.abs((there.testLoss?.[0] as number) / loss - 1)).toBeLessThan(1e-9);
    }
  });

  test('is that of all times, also where steps overshoot and kernels are nearly singular', async () => {
    for (let trial = 0; trial < 12; trial++) {
      const [size, few] = [6 + trial, 1 + (trial % 4)];
      const smooth = compile(mlp({ depth: 1 + (trial % 4), activation: trial % 2 ? 'erf' : 'relu' }));
      const [x, z] = [points(size, 2, 100 + trial), points(few, 2, 200 + trial)];
      const curve = ({ data, shape: [rows] }: typeof x) =>
        Array.from({ length: rows as number }, (_, i) => Math.sin(5 * (data[2 * i] as number)));
      const noise = numbers(size, 300 + trial);
      const labels = curve(x).map((value, i) => value + 0.4 * (trial % 3) * (noise[i] as number));
      const own = await gram(smooth, x, 'ntk');
      const options = { cross: await cross(smooth, z, x, 'ntk'), validation: curve(z) };
      const { stabilityLimit } = await dynamics(own, labels, { times: [0] });
      const learningRate = stabilityLimit * ([0.01, 0.5, 0.9, 0.99][trial % 4] as number);
      const when = Array.from({ length: 2000 }, (_, i) => i);
      for (const run of [
        await dynamics(own, labels, { ...options, times: when.map((i) => 10 ** (i / 100 - 4)) }),
        await dynamics(own, labels, { ...options, times: when, method: 'descent', learningRate }),
      ]) {
        const { loss, lossAtStart, lossAtEnd } = run.earlyStopping as NonNullable<Dynamics['earlyStopping']>;
        const best = Math.min(...(run.testLoss as Float64Array), lossAtStart, lossAtEnd);
        expect(loss).toBeLessThanOrEqual(best * (1 + 1e-11));
      }
    }
  });

  function numbers2(): number[][] {
    return rowsOf(numbers(n * c, 77), c);
  }
});

test('kernels with a logScale train in the unit of their values', async () => {
  const deep = compile(mlp({ depth: 3, weightVar: 8 }));
  const [a, b] = [await gram(deep, train, 'ntk'), await cross(deep, unseen, train, 'ntk')];
  const plain = await dynamics(a, y, { times: [2], cross: b });
  const moved = await dynamics({ ...a, logScale: a.logScale + 3 }, y, {
    times: [2],
    cross: { ...b, logScale: b.logScale + 3 },
  });
  expectSameBytes(plain.train.data as Float64Array, moved.train.data as Float64Array);
  const half = await dynamics({ ...a, logScale: a.logScale + 3 }, y, { times: [2], cross: b });
  const shrunk = (plain.test as Dynamics['train']).data.map((value) => value * Math.exp(-3));
  expect(distance((half.test as Dynamics['train']).data, shrunk)).toBeLessThan(1e-14);
});

test('a Gram matrix in single precision trains as what it holds, its rounding being no indefiniteness', async () => {
  // On a line a smooth kernel is singular to rounding.
  const line = { data: Float64Array.from({ length: n }, (_, i) => i / n), shape: [n, 1] };
  const smooth = compile(mlp({ depth: 2, activation: 'erf' }));
  const [single, double] = [await gram(smooth, line, 'ntk', { precision: 'float32' }), await gram(smooth, line, 'ntk')];
  const lowest = (await spectrum(single)).values.at(-1) as number;
  expect(lowest).toBeLessThan(-1e-9);
  const options = { times: [3, Number.POSITIVE_INFINITY], threads } as const;
  const [found, exact] = [await dynamics(single, y, options), await dynamics(double, y, options)];
  expect(found.rank).toBeLessThan(exact.rank);
  expect(Math.max(...found.rates)).toBeGreaterThan(0);
  // After a time of 3 what has been learned depends on the matrix smoothly: errors of entries of 1e-7·k, times 3/n·n.
  expect(gap(at(found.train, 0), at(exact.train, 0))).toBeLessThan(1e-5);
  // The same matrix in double precision is refused: no kernel has such an eigenvalue.
  await refusal(
    () => dynamics({ ...single, values: Float64Array.from(single.values) }, y, options),
    'ERR_NOT_POSITIVE_DEFINITE',
  );
});
