import { describe, expect, test } from 'vitest';
import {
  compile,
  cross,
  diagonal,
  type Gram,
  gram,
  huang,
  type Kernel,
  mlp,
  multiply,
  type Prediction,
  regress,
  ridgePath,
  spectrum,
  sync,
} from '../../lib/index.js';
import { distance, expectSameBytes, nested, numbers, points, refusal } from './support.js';

const kernel = compile(huang({ depth: 3, alpha: 0.5 }));
const n = 40;
const x = points(n, 4);
const y = Array.from({ length: n }, (_, i) => [Math.sin(3 * (x.data[4 * i] as number)), x.data[4 * i + 1] as number]);
const epsilon = 2 ** -52;

/** Gauss elimination with pivoting: slow and obvious. */
function solved(matrix: ArrayLike<number>, size: number, right: readonly number[]): number[] {
  const a = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => matrix[i * size + j] as number),
    right[i] as number,
  ]);
  for (let c = 0; c < size; c++) {
    const pivot = a
      .slice(c)
      .reduce(
        (best, row, i) => (Math.abs(row[c] as number) > Math.abs((a[best] as number[])[c] as number) ? c + i : best),
        c,
      );
    [a[c], a[pivot]] = [a[pivot] as number[], a[c] as number[]];
    const top = a[c] as number[];
    for (const row of a.slice(c + 1)) {
      const factor = (row[c] as number) / (top[c] as number);
      for (let j = c; j <= size; j++) row[j] = (row[j] as number) - factor * (top[j] as number);
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    const row = a[i] as number[];
    let rest = row[size] as number;
    for (let j = i + 1; j < size; j++) rest -= (row[j] as number) * (solution[j] as number);
    solution[i] = rest / (row[i] as number);
  }
  return solution;
}

function ridged({ values, size }: Gram, ridge: number): Float64Array {
  return Float64Array.from(values, (value, k) => (k % (size + 1) === 0 ? value + ridge : value));
}

const length = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));

/**
 * What two ways of solving (K + λI)a = y may differ by, relative to ‖a‖: each solves a system that is off by at most
 * n·eps of its norm, which moves its solution by that times the condition number.
 */
function solveError(eigenvalues: Float64Array, ridge: number): number {
  const condition = ((eigenvalues[0] as number) + ridge) / ((eigenvalues.at(-1) as number) + ridge);
  return 2 * eigenvalues.length * epsilon * condition;
}

describe('spectrum', () => {
  test('eigenvectors are orthonormal rows that rebuild the matrix', async () => {
    const matrix = await gram(kernel, x, 'ntk');
    const { values, vectors, residual } = await spectrum(matrix, { vectors: true });
    expect(vectors.shape).toEqual([n, n]);
    expect(residual).toBeLessThan(30 * n * epsilon);
    const rows = nested(vectors);
    const largest = values[0] as number;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const dot = (rows[i] as number[]).reduce((sum, v, k) => sum + v * ((rows[j] as number[])[k] as number), 0);
        expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(30 * n * epsilon);
        const rebuilt = rows.reduce(
          (sum, row, k) => sum + (values[k] as number) * (row[i] as number) * (row[j] as number),
          0,
        );
        expect(Math.abs(rebuilt - (matrix.values[i * n + j] as number))).toBeLessThan(30 * n * epsilon * largest);
      }
    }
  });

  test('values alone, values with vectors and the largest few agree', async () => {
    const matrix = await gram(kernel, x, 'nngp');
    const all = await spectrum(matrix);
    const full = await spectrum(matrix, { vectors: true });
    const few = await spectrum(matrix, { top: 5, vectors: true });
    const bound = 30 * n * epsilon * (all.values[0] as number);
    expect(all).not.toHaveProperty('vectors');
    expect(all.residual).toBeLessThan(30 * n * epsilon);
    expect(few.residual).toBeLessThan(30 * n * epsilon);
    expect(few.vectors.shape).toEqual([5, n]);
    expect(distance(all.values, full.values)).toBeLessThan(bound);
    expect(distance(all.values.slice(0, 5), few.values)).toBeLessThan(bound);
    expect([...all.values]).toEqual([...all.values].sort((a, b) => b - a));
    expectSameBytes(sync.spectrum(matrix).values, all.values);
  });

  test('float32 matrices and matrices of one sample do', async () => {
    const single = await gram(kernel, x, 'ntk', { precision: 'float32' });
    const double = await gram(kernel, x, 'ntk');
    const [a, b] = [await spectrum(single), await spectrum(double)];
    expect(distance(a.values, b.values)).toBeLessThan(1e-5 * (b.values[0] as number));
    const one = await spectrum(await gram(kernel, [[1, 2]], 'ntk'), { vectors: true });
    expect(Math.abs(one.vectors.data[0] as number)).toBe(1);
  });

  test('refuses what is no Gram matrix', async () => {
    const matrix = await gram(kernel, x, 'ntk');
    const lopsided = { ...matrix, values: matrix.values.slice() };
    lopsided.values[3] = 7;
    expect((await refusal(() => spectrum(lopsided), 'ERR_ARGUMENT')).details).toMatchObject({ row: 3, column: 0 });
    await refusal(() => spectrum({ ...matrix, size: 41 }), 'ERR_SHAPE');
    await refusal(() => spectrum(matrix.values as never), 'ERR_ARGUMENT');
    const { message } = await refusal(() => spectrum(matrix, { top: 0 }), 'ERR_ARGUMENT');
    expect(message).toBe('top: expected an integer from 1 to 40 (the number of samples), got 0');
    const spoilt = { ...matrix, values: matrix.values.map((value, k) => (k === 41 ? Number.NaN : value)) };
    expect((await refusal(() => spectrum(spoilt), 'ERR_NOT_FINITE')).details).toEqual({ row: 1, column: 1 });
  });
});

