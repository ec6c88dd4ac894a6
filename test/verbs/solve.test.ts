import { describe, expect, test } from 'vitest';
import {
  compile,
  conditionNumber,
  extremeEigenvalues,
  type Gram,
  gram,
  huang,
  mlp,
  regress,
  type Solution,
  solve,
  spectrum,
  sync,
} from '../../lib/index.js';
import { distance, expectSameBytes, nested, numbers, points, refusal } from './support.js';

const epsilon = 2 ** -52;
const kernel = compile(huang({ depth: 3, alpha: 0.5 }));

/** Eigenvalues of two algorithms differ by no more than the backward errors of both. */
const tolerance = (values: Float64Array) => 30 * values.length * epsilon * (values[0] as number);

/** Largest backward error over the columns, by plain loops. */
function backwardError({ values, size: n }: Gram, { x }: Solution, y: readonly number[][], ridge: number): number {
  const columns = x.shape[1] as number;
  let worst = 0;
  for (let c = 0; c < columns; c++) {
    let residual = 0;
    let matrix = 0;
    let solution = 0;
    let right = 0;
    for (let i = 0; i < n; i++) {
      let rest = (y[i] as number[])[c] as number;
      right += rest * rest;
      for (let j = 0; j < n; j++) {
        const entry = (values[i * n + j] as number) + (i === j ? ridge : 0);
        rest -= entry * (x.data[j * columns + c] as number);
        matrix += entry * entry;
      }
      residual += rest * rest;
      solution += (x.data[i * columns + c] as number) ** 2;
    }
    worst = Math.max(worst, Math.sqrt(residual) / (Math.sqrt(matrix * solution) + Math.sqrt(right)));
  }
  return worst;
}

/** On a busy machine BLAS' threads wait for each other longer than these matrices take. */
const threads = 1;
const few = points(40, 4);
const many = points(900, 8, 3);

describe('extremeEigenvalues and conditionNumber', () => {
  test('are those of the spectrum, by either method', async () => {
    for (const [x, method] of [
      [few, 'decomposition'],
      [many, 'lanczos'],
    ] as const) {
      const matrix = await gram(kernel, x, 'ntk');
      const { values } = await spectrum(matrix, { threads });
      const found = await conditionNumber(matrix, { threads });
      expect(found).toMatchObject({ method, logScale: 0 });
      expect(found).toMatchObject(await extremeEigenvalues(matrix, { threads }));
      const [top, bottom] = [values[0] as number, values.at(-1) as number];
      expect(Math.abs(found.largest - top)).toBeLessThan(tolerance(values));
      expect(Math.abs(found.smallest - bottom)).toBeLessThan(tolerance(values));
      expect(found.largestError).toBeLessThan(1e-8 * top);
      expect(found.smallestError).toBeLessThan(1e-6 * bottom);
      expect(found.value).toBe(found.largest / found.smallest);
      const allowed = (found.relativeError as number) + (2 * tolerance(values)) / bottom;
      expect(Math.abs((found.value as number) / (top / bottom) - 1)).toBeLessThan(allowed);
      expect(sync.conditionNumber(matrix, { threads })).toEqual(found);
      expect(found).toMatchObject(sync.extremeEigenvalues(matrix, { threads }));
    }
  });

  test('a ridge and chosen rows are part of the question', async () => {
    const matrix = await gram(kernel, few, 'ntk');
    const plain = await extremeEigenvalues(matrix);
    const ridged = await extremeEigenvalues(matrix, { ridge: 2 });
    expect(Math.abs(ridged.smallest - plain.smallest - 2)).toBeLessThan(40 * epsilon * ridged.largest);
    const rows = [3, 17, 5];
    const part = await gram(
      kernel,
      rows.map((i) => nested(few)[i] as number[]),
      'ntk',
    );
    const chosen = await extremeEigenvalues(matrix, { rows });
    const alone = await extremeEigenvalues(part);
    expect(Math.abs(chosen.smallest - alone.smallest)).toBeLessThan(chosen.smallestError + alone.smallestError);
  });

  test('a singular matrix has no condition number, however large it is', async () => {
    for (const x of [few, many]) {
      const rows = nested(x);
      const matrix = await gram(kernel, [...rows, rows[7] as number[]], 'ntk');
      const found = await conditionNumber(matrix);
      expect(found).toMatchObject({ value: null, relativeError: null });
      expect(Math.abs(found.smallest)).toBeLessThan(found.smallestError + rows.length * epsilon * found.largest);
      expect((await conditionNumber(matrix, { ridge: 1 })).value).toBeGreaterThan(1);
    }
  });

  test('an indefinite matrix shows by how much it is', async () => {
    const matrix = { kernel: 'ntk', size: 2, values: Float64Array.of(1, 2, 2, 1), logScale: 0 } as const;
    const found = await conditionNumber(matrix);
    expect(found.value).toBeNull();
    expect(found.smallest).toBeCloseTo(-1, 12);
    expect(found.largest).toBeCloseTo(3, 12);
    const one = await conditionNumber({ ...matrix, size: 1, values: Float64Array.of(5) });
    expect(one).toMatchObject({ largest: 5, smallest: 5, value: 1 });
    expect((await conditionNumber({ ...matrix, size: 1, values: Float64Array.of(0) })).value).toBeNull();
  });

  test('refuse bad options and matrices', async () => {
    const matrix = await gram(kernel, few, 'ntk');
    expect((await refusal(() => conditionNumber(matrix, { ridge: -1 }), 'ERR_ARGUMENT')).message).toBe(
      'ridge: expected a finite number of at least 0, got -1',
    );
    await refusal(() => extremeEigenvalues(matrix, { rows: [40] }), 'ERR_ARGUMENT');
    await refusal(() => extremeEigenvalues(matrix, { top: 1 } as never), 'ERR_ARGUMENT');
    await refusal(() => conditionNumber({ ...matrix, size: 39 }), 'ERR_SHAPE');
    const lopsided = { ...matrix, values: matrix.values.map((value, k) => (k === 5 ? 9 : value)) };
    await refusal(() => conditionNumber(lopsided), 'ERR_ARGUMENT');
  });

  test('an abort rejects at once, and the next call works', async () => {
    const matrix = await gram(kernel, many, 'ntk');
    const controller = new AbortController();
    const pending = conditionNumber(matrix, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await conditionNumber(matrix)).value).toBeGreaterThan(1);
  });
});

