/** Kernels of one network of finite width on data. lib/sync.ts has the same on the calling thread. */

import { KernelError } from '../errors.js';
import { type Cross, type Gram, type KernelName, type PerKernel, readWhich, type Which } from '../evaluate.js';
import { background, job, type Steps, type Task, threadsOf } from '../jobs.js';
import type { Crosses, Grams } from '../kernel.js';
import { allocate } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { readOptions } from '../options.js';
import { readTargets, withCopies } from '../samples.js';
import { requireTangent } from '../tangent.js';
import type { Samples, Targets, Tensor } from '../tensor.js';
import { type Frame, heldOf, planBytes, readInputs, sweepConstraints } from './held.js';
import { alive } from './sweeps.js';
import type { FiniteNetwork, SweepOptions } from './types.js';

/**
 * The kernels of one network over the rows of x: 'nngp' E f(xᵢ) f(xⱼ) over its last weights alone, 'ntk' the inner products of
 * the gradients of f by all parameters that are trained, for several outputs their mean. What `gram` returns is the limit of
 * both for growing width. The results are Gram matrices like any, so spectra, fits and dynamics take them.
 *
 * Memory is that of the signals of as many samples as `maxBytes` holds; gradients are never stored. Refused (ERR_NETWORK) for
 * 'ntk' where φ jumps, ERR_ARGUMENT where maxBytes is too little for two samples, ERR_RANGE where the numbers of the
 * network are.                                                                                     [finite-network; rank-one]
 */
export function empirical<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  which: K,
  options?: SweepOptions,
): Promise<Gram>;
export function empirical<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  which: readonly K[],
  options?: SweepOptions,
): Promise<Grams<K>>;
export function empirical(
  network: FiniteNetwork,
  x: Samples,
  which: Which,
  options?: SweepOptions,
): Promise<PerKernel<Gram>> {
  return background(empirical, () => empiricalTask(network, x, which, options));
}

/** The same for every row of x and every row of z: a tensor of shape [n, m]. */
export function empiricalCross<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: K,
  options?: SweepOptions,
): Promise<Cross>;
export function empiricalCross<K extends KernelName>(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: SweepOptions,
): Promise<Crosses<K>>;
export function empiricalCross(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: Which,
  options?: SweepOptions,
): Promise<PerKernel<Cross>> {
  return background(empiricalCross, () => empiricalCrossTask(network, x, z, which, options));
}

/** The NTK of every output of a network by itself, from one sweep. */
export function empiricalOutputs(network: FiniteNetwork, x: Samples, options?: SweepOptions): Promise<readonly Gram[]> {
  return background(empiricalOutputs, () => empiricalOutputsTask(network, x, options));
}

/**
 * J(Jᵀv), the NTK over pairs (sample, output) times vectors, without the matrix: v has a row for each sample, of `outputs`
 * numbers for each vector, one vector after the other; so has the result. It takes two sweeps per vector and memory for the
 * parameters. For several outputs it has what `empirical` leaves out, the products of gradients of different outputs.
 */
export function kernelProduct(network: FiniteNetwork, x: Samples, v: Targets, options?: SweepOptions): Promise<Tensor> {
  return background(kernelProduct, () => kernelProductTask(network, x, v, options));
}

export function empiricalTask(
  network: FiniteNetwork,
  x: Samples,
  which: Which,
  options?: SweepOptions,
): Task<PerKernel<Gram>> {
  const wanted = readWhich(which);
  return pairsTask(network, wanted.names, [x], options, false, (arrays, rows) =>
    wanted.shape(mapped(arrays, (kernel, values) => gramOf(kernel, rows, values))),
  );
}

export function empiricalCrossTask(
  network: FiniteNetwork,
  x: Samples,
  z: Samples,
  which: Which,
  options?: SweepOptions,
): Task<PerKernel<Cross>> {
  const wanted = readWhich(which);
  return pairsTask(network, wanted.names, [x, z], options, false, (arrays, rows, columns) => {
    const shape = Object.freeze([rows, columns]);
    return wanted.shape(
      mapped(arrays, (kernel, data) => Object.freeze({ kernel, data, shape, logScale: 0, path: 'steps' as const })),
    );
  });
}

function empiricalOutputsTask(network: FiniteNetwork, x: Samples, options?: SweepOptions): Task<readonly Gram[]> {
  return pairsTask(network, ['ntk'], [x], options, true, (arrays, rows) => {
    const all = arrays.get('ntk') as Float64Array;
    const one = (k: number) => all.slice(k * rows * rows, (k + 1) * rows * rows);
    return Object.freeze(Array.from({ length: network.outputs }, (_, k) => gramOf('ntk', rows, one(k))));
  });
}

