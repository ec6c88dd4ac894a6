/** Mean and covariance of networks of infinite width that start at random and train on the same targets. */

import { types } from 'node:util';
import { type CrossInput, ratioOfScales, readCross } from '../cross-input.js';
import { KernelError } from '../errors.js';
import type { Cross, Diagonal, Gram, KernelName } from '../evaluate.js';
import { readGram } from '../gram-input.js';
import { background, job, type Steps, type Task, threadsOf } from '../jobs.js';
import { allocate, requireMemory } from '../memory.js';
import { type NativeMatrix, native } from '../native.js';
import { oneOf, reading, readOptions, unexpected } from '../options.js';
import { type Rows, readTargets, typedRows } from '../samples.js';
import type { Targets, Tensor } from '../tensor.js';
import { filtered, rotate, weightsAt } from './filter.js';
import { modesOf, ratesOf, weightsOf } from './modes.js';
import { type Plan, planTraining, type TrainingOptions, trainingConstraints } from './options.js';
import type { Method } from './schedule.js';
import { gramSource, nativeOf, type Source } from './sources.js';

/** Kernels of n training and m test points. The NTK may be left out where it does not train. */
export interface EnsembleKernels {
  /** Of the training points, as gram(kernel, training, ['nngp', 'ntk']) returns them. */
  readonly train: { readonly nngp: Gram; readonly ntk?: Gram };
  /** [m, n], as cross(kernel, test, training, ['nngp', 'ntk']) returns them. */
  readonly cross: { readonly nngp: Cross; readonly ntk?: Cross };
  /** NNGP of the test points: their Gram matrix asks for covariances, the diagonal alone for variances. */
  readonly test: Gram | Diagonal;
}

export interface EnsembleOptions extends TrainingOptions {
  /**
   * Which layers train. 'ntk': those of the NTK, and the ridge holds back what the kernel trains (default). 'nngp': the last
   * alone, and the ridge is the variance of noise in y; in the limit that is the posterior of the Gaussian process.
   */
  readonly trainedBy?: KernelName;
}

/** The ensemble at each of `times`. n training and m test points, c columns of y, T times. */
export interface Ensemble {
  readonly method: Method;
  readonly trainedBy: KernelName;
  readonly times: Float64Array;
  /** Mean of the predictions at the test points: [T, m, c]. */
  readonly mean: Tensor;
  /**
   * And at the training points: [T, n, c]. With a ridge, what each training point has of its own counts, as with ridgeAs:
   * 'features' of `dynamics`.
   */
  readonly trainMean: Tensor;
  /** Of the predictions at the test points, the same for every column: [T, m]. Times exp(logScale). */
  readonly variance: Tensor;
  /** [T, m, m], symmetric to the bit, where `test` is a Gram matrix. Times exp(logScale). */
  readonly covariance?: Tensor;
  /** That of `test`. */
  readonly logScale: number;
  readonly eigenvalues: Float64Array;
  readonly rates: Float64Array;
  readonly rank: number;
  readonly stabilityLimit: number;
  readonly ridge: number;
}

const constraints = { ...trainingConstraints, trainedBy: oneOf('ntk', 'nngp') };

/**
 * The distribution of the predictions of infinitely wide networks with random initial parameters, after training on y: a
 * Gaussian process at every time. Times are in the unit of the kernel that trains; f(0) has mean 0. [ntk-ensemble; nngp-training]
 */
export function ensemble(kernels: EnsembleKernels, y: Targets, options: EnsembleOptions): Promise<Ensemble> {
  return background(ensemble, () => ensembleTask(kernels, y, options));
}

interface Prior {
  readonly rows: Rows;
  readonly points: number;
  readonly full: boolean;
  readonly logScale: number;
}

interface Run {
  readonly plan: Plan;
  readonly trainedBy: KernelName;
  readonly trainer: Source;
  readonly cross: CrossInput;
  /** Where another kernel trains: NNGP of the training points, and between test and training points. */
  readonly start: { readonly train: Rows; readonly trainScale: number; readonly cross: CrossInput } | undefined;
  readonly prior: Prior;
  readonly targets: Rows;
  readonly threads: number;
}

