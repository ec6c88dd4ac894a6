/** What networks of one width predict after training, without training them. lib/sync.ts has the same on the calling thread. */

import { KernelError } from '../errors.js';
import { background, breathe, type JobOptions, jobConstraints, type Steps, type Task, threadsOf } from '../jobs.js';
import { called, type NativeMatrix, native } from '../native.js';
import { integer, readOptions } from '../options.js';
import { readPoints } from '../points.js';
import type { Network } from '../presets.js';
import { withCopies } from '../samples.js';
import type { Samples, Targets, Tensor } from '../tensor.js';
import { frameConstraints, frameOf, readNetwork, required } from './frame.js';
import { readInputs } from './held.js';
import {
  type HierarchyOrder,
  orderOption,
  requireOrder,
  requireRoom,
  stacked,
  type TangentHierarchy,
  tensorsOf,
} from './hierarchy.js';
import { positive, readTimes, timeList } from './looks.js';
import { type RunningMean, runningMean } from './running-mean.js';
import { drawn } from './sample.js';
import { readOutputs } from './train.js';
import { flowOf } from './truncated-flow.js';

export interface PredictAtWidthOptions extends JobOptions {
  /** Units of every hidden layer, or channels. */
  readonly width: number;
  /** Times of gradient flow, ascending. */
  readonly times: readonly number[] | Float64Array;
  /** Where the hierarchy is cut off: 2 is the frozen NTK of each network, 3 (default) and 4 correct it. */
  readonly order?: HierarchyOrder;
  /** How many networks are drawn, with the seeds `seed`, `seed` + 1, … Default 16, at least 2. */
  readonly networks?: number;
  /** Of the first network. Default 0. */
  readonly seed?: number;
  /** How far one step may be off, relative to the size of each tensor at the start. Default 1e-9. */
  readonly tolerance?: number;
}

/** Over the networks, at T times and for k inputs: each a tensor of shape [T, k]. */
export interface Spread {
  readonly mean: Tensor;
  /** Of one network about the mean. */
  readonly deviations: Tensor;
  /** Of the mean: deviations by the root of the number of networks. */
  readonly standardErrors: Tensor;
}

export interface WidthPrediction {
  readonly width: number;
  readonly order: HierarchyOrder;
  readonly networks: number;
  readonly times: Float64Array;
  /** f at the training and at the test inputs. */
  readonly train: Spread;
  readonly test: Spread;
}

const constraints = {
  ...jobConstraints,
  width: frameConstraints.width,
  times: timeList,
  order: orderOption,
  networks: integer(2, 1e6),
  seed: integer(0, Number.MAX_SAFE_INTEGER - 1e6),
  tolerance: positive,
};

/**
 * What a network of a given width says about `test` after gradient flow on (x, y), as the mean over networks of that width: of each the
 * tangent hierarchy is computed where it starts, over x and test, and integrated. It stands between the limit of infinite width
 * (`dynamics`), whose kernel neither varies nor moves, and training the networks (`train`), which is what it approximates.
 *
 * It holds for widths at which the NTK moves little while training: the error begins as t^order and is O(1/width). For small widths, late
 * times or many samples the cut-off equations drift away or blow up (ERR_NO_CONVERGENCE, with the seed in `details`); then train. The
 * spread over networks is real, and `standardErrors` say what chance leaves of the mean alone, not what the cut does. Refuses what `hierarchy` refuses:
 * ReLU and other kinks beyond order 2 among it.                                                   [hierarchy; truncation]
 */
export function predictAtWidth(
  network: Network,
  x: Samples,
  y: Targets,
  test: Samples,
  options: PredictAtWidthOptions,
): Promise<WidthPrediction> {
  return background(predictAtWidth, () => predictAtWidthTask(network, x, y, test, options));
}

export function predictAtWidthTask(
  network: Network,
  x: Samples,
  y: Targets,
  test: Samples,
  options: PredictAtWidthOptions,
): Task<WidthPrediction> {
  const layer = readNetwork(network);
  const settings = readOptions('options', options, constraints);
  const { order = 3, networks = 16, seed = 0, tolerance = 1e-9 } = settings;
  const width = required('width', constraints.width, settings.width);
  const times = readTimes(settings.times);
  const inputs = readPoints('x', x, layer);
  const shape = inputs.grid === undefined ? inputs.columns : [...inputs.axes, inputs.grid[2]];
  const preset = 'preset' in network ? network.preset : undefined;
  const frame = frameOf(layer, shape, width, 1, preset);
  const further = readInputs('test', test, frame);
  const targets = readOutputs('y', y, inputs.rows, 1);
  const threads = threadsOf(settings);
  requireOrder(frame, order);
  requireRoom(frame, inputs.rows, further.rows, order, threads, 3);
  const how = { order, times, tolerance, kernels: false, threads };
  const steps = withCopies([inputs, further, targets], function* (first, second, goals) {
    const all = yield* stacked(first as NativeMatrix, second);
    let weights: NativeMatrix | undefined;
    const sums = { train: runningMean(times.length * inputs.rows), test: runningMean(times.length * further.rows) };
    try {
      for (let k = 0; k < networks; k++) {
        weights = yield* drawn(frame, seed + k, threads, weights);
        const phase = `network ${k + 1} of ${networks}`;
        const tensors = yield* tensorsOf(frame, weights, all, inputs.rows, order, threads, phase);
        const flow = yield* onNative(tensors, function* (parts) {
          return yield* named(seed + k, flowOf(parts, goals as NativeMatrix, how, phase));
        });
        sums.train.add(flow.train.data);
        sums.test.add((flow.test as Tensor).data);
        yield* breathe();
      }
    } finally {
      weights?.dispose();
      all.dispose();
    }
    const train = spreadOf(sums.train, times.length);
    return Object.freeze({ width, order, networks, times, train, test: spreadOf(sums.test, times.length) });
  });
  return { settings, steps };
}

/** Copies of all tensors, while `use` runs. */
function* onNative<R>(tensors: TangentHierarchy, use: (parts: readonly NativeMatrix[]) => Steps<R>): Steps<R> {
  const parts: NativeMatrix[] = [];
  try {
    for (const tensor of [tensors.outputs, tensors.second, tensors.third, tensors.fourth]) {
      if (tensor === undefined) continue;
      const { data, shape } = tensor;
      const columns = shape.length === 1 ? 1 : tensors.trained;
      const { Matrix } = native();
      const matrix = called(() => new Matrix(data.length / columns, columns));
      parts.push(matrix);
      called(() => matrix.write(data as Float64Array, 0, 0, data.length));
    }
    return yield* use(parts);
  } finally {
    for (const part of parts) part.dispose();
  }
}

/** Failures say which network failed. */
function* named<R>(seed: number, steps: Steps<R>): Steps<R> {
  try {
    return yield* steps;
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'ERR_NO_CONVERGENCE') throw error;
    const details = { ...error.details, seed };
    throw new KernelError(error.code, `the network of seed ${seed}: ${error.message}; or train it`, details);
  }
}

/** At several times. */
function spreadOf(numbers: RunningMean, looks: number): Spread {
  const tensor = (data: Float64Array): Tensor =>
    Object.freeze({ data, shape: Object.freeze([looks, data.length / looks]) });
  return Object.freeze({
    mean: tensor(numbers.mean),
    deviations: tensor(numbers.deviations()),
    standardErrors: tensor(numbers.standardErrors()),
  });
}
