/** Classifiers: codings, left-out scores, probabilities, calibration, labels that cannot be. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Classification,
  calibration,
  classify,
  compile,
  huang,
  type Label,
  loadDataset,
  mlp,
  regress,
  sync,
  type Tensor,
} from '../../lib/index.js';
import { distance, expectSameBytes, nested, numbers, points, refusal } from './support.js';

const kernel = compile(huang({ depth: 3, alpha: 0.5 }));
const n = 45;
const x = points(n, 3, 5);
/** Three overlapping groups. */
const labels = nested(x).map(([a, b], i) => {
  const noisy = (a as number) + 0.4 * (numbers(n, 11)[i] as number);
  return noisy > 0.15 ? 'right' : (b as number) > 0 ? 'left' : 'down';
});
const z = points(8, 3, 9);
const classes = ['down', 'left', 'right'];

const rowsOf = ({ data, shape: [rows, columns] }: Tensor) =>
  nested({ data, shape: [rows as number, columns as number] });

/** −log likelihood of labels that count n + 1 times in n + C. */
function smoothedLoss(scores: number[][], truth: readonly string[], beta: number): number {
  return scores.reduce((sum, row, i) => {
    const own = classes.indexOf(truth[i] as string);
    const total = truth.length + classes.length;
    const shift = Math.max(...row);
    const normaliser = shift * beta + Math.log(row.reduce((all, s) => all + Math.exp(beta * (s - shift)), 0));
    return row.reduce((all, s, c) => all - ((c === own ? truth.length + 1 : 1) / total) * (beta * s - normaliser), sum);
  }, 0);
}

