/** Networks of finite width as callers see them. */

import type { JobOptions } from '../jobs.js';
import type { Layer } from '../layers.js';
import type { Samples, Targets, Tensor } from '../tensor.js';

export interface SampleOptions extends JobOptions {
  /** Units of every hidden layer, or channels. */
  readonly width: number;
  /**
   * What one input looks like: d numbers, or the axes and channels of an image, [length, channels] or
   * [height, width, channels].
   */
  readonly shape: number | readonly number[];
  /** Default 0. The same seed gives the same weights, whatever the threads. [counter-normals] */
  readonly seed?: number;
  /** Numbers f(x) has, each with weights of its own behind the last features. Default 1. */
  readonly outputs?: number;
}

/** One array of parameters: the weights of a layer (fan-out × fan-in, row-major), or its biases. */
export interface ParameterBlock {
  /** Of the layer, as in messages; the turns of a repeat share it. */
  readonly path: string;
  readonly kind: 'weights' | 'bias';
  /** [fan-out, fan-in], or [units]; the fan-in of a filter has tap by tap the channels side by side. */
  readonly shape: readonly number[];
  /** Its first number among all parameters. */
  readonly offset: number;
  /** What the forward pass multiplies them by: √(σ²/fan-in), or β. */
  readonly factor: number;
  readonly trainable: boolean;
}

export interface SweepOptions extends JobOptions {
  /** Bytes that signals may take beside inputs and results; default 1 GiB. Other values agree to rounding. */
  readonly maxBytes?: number;
}

export interface SaveNetworkOptions {
  /** Replace a file that is there. Default false. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * A network with weights: a draw of what a kernel is the limit of. Its parameters are independent N(0, 1) at the start, all
 * scales stand in the forward pass. Immutable; holds native memory until it is disposed of or collected.   [finite-network]
 */
export interface FiniteNetwork extends Disposable {
  readonly network: Layer;
  readonly width: number;
  readonly outputs: number;
  /** Of one input. */
  readonly shape: readonly number[];
  /** What the weights were drawn with; null once they are others. */
  readonly seed: number | null;
  readonly parameters: number;
  readonly blocks: readonly ParameterBlock[];
  /**
   * The highest derivative that all activations have as a bounded function: 0 with sign, 1 with ReLU and other kinks, 2 with ELU
   * and φ of one's own, 4 with smooth ones. The NTK takes 1, its changes in training 2 and more.
   */
  readonly smoothness: number;
  /** f(x) of every input: a tensor of shape [n, outputs]. */
  forward(x: Samples, options?: SweepOptions): Promise<Tensor>;
  /**
   * J v, the derivative of all outputs along a direction of the parameters: a tensor of shape [n, outputs]. Parameters that are
   * not trained do not count. Refused (ERR_NETWORK) where φ has no derivative.                                  [rank-one]
   */
  jvp(x: Samples, direction: Float64Array | readonly number[], options?: SweepOptions): Promise<Tensor>;
  /** Jᵀ u for u of shape [n, outputs], or [n] for one output: a number for every parameter, 0 where it is not trained. */
  vjp(x: Samples, u: Targets, options?: SweepOptions): Promise<Float64Array>;
  /** All parameters in the order of `blocks`, copied. */
  weights(): Float64Array;
  /** The same network with other parameters. */
  withWeights(weights: Float64Array | readonly number[]): FiniteNetwork;
  /** Writes it so that `path` only ever shows a complete file; `loadNetwork` reads it. */
  save(path: string, options?: SaveNetworkOptions): Promise<void>;
  dispose(): void;
}
