/** Training of an infinitely wide network on given points, in function space: gradient flow and gradient descent. */

import { type CrossInput, ratioOfScales, readCross } from './cross-input.js';
import { type EarlyStopping, earlyStopping } from './dynamics/early-stopping.js';
import { filtered, requireLosses, rotate, squaredDistances, weightsAt } from './dynamics/filter.js';
import { isUnstable, modesOf, ratesOf, type Weights, weightsOf } from './dynamics/modes.js';
import {
  averagedOver,
  type Plan,
  planTraining,
  type TrainingOptions,
  trainingConstraints,
} from './dynamics/options.js';
import type { Method } from './dynamics/schedule.js';
import { nativeOf, readSource, type Source } from './dynamics/sources.js';
import { KernelError } from './errors.js';
import type { Cross, Gram } from './evaluate.js';
import { background, breathe, job, type Steps, type Task, threadsOf } from './jobs.js';
import { allocate, requireMemory } from './memory.js';
import { type NativeMatrix, native } from './native.js';
import { numbersOf } from './native-numbers.js';
import { type Constraint, flag, oneOf, readOptions } from './options.js';
import { type Rows, readTargets } from './samples.js';
import type { Spectrum } from './spectrum.js';
import type { Targets, Tensor } from './tensor.js';

export type { EarlyStopping } from './dynamics/early-stopping.js';
export { type Ensemble, type EnsembleKernels, type EnsembleOptions, ensemble } from './dynamics/ensemble.js';
export type { TrainingOptions } from './dynamics/options.js';

export interface DynamicsOptions extends TrainingOptions {
  /** K(test, training), [m, n], as cross(kernel, test, training) returns it: asks for predictions at the test points. */
  readonly cross?: Cross | Tensor;
  /** f(0) at the training and at the test points, [n, c] and [m, c]. Default 0. */
  readonly initial?: { readonly train?: Targets; readonly test?: Targets };
  /** True values at the test points, [m, c]: asks for the loss there and for the time at which it is least. */
  readonly validation?: Targets;
  /**
   * What a ridge does. 'penalty' (default): it holds the function near f(0), as a penalty ρ‖θ − θ(0)‖²/(2N) on the parameters
   * does. 'features': each training point has a feature of its own of variance ρ, which takes part in what the training points
   * predict and in nothing else; this is what neural_tangents computes.
   */
  readonly ridgeAs?: 'penalty' | 'features';
  /** Also the coefficients a(t), with f(t) = f(0) + K(·, training)·a(t) anywhere. Default false. */
  readonly coefficients?: boolean;
  /** Also the residual along each eigendirection. Default false. */
  readonly modes?: boolean;
}

/** Training at each of `times`. n training and m test points, c columns of y, T times. */
export interface Dynamics {
  readonly method: Method;
  readonly times: Float64Array;
  /** f(t) at the training points: [T, n, c]. */
  readonly train: Tensor;
  /** ½ Σ (f(t) − y)² over the training points, divided by N: the number of samples, or of entries of y (`average`). */
  readonly trainLoss: Float64Array;
  /** f(t) at the test points, [T, m, c], and the loss there. */
  readonly test?: Tensor;
  readonly testLoss?: Float64Array;
  readonly earlyStopping?: EarlyStopping;
  /** [T, n, c]. */
  readonly coefficients?: Tensor;
  /** v_k·(f(t) − y) for each eigenvector v_k of K: [T, n, c]. */
  readonly residuals?: Tensor;
  /** λ_k of K, descending. */
  readonly eigenvalues: Float64Array;
  /**
   * Of the residual along each v_k, exp(−rate·t) is left (up to a sign, if steps overshoot; the ridge's share apart): for flow
   * learningRate·(λ_k + ρ)/N, for descent −log|1 − that| per step. 0 for directions that do not train.
   */
  readonly rates: Float64Array;
  /**
   * Directions that train. The others have λ_k + ρ that cannot be told from 0; the residual along them stays as it is at all
   * times, so that training for ever gives the limit t → ∞ also where K is singular: the fit by its pseudo-inverse.
   */
  readonly rank: number;
  /** 2N/(λ_max + ρ): gradient descent converges for learning rates below it. Infinity where nothing trains. */
  readonly stabilityLimit: number;
  /** ρ in the unit of gram.values. */
  readonly ridge: number;
}

const anything: Constraint<unknown> = {
  expected: 'anything',
  accepts: (value): value is unknown => value !== undefined,
};

const constraints = {
  ...trainingConstraints,
  cross: anything,
  initial: anything,
  validation: anything,
  ridgeAs: oneOf('penalty', 'features'),
  coefficients: flag,
  modes: flag,
};

