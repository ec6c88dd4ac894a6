/** The steps behind the verbs of kernel.ts: arguments are checked, memory is planned, one native job fills the results. */

import { handleOf, type Kernel } from './compile.js';
import { KernelError } from './errors.js';
import { type JobOptions, job, jobConstraints, type Steps, type Task, threadsOf } from './jobs.js';
import { allocate } from './memory.js';
import {
  type Grid,
  type NativeMatrix,
  type NativeProgram,
  native,
  type Outputs,
  type Path,
  type Precision,
  type Scales,
} from './native.js';
import { type Constraint, oneOf, reading, readOptions, unexpected } from './options.js';
import { planCrosses, planGrams } from './plan.js';
import { readBoth, readPoints } from './points.js';
import { withCopies } from './samples.js';
import { requireTangent } from './tangent.js';
import type { Samples, Tensor } from './tensor.js';

/** 'nngp': of the network at initialisation (also called GPK); 'ntk': the neural tangent kernel. */
export type KernelName = 'nngp' | 'ntk';

export const kernelNames: readonly KernelName[] = ['nngp', 'ntk'];

export interface GramOptions extends JobOptions {
  /** Of the results and of the arithmetic over pairs. Default 'float64'. */
  readonly precision?: Precision;
  /**
   * Kernels of images whose estimated time is longer are refused before work starts; default 24. So are kernels of vectors
   * with a φ of one's own whose pairs must be integrated one by one: it has kinks away from 0 and pieces of a degree above
   * 3, and the vectors differ in length. Nothing else of vectors takes that long.
   */
  readonly maxHours?: number;
  /**
   * 'automatic' (the default) tabulates kernels of networks of ReLU and leaky ReLU without biases, on vectors, in the angle
   * where there are pairs enough for that; 'steps' takes every pair through the network; 'table' tabulates however few the
   * pairs, and is refused (ERR_ARGUMENT) for kernels that have no table (`kernel.path` is 'steps'). They agree to rounding; the result's `path` says which it was.
   */
  readonly path?: Path | 'automatic';
}

/** k(xᵢ, xⱼ) of all pairs of samples. */
export interface Gram {
  readonly kernel: KernelName;
  /** The number of samples. */
  readonly size: number;
  /** size × size, bitwise symmetric, so row-major and column-major agree. */
  readonly values: Float64Array | Float32Array;
  /** The kernel is values · exp(logScale); 0 unless the raw kernel would leave the range of numbers. */
  readonly logScale: number;
  /** Did each pair go through the steps of the network, or did all come from a table in the angle? Set by `gram`. */
  readonly path?: Path;
}

/** k(xᵢ, zⱼ): a tensor of shape [rows of x, rows of z], times exp(logScale). */
export interface Cross extends Tensor {
  readonly kernel: KernelName;
  readonly logScale: number;
  readonly path: Path;
}

/** k(xᵢ, xᵢ), times exp(logScale). */
export interface Diagonal {
  readonly kernel: KernelName;
  readonly values: Float64Array;
  readonly logScale: number;
}

/** One name gives one result, a list gives a record of them. */
export type Which = KernelName | readonly KernelName[];
export type PerKernel<T> = T | { readonly [Name in KernelName]?: T };

const hours: Constraint<number> = {
  expected: 'a number of hours above 0',
  accepts: (value): value is number => typeof value === 'number' && value > 0,
};

export const gramConstraints = {
  ...jobConstraints,
  precision: oneOf('float64', 'float32'),
  maxHours: hours,
  path: oneOf('automatic', 'steps', 'table'),
};

/** Refuses a table for kernels that are no function of the angle, before any work. */
export function requireTable(path: GramOptions['path'], programs: readonly NativeProgram[]): void {
  if (path !== 'table' || programs.every((program) => program.homogeneous)) return;
  throw new KernelError(
    'ERR_ARGUMENT',
    "path: expected 'automatic' or 'steps', got 'table', but there is no table of this kernel: only those of networks on vectors " +
      'with relu, leakyRelu or abs and without biases depend on the angle alone',
  );
}

export function gramTask(kernel: Kernel, x: Samples, which: Which, options?: GramOptions): Task<PerKernel<Gram>> {
  const program = handleOf(kernel);
  const wanted = readWhich(which);
  if (!kernel.tangent) requireTangent(kernel.network, wanted.names);
  const settings = readOptions('options', options, gramConstraints);
  requireTable(settings.path, [program]);
  const samples = readPoints('x', x, kernel.network);
  const { precision = 'float64', maxHours } = settings;
  const threads = threadsOf(settings);
  const load = { programs: [program], networks: [kernel.network], names: wanted.names, precision, threads, maxHours };
  const plan = (): number => planGrams(load, samples);
  plan();
  return {
    settings,
    steps: withCopies([samples], function* (points) {
      const [grams] = yield* gramsOf(
        program,
        points,
        samples.grid,
        wanted.names,
        precision,
        threads,
        plan,
        settings.path,
      );
      return wanted.shape(grams as Emitted<Gram>);
    }),
  };
}

