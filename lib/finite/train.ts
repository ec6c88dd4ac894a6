/** Training of one network of finite width. lib/sync.ts has the same on the calling thread. */

import { KernelError } from '../errors.js';
import { background, job, type Steps, type Task, threadsOf } from '../jobs.js';
import { allocate } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { flag, integer, oneOf, readOptions } from '../options.js';
import { type Rows, readTargets, withCopies } from '../samples.js';
import type { Samples, Targets, Tensor } from '../tensor.js';
import { requireDerivatives } from './derivatives.js';
import { emptyWeights } from './frame.js';
import { type Held, heldOf, planBytes, readInputs, sweepConstraints } from './held.js';
import { positive, readTimes, timeList } from './looks.js';
import { finiteNetwork } from './network.js';
import { alive } from './sweeps.js';
import type { FiniteNetwork, ParameterBlock, SweepOptions } from './types.js';

export interface TrainOptions extends SweepOptions {
  /** When to look, ascending: times of gradient flow, or numbers of steps of gradient descent. */
  readonly times: readonly number[] | Float64Array;
  /** 'flow': dθ/dt = −learningRate·∂loss/∂θ (default). 'descent': steps of that with size learningRate. */
  readonly method?: 'flow' | 'descent';
  /** Of flow a factor of time, default 1; of descent the step size, which has no default. */
  readonly learningRate?: number;
  /**
   * Of flow: how far one step may be off, as the Euclidean norm over all parameters; predictions are then off by up to √λ_max of the
   * NTK times that, per step. Default 1e-7, and 1e-4 for ReLU and other kinks, across which steps are as short as it is.
   */
  readonly tolerance?: number;
  /** Of flow: steps up to each time, before it is given up. Default 100000. */
  readonly maxSteps?: number;
  /** Further inputs, to predict along the way. */
  readonly test?: Samples;
  /** Also the NTK on x at every time. Default false. */
  readonly kernels?: boolean;
  /** Also how far every block of parameters has moved at every time. Default false. */
  readonly movement?: boolean;
  /** Also how far the NTK on x has moved at every time: one number for each, and no memory for more than two kernels. Default false. */
  readonly drift?: boolean;
}

/** How far the weights of a layer, or its biases, are from where they started: Euclidean norms. */
export interface BlockMovement extends Pick<ParameterBlock, 'path' | 'kind' | 'trainable'> {
  /** At the start. */
  readonly norm: number;
  /** ‖θ_t − θ_0‖ at every time. */
  readonly distance: Float64Array;
  /** The same relative to `norm`; null for biases that start at 0. */
  readonly relative: Float64Array | null;
}

export interface Movement {
  /** Of all parameters. */
  readonly distance: Float64Array;
  /** In the order of `network.blocks`. */
  readonly blocks: readonly BlockMovement[];
}

/** A training at each of `times`: n training and m test inputs, c outputs, T times. */
export interface Training {
  readonly method: 'flow' | 'descent';
  readonly times: Float64Array;
  /** (1/2n) Σ (f(x) − y)². */
  readonly loss: Float64Array;
  /** Outputs at x, [T, n, c], and at the test inputs, [T, m, c]. */
  readonly train: Tensor;
  readonly test?: Tensor;
  /** The NTK on x, for several outputs their mean: [T, n, n]. */
  readonly kernels?: Tensor;
  readonly movement?: Movement;
  /** ‖K_t − K_0‖/‖K_0‖ of the NTK on x in the Frobenius norm, at every time; K_0 is that of the start, whether 0 is among the times or not. */
  readonly drift?: Float64Array;
  /** With the weights of the last time. Its memory is the caller's, as that of the one that was trained stays. */
  readonly network: FiniteNetwork;
  /** Steps taken. */
  readonly steps: number;
  /** Of descent: 2n/λ_max of the NTK at the start. Larger learning rates make the loss grow at first. */
  readonly stabilityLimit?: number;
}

const constraints = {
  ...sweepConstraints,
  times: timeList,
  method: oneOf('flow', 'descent'),
  learningRate: positive,
  tolerance: positive,
  maxSteps: integer(1, 1e9),
  test: {
    expected: 'inputs as x',
    accepts: (value: unknown): value is Samples => typeof value === 'object' && value !== null,
  },
  kernels: flag,
  movement: flag,
  drift: flag,
};

/**
 * Full-batch training of a network of finite width on (x, y) with the loss (1/2n) Σ (f(x) − y)². `network` stays as it is; the trained
 * one comes back. Rejects with ERR_NO_CONVERGENCE where the loss leaves every bound, with the step, the learning rate and
 * the stability limit 2n/λ_max in `details`; ERR_NETWORK where φ has no slope.                     [training; runge-kutta]
 */
export function train(network: FiniteNetwork, x: Samples, y: Targets, options: TrainOptions): Promise<Training> {
  return background(train, () => trainTask(network, x, y, options));
}