describe('ridgePath', () => {
  test('leave-one-out predictions are those of n refits', async () => {
    const matrix = await gram(kernel, x, 'ntk');
    const ridges = [1e-6, 1e-2, 3];
    const { predictions, coefficients, dropped, eigenvalues } = await ridgePath(matrix, y, ridges, {
      coefficients: true,
    });
    expect(predictions.shape).toEqual([3, n, 2]);
    expect([...dropped]).toEqual([0, 0, 0]);
    expect(eigenvalues).toHaveLength(n);
    for (const [r, ridge] of ridges.entries()) {
      const full = ridged(matrix, ridge);
      const allowed = solveError(eigenvalues, ridge);
      for (const column of [0, 1]) {
        const right = y.map((row) => row[column] as number);
        const fitted = solved(full, n, right);
        expect(
          distance(
            fitted,
            fitted.map((_, i) => coefficients.data[(r * n + i) * 2 + column] as number),
          ),
        ).toBeLessThan(allowed * length(fitted));
        for (const left of [0, 17, n - 1]) {
          const others = right.map((_, i) => i).filter((i) => i !== left);
          const part = others.flatMap((i) => others.map((j) => full[i * n + j] as number));
          const weights = solved(
            part,
            n - 1,
            others.map((i) => right[i] as number),
          );
          const prediction = others.reduce(
            (sum, i, k) => sum + (matrix.values[left * n + i] as number) * (weights[k] as number),
            0,
          );
          // |k·δa| ≤ ‖k‖‖δa‖; a principal submatrix is conditioned no worse than the whole.
          const row = others.map((i) => matrix.values[left * n + i] as number);
          const off = Math.abs((predictions.data[(r * n + left) * 2 + column] as number) - prediction);
          expect(off).toBeLessThan(allowed * length(row) * length(weights));
        }
      }
    }
    const here = sync.ridgePath(matrix, y, ridges);
    expectSameBytes(here.predictions.data, predictions.data);
  });

  test('chosen rows are the Gram matrix of these rows', async () => {
    const rows = [31, 2, 7, 19, 4];
    const chosen = rows.map((i) => nested(x)[i] as number[]);
    const part = rows.map((i) => y[i] as number[]);
    const whole = await ridgePath(await gram(kernel, x, 'ntk'), part, [0.1], { rows, coefficients: true });
    const alone = await ridgePath(await gram(kernel, chosen, 'ntk'), part, [0.1], { coefficients: true });
    expect(distance(whole.predictions.data, alone.predictions.data)).toBeLessThan(1e-11);
    expect(distance(whole.coefficients.data, alone.coefficients.data)).toBeLessThan(1e-11);
  });

  test('a singular matrix at ridge 0 says what it left out', async () => {
    const twice = [...nested(x).slice(0, 5), ...nested(x).slice(0, 5)];
    const { dropped, predictions } = await ridgePath(await gram(kernel, twice, 'ntk'), numbers(10), [0, 1]);
    expect([...dropped]).toEqual([5, 0]);
    expect(predictions.shape).toEqual([2, 10, 1]);
  });

  test('refuses bad ridges, targets and rows', async () => {
    const matrix = await gram(kernel, x, 'ntk');
    expect((await refusal(() => ridgePath(matrix, y, [1, -1]), 'ERR_ARGUMENT')).message).toMatch(/^ridges\[1\]/);
    await refusal(() => ridgePath(matrix, y, []), 'ERR_ARGUMENT');
    expect((await refusal(() => ridgePath(matrix, y.slice(1), [1]), 'ERR_SHAPE')).message).toBe(
      'y: expected 40 rows, one per sample, got 39',
    );
    await refusal(() => ridgePath(matrix, [1, 2], [1], { rows: [3, 3] }), 'ERR_ARGUMENT');
    await refusal(() => ridgePath(matrix, [1, 2], [1], { rows: [3, 40] }), 'ERR_ARGUMENT');
  });
});

