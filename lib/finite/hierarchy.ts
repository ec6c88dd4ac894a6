/** The tensors of the neural tangent hierarchy. lib/sync.ts has the same on the calling thread. */

import { KernelError } from '../errors.js';
import { background, type JobOptions, job, jobConstraints, type Steps, type Task, threadsOf } from '../jobs.js';
import { allocate, requireMemory } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { type Constraint, readOptions } from '../options.js';
import { withCopies } from '../samples.js';
import type { Samples, Tensor } from '../tensor.js';
import { requireDerivatives } from './derivatives.js';
import { type Frame, heldOf, readInputs } from './held.js';
import { alive } from './sweeps.js';
import type { FiniteNetwork } from './types.js';

export type HierarchyOrder = 2 | 3 | 4;

export interface HierarchyOptions extends JobOptions {
  /** The highest tensor: 2, 3 (default) or 4. */
  readonly order?: HierarchyOrder;
  /** Inputs beyond x, at which f is to be followed though they are not trained on. */
  readonly test?: Samples;
}

/**
 * K⁽¹⁾ = f and K⁽ʳ⁺¹⁾ = the derivative of K⁽ʳ⁾ along the gradients of f, of one network: N inputs, the first n of which are x. The
 * first index runs over all N, the others over x.                                                      [hierarchy]
 */
export interface TangentHierarchy {
  readonly order: HierarchyOrder;
  /** N and n. */
  readonly inputs: number;
  readonly trained: number;
  /** f at all N. */
  readonly outputs: Tensor;
  /** K⁽²⁾, the NTK: [N, n]. */
  readonly second: Tensor;
  /** K⁽³⁾: [N, n, n], from order 3 on. */
  readonly third?: Tensor;
  /** K⁽⁴⁾: [N, n, n, n], for order 4. */
  readonly fourth?: Tensor;
}

export const orderOption: Constraint<HierarchyOrder> = {
  expected: '2, 3 or 4',
  accepts: (value): value is HierarchyOrder => value === 2 || value === 3 || value === 4,
};

export const testOption: Constraint<Samples> = {
  expected: 'inputs as x',
  accepts: (value): value is Samples => typeof value === 'object' && value !== null,
};

/**
 * The kernels up to K⁽³⁾ or K⁽⁴⁾ of a network with one output, exactly: all derivatives are products of matrices of first tangents, at
 * O(n²) times the cost of one forward sweep. Refused (ERR_NETWORK) where φ has not the derivatives, one fewer than the
 * order: ReLU has only the first (take gelu, softplus or silu in its place); ERR_OUT_OF_MEMORY with the bytes where tensors or
 * tangents would not fit.                                                                    [hierarchy; hierarchy-sweeps]
 */
export function hierarchy(network: FiniteNetwork, x: Samples, options?: HierarchyOptions): Promise<TangentHierarchy> {
  return background(hierarchy, () => hierarchyTask(network, x, options));
}

export function hierarchyTask(network: FiniteNetwork, x: Samples, options?: HierarchyOptions): Task<TangentHierarchy> {
  const held = heldOf(network);
  const settings = readOptions('options', options, { ...jobConstraints, order: orderOption, test: testOption });
  const { order = 3 } = settings;
  requireOneOutput(network.outputs);
  const inputs = readInputs('x', x, held);
  const test = settings.test === undefined ? undefined : readInputs('test', settings.test, held);
  const threads = threadsOf(settings);
  requireOrder(held, order);
  requireRoom(held, inputs.rows, test?.rows ?? 0, order, threads, 1);
  const steps = withCopies(test === undefined ? [inputs] : [inputs, test], function* (first, second) {
    const all = yield* stacked(first as NativeMatrix, second);
    try {
      return yield* tensorsOf(held, held.weights, all, inputs.rows, order, threads);
    } finally {
      if (all !== first) all.dispose();
    }
  });
  return { settings, steps: alive(held, steps) };
}

/** The tensors of one set of weights at inputs of which the first `trained` are trained on. */
export function* tensorsOf(
  frame: Frame,
  weights: NativeMatrix,
  x: NativeMatrix,
  trained: number,
  order: HierarchyOrder,
  threads: number,
  phase = 'hierarchy',
): Steps<TangentHierarchy> {
  const points = x.rows;
  const shapes = [[points], [points, trained], [points, trained, trained], [points, trained, trained, trained]];
  let made: readonly (Float64Array | null)[] = [];
  yield* job(phase, () => {
    made = shapes.map((shape, rank) => (rank < order ? allocate(sizeOf(shape), 'float64') : null));
    const [outputs, second, third, fourth] = made as [Float64Array, Float64Array, Float64Array, Float64Array];
    const { finiteHierarchy } = native();
    return finiteHierarchy(frame.native, weights, x, trained, order, outputs, second, third, fourth, threads);
  });
  const [outputs, second, third, fourth] = made.map((data, rank) =>
    data === null ? null : Object.freeze({ data, shape: Object.freeze(shapes[rank] as number[]) }),
  ) as [Tensor, Tensor, Tensor | null, Tensor | null];
  return Object.freeze({
    order,
    inputs: points,
    trained,
    outputs,
    second,
    ...(third === null ? {} : { third }),
    ...(fourth === null ? {} : { fourth }),
  });
}

/** One matrix of the rows of both; the first itself where there is no other. */
export function* stacked(first: NativeMatrix, second: NativeMatrix | undefined): Steps<NativeMatrix> {
  if (second === undefined) return first;
  const { columns } = first;
  const numbers = allocate(Math.max(first.rows, second.rows) * columns, 'float64');
  const { Matrix } = native();
  const all = called(() => new Matrix(first.rows + second.rows, columns));
  let at = 0;
  for (const one of [first, second]) {
    const part = numbers.subarray(0, one.rows * columns);
    called(() => one.copyTo(part));
    called(() => all.write(part, 0, at, part.length));
    at += part.length;
  }
  return all;
}

/** Refuses activations without the derivatives that a hierarchy takes. */
export function requireOrder(frame: Frame, order: HierarchyOrder): void {
  requireDerivatives(frame, order - 1, `the hierarchy of order ${order}`);
}

/** Refuses tensors and tangents that would not fit; `copies` of all tensors are held at a time. */
export function requireRoom(
  frame: Frame,
  trained: number,
  others: number,
  order: HierarchyOrder,
  threads: number,
  copies: number,
): void {
  const points = trained + others;
  let tensors = 0;
  for (let rank = 0; rank < order; rank++) tensors += points * trained ** rank;
  const work = called(() => native().finiteHierarchyBytes(frame.native, points, trained, order, threads));
  requireMemory(
    `a hierarchy of order ${order} of ${points} inputs, ${trained} of them trained on, at width ${frame.native[3]}`,
    8 * tensors * copies + work,
    order > 2 ? 'use a lower order, fewer inputs or a smaller width' : 'use fewer inputs or a smaller width',
  );
}

export function requireOneOutput(outputs: number): void {
  if (outputs === 1) return;
  throw new KernelError(
    'ERR_ARGUMENT',
    `network: expected one output for the tangent hierarchy, got ${outputs}; sample a network for every output`,
    { outputs },
  );
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