/**
 * The predictions of a network of infinite width while it trains on y, from a Gram matrix of its training points (the NTK, if
 * all layers train) or from that matrix's spectrum with all vectors. The loss is ½ Σ r²/N with N the number of samples, so
 * r(t) = exp(−(K + ρ)t/N) r(0). One eigendecomposition; every time after it costs O(n²), without iterating. A decomposition
 * cannot be interrupted. [ntk-flow; ntk-descent]
 */
export function dynamics(gram: Gram | Required<Spectrum>, y: Targets, options: DynamicsOptions): Promise<Dynamics> {
  return background(dynamics, () => dynamicsTask(gram, y, options));
}

/** Everything about a run but its numbers. */
interface Run {
  readonly source: Source;
  readonly targets: Rows;
  readonly cross: CrossInput | undefined;
  readonly initialTrain: Rows | undefined;
  readonly initialTest: Rows | undefined;
  readonly validation: Rows | undefined;
  readonly threads: number;
}

export function dynamicsTask(gram: Gram | Required<Spectrum>, y: Targets, options: DynamicsOptions): Task<Dynamics> {
  const settings = readOptions('options', options, constraints);
  const source = readSource('gram', gram);
  const targets = readTargets('y', y, source.size);
  const plan = planTraining(settings);
  const cross = settings.cross === undefined ? undefined : readCross('cross', settings.cross, source);
  const initial = readOptions('initial', settings.initial, { train: anything, test: anything });
  if (cross === undefined) {
    for (const [name, value] of [
      ['initial.test', initial.test],
      ['validation', settings.validation],
    ] as const) {
      if (value === undefined) continue;
      throw new KernelError(
        'ERR_ARGUMENT',
        `${name}: values at test points need \`cross\`, their kernel with the training points`,
        {
          option: name,
        },
      );
    }
  }
  const { columns } = targets;
  const values = (what: string, value: unknown, rows: number) => {
    return value === undefined ? undefined : sameColumns(what, readTargets(what, value, rows), columns);
  };
  const points = cross?.points ?? 0;
  const run: Run = {
    source,
    targets,
    cross,
    initialTrain: values('initial.train', initial.train, source.size),
    initialTest: values('initial.test', initial.test, points),
    validation: values('validation', settings.validation, points),
    threads: threadsOf(settings),
  };
  const { ridgeAs = 'penalty', coefficients = false, modes: wantModes = false } = settings;
  const results = plan.times.length * columns * (source.size * (1 + Number(coefficients) + Number(wantModes)) + points);
  requireMemory(
    `training of ${source.size} samples at ${plan.times.length} times`,
    8 * (results + source.size * (source.size + 2 * points)),
    'use fewer times or rows',
  );
  return { settings, steps: train(run, plan, { ridgeAs, coefficients, modes: wantModes }) };
}

interface Wanted {
  readonly ridgeAs: 'penalty' | 'features';
  readonly coefficients: boolean;
  readonly modes: boolean;
}

function sameColumns(what: string, rows: Rows, columns: number): Rows {
  if (rows.columns === columns) return rows;
  throw new KernelError('ERR_SHAPE', `${what}: expected ${columns} columns, as y has, got ${rows.columns}`, {
    expected: columns,
    got: rows.columns,
  });
}

