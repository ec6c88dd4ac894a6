/** Kernels over many draws of a network: means with standard errors, and how fast single draws come near the limit. */

import { compile } from '../compile.js';
import { KernelError } from '../errors.js';
import { type Gram, gramTask, type KernelName, type PerKernel, readWhich, type Which } from '../evaluate.js';
import { background, breathe, type Steps, type Task, threadsOf } from '../jobs.js';
import { requireMemory } from '../memory.js';
import type { NativeMatrix } from '../native.js';
import { type Constraint, integer, readOptions } from '../options.js';
import type { Points } from '../points.js';
import { readPoints } from '../points.js';
import type { Network } from '../presets.js';
import { withCopies } from '../samples.js';
import { requireTangent } from '../tangent.js';
import type { Samples } from '../tensor.js';
import { kernelsOf, mapped, planKernels } from './empirical.js';
import { frameConstraints, frameOf, readNetwork, required } from './frame.js';
import { type Frame, sweepConstraints } from './held.js';
import { logLine } from './log-line.js';
import { runningMean } from './running-mean.js';
import { drawn } from './sample.js';
import type { SweepOptions } from './types.js';

export interface MeanOptions extends SweepOptions {
  readonly width: number;
  /** How many networks are drawn, with the seeds `seed`, `seed` + 1, … Default 16, at least 2. */
  readonly networks?: number;
  /** Of the first network. Default 0. */
  readonly seed?: number;
  /** Outputs of every network, over which its NTK is a mean. Default 1. */
  readonly outputs?: number;
}

/** The mean of the kernels of several networks: a Gram matrix like any, and how far it may be off. */
export interface EmpiricalMean extends Gram {
  readonly values: Float64Array;
  /** Of every entry: the standard deviation over the networks by the root of their number. */
  readonly standardErrors: Float64Array;
  readonly width: number;
  readonly networks: number;
}

export type EmpiricalMeans<K extends KernelName> = { readonly [Name in K]: EmpiricalMean };

export interface ConvergenceOptions extends SweepOptions {
  /** At least two different ones. */
  readonly widths: readonly number[];
  /** Networks of every width. Default 16, at least 2. */
  readonly networks?: number;
  /** Of the first network; no two have one seed, whatever their widths. Default 0. */
  readonly seed?: number;
  readonly outputs?: number;
}

/** How far kernels of networks of one width are from the limit, in the Frobenius norm relative to that of the limit. */
export interface WidthError {
  readonly width: number;
  readonly networks: number;
  /** Root of the mean square over the networks, and its standard error. */
  readonly error: number;
  readonly standardError: number;
  /** Of the mean over the networks: what is left of it are chance, error/√networks, and the bias of order 1/width. */
  readonly meanError: number;
}

export interface WidthConvergence {
  readonly kernel: KernelName;
  readonly widths: readonly WidthError[];
  /**
   * Of log error over log width, −½ for kernels that are the limit; and its standard error. null where the kernel of a network is no matter
   * of chance, so that at some width there is rounding instead of an error.                                  [width-slope]
   */
  readonly slope: number | null;
  readonly slopeStandardError: number | null;
}

export type WidthConvergences<K extends KernelName> = { readonly [Name in K]: WidthConvergence };

const drawConstraints = {
  ...sweepConstraints,
  networks: integer(2, 1e6),
  seed: integer(0, Number.MAX_SAFE_INTEGER - 1e6),
  outputs: frameConstraints.outputs,
};

const meanConstraints = { ...drawConstraints, width: frameConstraints.width };

const widthList: Constraint<readonly number[]> = {
  expected: 'at least two different widths, each an integer from 1 to 16777216',
  accepts: (value): value is readonly number[] =>
    Array.isArray(value) &&
    value.length <= 64 &&
    value.every((width) => frameConstraints.width.accepts(width)) &&
    new Set(value).size === value.length &&
    value.length >= 2,
};

// At most 64 widths with a million networks each.
const convergenceConstraints = {
  ...drawConstraints,
  widths: widthList,
  seed: integer(0, Number.MAX_SAFE_INTEGER - 64e6),
};

/**
 * The mean kernels of networks of one width over the rows of x, with standard errors: an estimate of what `gram` computes
 * in closed form, off by a multiple of 1/width beside. Refuses what `empirical` refuses.
 */
