/// <reference lib="esnext.disposable" preserve="true" />
/** Kernel ridge regression, and the Gaussian process posterior that goes with it. */

import { handleOf, type Kernel } from './compile.js';
import { nameMatrix } from './definite.js';
import { KernelError } from './errors.js';
import { gramConstraints, type KernelName, kernelNames } from './evaluate.js';
import { background, type JobOptions, job, jobConstraints, type Steps, type Task, threadsOf } from './jobs.js';
import type { Layer } from './layers.js';
import { path } from './loo.js';
import { allocate, requireMemory } from './memory.js';
import {
  called,
  type Grid,
  type NativeMatrix,
  type NativeProgram,
  native,
  type Output,
  type Outputs,
  type Scales,
} from './native.js';
import { type Constraint, flag, oneOf, readOptions, unexpected } from './options.js';
import { type Load, planGrams, usualHours } from './plan.js';
import { type Points, readLike, readPoints } from './points.js';
import { chooseRidge, ridgeGrid } from './ridge-choice.js';
import { type Rows, readTargets, typedRows } from './samples.js';
import { planDecomposition } from './spectrum.js';
import { requireTangent } from './tangent.js';
import type { Samples, Targets, Tensor } from './tensor.js';

export interface RegressOptions extends JobOptions {
  /**
   * λ of (K + λI)a = y, in the unit of K. Default 0, which asks K to be positive definite and refuses otherwise with the
   * sample, the pivot and a ridge that would do. 'auto' takes the best of 25 by exact leave-one-out: half decades from
   * 1e-10 to 1e2 times the mean of K's diagonal.
   */
  readonly ridge?: number | 'auto';
  /** Default 'ntk'. */
  readonly which?: KernelName;
  /** As for `gram`, of which a fit is the first part; default 24. */
  readonly maxHours?: number;
}

export interface PredictOptions extends JobOptions {
  /** Also the posterior standard deviations. Default false. */
  readonly std?: boolean;
}

export interface Prediction {
  /** [m, columns of y]. */
  readonly mean: Tensor;
  /**
   * √(k(z,z) − k_zᵀ(K+λI)⁻¹k_z) per row: the standard deviation of a Gaussian process with this kernel and noise λ,
   * given the samples. Times exp(logScale / 2) where the kernel carries a logScale.
   */
  readonly std?: Float64Array;
}

/** Fitted and immutable: another ridge is another Regressor over the same Gram matrix. Holds native memory. */
export interface Regressor extends Disposable {
  readonly kernel: KernelName;
  readonly ridge: number;
  /** (K + λI)⁻¹y: [n, columns of y]. Where the kernel carries a logScale, K and λ are in its unit. */
  readonly coefficients: Tensor;
  /** √(aᵀKa) per column: the norm of the fitted function in the kernel's space; at ridge 0, √(yᵀK⁻¹y). */
  readonly rkhsNorm: Float64Array;
  /** ‖y − (K+λI)a‖ / (‖K+λI‖ ‖a‖ + ‖y‖); a few 1e-16 when the solve went well, however bad the condition. */
  readonly backwardError: number;
  /** Ridges and mean squared leave-one-out errors that 'auto' chose from. */
  readonly candidates?: { readonly ridges: Float64Array; readonly squaredErrors: Float64Array };
  predict(z: Samples, options: PredictOptions & { readonly std: true }): Promise<Required<Prediction>>;
  predict(z: Samples, options?: PredictOptions): Promise<Prediction>;
  withRidge(ridge: number | 'auto', options?: JobOptions): Promise<Regressor>;
  /** Frees the native memory, once no sibling made by `withRidge` uses it either. */
  dispose(): void;
}

const ridgeOption: Constraint<number | 'auto'> = {
  expected: "a finite number of at least 0, or 'auto'",
  accepts: (value): value is number | 'auto' =>
    value === 'auto' || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
};

