/** Training dynamics of a network on a data set, with rows kept for validation. */

import { type Coding, codingOf } from '../compare/coding.js';
import { dataSummary } from '../compare/data-summary.js';
import { compile } from '../compile.js';
import type { Dataset } from '../data/dataset.js';
import type { LikeSamples } from '../data/load-like.js';
import { monteCarloSplits } from '../data/split.js';
import { applyScaling, fitScaling } from '../data/standardize.js';
import { describe } from '../describe.js';
import { type Dynamics, dynamics } from '../dynamics.js';
import { KernelError } from '../errors.js';
import type { KernelName } from '../evaluate.js';
import { info } from '../info.js';
import type { JobOptions } from '../jobs.js';
import { cross, gram } from '../kernel.js';
import { atDepth, type Network, type PresetFamily } from '../presets.js';
import { roundingFloor } from '../smoothness/decay.js';
import { spectrum } from '../spectrum.js';
import { meanDiagonal } from '../study.js';
import type { DynamicsReport, Moment, Time } from './dynamics-schema.js';
import { type FitSettings, planOf } from './plan.js';

export interface TrainSettings extends Pick<FitSettings, 'network' | 'convention' | 'activation' | 'bias' | 'scaling'> {
  /** A network in words, as for `compare`, in place of `network`; default an MLP. */
  readonly words?: string;
  /** Of the words' network; default 3. */
  readonly depth?: number;
  readonly kernel?: KernelName;
  /** Default: from where the fastest direction begins to where the slowest are done, and Infinity. */
  readonly times?: readonly number[];
  readonly method?: 'flow' | 'descent';
  readonly learningRate?: number;
  /** Relative to the mean diagonal; default 0. */
  readonly ridge?: number;
  /** Share of the rows for validation, where there is no test file; default 0.2. */
  readonly validationShare?: number;
  readonly seed?: number;
  readonly maxHours?: number;
  readonly command?: string;
}

interface Subject {
  readonly train: readonly number[];
  readonly y: Float64Array;
  readonly rows: readonly number[];
}

/** Trains in closed form and looks at training and validation rows at every time. One decomposition. */
export async function trainOn(
  data: Dataset,
  settings: TrainSettings,
  job: JobOptions,
  test?: LikeSamples,
): Promise<DynamicsReport> {
  const { kernel: which = 'ntk', method = 'flow', ridge = 0, seed = 0, maxHours } = settings;
  const { network, plan } = networkOf(data, settings, which);
  const { train, y, rows } = subjectOf(data, settings, test);
  const work = { ...job, ...(maxHours === undefined ? {} : { maxHours }) };
  const scaling = fitScaling(plan.scaling, data.x, train);
  const x = plan.inputs(applyScaling(scaling, data.x, train));
  const others = test === undefined ? data.x : test.x;
  const z = plan.inputs(applyScaling(scaling, others, rows));
  using kernel = compile(network);
  const matrix = await gram(kernel, x, which, work);
  const across = await cross(kernel, z, x, which, work);
  const relative = ridge * meanDiagonal(matrix);
  const found = await spectrum(matrix, { ...job, vectors: true });
  const coding = codingOf(data.y, data.classes?.length ?? null);
  const targets = coding.encode(train);
  const limit = (2 * train.length) / ((found.values[0] as number) + relative);
  const learningRate = settings.learningRate ?? (method === 'descent' ? limit / 2 : 1);
  if (method === 'descent' && learningRate >= limit) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `learningRate: expected less than ${Number(limit.toPrecision(4))}, the stability limit 2·n/λ_max, got ${learningRate}`,
      { option: 'learningRate', limit },
    );
  }
  const times = settings.times ?? usualTimes(found.values, relative, learningRate / train.length, method);
  const shape = (count: number) => [count, coding.columns];
  const run = await dynamics(
    found,
    { data: targets.values, shape: shape(train.length) },
    {
      ...job,
      times: [...times].sort((a, b) => a - b),
      method,
      learningRate,
      ridge: relative,
      cross: across,
      validation: { data: validationTargets(coding, data, test, rows, targets.centre), shape: shape(rows.length) },
    },
  );
  const { version, blas, simd, platform, node, threads } = info();
  return {
    schema: 1,
    kind: 'dynamics',
    version,
    data: dataSummary(data, test),
    protocol: {
      label: describe(network),
      network,
      kernel: which,
      method,
      learningRate,
      ridge,
      scaling: plan.scaling,
      trainRows: train.length,
      validationRows: rows.length,
      metric: coding.metric,
      seed,
    },
    moments: momentsOf(run, coding, targets.centre, y, rows),
    earlyStopping:
      run.earlyStopping === undefined ? null : { ...run.earlyStopping, time: timeOf(run.earlyStopping.time) },
    modes: modesOf(run, targets.values, found.vectors.data as Float64Array, coding.columns),
    rank: run.rank,
    stabilityLimit: timeOf(run.stabilityLimit),
    provenance: { blas, simd, threads: job.threads ?? threads, platform, node, command: settings.command ?? '' },
  };
}

