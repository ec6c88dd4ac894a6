/** Regressors as Gaussian processes: likelihood, amplitudes, covariances, leave-one-out, further samples. */
import { describe, expect, test } from 'vitest';
import {
  compile,
  cross,
  diagonal,
  gram,
  huang,
  type Kernel,
  mlp,
  type Regressor,
  regress,
  type Tensor,
} from '../../lib/index.js';
import { distance, nested, numbers, points, refusal } from './support.js';

const kernel = compile(huang({ depth: 3, alpha: 0.5 }));
const n = 24;
const x = points(n, 4);
const y = Array.from({ length: n }, (_, i) => [numbers(n, 7)[i] as number, 3 + 10 * (numbers(n, 8)[i] as number)]);
const z = points(6, 4, 9);
const which = 'nngp';
const ridge = 0.05;

/** Solutions by elimination with pivots, and the determinant's logarithm. */
function eliminated(a: readonly number[][], b: readonly number[][]): { x: number[][]; logDeterminant: number } {
  const size = a.length;
  const rows = a.map((row, i) => [...row, ...(b[i] as number[])]);
  let logDeterminant = 0;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k; i < size; i++)
      if (Math.abs(rows[i]?.[k] as number) > Math.abs(rows[pivot]?.[k] as number)) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot] as number[], rows[k] as number[]];
    const top = rows[k] as number[];
    logDeterminant += Math.log(Math.abs(top[k] as number));
    for (let i = 0; i < size; i++) {
      const row = rows[i] as number[];
      if (i === k) continue;
      const factor = (row[k] as number) / (top[k] as number);
      for (let j = k; j < row.length; j++) row[j] = (row[j] as number) - factor * (top[j] as number);
    }
  }
  return { x: rows.map((row, i) => row.slice(size).map((value) => value / (row[i] as number))), logDeterminant };
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const transposed = (a: readonly number[][]) => (a[0] as number[]).map((_, j) => a.map((row) => row[j] as number));

async function ridged(samples: Tensor): Promise<number[][]> {
  const { values, size } = await gram(kernel, samples, which);
  return nested({ data: values, shape: [size, size] }).map((row, i) => row.map((v, j) => v + (i === j ? ridge : 0)));
}

describe('the likelihood', () => {
  test('is that of the normal density', async () => {
    const model = await regress(kernel, x, y, { ridge, which });
    const { x: weights, logDeterminant } = eliminated(await ridged(x), y);
    const expected = [0, 1].reduce((sum, c) => {
      const quadratic = weights.reduce((all, row, i) => all + (row[c] as number) * (y[i]?.[c] as number), 0);
      return sum - (quadratic + logDeterminant + n * Math.log(2 * Math.PI)) / 2;
    }, 0);
    expect(model.logLikelihood).toBeCloseTo(expected, 8 - Math.ceil(Math.log10(Math.abs(expected))));
  });

  test('is largest at the automatic amplitude, and the mean does not depend on it', async () => {
    const best = await regress(kernel, x, y, { ridge, which, amplitude: 'auto', centre: true });
    expect(best.amplitude).toHaveLength(2);
    expect(best.amplitude[1] as number).toBeGreaterThan(20 * (best.amplitude[0] as number));
    for (const factor of [0.9, 1.1]) {
      const one = y.map((row) => [row[0] as number]);
      const amplitude = factor * (best.amplitude[0] as number);
      const [off, peak] = await Promise.all([
        regress(kernel, x, one, { ridge, which, amplitude, centre: true }),
        regress(kernel, x, one, { ridge, which, amplitude: 'auto', centre: true }),
      ]);
      expect(off.logLikelihood).toBeLessThan(peak.logLikelihood);
      expect(distance((await off.predict(z)).mean.data, (await peak.predict(z)).mean.data)).toBe(0);
    }
  });

  test('a constant column has no amplitude to estimate', async () => {
    const flat = new Float64Array(n).fill(3);
    const error = await refusal(() => regress(kernel, x, flat, { ridge, amplitude: 'auto', centre: true }), 'ERR_DATA');
    expect(error.message).toContain('column 0 is constant');
    const model = await regress(kernel, x, flat, { ridge, centre: true });
    expect((await model.predict(z)).mean.data).toEqual(new Float64Array(6).fill(3));
  });
});

