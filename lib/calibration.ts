/** Predictions beside what came: are probabilities and error bars what they claim to be? */

import { indicesOf, type Labels, readLabels } from './classification/labels.js';
import { type ClassCalibration, reliability } from './classification/reliability.js';
import type { Classification } from './classification/types.js';
import { erf } from './erf.js';
import { KernelError } from './errors.js';
import { reading, unexpected } from './options.js';
import { isRecord } from './place.js';
import type { Prediction } from './regression/types.js';
import { lengthOf } from './samples.js';
import type { Targets, Tensor } from './tensor.js';

/** How often values lay in the central interval that should hold them with this probability. */
export interface Coverage {
  readonly level: number;
  readonly observed: number;
}

/** Of normal predictions, over all numbers of `mean`. [calibration-error; crps] */
export interface Calibration {
  /** Numbers that were compared. */
  readonly count: number;
  readonly rootMeanSquaredError: number;
  /** Mean of −log of the normal density at what came, in the unit of y. */
  readonly negativeLogLikelihood: number;
  /** Mean continuous ranked probability score, in the unit of y: an absolute error that pays for error bars. */
  readonly crps: number;
  /** Mean of ((y − mean)/std)²: 1 for honest error bars, more for too small ones. */
  readonly meanSquaredDeviation: number;
  readonly coverage: readonly Coverage[];
}

const levels = [0.5, 0.8, 0.9, 0.95, 0.99] as const;

/** Of a classifier's predictions and the labels that came. Refuses (ERR_DATA) a label that the fit has not seen. */
export function calibration(prediction: Classification, labels: Labels): ClassCalibration;
/**
 * Of means and deviations, and the targets that came. Targets have noise, so predict with { std: true, noise: true }, or
 * take what `leaveOneOut` returns.
 */
export function calibration(prediction: Pick<Required<Prediction>, 'mean' | 'std'>, y: Targets): Calibration;
export function calibration(prediction: unknown, truth: unknown): ClassCalibration | Calibration {
  return reading('prediction', () => {
    if (isRecord(prediction) && 'probabilities' in prediction) {
      return ofClasses(prediction as unknown as Classification, truth as Labels);
    }
    if (isRecord(prediction) && 'mean' in prediction && 'std' in prediction) {
      return ofNumbers(prediction as unknown as Required<Prediction>, truth as Targets);
    }
    throw unexpected('prediction', 'what predict returns, with { std: true } for numbers', prediction);
  });
}

function ofClasses({ probabilities, labels: predicted, classes }: Classification, labels: Labels): ClassCalibration {
  const truth = indicesOf(readLabels(labels), classes);
  requireLength('labels', truth.length, predicted.length);
  return reliability(probabilities.data, indicesOf(predicted, classes), truth, classes.length);
}

function ofNumbers({ mean, std }: Required<Prediction>, targets: Targets): Calibration {
  const y = numbersOf(targets);
  const count = mean.data.length;
  requireLength('y', y.length, count);
  let squares = 0;
  let loss = 0;
  let score = 0;
  let deviations = 0;
  const inside = levels.map(() => 0);
  for (let i = 0; i < count; i++) {
    const scale = std[i] as number;
    if (!(scale > 0)) {
      throw new KernelError(
        'ERR_DATA',
        `std: number ${i} is ${scale}, so that no other value than the mean is possible; predict with { noise: true } and a ridge`,
        { index: i },
      );
    }
    const value = y[i] as number;
    if (!Number.isFinite(value))
      throw new KernelError('ERR_NOT_FINITE', `y: number ${i} is ${value}; expected finite numbers`);
    const miss = value - (mean.data[i] as number);
    const z = miss / scale;
    squares += miss * miss;
    deviations += z * z;
    loss += (z * z + Math.log(2 * Math.PI)) / 2 + Math.log(scale);
    // 2Φ(z) − 1, of which |·| is the level of the smallest central interval with this value.
    const central = erf(z / Math.SQRT2);
    score += scale * (z * central + Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) - 1 / Math.sqrt(Math.PI));
    levels.forEach((level, k) => {
      if (Math.abs(central) <= level) inside[k] = (inside[k] as number) + 1;
    });
  }
  return Object.freeze({
    count,
    rootMeanSquaredError: Math.sqrt(squares / count),
    negativeLogLikelihood: loss / count,
    crps: score / count,
    meanSquaredDeviation: deviations / count,
    coverage: Object.freeze(
      levels.map((level, k) => Object.freeze({ level, observed: (inside[k] as number) / count })),
    ),
  });
}

function numbersOf(y: Targets): ArrayLike<number> {
  if (y instanceof Float64Array) return y;
  if (Array.isArray(y)) return (y as readonly (number | readonly number[])[]).flat();
  if (!isRecord(y) || !('data' in y))
    throw unexpected('y', 'an array of numbers or of rows, a Float64Array or a tensor', y);
  const { data } = y as Tensor;
  lengthOf(data);
  return data;
}

function requireLength(what: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new KernelError('ERR_SHAPE', `${what}: expected ${expected} numbers or labels, as predicted, got ${got}`, {
    expected,
    got,
  });
}
