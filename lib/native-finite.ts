/** The native verbs of networks of finite width. native/addon/verbs_finite.cpp says what each argument means. */

import type { Grid, NativeJob, NativeMatrix, NativeProgram } from './native.js';

/** A network of finite width as it crosses the boundary. */
export type NativeNetwork = readonly [
  program: NativeProgram,
  grid: Grid | null,
  dimension: number,
  width: number,
  outputs: number,
];

/** One array of parameters. */
export interface NativeBlock {
  /** Of the layer, as errors name it. */
  readonly path: string;
  readonly kind: 'weights' | 'bias';
  /** Fan-out and fan-in. */
  readonly rows: number;
  readonly columns: number;
  /** Its first number among all parameters. */
  readonly offset: number;
  readonly factor: number;
  readonly trainable: boolean;
  /** Does it start at zero? */
  readonly zero: boolean;
}

export interface NativeLayout {
  readonly parameters: number;
  readonly trained: number;
  /** The highest derivative that all activations have as a bounded function, at most 4. */
  readonly orders: number;
  /** The activation that has no more, the first of them; none where every one is smooth. */
  readonly leastSmooth?: { readonly path: string; readonly name: string; readonly activation: string };
  /** Bytes of a sample on its way forward, and of one with tangents or cotangents. */
  readonly forwardBytes: number;
  readonly sweepBytes: number;
  readonly blocks: readonly NativeBlock[];
}

export interface FiniteVerbs {
  finiteLayout(network: NativeNetwork): NativeLayout;
  finiteSample(network: NativeNetwork, seed: number, weights: NativeMatrix, threads: number): NativeJob<undefined>;
  finiteForward(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    out: Float64Array,
    budget: number,
    threads: number,
  ): NativeJob<undefined>;
  /** out = J · direction. */
  finitePush(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    direction: NativeMatrix,
    out: Float64Array,
    budget: number,
    threads: number,
  ): NativeJob<undefined>;
  /** out = Jᵀ · u. */
  finitePull(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    u: NativeMatrix,
    out: Float64Array,
    budget: number,
    threads: number,
  ): NativeJob<undefined>;
  finiteKernels(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    z: NativeMatrix | null,
    nngp: Float64Array | null,
    ntk: Float64Array | null,
    each: boolean,
    budget: number,
    threads: number,
  ): NativeJob<undefined>;
  /** Every row of `vectors` has a number for each sample and output. */
  finiteKernelProduct(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    vectors: NativeMatrix,
    out: Float64Array,
    budget: number,
    threads: number,
  ): NativeJob<undefined>;
  finiteKernelBytes(
    network: NativeNetwork,
    ntk: boolean,
    samples: number,
    threads: number,
  ): readonly [sample: number, once: number, least: number];
}
