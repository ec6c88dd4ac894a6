/** Derivatives of kernels by an input: gradient() and hessian(). lib/sync.ts has the same on the calling thread. */

import { handleOf, type Kernel } from './compile.js';
import { KernelError } from './errors.js';
import {
  type Emitted,
  gramConstraints,
  type KernelName,
  type PerKernel,
  type Results,
  readWhich,
  resultsOf,
  type Which,
} from './evaluate.js';
import { takesImages } from './fit-grid.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { requireMemory } from './memory.js';
import { called, native } from './native.js';
import { readOptions } from './options.js';
import { planDerivatives, usualHours } from './plan.js';
import { readBoth } from './points.js';
import { withCopies } from './samples.js';
import { requireTangent } from './tangent.js';
import type { Samples, Tensor } from './tensor.js';

export interface GradientOptions extends JobOptions {
  /**
   * Derivatives whose estimated time is longer are refused before work starts (ERR_ARGUMENT with the hours); default 24.
   * Activations without a closed form take a millisecond and more for every layer and pair, of pixels where there are
   * images.
   */
  readonly maxHours?: number;
}

/**
 * ∂k(xᵢ, zⱼ)/∂xᵢ: a tensor of shape [rows of x, rows of z, columns], or for images with their axes in place of columns,
 * times exp(logScale).
 */
export interface Gradient extends Tensor {
  readonly kernel: KernelName;
  readonly data: Float64Array;
  readonly logScale: number;
}

/** ∂²k(xᵢ, zⱼ)/∂xᵢ²: a tensor of shape [rows of x, rows of z, columns, columns], times exp(logScale). */
export interface Hessian extends Tensor {
  readonly kernel: KernelName;
  readonly data: Float64Array;
  readonly logScale: number;
}

export type Gradients<K extends KernelName> = { readonly [Name in K]: Gradient };
export type Hessians<K extends KernelName> = { readonly [Name in K]: Hessian };

/**
 * The gradient of k(xᵢ, zⱼ) by xᵢ for every row of x, [n, d], and every row of z, [m, d]: a tensor of shape [n, m, d].
 *
 * Exact, not by differences. A kernel that has a corner where two inputs are parallel, as the NTK of ReLU, has one-sided
 * derivatives there; what is returned is their mean over opposite directions, for k(x, x) half the gradient of the
 * diagonal. ERR_ARGUMENT (row) where xᵢ = 0 and the kernel is a cone there, as without biases.        [input-gradient]
 *
 * Of images, [n, …, channels], the result has the shape [n, m, …, channels]; at patches without variance, too, it is the mean over
 * opposite directions, and ERR_ARGUMENT (row) where such a patch meets a second kink. ERR_OUT_OF_MEMORY where a pair of images takes too much: all pairs of pixels with pooling.   [image-gradient]
 */
export function gradient<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: K,
  options?: GradientOptions,
): Promise<Gradient>;
export function gradient<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: GradientOptions,
): Promise<Gradients<K>>;
export function gradient(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: GradientOptions,
): Promise<PerKernel<Gradient>> {
  return background(gradient, () => gradientTask(kernel, x, z, which, options));
}

/**
 * The matrix of second derivatives of k(xᵢ, zⱼ) by xᵢ: a tensor of shape [n, m, d, d], each matrix bitwise symmetric.
 *
 * ERR_ARGUMENT (row, column) where it does not exist: at parallel inputs of a kernel with a corner, near which it grows
 * like the inverse of the angle, and at xᵢ = 0.                                                      [input-gradient]
 */
export function hessian<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: K,
  options?: GradientOptions,
): Promise<Hessian>;
export function hessian<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: GradientOptions,
): Promise<Hessians<K>>;
export function hessian(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: GradientOptions,
): Promise<PerKernel<Hessian>> {
  return background(hessian, () => hessianTask(kernel, x, z, which, options));
}

export function gradientTask(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: GradientOptions,
): Task<PerKernel<Gradient>> {
  return derivativeTask(kernel, x, z, which, options, 1);
}

export function hessianTask(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: GradientOptions,
): Task<PerKernel<Hessian>> {
  return derivativeTask(kernel, x, z, which, options, 2);
}

function derivativeTask(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options: GradientOptions | undefined,
  order: 1 | 2,
): Task<PerKernel<Gradient>> {
  const program = handleOf(kernel);
  const wanted = readWhich(which);
  requireTangent(kernel.network, wanted.names);
  const settings = readOptions('options', options, { ...jobConstraints, maxHours: gramConstraints.maxHours });
  const images = takesImages(kernel.network);
  if (images && order === 2) {
    throw new KernelError(
      'ERR_ARGUMENT',
      'kernel: expected a network on vectors, got one on images, whose kernels have gradients but no Hessians here; use ' +
        'differences of gradient()',
    );
  }
  const [left, right] = readBoth(x, z, kernel.network);
  const threads = threadsOf(settings);
  const { columns, grid } = left;
  const pixels = grid === undefined ? [columns] : [...left.axes, grid[2]];
  const shape = [left.rows, right.rows, ...(order === 1 ? pixels : [columns, columns])];
  const length = shape.reduce((product, axis) => product * axis, 1);
  const { maxHours = usualHours } = settings;
  const tapes = Math.min(threads, left.rows * right.rows);
  const plan = (): void => {
    const workspace = called(() =>
      grid === undefined
        ? native().workspaceBytes(program, left.rows, right.rows, columns, 8, threads)
        : native().gradientBytes(program, grid, tapes),
    );
    requireMemory(
      `${order === 1 ? 'gradients' : 'Hessians'} of shape ${shape.join(' × ')}`,
      wanted.names.length * length * 8 + workspace,
      images
        ? 'use smaller images or fewer threads, or a trace head, which takes pixels of equal place alone'
        : wanted.names.length > 1
          ? 'use fewer rows, or one kernel at a time'
          : 'use fewer rows',
    );
    planDerivatives({ program, names: wanted.names, order, threads: images ? tapes : threads, maxHours }, left, right);
  };
  plan();
  return {
    settings,
    steps: withCopies([left, right], function* (first, second) {
      let results: Results | undefined;
      const scales = yield* job(order === 1 ? 'gradient' : 'hessian', () => {
        plan();
        results = resultsOf(program, wanted.names, length, 'float64');
        return native().derive(program, first, second, order, results.outputs, threads, grid, maxHours);
      });
      const [derived] = (results as Results).emitted(scales, (name, data, logScale) =>
        Object.freeze({ kernel: name, data: data as Float64Array, shape: Object.freeze([...shape]), logScale }),
      );
      return wanted.shape(derived as Emitted<Gradient>);
    }),
  };
}
