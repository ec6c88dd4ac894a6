/** A fit to coded labels as its users hold it. */

import { KernelError } from '../errors.js';
import { background, type Steps, threadsOf } from '../jobs.js';
import { writeModel } from '../model-file/write.js';
import { readOptions, unexpected } from '../options.js';
import { planCrossTime } from '../plan.js';
import { type Points, readLike } from '../points.js';
import { appended } from '../regression/append.js';
import { type Fitted, fitted, planFit } from '../regression/fit.js';
import { owned, ownedCall } from '../regression/owner.js';
import { leftOut, predictions } from '../regression/predict.js';
import { inputShapeOf, loadOf, numbersOf, release } from '../regression/problem.js';
import { modelConstraints, ridgeOption } from '../regression/regressor.js';
import type { ModelJobOptions, SaveOptions } from '../regression/types.js';
import { readTargets } from '../samples.js';
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
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new KernelError('ERR_DISPOSED', 'this classifier was disposed of');
  };
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    disposeOf(fit);
  };
  const like = (what: string, value: unknown): Points =>
    readLike(what, value, { columns: problem.points.columns, grid: problem.grid }, problem.network);

  const predict = (z: Samples, options?: ModelJobOptions): Promise<Classification> =>
    background(predict, () => {
      alive();
      const settings = readOptions('options', options, modelConstraints);
      const samples = like('z', z);
      const threads = threadsOf(settings);
      const hours = planCrossTime(loadOf(problem, threads, settings.maxHours), samples, problem.points.rows);
      return {
        settings,
        steps: owned(
          alive,
          (function* () {
            const { mean } = yield* predictions(fit, samples, { std: false, noise: false, threads, hours });
            return classification(mean, reading);
          })(),
        ),
      };
    });
  const leaveOneOut = (options?: ModelJobOptions): Promise<Classification> =>
    background(leaveOneOut, () => {
      alive();
      const settings = readOptions('options', options, modelConstraints);
      return {
        settings,
        steps: owned(
          alive,
          (function* () {
            const { mean } = yield* leftOut(fit, threadsOf(settings), settings.maxHours);
            return classification(mean, reading);
          })(),
        ),
      };
    });
  const withRidge = (ridge: number | 'auto', options?: ModelJobOptions): Promise<Classifier> =>
    background(withRidge, () => {
      alive();
      const settings = readOptions('options', options, modelConstraints);
      if (!ridgeOption.accepts(ridge)) throw unexpected('ridge', ridgeOption.expected, ridge);
      planFit(problem.targets.rows, ridge, true);
      const threads = threadsOf(settings);
      return {
        settings,
        steps: owned(
          alive,
          (function* () {
            return yield* calibrated(
              yield* fitted(problem, fit.reading, ridge, threads, settings.maxHours),
              reading,
              threads,
              notes,
            );
          })(),
        ),
      };
    });
  const append = (x: Samples, labels: Labels, options?: ModelJobOptions): Promise<Classifier> =>
    background(append, () => {
      alive();
      const settings = readOptions('options', options, modelConstraints);
      const samples = like('x', x);
      const data = encoded(indicesOf(readLabels(labels), classes), classes.length, coding);
      const shape = [data.length / classes.length, classes.length];
      const right = readTargets('labels', { data, shape }, samples.rows);
      const threads = threadsOf(settings);
      return {
        settings,
        steps: owned(
          alive,
          (function* () {
            return yield* calibrated(
              yield* appended(fit, samples, right, threads, settings.maxHours),
              reading,
              threads,
              notes,
            );
          })(),
        ),
      };
    });
  const save = async (path: string, options?: SaveOptions): Promise<void> => {
    alive();
    await ownedCall(alive, () =>
      writeModel(path, fit, { task: 'classify', classes, coding, sharpness, calibration }, options, notes),
    );
  };

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
    dispose,
    [Symbol.dispose]: dispose,
  });
}

function classification(scores: Tensor, { classes, sharpness }: Reading): Classification {
  const data = scores.data as Float64Array;
  return Object.freeze({
    classes,
    labels: Object.freeze(Array.from(largestOf(data, classes.length), (index) => classes[index] as Label)),
    scores,
    probabilities: Object.freeze({ data: probabilitiesOf(data, classes.length, sharpness), shape: scores.shape }),
  });
}

function disposeOf(fit: Fitted): void {
  fit.factor?.dispose();
  fit.weights.dispose();
  release(fit.problem);
}
