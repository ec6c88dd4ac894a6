/** Whether a ridge that was asked for suits the data: beside what leave-one-out would choose. */

import { encoded, indicesOf } from '../classification/labels.js';
import type { Classifier } from '../classify.js';
import type { JobOptions } from '../jobs.js';
import type { Regressor } from '../regress.js';
import { ridgeGrid } from '../ridge-choice.js';
import { mean, standardDeviation } from '../statistics.js';
import type { RidgeCheck } from './schema.js';

/** Differences of means beyond so many of their standard errors are no chance. */
const deviations = 2;
/** A ridge that loses less than this share of what the features explain does no harm. */
const share = 0.1;

/** `model` was fitted with the ridge. [ridge-check] */
export async function ridgeCheck(
  model: Regressor | Classifier,
  targets: Float64Array | readonly string[],
  job: JobOptions,
): Promise<RidgeCheck> {
  const y = model.task === 'classify' ? codedTargets(model, targets as readonly string[]) : (targets as Float64Array);
  using other = await model.withRidge('auto', job);
  const asked = squaresOf(await leftOut(model, job), y, model.size);
  const least = squaresOf(await leftOut(other, job), y, model.size);
  const differences = asked.map((square, row) => square - (least[row] as number));
  return {
    rows: model.size,
    relativeRidge: ridgeGrid[other.candidates?.ridges.indexOf(other.ridge) as number] as number,
    squaredError: mean(asked),
    leastSquaredError: mean(least),
    standardError: standardDeviation(differences) / Math.sqrt(model.size),
    plainSquaredError: mean(squaresOf(meansOfOthers(y, model.size), y, model.size)),
  };
}

/** Whether the ridge loses more than chance does, and a part of what the features explain that matters. [ridge-check] */
export function isHarmful({ squaredError, leastSquaredError, standardError, plainSquaredError }: RidgeCheck): boolean {
  const lost = squaredError - leastSquaredError;
  return lost > deviations * standardError && lost > share * (plainSquaredError - leastSquaredError);
}

async function leftOut(model: Regressor | Classifier, job: JobOptions): Promise<Float64Array> {
  const { data } =
    model.task === 'classify' ? (await model.leaveOneOut(job)).scores : (await model.leaveOneOut(job)).mean;
  return data as Float64Array;
}

function codedTargets({ classes, coding }: Classifier, labels: readonly string[]): Float64Array {
  return encoded(indicesOf(labels, classes), classes.length, coding);
}

/** Of each row, summed over columns. */
function squaresOf(predicted: Float64Array, y: Float64Array, rows: number): Float64Array {
  const columns = y.length / rows;
  const squares = new Float64Array(rows);
  y.forEach((value, i) => {
    const row = Math.floor(i / columns);
    squares[row] = (squares[row] as number) + (value - (predicted[i] as number)) ** 2;
  });
  return squares;
}

/** What would be predicted without features. */
function meansOfOthers(y: Float64Array, rows: number): Float64Array {
  const columns = y.length / rows;
  const sums = new Float64Array(columns);
  y.forEach((value, i) => {
    sums[i % columns] = (sums[i % columns] as number) + value;
  });
  return y.map((value, i) => ((sums[i % columns] as number) - value) / (rows - 1));
}