export function empiricalMean<K extends KernelName>(
  network: Network,
  x: Samples,
  which: K,
  options: MeanOptions,
): Promise<EmpiricalMean>;
export function empiricalMean<K extends KernelName>(
  network: Network,
  x: Samples,
  which: readonly K[],
  options: MeanOptions,
): Promise<EmpiricalMeans<K>>;
export function empiricalMean(
  network: Network,
  x: Samples,
  which: Which,
  options: MeanOptions,
): Promise<PerKernel<EmpiricalMean>> {
  return background(empiricalMean, () => empiricalMeanTask(network, x, which, options));
}

/**
 * How fast kernels of single networks come near their closed form as the width grows: errors at every width, and the slope
 * of their logarithm. −½ is what the theory says; a kernel that is not the limit has errors that stay. [width-slope]
 */
export function widthConvergence<K extends KernelName>(
  network: Network,
  x: Samples,
  which: K,
  options: ConvergenceOptions,
): Promise<WidthConvergence>;
export function widthConvergence<K extends KernelName>(
  network: Network,
  x: Samples,
  which: readonly K[],
  options: ConvergenceOptions,
): Promise<WidthConvergences<K>>;
export function widthConvergence(
  network: Network,
  x: Samples,
  which: Which,
  options: ConvergenceOptions,
): Promise<PerKernel<WidthConvergence>> {
  return background(widthConvergence, () => widthConvergenceTask(network, x, which, options));
}

function empiricalMeanTask(
  network: Network,
  x: Samples,
  which: Which,
  options: MeanOptions,
): Task<PerKernel<EmpiricalMean>> {
  const study = readStudy(network, x, which, readOptions('options', options, meanConstraints));
  const { settings, wanted, inputs, networks, rows } = study;
  const width = required('width', frameConstraints.width, settings.width);
  const draw = plan(study, width, 4);
  return {
    settings,
    steps: withCopies([inputs], function* (copy) {
      const means = new Map(wanted.names.map((name) => [name, runningMean(rows * rows)]));
      yield* draw(copy, (kernel, values) => means.get(kernel)?.add(values));
      return wanted.shape(
        mapped(means, (kernel, numbers) =>
          Object.freeze({
            kernel,
            size: rows,
            values: numbers.mean,
            logScale: 0,
            standardErrors: numbers.standardErrors(),
            width,
            networks,
          }),
        ),
      );
    }),
  };
}

function widthConvergenceTask(
  network: Network,
  x: Samples,
  which: Which,
  options: ConvergenceOptions,
): Task<PerKernel<WidthConvergence>> {
  const study = readStudy(network, x, which, readOptions('options', options, convergenceConstraints));
  const { settings, wanted, inputs, networks, rows } = study;
  const widths = [...required('widths', widthList, settings.widths)].sort((a, b) => a - b);
  // Numbers of one seed would be those of wide and narrow networks alike, and their errors akin.
  const draws = widths.map((width, i) => plan({ ...study, seed: study.seed + i * study.networks }, width, 4));
  const closed = gramTask(compile(network), x, wanted.names, study.gramOptions);
  return {
    settings,
    steps: withCopies([inputs], function* (copy) {
      const limits = mapped(
        new Map(Object.entries((yield* closed.steps) as object) as [KernelName, Gram][]),
        (kernel, gram) => limitOf(kernel, gram),
      );
      const errors = new Map(wanted.names.map((name) => [name, [] as WidthError[]]));
      for (const [at, width] of widths.entries()) {
        const found = new Map(
          wanted.names.map((name) => [name, { squares: [] as number[], mean: new Float64Array(rows * rows) }]),
        );
        yield* (draws[at] as Draw)(copy, (kernel, values) => {
          const { squares, mean } = found.get(kernel) as { squares: number[]; mean: Float64Array };
          const { limit, size } = limits.get(kernel) as Limit;
          let sum = 0;
          for (const [i, value] of values.entries()) {
            const off = value - (limit[i] as number);
            sum += off * off;
            mean[i] = (mean[i] as number) + off / networks;
          }
          squares.push(sum / (size * size));
        });
        for (const [kernel, { squares, mean }] of found) {
          const { size } = limits.get(kernel) as Limit;
          const meanError = Math.hypot(...blocks(mean)) / size;
          errors.get(kernel)?.push(Object.freeze({ width, networks, ...rootMean(squares), meanError }));
        }
      }
      return wanted.shape(
        mapped(errors, (kernel, list) =>
          Object.freeze({ kernel, widths: Object.freeze(list), ...slopeOf(list, inputs.columns) }),
        ),
      );
    }),
  };
}

interface Limit {
  readonly limit: Float64Array;
  readonly size: number;
}