describe('targets beyond the range of squares', () => {
  const times = (factor: number) => y.map((row) => row.map((value) => value * factor));

  test.each([1e-170, 1e154, 1e200, 1e306])(
    'times %s are refused before work starts, whatever is asked',
    async (factor) => {
      for (const options of [
        { ridge },
        { ridge: 'auto' },
        { ridge, amplitude: 'auto' },
        { ridge, centre: true },
      ] as const) {
        const { message } = await refusal(() => regress(kernel, x, times(factor), options), 'ERR_RANGE');
        expect(message).toMatch(
          /^y: expected the largest number of each column between 1e-120 and 1e\+120, .* in column 0/,
        );
      }
      const phases: string[] = [];
      const onProgress = ({ phase }: { phase: string }) => phases.push(phase);
      await refusal(() => regress(kernel, x, times(factor), { ridge, onProgress }), 'ERR_RANGE');
      expect(phases).toEqual([]);
      const model = await regress(kernel, x, times(0), { ridge });
      const appended = () => model.append(z, { data: numbers(12, 3).map((value) => value * factor), shape: [6, 2] });
      await refusal(appended, 'ERR_RANGE');
    },
  );

  test.each([2 ** -390, 2 ** 390])('times %s are fitted, as exactly as any', async (factor) => {
    const options = { ridge: 'auto', amplitude: 'auto', threads: 1 } as const;
    const [one, scaled] = await Promise.all([y, times(factor)].map((all) => regress(kernel, x, all, options)));
    expect(scaled?.ridge).toBe(one?.ridge);
    expect(scaled?.coefficients.data).toEqual(one?.coefficients.data.map((value) => value * factor));
    expect(scaled?.amplitude).toEqual(one?.amplitude.map((value) => value * factor ** 2));
    expect(scaled?.rkhsNorm).toEqual(one?.rkhsNorm.map((value) => value * factor));
    expect(scaled?.candidates?.squaredErrors).toEqual(
      one?.candidates?.squaredErrors.map((value) => value * factor ** 2),
    );
  });

  test('and kernels beyond it are refused by the figure that leaves it', async () => {
    const small = { data: x.data.map((value) => value * 1e-60), shape: x.shape };
    const { message } = await refusal(() => regress(kernel, small, times(1e110), { ridge: 1e-122 }), 'ERR_RANGE');
    expect(message).toContain('outside the range of doubles');
    const large = { data: x.data.map((value) => value * 1e60), shape: x.shape };
    const tiny = () => regress(kernel, large, times(1e-118), { ridge: 1e122, amplitude: 'auto' });
    expect((await refusal(tiny, 'ERR_RANGE')).message).toContain(
      'the amplitude of column 0 is below the range of doubles',
    );
  });

  test('one column of zeros is a fit, and so is a small number in a column of larger ones', async () => {
    const mixed = y.map(([a], i) => [i === 0 ? 1e-200 : (a as number), 0]);
    expect((await regress(kernel, x, mixed, { ridge, which })).rkhsNorm[1]).toBe(0);
  });
});

describe('centred targets', () => {
  test('are the deviations from the mean, which is added again', async () => {
    const means = [0, 1].map((c) => y.reduce((sum, row) => sum + (row[c] as number), 0) / n);
    const shifted = y.map((row) => row.map((value, c) => value - (means[c] as number)));
    const [centred, plain] = await Promise.all([
      regress(kernel, x, y, { ridge, centre: true }),
      regress(kernel, x, shifted, { ridge }),
    ]);
    expect(distance(centred.centre, means)).toBeLessThan(1e-14);
    const expected = (await plain.predict(z)).mean.data.map((value, i) => value + (means[i % 2] as number));
    expect(distance((await centred.predict(z)).mean.data, expected)).toBeLessThan(1e-12);
  });
});