describe('solve', () => {
  test('reaches the accuracy of float64 with either factorisation', async () => {
    for (const [x, ridge] of [
      [few, 0],
      [many, 0],
      [many, 0.3],
    ] as const) {
      const n = x.shape[0] as number;
      const matrix = await gram(kernel, x, 'ntk');
      const y = nested({ data: numbers(2 * n, 11), shape: [n, 2] });
      const mixed = await solve(matrix, y, { ridge, threads });
      const double = await solve(matrix, y, { ridge, threads, precision: 'float64' });
      expect(mixed.method).toBe(n < 768 ? 'factorised' : 'refined');
      expect(double).toMatchObject({ method: 'factorised', iterations: 0 });
      for (const one of [mixed, double]) {
        expect(one.x.shape).toEqual([n, 2]);
        expect(one.backwardError).toBeLessThan(2 * epsilon);
        expect(Math.abs(backwardError(matrix, one, y, ridge) - one.backwardError)).toBeLessThan(epsilon);
      }
      const { value } = await conditionNumber(matrix, { ridge, threads });
      const largest = Math.max(...Array.from(double.x.data, Math.abs));
      const allowed = 2 * n * epsilon * (value as number) * Math.sqrt(n) * largest;
      expect(distance(mixed.x.data, double.x.data)).toBeLessThan(allowed);
      expectSameBytes(sync.solve(matrix, y, { ridge, threads }).x.data, mixed.x.data);
    }
  });

  test('gives the coefficients of regress', async () => {
    const y = numbers(40, 12);
    const model = await regress(kernel, few, y, { ridge: 0.1 });
    const { x } = await solve(await gram(kernel, few, 'ntk'), y, { ridge: 0.1 });
    expect(x.shape).toEqual([40, 1]);
    expect(distance(x.data, model.coefficients.data)).toBeLessThan(1e-10);
    const rows = [4, 30, 9];
    const right = Float64Array.from(rows, (i) => y[i] as number);
    const chosen = await solve(await gram(kernel, few, 'ntk'), right, { rows });
    const part = await gram(
      kernel,
      rows.map((i) => nested(few)[i] as number[]),
      'ntk',
    );
    expect(distance(chosen.x.data, (await solve(part, right)).x.data)).toBeLessThan(1e-10);
  });

  test('a singular matrix is refused with the sample and a ridge that does, whatever its size', async () => {
    for (const x of [few, many]) {
      const rows = nested(x);
      const n = rows.length + 1;
      const matrix = await gram(kernel, [...rows, rows[7] as number[]], 'nngp');
      const y = numbers(n, 13);
      y[n - 1] = y[7] as number;
      const { message, details } = await refusal(() => solve(matrix, y), 'ERR_NOT_POSITIVE_DEFINITE');
      expect(message).toMatch(
        new RegExp(
          `^nngp Gram: stopped being positive definite at sample ${n - 1} of ${n}; equal samples\\? a ridge of`,
        ),
      );
      expect(details).toMatchObject({ pivot: n - 1, size: n, kernel: 'nngp', ridge: 0 });
      const solved = await solve(matrix, y, { ridge: details.suggestedRidge as number });
      expect(solved.backwardError).toBeLessThan(1e-14);
    }
  });

  test('refuses bad options and right sides', async () => {
    const matrix = await gram(compile(mlp({ depth: 1 })), few, 'ntk');
    const y = numbers(40);
    expect((await refusal(() => solve(matrix, y, { precision: 'float32' as never }), 'ERR_ARGUMENT')).message).toBe(
      `precision: expected 'mixed' or 'float64', got "float32"`,
    );
    await refusal(() => solve(matrix, y.slice(1)), 'ERR_SHAPE');
    await refusal(() => solve(matrix, y, { ridge: Number.NaN }), 'ERR_ARGUMENT');
    y[3] = Number.POSITIVE_INFINITY;
    await refusal(() => solve(matrix, y), 'ERR_NOT_FINITE');
  });

  test('tells how far it is and stops when told to', async () => {
    const matrix = await gram(kernel, many, 'ntk');
    const seen: string[] = [];
    await solve(matrix, numbers(900), {
      onProgress: ({ phase, done, total }) => seen.push(`${phase} ${done}/${total}`),
    });
    expect(seen.at(-1)).toBe('solve 3/3');
    const controller = new AbortController();
    const pending = solve(matrix, numbers(900), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });
});
