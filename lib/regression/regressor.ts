/** A fit as its users hold it. */

import { KernelError } from '../errors.js';
import type { Steps } from '../jobs.js';
import { flag, integer, readOptions } from '../options.js';
import { type Rows, readTargets } from '../samples.js';
import type { Samples, Targets } from '../tensor.js';
import type { Fitted } from './fit.js';
import { held, modelConstraints } from './held.js';
import { jointPrediction, predictions } from './predict.js';
import { inputShapeOf } from './problem.js';
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

const predictConstraints = { ...modelConstraints, noise: flag };

/** The methods over one fit; `notes` came with it from a file. */
export function regressor(fit: Fitted, notes?: unknown): Regressor {
  const { problem } = fit;
  const own = held('regressor', fit);
  // biome-ignore lint/correctness/useYield: the steps of a model that needs none
  const remade = function* (next: Fitted): Steps<Regressor> {
    return regressor(next, notes);
  };

  const predict = (z: Samples, options?: PredictOptions): Promise<Prediction> =>
    own.call(predict, () => {
      const settings = readOptions('options', options, { ...predictConstraints, std: flag });
      const { std = false, noise = false } = settings;
      const { samples, ...allowed } = own.queries(z, settings);
      return { settings, steps: predictions(fit, samples, { std, noise, ...allowed }) };
    });
  const covariance = (z: Samples, options?: CovarianceOptions): Promise<JointPrediction> =>
    own.call(covariance, () => {
      const column = integer(0, fit.amplitude.length - 1);
      const settings = readOptions('options', options, { ...predictConstraints, column });
      const { samples, ...allowed } = own.queries(z, settings);
      const wanted = { std: true, noise: settings.noise ?? false, ...allowed };
      return { settings, steps: jointPrediction(fit, samples, settings.column ?? 0, wanted) };
    });
  const leaveOneOut = (options?: ModelJobOptions): Promise<LeaveOneOut> =>
    own.call(leaveOneOut, () => {
      const settings = readOptions('options', options, modelConstraints);
      return { settings, steps: own.leftOut(settings) };
    });
  const withRidge = (ridge: number | 'auto', options?: ModelJobOptions): Promise<Regressor> =>
    own.withRidge(withRidge, ridge, options, remade);
  const append = (x: Samples, y: Targets, options?: ModelJobOptions): Promise<Regressor> => {
    const targets = (rows: number): Rows => {
      const right = readTargets('y', y, rows);
      const { columns } = problem.targets;
      if (right.columns === columns) return right;
      throw new KernelError('ERR_SHAPE', `y: expected ${columns} columns, as in the fit, got ${right.columns}`, {
        expected: columns,
        got: right.columns,
      });
    };
    return own.append(append, x, options, targets, remade);
  };
  const save = (path: string, options?: SaveOptions): Promise<void> =>
    own.save(path, options, { task: 'regress' }, notes);

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
    dispose: own.dispose,
    [Symbol.dispose]: own.dispose,
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