describe('uncertainty', () => {
  test('the covariance is that of the definition, symmetric to the bit, and its diagonal is std²', async () => {
    const model = await regress(kernel, x, y, { ridge, which, amplitude: 2.5 });
    const { mean, covariance } = await model.covariance(z);
    const prior = await gram(kernel, z, which);
    const rows = nested(await cross(kernel, z, x, which));
    const { x: solved } = eliminated(await ridged(x), transposed(rows));
    const expected = rows.flatMap((row, i) =>
      rows.map((_, j) => 2.5 * ((prior.values[i * 6 + j] as number) - dot(row, transposed(solved)[j] as number[]))),
    );
    expect(distance(covariance.data, expected)).toBeLessThan(1e-12);
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < i; j++) expect(covariance.data[i * 6 + j]).toBe(covariance.data[j * 6 + i]);
    }
    const single = await model.predict(z, { std: true });
    expect(distance(single.mean.data, mean.data)).toBeLessThan(1e-13);
    for (let i = 0; i < 6; i++) {
      expect((single.std[2 * i] as number) ** 2).toBeCloseTo(covariance.data[7 * i] as number, 12);
    }
    const noisy = await model.covariance(z, { noise: true });
    const noise = noisy.covariance.data.map((value, k) => value - (covariance.data[k] as number));
    expect(
      distance(
        noise,
        Array.from({ length: 36 }, (_, k) => (k % 7 === 0 ? 2.5 * ridge : 0)),
      ),
    ).toBeLessThan(1e-14);
    const loud = await model.predict(z, { std: true, noise: true });
    expect((loud.std[0] as number) ** 2).toBeCloseTo((single.std[0] as number) ** 2 + 2.5 * ridge, 13);
  });

  test('a column has its own amplitude', async () => {
    const model = await regress(kernel, x, y, { ridge, which, amplitude: 'auto' });
    const [first, second] = await Promise.all([model.covariance(z), model.covariance(z, { column: 1 })]);
    const ratio = (model.amplitude[1] as number) / (model.amplitude[0] as number);
    expect((second.covariance.data[0] as number) / (first.covariance.data[0] as number)).toBeCloseTo(ratio, 10);
    await refusal(() => model.covariance(z, { column: 2 }), 'ERR_ARGUMENT');
  });

  test('rows beside others that are longer by more than doubles hold are refused, never NaN', async () => {
    using model = await regress(kernel, x, y, { ridge: 0.1 });
    const z = [
      [1, 2, 3, 4],
      [1e160, 1e160, 1e160, 1e160],
    ];
    await expect(model.predict(z, { std: true })).rejects.toMatchObject({ code: 'ERR_RANGE' });
    await expect(model.covariance(z)).rejects.toMatchObject({ code: 'ERR_RANGE' });
    expect((await model.predict(z)).mean.data.every(Number.isFinite)).toBe(true);
  });

  test('far from the samples there is no more than the prior', async () => {
    const model = await regress(kernel, x, y, { ridge: 1e-3, which });
    const prior = await diagonal(kernel, z, which);
    const { std } = await model.predict(z, { std: true });
    for (let i = 0; i < 6; i++) expect((std[2 * i] as number) ** 2).toBeLessThanOrEqual(prior.values[i] as number);
  });
});

describe('leave-one-out of a fit', () => {
  test('is what fits to all other samples say, mean and deviation', async () => {
    for (const options of [
      { ridge, which },
      { ridge: 0, which: 'ntk' },
    ] as const) {
      const model = await regress(kernel, x, y, { ...options, amplitude: 1.7 });
      const { mean, std } = await model.leaveOneOut();
      for (const i of [0, 5, n - 1]) {
        const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== i);
        const rest = others.map((j) => nested(x)[j] as number[]);
        const fit = await regress(
          kernel,
          rest,
          others.map((j) => y[j] as number[]),
          { ...options, amplitude: 1.7 },
        );
        const there = await fit.predict([nested(x)[i] as number[]], { std: true, noise: true });
        expect(distance(mean.data.slice(2 * i, 2 * i + 2), there.mean.data)).toBeLessThan(1e-9);
        expect(distance(std.slice(2 * i, 2 * i + 2), there.std)).toBeLessThan(1e-9);
      }
    }
  });
});