export function trainTask(network: FiniteNetwork, x: Samples, y: Targets, options: TrainOptions): Task<Training> {
  const held = heldOf(network);
  requireDerivatives(held, 1, 'training');
  const settings = readOptions('options', options, constraints);
  const { method = 'flow', learningRate, kernels = false, movement = false, drift = false } = settings;
  const { maxSteps = 100_000 } = settings;
  const descent = method === 'descent';
  if (descent && learningRate === undefined) {
    throw new KernelError(
      'ERR_ARGUMENT',
      "learningRate: method 'descent' needs one, below 2n/λ_max of the NTK (of the limit of large width, stabilityLimit of dynamics)",
      { option: 'learningRate' },
    );
  }
  const times = readTimes(settings.times, descent);
  const inputs = readInputs('x', x, held);
  const targets = readOutputs('y', y, inputs.rows, network.outputs);
  const test = settings.test === undefined ? undefined : readInputs('test', settings.test, held);
  const sizes = {
    train: inputs.rows * network.outputs,
    test: (test?.rows ?? 0) * network.outputs,
    kernels: kernels ? inputs.rows ** 2 : 0,
    moved: movement ? network.blocks.length : 0,
  };
  const threads = threadsOf(settings);
  const each = held.layout.sweepBytes;
  const own = called(() => native().finiteTrainingBytes(held.native, descent)) - each;
  const results = 8 * times.length * (1 + sizes.train + sizes.test + sizes.kernels + sizes.moved + (drift ? 1 : 0));
  const rows = Math.max(inputs.rows, test?.rows ?? 0);
  const [kernelEach, kernelOnce, kernelLeast] =
    kernels || drift
      ? called(() => native().finiteKernelBytes(held.native, true, inputs.rows, threads))
      : ([0, 0, 0] as const);
  // Half of the budget is for the sweeps of training, half for what looks at the network on the way.
  const budget = planBytes(
    `training of ${network.parameters} parameters`,
    settings,
    2 * Math.max(each, kernelLeast),
    4 * Math.max(each * rows, kernelOnce + kernelEach * inputs.rows),
    own + results + 8 * (kernels || drift ? 2 : 0) * inputs.rows ** 2,
  );
  // Now: by the end the caller may have disposed of the network.
  const norms = movement ? normsOf(network) : [];
  const tolerance = settings.tolerance ?? (network.smoothness > 1 ? 1e-7 : 1e-4);
  const steps = withCopies([inputs, targets, ...(test === undefined ? [] : [test])], function* (copy, goals, further) {
    const weights = copied(held);
    try {
      const array = (size: number) => (size === 0 ? null : allocate(times.length * size, 'float64'));
      const loss = allocate(times.length, 'float64');
      const outputs = { train: array(sizes.train), test: array(sizes.test), kernels: array(sizes.kernels) };
      const moved = array(sizes.moved);
      const drifts = drift ? allocate(times.length, 'float64') : null;
      const how = [descent, learningRate ?? 1, tolerance, maxSteps] as const;
      const [taken, stabilityLimit] = yield* job('training', () =>
        native().finiteTrain(
          held.native,
          weights,
          copy as NativeMatrix,
          goals as NativeMatrix,
          further ?? null,
          how,
          times,
          loss,
          outputs.train,
          outputs.test,
          outputs.kernels,
          moved,
          drifts,
          budget,
          threads,
        ),
      );
      const shaped = (data: Float64Array | null, ...shape: number[]) =>
        Object.freeze({ data: data as Float64Array, shape: Object.freeze([times.length, ...shape]) });
      return Object.freeze({
        method,
        times,
        loss,
        train: shaped(outputs.train, inputs.rows, network.outputs),
        ...(test === undefined ? {} : { test: shaped(outputs.test, test.rows, network.outputs) }),
        ...(kernels ? { kernels: shaped(outputs.kernels, inputs.rows, inputs.rows) } : {}),
        ...(moved === null ? {} : { movement: movementOf(network.blocks, norms, moved, times.length) }),
        ...(drifts === null ? {} : { drift: drifts }),
        network: finiteNetwork(held, weights, null),
        steps: taken,
        ...(descent ? { stabilityLimit } : {}),
      });
    } catch (error) {
      weights.dispose();
      throw error;
    }
  });
  return { settings, steps: alive(held, steps as Steps<Training>) };
}

/** Targets with a column for each output. */
export function readOutputs(what: string, value: unknown, rows: number, outputs: number): Rows {
  const targets = readTargets(what, value, rows);
  if (targets.columns === outputs) return targets;
  throw new KernelError(
    'ERR_SHAPE',
    `${what}: expected ${outputs} columns, one for each output of the network, got ${targets.columns}`,
    { expected: outputs, got: targets.columns },
  );
}

function copied(held: Held): NativeMatrix {
  const numbers = allocate(held.layout.parameters, 'float64');
  called(() => held.weights.copyTo(numbers));
  const weights = emptyWeights(held);
  called(() => weights.write(numbers, 0, 0, numbers.length));
  return weights;
}

/** ‖θ‖ of every block. */
function normsOf(network: FiniteNetwork): readonly number[] {
  const start = network.weights();
  return network.blocks.map(({ offset, shape }) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    let square = 0;
    for (let i = offset; i < offset + size; i++) square += (start[i] as number) ** 2;
    return Math.sqrt(square);
  });
}

function movementOf(
  parts: readonly ParameterBlock[],
  norms: readonly number[],
  moved: Float64Array,
  looks: number,
): Movement {
  const count = parts.length;
  const at = (look: number, block: number) => moved[look * count + block] as number;
  const blocks = parts.map(({ path, kind, trainable }, b) => {
    const norm = norms[b] as number;
    const distance = Float64Array.from({ length: looks }, (_, t) => at(t, b));
    const relative = norm === 0 ? null : distance.map((one) => one / norm);
    return Object.freeze({ path, kind, trainable, norm, distance, relative });
  });
  const distance = Float64Array.from({ length: looks }, (_, t) => Math.hypot(...parts.map((_, b) => at(t, b))));
  return Object.freeze({ distance, blocks: Object.freeze(blocks) });
}