describe('multiply', () => {
  test('is the product, also of chosen rows and columns', async () => {
    const a = points(6, 9, 3);
    const b = points(9, 2, 4);
    const product = await multiply(a, b);
    expect(product.shape).toEqual([6, 2]);
    const entry = (i: number, j: number, columns: readonly number[]) =>
      columns.reduce((sum, k) => sum + (a.data[i * 9 + k] as number) * (b.data[k * 2 + j] as number), 0);
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(
      distance(
        product.data,
        product.data.map((_, k) => entry(Math.floor(k / 2), k % 2, all)),
      ),
    ).toBeLessThan(1e-15);
    const columns = [8, 0, 5];
    const right = columns.map((k) => [b.data[k * 2] as number, b.data[k * 2 + 1] as number]);
    const some = await multiply(a, right, { rows: [4, 1], columns });
    const expected = [4, 1].flatMap((i) => [0, 1].map((j) => entry(i, j, columns)));
    expect(distance(some.data, expected)).toBeLessThan(1e-15);
    expectSameBytes(sync.multiply(a, b).data, product.data);
  });

  test('takes a Gram matrix, and refuses sizes that do not meet', async () => {
    const matrix = await gram(kernel, x, 'ntk');
    const product = await multiply(matrix, new Float64Array(n).fill(1));
    const sums = nested({ data: matrix.values, shape: [n, n] }).map((row) =>
      row.reduce((sum, value) => sum + value, 0),
    );
    expect(distance(product.data, sums)).toBeLessThan(1e-12);
    await refusal(() => multiply(matrix, new Float64Array(n - 1)), 'ERR_SHAPE');
  });
});