function networkOf(data: Dataset, settings: TrainSettings, which: KernelName) {
  const { words = 'mlp', depth = 3, network, ...shared } = settings;
  const plan = planOf(data, {
    ...(network === undefined ? { networks: words, depths: [depth] } : { network }),
    ...Object.fromEntries(
      (['convention', 'activation', 'bias', 'scaling'] as const).flatMap((key) =>
        shared[key] === undefined ? [] : [[key, shared[key]]],
      ),
    ),
    kernels: [which],
  });
  const [entry, ...more] = plan.entries;
  if (entry === undefined || more.length > 0) {
    throw new KernelError('ERR_ARGUMENT', `--network: expected one network, got ${plan.entries.length}`, {
      option: '--network',
    });
  }
  const whole = network === undefined ? atDepth(entry.network as PresetFamily, depth) : entry.network;
  return { network: whole as Network, plan };
}

/** The rows of a test file, or a random share of the rows, classes in proportion. */
function subjectOf(data: Dataset, { validationShare = 0.2, seed = 0 }: TrainSettings, test?: LikeSamples): Subject {
  if (test !== undefined) {
    const y = test.y as Float64Array;
    return { train: Array.from(data.y.keys()), y, rows: Array.from(y.keys()) };
  }
  const [split] = monteCarloSplits(data, { repeats: 1, testFraction: validationShare, seed });
  return { train: split?.train ?? [], y: data.y, rows: split?.test ?? [] };
}

/** Coded like the training targets, less their means. */
function validationTargets(
  coding: Coding,
  data: Dataset,
  test: LikeSamples | undefined,
  rows: readonly number[],
  trainCentre: Float64Array,
): Float64Array {
  const own = test === undefined ? coding : codingOf(test.y as Float64Array, data.classes?.length ?? null);
  const { values, centre, columns } = own.encode(rows);
  return values.map((value, i) => value + (centre[i % columns] as number) - (trainCentre[i % columns] as number));
}

const perDecade = 4;
const mostDecades = 9;

/** Four times per decade: a tenth of the fastest direction's time to ten times the slowest's, and the ends. */
function usualTimes(values: Float64Array, ridge: number, step: number, method: 'flow' | 'descent'): number[] {
  const fastest = ((values[0] as number) + ridge) * step;
  // Without those that cannot be told from 0, which do not train.
  const floor = Math.max(roundingFloor(values), 10 ** -mostDecades * (values[0] as number));
  const least = (values.findLast((value) => value > floor) ?? (values[0] as number)) + ridge;
  const first = method === 'descent' ? 1 : 0.1 / fastest;
  const last = 10 / (least * step);
  const start = Math.floor(perDecade * Math.log10(first));
  const end = Math.ceil(perDecade * Math.log10(last));
  const grid = Array.from({ length: Math.max(1, end - start + 1) }, (_, i) => 10 ** ((start + i) / perDecade));
  // Times that people can type again.
  const round = (time: number) => (method === 'descent' ? Math.round(time) : Number(time.toPrecision(3)));
  return [...new Set([0, ...grid.map(round), Number.POSITIVE_INFINITY])];
}

function momentsOf(
  run: Dynamics,
  coding: Coding,
  centre: Float64Array,
  y: Float64Array,
  rows: readonly number[],
): Moment[] {
  const size = rows.length * coding.columns;
  const predictions = run.test?.data as Float64Array;
  return Array.from(run.times, (time, t) => ({
    time: timeOf(time),
    trainLoss: run.trainLoss[t] as number,
    validationLoss: run.testLoss?.[t] as number,
    validationError: coding.error(predictions.subarray(t * size, (t + 1) * size), centre, y, rows),
  }));
}

/** Shares of the squared targets along each eigenvector: what there is to learn at the start. */
function modesOf(run: Dynamics, y: Float64Array, vectors: Float64Array, columns: number) {
  const n = y.length / columns;
  const total = y.reduce((sum, value) => sum + value * value, 0);
  return Array.from(run.eigenvalues, (eigenvalue, k) => {
    let square = 0;
    for (let c = 0; c < columns; c++) {
      let along = 0;
      for (let i = 0; i < n; i++) along += (vectors[k * n + i] as number) * (y[i * columns + c] as number);
      square += along * along;
    }
    return { eigenvalue, rate: timeOf(run.rates[k] as number), share: total > 0 ? square / total : 0 };
  });
}

function timeOf(time: number): Time {
  return time === Number.POSITIVE_INFINITY ? 'Infinity' : time;
}