describe('classify', () => {
  test.each(['centred', 'signs'] as const)('scores are regressions of the %s coding', async (coding) => {
    const model = await classify(kernel, x, labels, { ridge: 0.1, coding, which: 'nngp' });
    const [own, other] = coding === 'signs' ? [1, -1] : [1 - 1 / 3, -1 / 3];
    const y = labels.map((label) => classes.map((one) => (one === label ? own : other)));
    const fit = await regress(kernel, x, y, { ridge: 0.1, which: 'nngp' });
    const said = await model.predict(z);
    expectSameBytes(said.scores.data, (await fit.predict(z)).mean.data);
    expect(said.classes).toEqual(classes);
    rowsOf(said.scores).forEach((row, i) => {
      expect(said.labels[i]).toBe(classes[row.indexOf(Math.max(...row))]);
    });
    rowsOf(said.probabilities).forEach((row, i) => {
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14);
      expect(said.labels[i]).toBe(classes[row.indexOf(Math.max(...row))]);
    });
  });

  test('left-out predictions are those of fits to the others', async () => {
    const model = await classify(kernel, x, labels, { ridge: 0.1 });
    const left = rowsOf((await model.leaveOneOut()).scores);
    for (const i of [0, 17, n - 1]) {
      const others = labels.map((_, j) => j).filter((j) => j !== i);
      const rest = await classify(
        kernel,
        others.map((j) => nested(x)[j] as number[]),
        others.map((j) => labels[j] as string),
        { ridge: 0.1 },
      );
      const { scores } = await rest.predict([nested(x)[i] as number[]]);
      expect(distance(left[i] as number[], scores.data)).toBeLessThan(1e-9);
    }
  });

  test('the sharpness makes smoothed labels of left-out samples most likely', async () => {
    const model = await classify(kernel, x, labels, { ridge: 0.1 });
    const left = rowsOf((await model.leaveOneOut()).scores);
    const best = smoothedLoss(left, labels, model.sharpness);
    for (const factor of [0.5, 0.99, 1.01, 2]) {
      expect(smoothedLoss(left, labels, factor * model.sharpness)).toBeGreaterThan(best);
    }
    const p = rowsOf((await model.leaveOneOut()).probabilities);
    const soft = (row: number[]) => row.map((s) => Math.exp(model.sharpness * s));
    const expected = left.flatMap((row) => soft(row).map((e) => e / soft(row).reduce((a, b) => a + b, 0)));
    expect(distance(p.flat(), expected)).toBeLessThan(1e-14);
  });

  test('the sharpness is finite where classes are separate, and 0 where scores are worse than none', async () => {
    const apart = nested(x).map(([a]) => ((a as number) > 0 ? 1 : 0));
    const far = nested(x).map(([a, b, c]) => [20 * Math.sign(a as number), b as number, c as number]);
    const separate = await classify(kernel, far, apart, { ridge: 1e-6 });
    expect(separate.calibration.accuracy).toBe(1);
    expect(separate.sharpness).toBeLessThan(1e3);
    expect(separate.calibration.negativeLogLikelihood).toBeLessThan(0.2);
    // Labels that alternate around a circle, under a kernel too smooth to see it: neighbours always say the opposite.
    const angles = Array.from({ length: 40 }, (_, i) => [Math.cos((i * Math.PI) / 20), Math.sin((i * Math.PI) / 20)]);
    const useless = await classify(
      compile(mlp({ depth: 1 })),
      angles,
      angles.map((_, i) => i % 2),
      { ridge: 1 },
    );
    expect(useless.sharpness).toBe(0);
    expect([...(await useless.predict(angles)).probabilities.data]).toEqual(new Array(80).fill(0.5));
  });

  test('another ridge and further samples are other classifiers', async () => {
    const model = await classify(kernel, x, labels, { ridge: 0.1 });
    const [fresh, again] = await Promise.all([classify(kernel, x, labels, { ridge: 0.7 }), model.withRidge(0.7)]);
    expectSameBytes((await fresh.predict(z)).scores.data, (await again.predict(z)).scores.data);
    expect(again.sharpness).toBe(fresh.sharpness);
    const more = ['down', 'right', 'right', 'left', 'down', 'down', 'left', 'down'];
    const grown = await model.append(z, more);
    const whole = await classify(kernel, [...nested(x), ...nested(z)], [...labels, ...more], { ridge: 0.1 });
    expect(distance((await grown.predict(x)).scores.data, (await whole.predict(x)).scores.data)).toBeLessThan(1e-10);
    expect(grown.sharpness / whole.sharpness).toBeCloseTo(1, 8);
    model.dispose();
    await refusal(() => model.predict(z), 'ERR_DISPOSED');
    expect(sync.classify(kernel, x, labels, { ridge: 0.7 }).sharpness).toBe(fresh.sharpness);
  });

  test('on iris, the ridge by leave-one-out: probabilities of left-out and of other samples are calibrated', async () => {
    const data = await loadDataset(join(import.meta.dirname, '..', 'fixtures', 'iris.csv'));
    const raw = nested(data.x as Tensor);
    const scaling = (raw[0] as number[]).map((_, j) => {
      const column = raw.map((row) => row[j] as number);
      const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
      return { mean, spread: Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length) };
    });
    const rows = raw.map((row) =>
      row.map((v, j) => (v - (scaling[j]?.mean as number)) / (scaling[j]?.spread as number)),
    );
    const [train, test] = [0, 1].map((part) => rows.flatMap((_, i) => ((i % 3 === 2) === (part === 1) ? [i] : []))) as [
      number[],
      number[],
    ];
    const model = await classify(
      compile(mlp({ depth: 2, bias: { var: 0.1, init: 'normal', trainable: true } })),
      train.map((i) => rows[i] as number[]),
      train.map((i) => data.y[i] as number),
      { ridge: 'auto' },
    );
    const said = await model.predict(test.map((i) => rows[i] as number[]));
    const there = calibration(
      said,
      test.map((i) => data.y[i] as number),
    );
    for (const measured of [model.calibration, there]) {
      expect(measured.accuracy).toBeGreaterThanOrEqual(0.9);
      // 50 samples of accuracy 0.95 have a spread of 0.03 of their own.
      expect(measured.expectedCalibrationError).toBeLessThan(0.12);
      expect(measured.brier).toBeLessThan(0.15);
      expect(measured.negativeLogLikelihood).toBeLessThan(0.3);
    }
  });
});