function* train(run: Run, plan: Plan, wanted: Wanted): Steps<Dynamics> {
  const { source, threads } = run;
  const { size: n } = source;
  const { columns } = run.targets;
  const { times, method } = plan;
  const held: NativeMatrix[] = [];
  const hold = (matrix: NativeMatrix): NativeMatrix => {
    held.push(matrix);
    return matrix;
  };
  try {
    // Everything of the caller's is taken before the first wait.
    const targets = yield* taken(run.targets);
    const initialTrain = run.initialTrain && hold(yield* run.initialTrain.copy());
    const initialTest = run.initialTest && hold(yield* run.initialTest.copy());
    const validation = run.validation && (yield* taken(run.validation));
    const cross = run.cross && hold(yield* run.cross.rows.copy());
    const { eigenvalues, vectors } = yield* source.decompose(threads);
    hold(vectors);
    const modes = modesOf(source.name, eigenvalues, source.precision, columns, plan);
    const weights = weightsOf(modes, wanted.ridgeAs);

    const residual = targets.map((value) => -value);
    if (initialTrain !== undefined) {
      const start = numbersOf(initialTrain);
      for (let i = 0; i < residual.length; i++) residual[i] = (start[i] as number) - (targets[i] as number);
    }
    const along = allocate(n * columns, 'float64');
    const right = hold(yield* nativeOf(residual, n, columns));
    yield* job('training', () => native().multiply(vectors, right, along, threads));
    const coordinates = hold(yield* nativeOf(along, n, columns));

    const shape = Object.freeze([times.length, n, columns]);
    const onTraining = { basis: vectors, transposed: true, coordinates, base: null };
    const sums = function* (weight: (k: number, time: number) => number, base: NativeMatrix | null): Steps<Tensor> {
      const data = allocate(times.length * n * columns, 'float64');
      yield* filtered({ ...onTraining, base }, times, (k, time) => -weight(k, time), data, threads);
      return Object.freeze({ data, shape });
    };
    const trained = yield* sums(weights.moved, initialTrain ?? null);
    const over = averagedOver(plan.average, n, columns);
    const trainLoss = yield* lossesOf(along, columns, weights, times, over);
    const test =
      run.cross === undefined || cross === undefined
        ? {}
        : yield* atTestPoints(run.cross, cross, initialTest, validation);
    return Object.freeze({
      method,
      times,
      train: trained,
      trainLoss,
      ...test,
      ...(wanted.coefficients ? { coefficients: yield* sums(weights.gain, null) } : {}),
      ...(wanted.modes ? { residuals: yield* residualsOf(along, shape, weights, times) } : {}),
      eigenvalues,
      rates: ratesOf(modes),
      rank: modes.rank,
      stabilityLimit: modes.stabilityLimit,
      ridge: modes.ridge,
    });

    function* atTestPoints(
      { points, logScale }: CrossInput,
      kernel: NativeMatrix,
      initial: NativeMatrix | undefined,
      truth: Float64Array | undefined,
    ): Steps<Pick<Dynamics, 'test' | 'testLoss' | 'earlyStopping'>> {
      const unit = ratioOfScales('cross', logScale - source.logScale);
      const rotated = yield* rotate(kernel, vectors, threads);
      hold(rotated);
      const basis = { basis: rotated, transposed: false, coordinates, base: initial ?? null };
      const data = allocate(times.length * points * columns, 'float64');
      yield* filtered(basis, times, (k, time) => -unit * weights.gain(k, time), data, threads);
      const predicted = Object.freeze({ data, shape: Object.freeze([times.length, points, columns]) });
      if (truth === undefined) return { test: predicted };
      const divisor = 2 * averagedOver(plan.average, points, columns);
      const squares = yield* squaredDistances(data, truth);
      const testLoss = requireLosses(
        'validation',
        squares.map((square) => square / divisor),
        times,
      );
      if (isUnstable(modes)) return { test: predicted, testLoss };
      const where = { sums: basis, unit, targets: truth, divisor, threads };
      return { test: predicted, testLoss, earlyStopping: yield* earlyStopping(modes, weights, where) };
    }
  } finally {
    for (const matrix of held) matrix.dispose();
  }
}

/** Σ over eigendirections of squared residuals: no digits are lost where little is left. */
function* lossesOf(
  along: Float64Array,
  columns: number,
  weights: Weights,
  times: Float64Array,
  over: number,
): Steps<Float64Array> {
  const n = along.length / columns;
  const squares = new Float64Array(n);
  for (let i = 0; i < along.length; i++) {
    const k = Math.floor(i / columns);
    squares[k] = (squares[k] as number) + (along[i] as number) ** 2;
  }
  const losses = new Float64Array(times.length);
  for (let t = 0; t < times.length; t++) {
    const left = yield* weightsAt(times.subarray(t, t + 1), n, weights.left);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (left[k] as number) ** 2 * (squares[k] as number);
    losses[t] = sum / (2 * over);
    if (t % 64 === 63) yield* breathe();
  }
  return requireLosses('y', losses, times);
}

function* residualsOf(
  along: Float64Array,
  shape: readonly number[],
  weights: Weights,
  times: Float64Array,
): Steps<Tensor> {
  const [, n, columns] = shape as readonly [number, number, number];
  const data = allocate(times.length * along.length, 'float64');
  for (let t = 0; t < times.length; t++) {
    const left = yield* weightsAt(times.subarray(t, t + 1), n, weights.left);
    for (let i = 0; i < along.length; i++) {
      data[t * along.length + i] = (left[Math.floor(i / columns)] as number) * (along[i] as number);
    }
    if (t % 16 === 15) yield* breathe();
  }
  return Object.freeze({ data, shape });
}

/** A caller's numbers as an array of ours. */
function* taken(rows: Rows): Steps<Float64Array> {
  const copy = yield* rows.copy();
  try {
    return numbersOf(copy);
  } finally {
    copy.dispose();
  }
}