/** Kernels of pairs of x and z, or of x and itself; `each`: of every output by itself, to be copied from one array for all. */
function pairsTask<R>(
  network: FiniteNetwork,
  names: readonly KernelName[],
  sets: readonly [x: Samples] | readonly [x: Samples, z: Samples],
  options: SweepOptions | undefined,
  each: boolean,
  make: (found: Map<KernelName, Float64Array>, rows: number, columns: number) => R,
): Task<R> {
  const held = heldOf(network);
  requireTangent(held.layer, names);
  const settings = readOptions('options', options, sweepConstraints);
  const left = readInputs('x', sets[0], held);
  const right = sets.length === 1 ? undefined : readInputs('z', sets[1], held);
  const [rows, columns] = [left.rows, (right ?? left).rows];
  const threads = threadsOf(settings);
  const arrays = names.length * (each ? 2 * network.outputs : 1);
  const budget = planKernels(held, names, rows, columns, settings, threads, arrays);
  return {
    settings,
    steps: alive(
      held,
      withCopies(right === undefined ? [left] : [left, right], function* (first, second) {
        const found = yield* kernelsOf(held, held.weights, first, second ?? null, names, each, budget, threads);
        return make(found, rows, columns);
      }),
    ),
  };
}

function kernelProductTask(network: FiniteNetwork, x: Samples, v: Targets, options?: SweepOptions): Task<Tensor> {
  const held = heldOf(network);
  requireTangent(held.layer, ['ntk']);
  const settings = readOptions('options', options, sweepConstraints);
  const inputs = readInputs('x', x, held);
  const { rows } = inputs;
  const { outputs } = network;
  const vectors = readTargets('v', v, rows);
  const count = vectors.columns / outputs;
  if (!Number.isInteger(count)) {
    throw new KernelError(
      'ERR_SHAPE',
      `v: expected a multiple of ${outputs} columns, one for each output of every vector, got ${vectors.columns}`,
      { expected: outputs, got: vectors.columns },
    );
  }
  const each = held.layout.sweepBytes;
  const extra = 8 * held.layout.parameters + 32 * rows * vectors.columns;
  const budget = planBytes(`kernel products of ${rows} samples`, settings, each, each * rows, extra);
  const threads = threadsOf(settings);
  return {
    settings,
    steps: alive(
      held,
      withCopies([inputs, vectors], function* (copy, columns) {
        const given = allocate(rows * vectors.columns, 'float64');
        called(() => columns.copyTo(given));
        // One vector after the other for the native side, samples first here.
        const turned = reordered(given, rows, count, outputs, true);
        const { Matrix } = native();
        const matrix = called(() => new Matrix(count, rows * outputs));
        try {
          called(() => matrix.write(turned, 0, 0, turned.length));
          const run = () =>
            native().finiteKernelProduct(held.native, held.weights, copy, matrix, turned, budget, threads);
          yield* job('kernel product', run);
        } finally {
          matrix.dispose();
        }
        const data = reordered(turned, rows, count, outputs, false);
        return Object.freeze({ data, shape: Object.freeze([rows, vectors.columns]) });
      }),
    ),
  };
}

/** [samples, vectors, outputs] to [vectors, samples, outputs], or back. */
function reordered(from: Float64Array, rows: number, count: number, outputs: number, there: boolean): Float64Array {
  const to = new Float64Array(from.length);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < count; c++) {
      for (let k = 0; k < outputs; k++) {
        const here = (i * count + c) * outputs + k;
        const other = (c * rows + i) * outputs + k;
        if (there) to[other] = from[here] as number;
        else to[here] = from[other] as number;
      }
    }
  }
  return to;
}

/** What the signals of empirical kernels may take, and refusals of what would not fit; `arrays`: results of their size. */
export function planKernels(
  frame: Frame,
  names: readonly KernelName[],
  rows: number,
  columns: number,
  settings: Parameters<typeof planBytes>[1],
  threads: number,
  arrays: number,
): number {
  const samples = Math.max(rows, columns);
  const [each, once, least] = called(() =>
    native().finiteKernelBytes(frame.native, names.includes('ntk'), samples, threads),
  );
  const what = `empirical kernels of ${rows} × ${columns} samples`;
  return planBytes(what, settings, least, once + each * (rows + columns), 8 * rows * columns * arrays);
}

/** The wanted kernels of one set of weights, each as a new array. */
export function* kernelsOf(
  frame: Frame,
  weights: NativeMatrix,
  x: NativeMatrix,
  z: NativeMatrix | null,
  names: readonly KernelName[],
  each: boolean,
  budget: number,
  threads: number,
  phase = 'empirical',
): Steps<Map<KernelName, Float64Array>> {
  let arrays: Map<KernelName, Float64Array> | undefined;
  const size = x.rows * (z ?? x).rows;
  yield* job(phase, () => {
    arrays = new Map(names.map((name) => [name, allocate(size * (each ? frame.native[4] : 1), 'float64')]));
    const [nngp, ntk] = [arrays.get('nngp') ?? null, arrays.get('ntk') ?? null];
    return native().finiteKernels(frame.native, weights, x, z, nngp, ntk, each, budget, threads);
  });
  return arrays as Map<KernelName, Float64Array>;
}

export function mapped<A, B>(from: Map<KernelName, A>, make: (kernel: KernelName, value: A) => B): Map<KernelName, B> {
  return new Map([...from].map(([kernel, value]) => [kernel, make(kernel, value)]));
}

function gramOf(kernel: KernelName, size: number, values: Float64Array): Gram {
  return Object.freeze({ kernel, size, values, logScale: 0 });
}