describe('labels', () => {
  const refusedLabels = async (given: unknown, code: 'ERR_DATA' | 'ERR_ARGUMENT' | 'ERR_SHAPE' = 'ERR_DATA') =>
    (await refusal(() => classify(kernel, x, given as Label[], { ridge: 1 }), code)).message;

  test('that are missing, of one class, mixed or too few are refused with their row', async () => {
    for (const missing of [null, undefined, '', Number.NaN]) {
      const given: unknown[] = [...labels];
      given[3] = missing;
      expect(await refusedLabels(given)).toMatch(
        /^labels: row 3 is missing \(.*\); leave such rows out, as repair\(\) does$/,
      );
    }
    expect(await refusedLabels(labels.map(() => 'same'))).toBe(
      'labels: expected at least two classes, got only "same"',
    );
    expect(await refusedLabels([1, ...labels.slice(1)])).toMatch(
      /all strings or all numbers, got 1 in row 0 and ".*" in row 1/,
    );
    expect(await refusedLabels(labels.map((_, i) => (i === 2 ? Number.POSITIVE_INFINITY : i % 2)))).toMatch(
      /row 2: expected a string or a finite/,
    );
    expect(await refusedLabels(labels.slice(1), 'ERR_SHAPE')).toMatch(
      /^labels: expected 45 rows, one per sample, got 44$/,
    );
    expect(await refusedLabels('abc', 'ERR_ARGUMENT')).toMatch(/^labels: expected a list/);
  });

  test('that the fit has not seen are refused at evaluation and when samples are added', async () => {
    const model = await classify(kernel, x, labels, { ridge: 1 });
    const said = await model.predict(z);
    const unseen = ['down', 'up', 'left', 'left', 'left', 'left', 'left', 'left'];
    const { message } = await refusal(() => calibration(said, unseen), 'ERR_DATA');
    expect(message).toBe('labels: row 1 is "up", which no sample of the fit has; known: "down", "left", "right"');
    await refusal(() => model.append(z, unseen), 'ERR_DATA');
    await refusal(() => calibration(said, ['down']), 'ERR_SHAPE');
  });

  test('are ordered by themselves and not by the rows', async () => {
    const numbersAsLabels = x.data.slice(0, n).map((v) => (v > 0.1 ? 10 : v > -0.2 ? -0 : 9));
    const a = await classify(kernel, x, numbersAsLabels, { ridge: 1 });
    expect(a.classes).toEqual([0, 9, 10]);
    const { labels: said } = await a.predict(z);
    expect(said.every((label) => [0, 9, 10].includes(label as number))).toBe(true);
  });
});

