/** A fit to coded labels as its users hold it. */

import type { Steps } from '../jobs.js';
import { numbersOf } from '../native-numbers.js';
import { readOptions } from '../options.js';
import type { Fitted } from '../regression/fit.js';
import { disposeOf, held, modelConstraints } from '../regression/held.js';
import { leftOut, predictions } from '../regression/predict.js';
import { inputShapeOf } from '../regression/problem.js';
import type { ModelJobOptions, SaveOptions } from '../regression/types.js';
import { type Rows, readTargets } from '../samples.js';
import type { Samples, Tensor } from '../tensor.js';
import { type ClassCoding, encoded, indicesOf, type Label, type Labels, readLabels } from './labels.js';
import { fitSharpness, largestOf, probabilitiesOf } from './probabilities.js';
import { type ClassCalibration, reliability } from './reliability.js';
import type { Classification, Classifier } from './types.js';

/** What makes a fit to coded labels a classifier. */
export interface Reading {
  readonly classes: readonly Label[];
  readonly coding: ClassCoding;
  readonly sharpness: number;
  readonly calibration: ClassCalibration;
}

/** Fits the sharpness to leave-one-out scores. */
export function* calibrated(
  fit: Fitted,
  { classes, coding }: Pick<Reading, 'classes' | 'coding'>,
  threads: number,
  notes?: unknown,
): Steps<Classifier> {
  try {
    const { mean } = yield* leftOut(fit, threads);
    const scores = mean.data as Float64Array;
    const count = classes.length;
    const truth = largestOf(numbersOf(fit.problem.targets), count);
    const sharpness = yield* fitSharpness(scores, truth, count);
    const probabilities = probabilitiesOf(scores, count, sharpness);
    const calibration = reliability(probabilities, largestOf(scores, count), truth, count);
    return classifier(fit, { classes, coding, sharpness, calibration }, notes);
  } catch (error) {
    disposeOf(fit);
    throw error;
  }
}

export function classifier(fit: Fitted, reading: Reading, notes?: unknown): Classifier {
  const { problem } = fit;
  const { classes, coding, sharpness, calibration } = reading;
  const own = held('classifier', fit);
  const remade = (next: Fitted, threads: number): Steps<Classifier> => calibrated(next, reading, threads, notes);

  const predict = (z: Samples, options?: ModelJobOptions): Promise<Classification> =>
    own.call(predict, () => {
      const settings = readOptions('options', options, modelConstraints);
      const { samples, ...allowed } = own.queries(z, settings);
      const steps = predictions(fit, samples, { std: false, noise: false, ...allowed });
      return { settings, steps: classified(steps, reading) };
    });
  const leaveOneOut = (options?: ModelJobOptions): Promise<Classification> =>
    own.call(leaveOneOut, () => {
      const settings = readOptions('options', options, modelConstraints);
      return { settings, steps: classified(own.leftOut(settings), reading) };
    });
  const withRidge = (ridge: number | 'auto', options?: ModelJobOptions): Promise<Classifier> =>
    own.withRidge(withRidge, ridge, options, remade);
  const append = (x: Samples, labels: Labels, options?: ModelJobOptions): Promise<Classifier> => {
    const targets = (rows: number): Rows => {
      const data = encoded(indicesOf(readLabels(labels), classes), classes.length, coding);
      const shape = [data.length / classes.length, classes.length];
      return readTargets('labels', { data, shape }, rows);
    };
    return own.append(append, x, options, targets, remade);
  };
  const save = (path: string, options?: SaveOptions): Promise<void> =>
    own.save(path, options, { task: 'classify', classes, coding, sharpness, calibration }, notes);

  const { ridge, candidates, backwardError } = fit;
  return Object.freeze({
    task: 'classify',
    kernel: problem.which,
    network: problem.network,
    size: problem.points.rows,
    inputShape: inputShapeOf(problem),
    classes,
    coding,
    ridge,
    ...(candidates === undefined ? {} : { candidates }),
    backwardError,
    sharpness,
    calibration,
    ...(notes === undefined ? {} : { notes }),
    predict,
    leaveOneOut,
    withRidge,
    append,
    save,
    dispose: own.dispose,
    [Symbol.dispose]: own.dispose,
  });
}

function* classified(steps: Steps<{ readonly mean: Tensor }>, { classes, sharpness }: Reading): Steps<Classification> {
  const { mean: scores } = yield* steps;
  const data = scores.data as Float64Array;
  return Object.freeze({
    classes,
    labels: Object.freeze(Array.from(largestOf(data, classes.length), (index) => classes[index] as Label)),
    scores,
    probabilities: Object.freeze({ data: probabilitiesOf(data, classes.length, sharpness), shape: scores.shape }),
  });
}