/** Cross matrices of one block of predictions stay below this many numbers (256 MiB). */
const blockNumbers = 2 ** 25;

/** Fits y, [n] or [n, c], over the rows of x, [n, d], or over images. Cholesky in float64. */
export function regress(kernel: Kernel, x: Samples, y: Targets, options?: RegressOptions): Promise<Regressor> {
  return background(regress, () => regressTask(kernel, x, y, options));
}

export function regressTask(kernel: Kernel, x: Samples, y: Targets, options?: RegressOptions): Task<Regressor> {
  const program = handleOf(kernel);
  const settings = readOptions('options', options, {
    ...jobConstraints,
    ridge: ridgeOption,
    which: oneOf(...kernelNames),
    maxHours: gramConstraints.maxHours,
  });
  const { ridge = 0, which = 'ntk', maxHours } = settings;
  requireTangent(kernel.network, [which]);
  const samples = readPoints('x', x, kernel.network);
  const targets = readTargets('y', y, samples.rows);
  const threads = threadsOf(settings);
  const load: Load = {
    programs: [program],
    networks: [kernel.network],
    names: [which],
    precision: 'float64',
    threads,
    maxHours,
  };
  planGrams(load, samples);
  planFit(samples.rows, ridge, false);
  return { settings, steps: prepare(load, samples, targets, ridge) };
}

/** What all regressors over the same samples share; freed with the last of them. */
interface Problem {
  readonly program: NativeProgram;
  readonly network: Layer;
  readonly which: KernelName;
  readonly points: NativeMatrix;
  readonly grid: Grid | undefined;
  readonly targets: NativeMatrix;
  readonly gram: NativeMatrix;
  /** Of the Gram: its unit is that of ridges and coefficients. */
  readonly logScale: number;
  users: number;
}

function release(problem: Problem): void {
  problem.users -= 1;
  if (problem.users > 0) return;
  for (const matrix of [problem.points, problem.targets, problem.gram]) matrix.dispose();
}

function* prepare(load: Load, samples: Points, right: Rows, ridge: number | 'auto'): Steps<Regressor> {
  const { threads } = load;
  const [program, network, which] = [load.programs[0], load.networks[0], load.names[0]] as [
    NativeProgram,
    Layer,
    KernelName,
  ];
  const held: NativeMatrix[] = [];
  let problem: Problem | undefined;
  try {
    const points = yield* samples.copy();
    held.push(points);
    const targets = yield* right.copy();
    held.push(targets);
    const scales = yield* job('gram', () => {
      const hours = planGrams(load, samples);
      const { gram, Matrix } = native();
      held.push(new Matrix(samples.rows, samples.rows));
      return gram(program, points, only(which, held[2] as NativeMatrix), 'float64', threads, samples.grid, hours);
    });
    problem = {
      program,
      network,
      which,
      points,
      grid: samples.grid,
      targets,
      gram: held[2] as NativeMatrix,
      logScale: scale(scales, which),
      users: 1,
    };
    return yield* fitted(problem, ridge, threads);
  } finally {
    if (problem === undefined) for (const matrix of held) matrix.dispose();
    else release(problem);
  }
}

function only(which: KernelName, output: Output): Outputs {
  return [which === 'nngp' ? [output, null] : [null, output]];
}

function scale(scales: Scales, which: KernelName): number {
  const [nngp, ntk] = scales[0] as Scales[number];
  return which === 'nngp' ? nngp : ntk;
}

