/** Gradient flow from the tensors of a hierarchy alone. lib/sync.ts has the same on the calling thread. */

import { types } from 'node:util';
import { KernelError } from '../errors.js';
import { background, type JobOptions, job, jobConstraints, type Steps, type Task, threadsOf } from '../jobs.js';
import { allocate, requireMemory } from '../memory.js';
import { type NativeMatrix, native } from '../native.js';
import { flag, reading, readOptions, unexpected } from '../options.js';
import { type Rows, typedRows, withCopies } from '../samples.js';
import type { Targets, Tensor } from '../tensor.js';
import { type HierarchyOrder, orderOption, type TangentHierarchy } from './hierarchy.js';
import { positive, readTimes, timeList } from './looks.js';
import { readOutputs } from './train.js';

export interface TruncatedFlowOptions extends JobOptions {
  /** When to look, ascending. */
  readonly times: readonly number[] | Float64Array;
  /** At which tensor the equations are cut off; by default the highest that there is. */
  readonly order?: HierarchyOrder;
  /** How far one step may be off, relative to the size of each tensor at the start. Default 1e-9. */
  readonly tolerance?: number;
  /** Also K⁽²⁾ at every time. Default false. */
  readonly kernels?: boolean;
}

/** Training at T times, of N inputs of which n are trained on. */
export interface TruncatedFlow {
  readonly order: HierarchyOrder;
  readonly times: Float64Array;
  /** (1/2n) Σ (f(x) − y)². */
  readonly loss: Float64Array;
  /** f at the inputs that are trained on, [T, n], and at the others, [T, N − n]. */
  readonly train: Tensor;
  readonly test?: Tensor;
  /** K⁽²⁾: [T, N, n]. */
  readonly kernels?: Tensor;
}

const constraints = { ...jobConstraints, times: timeList, order: orderOption, tolerance: positive, kernels: flag };

const maxSteps = 100_000;

/**
 * What full-batch gradient flow on y does to f, with the highest tensor held where it is: order 2 is the frozen NTK, order 3 lets it
 * move, order 4 lets its speed move. Errors begin as the power `order` of time, and shrink with width. Rejects with
 * ERR_NO_CONVERGENCE (time and step in `details`) where the cut-off equations blow up, as they may at late times and small
 * widths.                                                                                             [truncation]
 */
export function truncatedFlow(
  tensors: TangentHierarchy,
  y: Targets,
  options: TruncatedFlowOptions,
): Promise<TruncatedFlow> {
  return background(truncatedFlow, () => truncatedFlowTask(tensors, y, options));
}

export function truncatedFlowTask(
  tensors: TangentHierarchy,
  y: Targets,
  options: TruncatedFlowOptions,
): Task<TruncatedFlow> {
  const read = readHierarchy(tensors);
  const settings = readOptions('options', options, constraints);
  const { order = read.order, tolerance = 1e-9, kernels = false } = settings;
  if (order > read.order) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `order: expected at most ${read.order}, that of the hierarchy, got ${order}; compute it with { order: ${order} }`,
      { option: 'order' },
    );
  }
  const times = readTimes(settings.times);
  const targets = readOutputs('y', y, read.trained, 1);
  const size = times.length * read.inputs * (1 + (kernels ? read.trained : 0));
  const state = read.tensors.slice(0, order - 1).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  requireMemory(`a truncated hierarchy at ${times.length} times`, 8 * (size + 11 * state), 'use fewer times or inputs');
  const threads = threadsOf(settings);
  const steps = withCopies([targets, ...read.tensors.slice(0, order)], function* (goals, f, second, third, fourth) {
    const all = [f, second, third, fourth] as readonly (NativeMatrix | undefined)[];
    return yield* flowOf(all, goals as NativeMatrix, { order, times, tolerance, kernels, threads });
  });
  return { settings, steps };
}

interface How {
  readonly order: HierarchyOrder;
  readonly times: Float64Array;
  readonly tolerance: number;
  readonly kernels: boolean;
  readonly threads: number;
}

/** Integrates tensors that are on the native side. */
export function* flowOf(
  tensors: readonly (NativeMatrix | undefined)[],
  y: NativeMatrix,
  { order, times, tolerance, kernels, threads }: How,
  phase = 'truncated flow',
): Steps<TruncatedFlow> {
  const [f, second, third = null, fourth = null] = tensors as [
    NativeMatrix,
    NativeMatrix,
    NativeMatrix?,
    NativeMatrix?,
  ];
  const { rows: inputs, columns: n } = second;
  const looks = times.length;
  const outputs = allocate(looks * inputs, 'float64');
  const moved = kernels ? allocate(looks * inputs * n, 'float64') : null;
  const { finiteTruncated } = native();
  yield* job(phase, () =>
    finiteTruncated(order, tolerance, maxSteps, y, times, f, second, third, fourth, outputs, moved, threads),
  );
  const goals = allocate(n, 'float64');
  y.copyTo(goals);
  const part = (from: number, to: number): Tensor => {
    const data = allocate(looks * (to - from), 'float64');
    for (let t = 0; t < looks; t++) data.set(outputs.subarray(t * inputs + from, t * inputs + to), t * (to - from));
    return Object.freeze({ data, shape: Object.freeze([looks, to - from]) });
  };
  const train = part(0, n);
  const loss = Float64Array.from({ length: looks }, (_, t) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += ((train.data[t * n + i] as number) - (goals[i] as number)) ** 2;
    return sum / (2 * n);
  });
  return Object.freeze({
    order,
    times,
    loss,
    train,
    ...(inputs > n ? { test: part(n, inputs) } : {}),
    ...(moved === null ? {} : { kernels: Object.freeze({ data: moved, shape: Object.freeze([looks, inputs, n]) }) }),
  });
}

interface Read {
  readonly order: HierarchyOrder;
  readonly inputs: number;
  readonly trained: number;
  readonly tensors: readonly Rows[];
}

/** Tensors as `hierarchy` returns them. */
function readHierarchy(value: unknown): Read {
  const what = 'tensors';
  return reading(what, () => {
    const isRecord = typeof value === 'object' && value !== null && !types.isPromise(value);
    if (!isRecord) throw unexpected(what, 'what hierarchy() returned', value);
    const { order, inputs, trained } = value as Record<string, unknown>;
    if (!orderOption.accepts(order)) throw unexpected(`${what}.order`, orderOption.expected, order);
    const counts = [inputs, trained].every((count) => Number.isSafeInteger(count) && (count as number) >= 1);
    if (!counts || (trained as number) > (inputs as number)) {
      throw unexpected(`${what}.trained`, 'a number of inputs, at most `inputs` of them', trained);
    }
    const [all, n] = [inputs as number, trained as number];
    const names = ['outputs', 'second', 'third', 'fourth'].slice(0, order);
    const tensors = names.map((name, rank) => {
      const data: unknown = (value as Record<string, { data?: unknown } | undefined>)[name]?.data;
      if (!types.isFloat64Array(data)) throw unexpected(`${what}.${name}.data`, 'a Float64Array', data);
      return typedRows(`${what}.${name}`, data, all * n ** Math.max(0, rank - 1), rank === 0 ? 1 : n);
    });
    return { order, inputs: all, trained: n, tensors };
  });
}