export function crossTask(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: GramOptions,
): Task<PerKernel<Cross>> {
  const program = handleOf(kernel);
  const wanted = readWhich(which);
  if (!kernel.tangent) requireTangent(kernel.network, wanted.names);
  const settings = readOptions('options', options, gramConstraints);
  requireTable(settings.path, [program]);
  const [left, right] = readBoth(x, z, kernel.network);
  const { precision = 'float64', maxHours } = settings;
  const threads = threadsOf(settings);
  const load = { programs: [program], networks: [kernel.network], names: wanted.names, precision, threads, maxHours };
  const plan = (): number => planCrosses(load, left, right);
  plan();
  return {
    settings,
    steps: withCopies([left, right], function* (first, second) {
      const [crosses] = yield* crossesOf(
        program,
        first,
        second,
        left.grid,
        wanted.names,
        precision,
        threads,
        plan,
        settings.path,
      );
      return wanted.shape(crosses as Emitted<Cross>);
    }),
  };
}

export function diagonalTask(
  kernel: Kernel,
  x: Samples,
  which: Which,
  options?: JobOptions,
): Task<PerKernel<Diagonal>> {
  const program = handleOf(kernel);
  const wanted = readWhich(which);
  if (!kernel.tangent) requireTangent(kernel.network, wanted.names);
  const settings = readOptions('options', options, jobConstraints);
  const samples = readPoints('x', x, kernel.network);
  return {
    settings,
    steps: withCopies([samples], function* (points) {
      const results = resultsOf(program, wanted.names, samples.rows, 'float64');
      const run = () => native().diagonal(program, points, results.outputs, 0, samples.rows, samples.grid);
      const scales = yield* job('diagonal', run);
      const [diagonals] = results.emitted(scales, (kernelName, values, logScale) =>
        Object.freeze({ kernel: kernelName, values: values as Float64Array, logScale }),
      );
      return wanted.shape(diagonals as Emitted<Diagonal>);
    }),
  };
}

/** The Gram matrices of every emit of a program. `plan` is asked again when the job's turn comes; it says how many hours it may take. */
export function* gramsOf(
  program: NativeProgram,
  points: NativeMatrix,
  grid: Grid | undefined,
  names: readonly KernelName[],
  precision: Precision,
  threads: number,
  plan: () => number,
  path?: Path | 'automatic',
): Steps<Emitted<Gram>[]> {
  const { rows } = points;
  let results: Results | undefined;
  const scales = yield* job('gram', () => {
    const hours = plan();
    results = resultsOf(program, names, rows * rows, precision);
    return native().gram(program, points, results.outputs, precision, threads, grid, hours, path);
  });
  return (results as Results).emitted(scales, (kernel, values, logScale, taken) =>
    Object.freeze({ kernel, size: rows, values, logScale, path: taken }),
  );
}

/** The same for pairs of two sets. */
export function* crossesOf(
  program: NativeProgram,
  x: NativeMatrix,
  z: NativeMatrix,
  grid: Grid | undefined,
  names: readonly KernelName[],
  precision: Precision,
  threads: number,
  plan: () => number,
  path?: Path | 'automatic',
): Steps<Emitted<Cross>[]> {
  const { rows } = x;
  const { rows: columns } = z;
  let results: Results | undefined;
  const scales = yield* job('cross', () => {
    const hours = plan();
    results = resultsOf(program, names, rows * columns, precision);
    return native().cross(program, x, z, results.outputs, precision, threads, 0, rows, grid, hours, path);
  });
  return (results as Results).emitted(scales, (kernel, data, logScale, taken) =>
    Object.freeze({ kernel, data, shape: Object.freeze([rows, columns]), logScale, path: taken }),
  );
}

/** What one emit of a program gave, by kernel. */
export type Emitted<T> = Map<KernelName, T>;

type Make<T> = (kernel: KernelName, values: Float64Array | Float32Array, logScale: number, path: Path) => T;

export interface Results {
  readonly outputs: Outputs;
  emitted<T>(scales: Scales, make: Make<T>): Emitted<T>[];
}

/** Arrays for every emit and wanted kernel. Nobody else sees them before the job has succeeded. */
export function resultsOf(
  program: NativeProgram,
  names: readonly KernelName[],
  length: number,
  precision: Precision,
): Results {
  const arrays = Array.from(
    { length: program.emits },
    () => new Map(names.map((name) => [name, allocate(length, precision)])),
  );
  return {
    outputs: arrays.map((emit) => [emit.get('nngp') ?? null, emit.get('ntk') ?? null]),
    emitted: (scales, make) =>
      arrays.map((emit, i) => {
        const [nngp, ntk, path = 'steps'] = scales[i] as Scales[number];
        return new Map(
          [...emit].map(([name, values]) => [name, make(name, values, name === 'nngp' ? nngp : ntk, path)]),
        );
      }),
  };
}

export interface Wanted {
  readonly names: readonly KernelName[];
  /** The results of one emit as the caller asked: one, or a record. */
  shape<T>(emitted: Emitted<T>): PerKernel<T>;
}

export function readWhich(which: unknown): Wanted {
  return reading('which', () => {
    const isName = (value: unknown): value is KernelName => kernelNames.includes(value as KernelName);
    if (isName(which)) return { names: [which], shape: (emitted) => emitted.get(which) as never };
    const names: unknown[] = Array.isArray(which) && which.length <= 16 ? [...which] : [];
    if (names.length === 0 || !names.every(isName) || new Set(names).size !== names.length) {
      throw unexpected('which', "'nngp', 'ntk' or a list of them without repetition", which);
    }
    return { names, shape: (emitted) => Object.freeze(Object.fromEntries(emitted)) };
  });
}