function* fitted(problem: Problem, wanted: number | 'auto', threads: number): Steps<Regressor> {
  const { gram, targets } = problem;
  const { rows: n, columns } = targets;
  const y = new Float64Array(n * columns);
  called(() => targets.copyTo(y));
  const chosen = wanted === 'auto' ? yield* leaveOneOut(problem, y, threads) : undefined;
  const ridge = chosen?.ridge ?? (wanted as number);
  const factor = yield* factorise(problem, ridge, threads);
  try {
    const data = allocate(n * columns, 'float64');
    const backwardError = yield* job('solve', () => native().solve(factor, gram, ridge, targets, data, threads));
    return regressor(problem, factor, {
      kernel: problem.which,
      ridge,
      coefficients: Object.freeze({ data, shape: Object.freeze([n, columns]) }),
      rkhsNorm: norms(data, y, ridge, columns),
      backwardError,
      ...(chosen === undefined ? {} : { candidates: chosen.candidates }),
    });
  } catch (error) {
    factor.dispose();
    throw error;
  }
}

function* factorise({ gram, which }: Problem, ridge: number, threads: number): Steps<NativeMatrix> {
  try {
    return yield* job('factor', () => {
      planFit(gram.rows, ridge, true);
      return native().factor(gram, ridge, threads);
    });
  } catch (error) {
    throw nameMatrix(error, which, ridge);
  }
}

/** The ridge of the grid with the least squared leave-one-out error. */
function* leaveOneOut(
  { gram, targets, program, points, which, grid }: Problem,
  y: Float64Array,
  threads: number,
): Steps<{ readonly ridge: number; readonly candidates: NonNullable<Regressor['candidates']> }> {
  const { rows: n } = targets;
  const diagonal = allocate(n, 'float64');
  yield* job('diagonal', () => native().diagonal(program, points, only(which, diagonal), 0, n, grid));
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / n;
  const ridges = Float64Array.from(ridgeGrid, (relative) => relative * mean);
  const { predictions, dropped } = yield* path(gram, targets, ridges, false, threads);
  const { index, squaredErrors } = chooseRidge(predictions.data as Float64Array, y, ridges.length, dropped);
  const candidates = Object.freeze({ ridges, squaredErrors: Float64Array.from(squaredErrors) });
  return { ridge: ridges[index] as number, candidates };
}

/** √(aᵀKa) = √(aᵀy − λ aᵀa) per column, because Ka = y − λa. */
function norms(a: Float64Array, y: Float64Array, ridge: number, columns: number): Float64Array {
  const squares = new Float64Array(columns);
  for (let i = 0; i < a.length; i++) {
    const weight = a[i] as number;
    const column = i % columns;
    squares[column] = (squares[column] as number) + weight * ((y[i] as number) - ridge * weight);
  }
  return squares.map((square) => Math.sqrt(Math.max(0, square)));
}

type Facts = Pick<Regressor, 'kernel' | 'ridge' | 'coefficients' | 'rkhsNorm' | 'backwardError' | 'candidates'>;

function regressor(problem: Problem, factor: NativeMatrix, facts: Facts): Regressor {
  problem.users += 1;
  for (const matrix of [problem.points, problem.gram, factor]) called(() => matrix.keep());
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new KernelError('ERR_DISPOSED', 'this regressor was disposed of');
  };
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    factor.dispose();
    release(problem);
  };
  const predict = (z: Samples, options?: PredictOptions): Promise<Prediction> =>
    background(predict, () => {
      alive();
      return predictTask(problem, factor, facts.coefficients, z, options);
    });
  const withRidge = (ridge: number | 'auto', options?: JobOptions): Promise<Regressor> =>
    background(withRidge, () => {
      alive();
      const settings = readOptions('options', options, jobConstraints);
      if (!ridgeOption.accepts(ridge)) throw unexpected('ridge', ridgeOption.expected, ridge);
      planFit(problem.targets.rows, ridge, true);
      return { settings, steps: fitted(problem, ridge, threadsOf(settings)) };
    });
  return Object.freeze({
    ...facts,
    predict: predict as Regressor['predict'],
    withRidge,
    dispose,
    [Symbol.dispose]: dispose,
  });
}