export function ensembleTask(kernels: EnsembleKernels, y: Targets, options: EnsembleOptions): Task<Ensemble> {
  const settings = readOptions('options', options, constraints);
  const { trainedBy = 'ntk' } = settings;
  const plan = planTraining(settings);
  const given = part('kernels', kernels);
  const [train, across] = [part('kernels.train', given.train), part('kernels.cross', given.cross)];
  const trainer = trainingSource(`kernels.train.${trainedBy}`, train[trainedBy], trainedBy);
  const cross = readCross(`kernels.cross.${trainedBy}`, across[trainedBy], trainer);
  const prior = readPrior('kernels.test', given.test, cross.points);
  const start = trainedBy === 'nngp' ? undefined : readStart(train.nngp, across.nngp, trainer, cross);
  const targets = readTargets('y', y, trainer.size);
  planMemory(trainer.size, cross.points, targets.columns, plan.times.length, prior.full);
  const threads = threadsOf(settings);
  return { settings, steps: run({ plan, trainedBy, trainer, cross, start, prior, targets, threads }) };
}

function part(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || types.isPromise(value))
    throw unexpected(what, 'an object of kernels', value);
  return reading(what, () => ({ ...value }));
}

function trainingSource(what: string, value: unknown, kernel: KernelName): Source {
  const source = gramSource(what, value);
  if (source.kernel === kernel) return source;
  throw unexpected(`${what}.kernel`, `'${kernel}'`, source.kernel);
}

function readStart(train: unknown, across: unknown, trainer: Source, moved: CrossInput): NonNullable<Run['start']> {
  const gram = readGram('kernels.train.nngp', train);
  if (gram.kernel !== 'nngp') throw unexpected('kernels.train.nngp.kernel', "'nngp'", gram.kernel);
  if (gram.size !== trainer.size) {
    throw new KernelError(
      'ERR_SHAPE',
      `kernels.train.nngp: expected ${trainer.size} samples, as the ntk has, got ${gram.size}`,
      { expected: trainer.size, got: gram.size },
    );
  }
  const cross = readCross('kernels.cross.nngp', across, { ...trainer, kernel: 'nngp' });
  if (cross.points !== moved.points) {
    throw new KernelError(
      'ERR_SHAPE',
      `kernels.cross.nngp: expected ${moved.points} test points, as the ntk has, got ${cross.points}`,
      { expected: moved.points, got: cross.points },
    );
  }
  return { train: gram.rows, trainScale: gram.logScale, cross };
}

function readPrior(what: string, value: unknown, points: number): Prior {
  const { kernel, values, logScale, size } = part(what, value);
  if (kernel !== 'nngp') throw unexpected(`${what}.kernel`, "'nngp'", kernel);
  if (typeof logScale !== 'number' || !Number.isFinite(logScale)) {
    throw unexpected(`${what}.logScale`, 'a finite number', logScale);
  }
  const full = size !== undefined;
  const rows = full ? readGram(what, value).rows : typedRows(`${what}.values`, diagonalOf(what, values), points, 1);
  if (rows.rows !== points) {
    throw new KernelError('ERR_SHAPE', `${what}: expected ${points} test points, as \`cross\` has, got ${rows.rows}`, {
      expected: points,
      got: rows.rows,
    });
  }
  return { rows, points, full, logScale };
}

function diagonalOf(what: string, values: unknown): Float64Array {
  if (values instanceof Float64Array) return values;
  throw unexpected(`${what}.values`, 'a Float64Array', values);
}

/** Vectors, the training matrix and one more to rotate it, both cross matrices, also rotated, prior, results, workspace. */
function planMemory(n: number, m: number, columns: number, times: number, full: boolean): void {
  const spread = full ? m * m : m;
  const work = full ? 2 * m * n : 0;
  requireMemory(
    `an ensemble of ${n} training and ${m} test points at ${times} times`,
    8 * (3 * n * n + 4 * m * n + work + spread + times * (spread + m + (n + m) * columns)),
    full ? 'use fewer times or test points, or the diagonal of `test`' : 'use fewer times or rows',
  );
}