describe('regress', () => {
  test('without a ridge it interpolates', async () => {
    using model = await regress(kernel, x, y);
    expect(model).toMatchObject({ ridge: 0, kernel: 'ntk' });
    expect(model.backwardError).toBeLessThan(1e-14);
    const { mean, std } = await model.predict(x, { std: true });
    expect(distance(mean.data, y.flat())).toBeLessThan(1e-9);
    const scale = Math.sqrt(Math.max(...(await diagonal(kernel, x, 'ntk')).values));
    expect(Math.max(...std)).toBeLessThan(1e-5 * scale);
  });

  test('mean and deviation are those of the definition', async () => {
    const ridge = 0.05;
    const z = points(7, 4, 9);
    const model = await regress(kernel, x, y, { ridge, which: 'nngp' });
    const { mean, std } = await model.predict(z, { std: true });
    const full = ridged(await gram(kernel, x, 'nngp'), ridge);
    const rows = nested(await cross(kernel, z, x, 'nngp'));
    const prior = (await diagonal(kernel, z, 'nngp')).values;
    const weights = [0, 1].map((c) =>
      solved(
        full,
        n,
        y.map((row) => row[c] as number),
      ),
    );
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
    const allowed = solveError((await spectrum(await gram(kernel, x, 'nngp'))).values, ridge);
    rows.forEach((row, j) => {
      for (const c of [0, 1]) {
        const a = weights[c] as number[];
        const off = Math.abs((mean.data[j * 2 + c] as number) - dot(row, a));
        expect(off).toBeLessThan(allowed * length(row) * length(a));
      }
      const a = solved(full, n, row);
      const off = Math.abs((std[2 * j + 1] as number) ** 2 - ((prior[j] as number) - dot(row, a)));
      expect(off).toBeLessThan(allowed * length(row) * length(a) + 4 * epsilon * (prior[j] as number));
    });
    const norm = weights.map((w) => Math.sqrt(quadratic(full, w, ridge)));
    expect(distance(model.rkhsNorm, norm)).toBeLessThan(1e-9);
  });

  test("'auto' takes the ridge of least leave-one-out error, and says what it tried", async () => {
    const noisy = y.map(([a], i) => (a as number) + 0.3 * (numbers(n, 5)[i] as number));
    const model = await regress(kernel, x, noisy, { ridge: 'auto' });
    const none = new Float64Array(0);
    const { ridges, squaredErrors } = model.candidates ?? { ridges: none, squaredErrors: none };
    expect(ridges).toHaveLength(25);
    const best = Math.min(...squaredErrors);
    expect(squaredErrors[ridges.indexOf(model.ridge)]).toBeCloseTo(best, 12);
    expect(model.ridge).toBeGreaterThan(ridges[0] as number);
  });

  test('another ridge is another model over the same samples, alive on its own', async () => {
    const first = await regress(kernel, x, y);
    const second = await first.withRidge(0.2);
    const fresh = await regress(kernel, x, y, { ridge: 0.2 });
    first.dispose();
    expectSameBytes(second.coefficients.data, fresh.coefficients.data);
    expectSameBytes((await second.predict(x)).mean.data, (await fresh.predict(x)).mean.data);
    await refusal(() => first.predict(x), 'ERR_DISPOSED');
    await refusal(() => first.withRidge(1), 'ERR_DISPOSED');
    expectSameBytes(sync.regress(kernel, x, y, { ridge: 0.2 }).coefficients.data, fresh.coefficients.data);
  });

  test('equal samples without a ridge: the sample, the pivot and a ridge that does', async () => {
    const twins = [...nested(x).slice(0, 6), nested(x)[2] as number[]];
    const right = numbers(7);
    const { message, details } = await refusal(() => regress(kernel, twins, right), 'ERR_NOT_POSITIVE_DEFINITE');
    expect(message).toMatch(
      /^ntk Gram: stopped being positive definite at sample 6 of 7; equal samples\? a ridge of \S+ would do$/,
    );
    expect(details).toMatchObject({ pivot: 6, size: 7, kernel: 'ntk' });
    const ridge = details.suggestedRidge as number;
    expect((await regress(kernel, twins, right, { ridge })).backwardError).toBeLessThan(1e-14);
  });

  test('a kernel with a logarithmic scale predicts in the unit of the targets', async () => {
    // The c = 1 MLP is 2^−(L+1) times the other, below the smallest double at this depth.
    const [tiny, plain] = (['tirer', 'jacot'] as const).map((convention) =>
      compile(mlp({ depth: 1100, convention, inputScale: '1' })),
    ) as [Kernel, Kernel];
    const z = { data: points(5, 4, 3).data.map((value) => 100 * value), shape: [5, 4] };
    expect((await gram(tiny, x, 'nngp')).logScale).toBeLessThan(-700);
    const models = await Promise.all([tiny, plain].map((one) => regress(one, x, y, { which: 'nngp', ridge: 'auto' })));
    const [small, usual] = (await Promise.all(models.map((model) => model.predict(z, { std: true })))) as [
      Required<Prediction>,
      Required<Prediction>,
    ];
    const scale = Math.max(...usual.mean.data.map(Math.abs));
    expect(distance(small.mean.data, usual.mean.data)).toBeLessThan(1e-6 * scale);
    // Deviations are in the unit of either Gram matrix.
    const ratios = small.std.map((value, j) => value / (usual.std[j] as number));
    expect(
      distance(
        ratios,
        ratios.map(() => ratios[0] as number),
      ),
    ).toBeLessThan(1e-6 * (ratios[0] as number));
  });

  test('refuses targets and points that do not fit', async () => {
    await refusal(() => regress(kernel, x, y.slice(1)), 'ERR_SHAPE');
    await refusal(() => regress(kernel, x, y, { ridge: -1 }), 'ERR_ARGUMENT');
    await refusal(() => regress(compile(mlp({ depth: 1 })), x, y, { which: 'nkt' as never }), 'ERR_ARGUMENT');
    const model = await regress(kernel, x, y, { ridge: 1 });
    expect((await refusal(() => model.predict([[1, 2]]), 'ERR_SHAPE')).message).toBe(
      'z: expected rows of 4 numbers, as in x, got rows of 2',
    );
  });
});

/** wᵀKw from K + λI. */
function quadratic(full: Float64Array, w: readonly number[], ridge: number): number {
  let sum = 0;
  for (let i = 0; i < w.length; i++) {
    for (let j = 0; j < w.length; j++) sum += (w[i] as number) * (w[j] as number) * (full[i * w.length + j] as number);
    sum -= ridge * (w[i] as number) ** 2;
  }
  return sum;
}