function predictTask(
  problem: Problem,
  factor: NativeMatrix,
  coefficients: Tensor,
  z: Samples,
  options?: PredictOptions,
): Task<Prediction> {
  const settings = readOptions('options', options, { ...jobConstraints, std: flag });
  const first = { columns: problem.points.columns, grid: problem.grid };
  const samples = readLike('z', z, first, problem.network);
  const threads = threadsOf(settings);
  return { settings, steps: predictions(problem, factor, coefficients, samples, settings.std ?? false, threads) };
}

/** In blocks of rows, so that the cross matrix never needs more than a share of what the Gram did. */
function* predictions(
  problem: Problem,
  factor: NativeMatrix,
  coefficients: Tensor,
  samples: Rows,
  wantStd: boolean,
  threads: number,
): Steps<Prediction> {
  const { program, which, points, grid } = problem;
  const { rows: n } = points;
  const [, columns] = coefficients.shape as readonly [number, number];
  const block = Math.min(samples.rows, Math.max(1, Math.floor(blockNumbers / n)));
  const mean = allocate(samples.rows * columns, 'float64');
  const std = wantStd ? allocate(samples.rows, 'float64') : undefined;
  const held: NativeMatrix[] = [];
  try {
    const queries = yield* samples.copy();
    held.push(queries);
    const weights = yield* typedRows('coefficients', coefficients.data, n, columns).copy();
    held.push(weights);
    for (let first = 0; first < samples.rows; first += block) {
      const rows = Math.min(block, samples.rows - first);
      requireMemory(
        `predictions of ${rows} rows`,
        (wantStd ? 2 : 1) * rows * n * 8,
        'predict with fewer training rows',
      );
      const { Matrix } = native();
      const cross = called(() => new Matrix(rows, n));
      try {
        const scales = yield* job('cross', () =>
          native().cross(
            program,
            queries,
            points,
            only(which, cross),
            'float64',
            threads,
            first,
            rows,
            grid,
            usualHours,
          ),
        );
        const part = allocate(rows * columns, 'float64');
        yield* job('multiply', () => native().multiply(cross, weights, part, threads));
        const unit = Math.exp(scale(scales, which) - problem.logScale);
        mean.set(unit === 1 ? part : part.map((value) => value * unit), first * columns);
        if (std !== undefined) std.set(yield* deviations(problem, factor, queries, cross, first, threads), first);
      } finally {
        cross.dispose();
      }
    }
    const shape = Object.freeze([samples.rows, columns]);
    return Object.freeze({ mean: Object.freeze({ data: mean, shape }), ...(std === undefined ? {} : { std }) });
  } finally {
    for (const matrix of held) matrix.dispose();
  }
}

/**
 * Posterior standard deviations of the rows of `cross`. Logarithmic scales are sums of one for either side, so the
 * reduction k_zᵀ(K+λI)⁻¹k_z has the scale of k(z, z) by itself.
 */
function* deviations(
  { program, which, logScale, grid }: Problem,
  factor: NativeMatrix,
  queries: NativeMatrix,
  cross: NativeMatrix,
  first: number,
  threads: number,
): Steps<Float64Array> {
  const { rows } = cross;
  const prior = allocate(rows, 'float64');
  const variance = allocate(rows, 'float64');
  const scales = yield* job('diagonal', () =>
    native().diagonal(program, queries, only(which, prior), first, rows, grid),
  );
  yield* job('posterior', () => native().posterior(factor, cross, prior, variance, threads));
  const unit = Math.exp((scale(scales, which) - logScale) / 2);
  return variance.map((value) => Math.sqrt(value) * unit);
}

/**
 * Refuses a fit that will not fit: the Gram matrix, perhaps there already (`held`), and beside it a factor, or before
 * that with 'auto' a full decomposition, of which the Gram is the matrix that stays intact.
 */
function planFit(n: number, ridge: number | 'auto', held: boolean): void {
  if (ridge === 'auto') planDecomposition(n, n, true, held);
  else requireMemory(`the factorisation for ${n} samples`, (held ? 1 : 2) * n * n * 8, 'use fewer rows');
}