function* run({ plan, trainedBy, trainer, cross, start: given, prior, targets, threads }: Run): Steps<Ensemble> {
  const { times, method } = plan;
  const { size: n } = trainer;
  const { points: m } = cross;
  const { columns } = targets;
  const held: NativeMatrix[] = [];
  const hold = (matrix: NativeMatrix): NativeMatrix => {
    held.push(matrix);
    return matrix;
  };
  try {
    const right = hold(yield* targets.copy());
    const priorMatrix = hold(yield* prior.rows.copy());
    const across = hold(yield* cross.rows.copy());
    const before = given && {
      train: hold(yield* given.train.copy()),
      cross: hold(yield* given.cross.rows.copy()),
      trainScale: ratioOfScales('kernels.train.nngp', given.trainScale - prior.logScale),
      crossScale: ratioOfScales('kernels.cross.nngp', given.cross.logScale - prior.logScale),
    };
    const { eigenvalues, vectors } = yield* trainer.decompose(threads);
    hold(vectors);
    const modes = modesOf(trainer.name, eigenvalues, trainer.precision, columns, plan);
    const weights = weightsOf(modes, 'features');
    const unit = ratioOfScales(`kernels.cross.${trainedBy}`, cross.logScale - trainer.logScale);

    const along = allocate(n * columns, 'float64');
    yield* job('training', () => native().multiply(vectors, right, along, threads));
    const coordinates = hold(yield* nativeOf(along, n, columns));
    const rotated = hold(yield* rotate(across, vectors, threads));
    const mean = allocate(times.length * m * columns, 'float64');
    const onTest = { basis: rotated, transposed: false, coordinates, base: null };
    yield* filtered(onTest, times, (k, time) => unit * weights.gain(k, time), mean, threads);
    const trainMean = allocate(times.length * n * columns, 'float64');
    const onTraining = { basis: vectors, transposed: true, coordinates, base: null };
    yield* filtered(onTraining, times, weights.moved, trainMean, threads);

    const size = prior.full ? m * m : m;
    const spread = allocate(times.length * size, 'float64');
    const priorScale = ratioOfScales('kernels.test', (trainer.logScale - prior.logScale) / 2);
    const start = before && (yield* inBasis(before, vectors, times.length, threads, hold));
    for (let i = 0; i < times.length; i++) {
      const when = times.subarray(i, i + 1);
      const out = spread.subarray(i * size, (i + 1) * size);
      if (start === undefined) {
        const scale = (unit * priorScale) ** 2;
        const reduction = yield* weightsAt(when, n, (k, time) => scale * weights.reduction(k, time));
        yield* job('covariances', () =>
          native().reducedCovariance(rotated, reduction, priorMatrix, prior.full, out, threads),
        );
        continue;
      }
      const gains = yield* weightsAt(when, n, (k, time) => unit * weights.gain(k, time));
      yield* job('covariances', () =>
        native().ensembleCovariance(
          rotated,
          start.vectors,
          start.train,
          start.cross,
          start.trainScale,
          start.crossScale,
          gains,
          priorMatrix,
          prior.full,
          out,
          threads,
        ),
      );
    }
    const tensor = (data: Float64Array, ...shape: number[]): Tensor =>
      Object.freeze({ data, shape: Object.freeze([times.length, ...shape]) });
    return Object.freeze({
      method,
      trainedBy,
      times,
      mean: tensor(mean, m, columns),
      trainMean: tensor(trainMean, n, columns),
      variance: tensor(prior.full ? diagonals(spread, times.length, m) : spread, m),
      ...(prior.full ? { covariance: tensor(spread, m, m) } : {}),
      logScale: prior.logScale,
      eigenvalues,
      rates: ratesOf(modes),
      rank: modes.rank,
      stabilityLimit: modes.stabilityLimit,
      ridge: modes.ridge,
    });
  } finally {
    for (const matrix of held) matrix.dispose();
  }
}

interface Start {
  readonly train: NativeMatrix;
  readonly cross: NativeMatrix;
  readonly trainScale: number;
  readonly crossScale: number;
}

/**
 * The NNGP as it stands beside the eigenvectors, or, for many times, in their basis: that costs two products of n × n × n and
 * one of m × n × n, and saves one of m × n × n at each time.
 */
function* inBasis(
  before: Start,
  vectors: NativeMatrix,
  times: number,
  threads: number,
  hold: (matrix: NativeMatrix) => NativeMatrix,
): Steps<Start & { readonly vectors: NativeMatrix | null }> {
  const { rows: m, columns: n } = before.cross;
  if ((times - 1) * m <= 2 * n) return { ...before, vectors };
  // A matrix times the transpose of a symmetric one is its product with it.
  const half = yield* rotate(vectors, before.train, threads);
  before.train.dispose();
  try {
    const train = hold(yield* rotate(half, vectors, threads));
    return { ...before, train, cross: hold(yield* rotate(before.cross, vectors, threads)), vectors: null };
  } finally {
    half.dispose();
  }
}

function diagonals(covariances: Float64Array, count: number, m: number): Float64Array {
  const variances = new Float64Array(count * m);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < m; j++) variances[i * m + j] = Math.max(0, covariances[(i * m + j) * m + j] as number);
  }
  return variances;
}
