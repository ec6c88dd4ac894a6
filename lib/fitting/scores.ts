/** How good predictions are beside what came, for the report of a fit and the scores of predictions. */

import { calibration } from '../calibration.js';
import type { ClassCalibration, Classification } from '../classify.js';
import { erf } from '../erf.js';
import type { LeaveOneOut } from '../regress.js';
import { mean, median } from '../statistics.js';
import type { ClassScores, RegressionScores } from './schema.js';

/** Levels of central intervals that the reliability diagram of error bars shows. */
const levels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** `baseline` has, for each row, what would be predicted without features. */
export function regressionScores(prediction: LeaveOneOut, y: Float64Array, baseline: Float64Array): RegressionScores {
  const predicted = prediction.mean.data as Float64Array;
  const n = y.length;
  const { rootMeanSquaredError, negativeLogLikelihood, crps, meanSquaredDeviation } = calibration(prediction, y);
  const centre = mean(y);
  let [squares, spread, absolute, plain] = [0, 0, 0, 0];
  const central = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const value = y[i] as number;
    const miss = value - (predicted[i] as number);
    squares += miss * miss;
    absolute += Math.abs(miss);
    spread += (value - centre) ** 2;
    plain += (value - (baseline[i] as number)) ** 2;
    central[i] = erf(Math.abs(miss) / (prediction.std[i] as number) / Math.SQRT2);
  }
  return {
    task: 'regress',
    rows: n,
    rmse: rootMeanSquaredError,
    meanAbsoluteError: absolute / n,
    r2: spread > 0 ? 1 - squares / spread : Number.NaN,
    baseline: Math.sqrt(plain / n),
    negativeLogLikelihood,
    crps,
    meanSquaredDeviation,
    typicalStd: median(prediction.std),
    coverage: levels.map((level) => ({ level, observed: central.filter((share) => share <= level).length / n })),
    predictions: { actual: [...y], predicted: [...predicted], std: [...prediction.std] },
  };
}

/** `y` has indices into `classes`, the order of the data; the classifier's own may be another. */
export function classScores(
  prediction: Classification,
  y: Float64Array,
  classes: readonly string[],
  largestClass: number,
): ClassScores {
  const place = new Map(classes.map((label, index) => [label, index]));
  const predicted = prediction.labels.map((label) => place.get(String(label)) as number);
  const actual = Array.from(y);
  const confusion = classes.map(() => new Array<number>(classes.length).fill(0));
  for (const [i, own] of actual.entries()) {
    const row = confusion[own] as number[];
    const column = predicted[i] as number;
    row[column] = (row[column] as number) + 1;
  }
  const columns = prediction.classes.length;
  const own = new Map(prediction.classes.map((label, column) => [label, column]));
  const probabilities = prediction.probabilities.data;
  return {
    task: 'classify',
    rows: actual.length,
    ...(calibration(
      prediction,
      actual.map((index) => classes[index] as string),
    ) satisfies ClassCalibration),
    baseline: actual.filter((index) => index !== largestClass).length / actual.length,
    confusion,
    predictions: {
      actual,
      predicted,
      confidence: prediction.labels.map(
        (label, i) => probabilities[i * columns + (own.get(label) as number)] as number,
      ),
    },
  };
}
