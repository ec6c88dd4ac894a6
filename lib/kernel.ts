/** Kernels of networks on data. Each long verb runs off the main thread; lib/sync.ts has the same on the calling one. */

import type { Kernel } from './compile.js';
import {
  type Cross,
  crossTask,
  type Diagonal,
  diagonalTask,
  type Gram,
  type GramOptions,
  gramTask,
  type KernelName,
  type PerKernel,
  type Which,
} from './evaluate.js';
import { background, immediate, type JobOptions } from './jobs.js';
import { type Derivatives, type Profile, type ProfileOf, type ProfileOptions, profileTask } from './profile.js';
import type { Samples } from './tensor.js';

export { compile, type Kernel } from './compile.js';
export {
  type Cross,
  type Diagonal,
  type Gram,
  type GramOptions,
  type KernelName,
  kernelNames,
} from './evaluate.js';

export type { Curvatures, Derivatives, Profile, ProfileOf, ProfileOptions, Slopes } from './profile.js';

export type Grams<K extends KernelName> = { readonly [Name in K]: Gram };
export type Crosses<K extends KernelName> = { readonly [Name in K]: Cross };
export type Diagonals<K extends KernelName> = { readonly [Name in K]: Diagonal };
export type Profiles<K extends KernelName, D extends Derivatives = 0> = { readonly [Name in K]: ProfileOf<D> };

/**
 * The Gram matrix of a kernel over the rows of x, [n, d]; with a list of kernels all of them, from one pass. A network that
 * begins with conv() takes images, [n, height, width, channels], or signals, [n, length, channels], as a tensor.
 *
 * Here and in the other verbs: up to 4 MiB of numbers are copied before the call returns, and the caller may then change
 * or transfer its array. More is copied in slices, between which the event loop turns; leave such an array alone until
 * the promise settles or the first progress is reported.
 *
 * Rejects with ERR_SHAPE, ERR_NOT_FINITE (row, column), ERR_OUT_OF_MEMORY (needed, available) and the like; for images also
 * with ERR_SHAPE and the layer's path where they do not fit it, and ERR_ARGUMENT with the hours where it takes too long.
 */
export function gram<K extends KernelName>(kernel: Kernel, x: Samples, which: K, options?: GramOptions): Promise<Gram>;
export function gram<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  which: readonly K[],
  options?: GramOptions,
): Promise<Grams<K>>;
export function gram(kernel: Kernel, x: Samples, which: Which, options?: GramOptions): Promise<PerKernel<Gram>> {
  return background(gram, () => gramTask(kernel, x, which, options));
}

/** k(x, z) for every row of x, [n, d], and every row of z, [m, d] (or images of one size): a tensor of shape [n, m]. */
export function cross<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: K,
  options?: GramOptions,
): Promise<Cross>;
export function cross<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: readonly K[],
  options?: GramOptions,
): Promise<Crosses<K>>;
export function cross(
  kernel: Kernel,
  x: Samples,
  z: Samples,
  which: Which,
  options?: GramOptions,
): Promise<PerKernel<Cross>> {
  return background(cross, () => crossTask(kernel, x, z, which, options));
}

/** k(x, x) for every row of x, without the pairs. */
export function diagonal<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  which: K,
  options?: JobOptions,
): Promise<Diagonal>;
export function diagonal<K extends KernelName>(
  kernel: Kernel,
  x: Samples,
  which: readonly K[],
  options?: JobOptions,
): Promise<Diagonals<K>>;
export function diagonal(kernel: Kernel, x: Samples, which: Which, options?: JobOptions): Promise<PerKernel<Diagonal>> {
  return background(diagonal, () => diagonalTask(kernel, x, which, options));
}

/**
 * The kernel of pairs of unit vectors at `angles`, in radians from 0 to π; cheap, so it runs on the calling thread.
 * Angles times the network's steps may be 10⁹ (some seconds), 3·10⁷ with derivatives; beyond, and for a network on images,
 * ERR_ARGUMENT.
 * Angles and not cosines: near 0 and π, where the curves have their cusps, a cosine has lost half of the digits.
 * With `derivatives` 1 or 2 there are κ′ and κ″ too, exact and not by differences.
 */
export function profile<K extends KernelName, D extends Derivatives = 0>(
  kernel: Kernel,
  angles: Float64Array | readonly number[],
  which: K,
  options?: ProfileOptions<D>,
): ProfileOf<D>;
export function profile<K extends KernelName, D extends Derivatives = 0>(
  kernel: Kernel,
  angles: Float64Array | readonly number[],
  which: readonly K[],
  options?: ProfileOptions<D>,
): Profiles<K, D>;
export function profile(
  kernel: Kernel,
  angles: Float64Array | readonly number[],
  which: Which,
  options?: ProfileOptions,
): PerKernel<Profile> {
  return immediate(profile, () => profileTask(kernel, angles, which, options));
}