describe('append', () => {
  const split = (rows: readonly number[]) => ({
    x: rows.map((i) => nested(x)[i] as number[]),
    y: rows.map((i) => y[i] as number[]),
  });
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

  async function expectSame(grown: Regressor, whole: Regressor): Promise<void> {
    const scale = Math.max(...whole.coefficients.data.map(Math.abs));
    expect(distance(grown.coefficients.data, whole.coefficients.data)).toBeLessThan(1e-10 * scale);
    expect(Math.abs(grown.logLikelihood - whole.logLikelihood)).toBeLessThan(1e-10 * Math.abs(whole.logLikelihood));
    expect(grown.backwardError).toBeLessThan(1e-14);
    const [a, b] = await Promise.all([grown.predict(z, { std: true }), whole.predict(z, { std: true })]);
    expect(distance(a.mean.data, b.mean.data)).toBeLessThan(1e-10);
    expect(distance(a.std, b.std)).toBeLessThan(1e-10);
  }

  test.each([
    { ridge, which: 'nngp' },
    { ridge: 0, which: 'ntk' },
    { ridge: 1e-3, which: 'ntk', centre: true, amplitude: 'auto' },
  ] as const)('equals a fit to all samples: %o', async (options) => {
    const whole = await regress(kernel, x, y, options);
    const start = await regress(kernel, split(range(0, 20)).x, split(range(0, 20)).y, options);
    const before = await start.predict(z, { std: true });
    const block = await start.append(split(range(20, n)).x, split(range(20, n)).y);
    await expectSame(block, whole);
    let one = start;
    for (const i of range(20, n)) one = await one.append(split([i]).x, split([i]).y);
    await expectSame(one, whole);
    expect(one.size).toBe(n);
    const after = await start.predict(z, { std: true });
    expect(distance(after.mean.data, before.mean.data) + distance(after.std, before.std)).toBe(0);
    start.dispose();
    await expectSame(await block.withRidge(0.7), await whole.withRidge(0.7));
  });

  test('a sample that is there already needs a ridge, and the message says which', async () => {
    const model = await regress(kernel, x, y);
    const again = split([3]);
    const { message, details } = await refusal(() => model.append(again.x, again.y), 'ERR_NOT_POSITIVE_DEFINITE');
    expect(message).toMatch(
      /^ntk Gram: stopped being positive definite at sample 24 of 25; equal samples\? a ridge of \S+ would do$/,
    );
    const larger = await (await model.withRidge(details.suggestedRidge as number)).append(again.x, again.y);
    expect(larger.backwardError).toBeLessThan(1e-14);
  });

  test('keeps the unit of a logarithmic scale', async () => {
    const tiny: Kernel = compile(mlp({ depth: 1100, convention: 'tirer', inputScale: '1' }));
    const options = { ridge: 'auto', which } as const;
    const start = await regress(tiny, split(range(0, 20)).x, split(range(0, 20)).y, options);
    // Longer rows have another power of two of their own.
    const far = [[300, -200, 100, 500]];
    const grown = await start.append(far, [[1, 2]]);
    const whole = await regress(tiny, [...split(range(0, 20)).x, ...far], [...split(range(0, 20)).y, [1, 2]], {
      which,
      ridge:
        start.ridge * Math.exp(start.logScale - (await gram(tiny, [...split(range(0, 20)).x, ...far], which)).logScale),
    });
    const [a, b] = await Promise.all([grown.predict(z), whole.predict(z)]);
    expect(distance(a.mean.data, b.mean.data)).toBeLessThan(1e-8 * Math.max(...b.mean.data.map(Math.abs)));
  });

  test('refuses samples and targets of another size', async () => {
    const model = await regress(kernel, x, y, { ridge });
    await refusal(() => model.append([[1, 2, 3]], [[1, 2]]), 'ERR_SHAPE');
    await refusal(() => model.append([[1, 2, 3, 4]], [1]), 'ERR_SHAPE');
    await refusal(() => model.append([[1, 2, 3, 4]], [[1, Number.NaN]]), 'ERR_NOT_FINITE');
  });
});

test('predictions that take too long are refused with the hours', async () => {
  const images = { data: numbers(4 * 400, 3), shape: [4, 20, 20, 1] };
  const { cntk } = await import('../../lib/index.js');
  const pooled = compile(cntk({ depth: 3, head: 'pool' }));
  const model = await regress(pooled, images, [1, 2, 3, 4], { ridge: 1 });
  const { message } = await refusal(() => model.predict(images, { maxHours: 1e-9 }), 'ERR_ARGUMENT');
  expect(message).toContain('maxHours');
  expect((await model.predict(images)).mean.shape).toEqual([4, 1]);
});