function limitOf(kernel: KernelName, { values, logScale }: Gram): Limit {
  const limit = Float64Array.from(values, (value) => value * Math.exp(logScale));
  const size = Math.hypot(...blocks(limit));
  if (size > 0 && Number.isFinite(size)) return { limit, size };
  throw new KernelError(
    'ERR_RANGE',
    `x: expected samples whose ${kernel} in closed form is neither 0 nor beyond the range of doubles; rescale them`,
  );
}

/** Norms of runs of the numbers, of which a function can take all as arguments. */
function blocks(values: Float64Array): number[] {
  const most = 4096;
  return Array.from({ length: Math.ceil(values.length / most) }, (_, i) =>
    Math.hypot(...values.subarray(i * most, (i + 1) * most)),
  );
}

/** Root of the mean, and its standard error from that of the mean. */
function rootMean(squares: readonly number[]): { error: number; standardError: number } {
  const count = squares.length;
  const mean = squares.reduce((sum, square) => sum + square, 0) / count;
  const spread = squares.reduce((sum, square) => sum + (square - mean) ** 2, 0) / (count - 1);
  const error = Math.sqrt(mean);
  return { error, standardError: error === 0 ? 0 : Math.sqrt(spread / count) / (2 * error) };
}

/**
 * The line of least squares through (log width, log error), and what the errors' own errors make of its slope. An entry that is a
 * product of fixed vectors of `terms` numbers or fewer is rounded to at most that many units in the last place. [width-slope]
 */
function slopeOf(list: readonly WidthError[], inputs: number): Pick<WidthConvergence, 'slope' | 'slopeStandardError'> {
  const rounding = (terms: number): number => terms * 2 ** -52;
  if (list.some(({ width, error }) => error <= rounding(Math.max(width, inputs)))) {
    return { slope: null, slopeStandardError: null };
  }
  const { slope, error } = logLine(list.map((one) => ({ x: one.width, mean: one.error, error: one.standardError })));
  return { slope, slopeStandardError: error };
}

interface Study {
  readonly settings: Parameters<typeof planKernels>[4] & {
    readonly width?: number;
    readonly widths?: readonly number[];
  };
  readonly wanted: ReturnType<typeof readWhich>;
  readonly layer: Frame['layer'];
  readonly inputs: Points;
  readonly rows: number;
  readonly networks: number;
  readonly seed: number;
  readonly outputs: number;
  readonly threads: number;
  readonly gramOptions: { readonly threads?: number };
}

function readStudy(
  network: Network,
  x: Samples,
  which: Which,
  settings: Study['settings'] & {
    readonly networks?: number;
    readonly seed?: number;
    readonly outputs?: number;
    readonly threads?: number;
  },
): Study {
  const layer = readNetwork(network);
  const wanted = readWhich(which);
  requireTangent(layer, wanted.names);
  const inputs = readPoints('x', x, layer);
  const { networks = 16, seed = 0, outputs = 1, threads } = settings;
  return {
    settings,
    wanted,
    layer,
    inputs,
    rows: inputs.rows,
    networks,
    seed,
    outputs,
    threads: threadsOf(settings),
    gramOptions: threads === undefined ? {} : { threads },
  };
}

type Visit = (kernel: KernelName, values: Float64Array) => void;
type Draw = (x: NativeMatrix, visit: Visit) => Steps<void>;

/** Refuses what would not fit; returns what draws the networks of one width one after the other. */
function plan(study: Study, width: number, arrays: number): Draw {
  const { settings, wanted, layer, inputs, rows, networks, seed, outputs, threads } = study;
  const { grid, axes, columns } = inputs;
  const shape = grid === undefined ? columns : [...axes, grid[2]];
  const frame = frameOf(layer, shape, width, outputs);
  const budget = planKernels(frame, wanted.names, rows, rows, settings, threads, arrays * wanted.names.length);
  const what = `${frame.layout.parameters} parameters of a network of width ${width}`;
  requireMemory(what, 8 * frame.layout.parameters, 'use a smaller width');
  return function* (x, visit) {
    let weights: NativeMatrix | undefined;
    try {
      for (let k = 0; k < networks; k++) {
        weights = yield* drawn(frame, seed + k, threads, weights);
        const phase = `network ${k + 1} of ${networks}, width ${width}`;
        const found = yield* kernelsOf(frame, weights, x, null, wanted.names, false, budget, threads, phase);
        for (const [kernel, values] of found) visit(kernel, values);
        yield* breathe();
      }
    } finally {
      weights?.dispose();
    }
  };
}
