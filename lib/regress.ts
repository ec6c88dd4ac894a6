/** Kernel ridge regression, and the Gaussian process posterior that goes with it. */

import { handleOf, type Kernel } from './compile.js';
import { gramConstraints, kernelNames } from './evaluate.js';
import { background, jobConstraints, type Steps, type Task, threadsOf } from './jobs.js';
import type { NativeMatrix } from './native.js';
import { numbersOf } from './native-numbers.js';
import { type Checked, type Constraint, flag, oneOf, readOptions } from './options.js';
import { type Load, planGrams } from './plan.js';
import { type Points, readPoints } from './points.js';
import { type Fitted, fitted, planFit, type Reading } from './regression/fit.js';
import { ridgeOption } from './regression/held.js';
import { gramMatrix, type Problem, release } from './regression/problem.js';
import { regressor } from './regression/regressor.js';
import type { RegressOptions, Regressor } from './regression/types.js';
import { type Rows, readTargets } from './samples.js';
import { requireSquares } from './squares.js';
import { requireTangent } from './tangent.js';
import type { Samples, Targets } from './tensor.js';

export type {
  CovarianceOptions,
  JointPrediction,
  LeaveOneOut,
  ModelJobOptions,
  Prediction,
  PredictOptions,
  RegressOptions,
  Regressor,
  SaveOptions,
} from './regression/types.js';

const amplitudeOption: Constraint<number | 'auto'> = {
  expected: "a finite number above 0, or 'auto'",
  accepts: (value): value is number | 'auto' =>
    value === 'auto' || (typeof value === 'number' && Number.isFinite(value) && value > 0),
};

export const regressConstraints = {
  ...jobConstraints,
  ridge: ridgeOption,
  which: oneOf(...kernelNames),
  centre: flag,
  amplitude: amplitudeOption,
  maxHours: gramConstraints.maxHours,
};

/**
 * Fits y, [n] or [n, c], over the rows of x, [n, d], or over images. Cholesky in float64. Columns of y whose largest number
 * is beyond 1e±120, and results that leave the range of doubles, are refused (ERR_RANGE).
 */
export function regress(kernel: Kernel, x: Samples, y: Targets, options?: RegressOptions): Promise<Regressor> {
  return background(regress, () => regressTask(kernel, x, y, options));
}

export function regressTask(kernel: Kernel, x: Samples, y: Targets, options?: RegressOptions): Task<Regressor> {
  const settings = readOptions('options', options, regressConstraints);
  const steps = fitSteps(kernel, x, { what: 'y', values: y }, settings);
  return {
    settings,
    steps: (function* () {
      return regressor(yield* steps);
    })(),
  };
}

/** Checks the arguments at once; the steps make the fit. Targets are named `what` in messages. */
export function fitSteps(
  kernel: Kernel,
  x: Samples,
  y: { readonly what: string; readonly values: Targets },
  settings: Checked<typeof regressConstraints>,
): Steps<Fitted> {
  const program = handleOf(kernel);
  const { ridge = 0, which = 'ntk', maxHours, centre = false, amplitude = 1 } = settings;
  requireTangent(kernel.network, [which]);
  const samples = readPoints('x', x, kernel.network);
  const targets = readTargets(y.what, y.values, samples.rows);
  const load: Load = {
    programs: [program],
    networks: [kernel.network],
    names: [which],
    precision: 'float64',
    threads: threadsOf(settings),
    maxHours,
  };
  planGrams(load, samples);
  planFit(samples.rows, ridge, false);
  return prepare(load, samples, targets, ridge, { centre, amplitude });
}

function* prepare(load: Load, samples: Points, right: Rows, ridge: number | 'auto', reading: Reading): Steps<Fitted> {
  const [program, network, which] = [load.programs[0], load.networks[0], load.names[0]];
  const { grid, axes } = samples;
  const held: NativeMatrix[] = [];
  let problem: Problem | undefined;
  try {
    const points = yield* samples.copy();
    held.push(points);
    const targets = yield* right.copy();
    held.push(targets);
    requireSquares('y', targets.columns, numbersOf(targets));
    const { gram, logScale } = yield* gramMatrix(load, points, { grid, axes });
    problem = {
      program,
      network,
      which,
      points,
      grid,
      axes,
      targets,
      gram,
      prepared: undefined,
      logScale,
      maxHours: load.maxHours,
      users: 1,
    } as Problem;
    return yield* fitted(problem, reading, ridge, load.threads);
  } finally {
    if (problem === undefined) for (const matrix of held) matrix.dispose();
    else release(problem);
  }
}
