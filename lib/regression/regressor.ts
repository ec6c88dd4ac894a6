/** A fit as its users hold it. */

import { KernelError } from '../errors.js';
import { gramConstraints } from '../evaluate.js';
import { background, jobConstraints, threadsOf } from '../jobs.js';
import { writeModel } from '../model-file/write.js';
import { type Constraint, flag, integer, readOptions, unexpected } from '../options.js';
import { planCrossTime } from '../plan.js';
import { type Points, readLike } from '../points.js';
import { readTargets } from '../samples.js';
import type { Samples, Targets } from '../tensor.js';
import { appended } from './append.js';
import { type Fitted, fitted, planFit } from './fit.js';
import { owned, ownedCall } from './owner.js';
import { jointPrediction, leftOut, predictions, requireColumn } from './predict.js';
import { inputShapeOf, loadOf, release } from './problem.js';
import type {
  CovarianceOptions,
  JointPrediction,
  LeaveOneOut,
  ModelJobOptions,
  Prediction,
  PredictOptions,
  Regressor,
  SaveOptions,
} from './types.js';

export const ridgeOption: Constraint<number | 'auto'> = {
  expected: "a finite number of at least 0, or 'auto'",
  accepts: (value): value is number | 'auto' =>
    value === 'auto' || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
};

export const modelConstraints = { ...jobConstraints, maxHours: gramConstraints.maxHours };
const predictConstraints = { ...modelConstraints, noise: flag };

/** The methods over one fit; `notes` came with it from a file. */
export function regressor(fit: Fitted, notes?: unknown): Regressor {
  const { problem, weights } = fit;
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new KernelError('ERR_DISPOSED', 'this regressor was disposed of');
  };
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    fit.factor?.dispose();
    weights.dispose();
    release(problem);
  };
  const like = (what: string, value: unknown): Points =>
    readLike(what, value, { columns: problem.points.columns, grid: problem.grid }, problem.network);

  const predict = (z: Samples, options?: PredictOptions): Promise<Prediction> =>
    background(predict, () => {
      alive();
      const settings = readOptions('options', options, { ...predictConstraints, std: flag });
      const samples = like('z', z);
      const threads = threadsOf(settings);
      const hours = planCrossTime(loadOf(problem, threads, settings.maxHours), samples, problem.points.rows);
      const { std = false, noise = false } = settings;
      return { settings, steps: owned(alive, predictions(fit, samples, { std, noise, threads, hours })) };
    });
  const covariance = (z: Samples, options?: CovarianceOptions): Promise<JointPrediction> =>
    background(covariance, () => {
      alive();
      const columns = fit.amplitude.length;
      const settings = readOptions('options', options, { ...predictConstraints, column: integer(0, columns - 1) });
      const { column = 0, noise = false } = settings;
      requireColumn(column, columns);
      const samples = like('z', z);
      const threads = threadsOf(settings);
      const hours = planCrossTime(loadOf(problem, threads, settings.maxHours), samples, problem.points.rows);
      return {
        settings,
        steps: owned(alive, jointPrediction(fit, samples, column, { std: true, noise, threads, hours })),
      };
    });
  const leaveOneOut = (options?: ModelJobOptions): Promise<LeaveOneOut> =>
    background(leaveOneOut, () => {
      alive();
      const settings = readOptions('options', options, modelConstraints);
      return { settings, steps: owned(alive, leftOut(fit, threadsOf(settings), settings.maxHours)) };
    });
  const withRidge = (ridge: number | 'auto', options?: ModelJobOptions): Promise<Regressor> =>
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
            return regressor(yield* fitted(problem, fit.reading, ridge, threads, settings.maxHours), notes);
          })(),
        ),
      };
    });
  const append = (x: Samples, y: Targets, options?: ModelJobOptions): Promise<Regressor> =>
    background(append, () => {
      alive();
      const settings = readOptions('options', options, modelConstraints);
      const samples = like('x', x);
      const right = readTargets('y', y, samples.rows);
      const { columns } = problem.targets;
      if (right.columns !== columns) {
        throw new KernelError('ERR_SHAPE', `y: expected ${columns} columns, as in the fit, got ${right.columns}`, {
          expected: columns,
          got: right.columns,
        });
      }
      const threads = threadsOf(settings);
      return {
        settings,
        steps: owned(
          alive,
          (function* () {
            return regressor(yield* appended(fit, samples, right, threads, settings.maxHours), notes);
          })(),
        ),
      };
    });

  const save = async (path: string, options?: SaveOptions): Promise<void> => {
    alive();
    await ownedCall(alive, () => writeModel(path, fit, { task: 'regress' }, options, notes));
  };

  const { ridge, centre, amplitude, coefficients, rkhsNorm, backwardError, logLikelihood, candidates } = fit;
  const model: Regressor = Object.freeze({
    task: 'regress',
    kernel: problem.which,
    network: problem.network,
    size: problem.points.rows,
    inputShape: inputShapeOf(problem),
    columns: amplitude.length,
    ridge,
    centre,
    amplitude,
    logScale: problem.logScale,
    coefficients,
    rkhsNorm,
    backwardError,
    logLikelihood,
    ...(candidates === undefined ? {} : { candidates }),
    ...(notes === undefined ? {} : { notes }),
    predict: predict as Regressor['predict'],
    covariance,
    leaveOneOut,
    withRidge,
    append,
    save,
    dispose,
    [Symbol.dispose]: dispose,
  });
  fits.set(model, fit);
  return model;
}

const fits = new WeakMap<object, Fitted>();

/** The fit behind a regressor of ours. */
export function fitOf(model: Regressor): Fitted {
  const fit = fits.get(model);
  if (fit !== undefined) return fit;
  throw new KernelError('ERR_ARGUMENT', 'model: expected what regress() or load() returned; a copy of it does not do');
}