describe('calibration', () => {
  test('of classes is that of the definitions', () => {
    const said: Classification = {
      classes: ['a', 'b'],
      labels: ['a', 'a', 'b', 'a'],
      scores: { data: new Float64Array(8), shape: [4, 2] },
      probabilities: { data: Float64Array.of(0.9, 0.1, 0.92, 0.08, 0.3, 0.7, 0.6, 0.4), shape: [4, 2] },
    };
    const found = calibration(said, ['a', 'b', 'b', 'a']);
    expect(found).toMatchObject({ samples: 4, accuracy: 0.75 });
    expect(found.brier).toBeCloseTo((2 * 0.01 + 2 * 0.92 ** 2 + 2 * 0.09 + 2 * 0.16) / 4, 14);
    expect(found.negativeLogLikelihood).toBeCloseTo(-Math.log(0.9 * 0.08 * 0.7 * 0.6) / 4, 14);
    // (13/15, 14/15] holds two samples, one of them right; the others are alone and right.
    expect(found.expectedCalibrationError).toBeCloseTo((Math.abs(1 - 1.82) + 0.3 + 0.4) / 4, 14);
    expect(found.bins.map(({ samples }) => samples)).toEqual([1, 1, 2]);
  });

  test('of normal predictions knows normal numbers', () => {
    // Quantiles of the standard normal distribution, by bisection of its distribution function.
    const count = 2000;
    const said = { mean: { data: new Float64Array(count), shape: [count, 1] }, std: new Float64Array(count).fill(2) };
    const y = numbers(2 * count, 3);
    const normal = Float64Array.from(
      { length: count },
      (_, i) => 2 * Math.sqrt(-2 * Math.log((y[i] as number) + 0.5)) * Math.cos(2 * Math.PI * (y[i + count] as number)),
    );
    const found = calibration(said, normal);
    // Three standard errors of each.
    for (const { level, observed } of found.coverage) {
      expect(Math.abs(observed - level)).toBeLessThan(3 * Math.sqrt((level * (1 - level)) / count));
    }
    expect(Math.abs(found.meanSquaredDeviation - 1)).toBeLessThan(3 * Math.sqrt(2 / count));
    expect(found.negativeLogLikelihood).toBeCloseTo(
      0.5 * found.meanSquaredDeviation + Math.log(2) + 0.5 * Math.log(2 * Math.PI),
      10,
    );
    // E CRPS = σ/√π where the prediction is the distribution.
    expect(Math.abs(found.crps - 2 / Math.sqrt(Math.PI))).toBeLessThan(0.05);
    expect(found.rootMeanSquaredError).toBeCloseTo(2 * Math.sqrt(found.meanSquaredDeviation), 12);
  });

  test('of a Gaussian process on its own draws is honest, left out and elsewhere', async () => {
    // Targets drawn from the prior: noise of variance λ through the square root that the eigenvectors give would do; a
    // network of finite width is not needed. Here: y = K^½ g + √λ h by the Cholesky factor of a larger Gram.
    const { gram } = await import('../../lib/index.js');
    const all = points(120, 3, 21);
    const { values } = await gram(kernel, all, 'nngp');
    const l = new Float64Array(120 * 120);
    for (let i = 0; i < 120; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = (values[i * 120 + j] as number) + (i === j ? 1e-9 : 0);
        for (let k = 0; k < j; k++) sum -= (l[i * 120 + k] as number) * (l[j * 120 + k] as number);
        l[i * 120 + j] = i === j ? Math.sqrt(sum) : sum / (l[j * 120 + j] as number);
      }
    }
    const uniform = numbers(1000, 5);
    const g = (i: number) =>
      Math.sqrt(-2 * Math.log((uniform[i] as number) + 0.5)) * Math.cos(2 * Math.PI * (uniform[i + 500] as number));
    const y = Array.from({ length: 120 }, (_, i) => {
      let sum = 0.1 * g(200 + i);
      for (let k = 0; k <= i; k++) sum += (l[i * 120 + k] as number) * g(k);
      return 7 * sum;
    });
    const train = nested(all).slice(0, 80);
    const model = await regress(kernel, train, y.slice(0, 80), { ridge: 0.01, which: 'nngp', amplitude: 'auto' });
    const left = calibration(await model.leaveOneOut(), y.slice(0, 80));
    const there = calibration(await model.predict(nested(all).slice(80), { std: true, noise: true }), y.slice(80));
    for (const { meanSquaredDeviation, coverage } of [left, there]) {
      expect(meanSquaredDeviation).toBeGreaterThan(0.4);
      expect(meanSquaredDeviation).toBeLessThan(2);
      expect(coverage[2]?.observed).toBeGreaterThan(0.75);
    }
    expect(Math.sqrt(model.amplitude[0] as number)).toBeGreaterThan(3.5);
    expect(Math.sqrt(model.amplitude[0] as number)).toBeLessThan(14);
  });

  test('refuses deviations of 0, other lengths and what is no prediction', async () => {
    const mean = { data: Float64Array.of(1, 2), shape: [2, 1] };
    await refusal(() => calibration({ mean, std: Float64Array.of(1, 0) }, [1, 2]), 'ERR_DATA');
    await refusal(() => calibration({ mean, std: Float64Array.of(1, 1) }, [1]), 'ERR_SHAPE');
    await refusal(() => calibration({ mean, std: Float64Array.of(1, 1) }, [1, Number.NaN]), 'ERR_NOT_FINITE');
    await refusal(() => calibration({ mean } as never, [1, 2]), 'ERR_ARGUMENT');
  });
});
