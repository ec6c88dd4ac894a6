/** The native verbs of networks of finite width that move. native/addon/verbs_train.cpp says what each argument means. */

import type { NativeJob, NativeMatrix } from './native.js';
import type { NativeNetwork } from './native-finite.js';

export interface MotionVerbs {
  /** Trains `weights` in place. */
  finiteTrain(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    y: NativeMatrix,
    test: NativeMatrix | null,
    how: readonly [descent: boolean, learningRate: number, tolerance: number, mostSteps: number],
    times: Float64Array,
    loss: Float64Array,
    train: Float64Array | null,
    testOutputs: Float64Array | null,
    kernels: Float64Array | null,
    moved: Float64Array | null,
    drift: Float64Array | null,
    budget: number,
    threads: number,
  ): NativeJob<readonly [steps: number, stabilityLimit: number]>;
  /** Bytes beside arguments and results, with signals of one sample. */
  finiteTrainingBytes(network: NativeNetwork, descent: boolean): number;
  finiteHierarchy(
    network: NativeNetwork,
    weights: NativeMatrix,
    x: NativeMatrix,
    trained: number,
    order: number,
    outputs: Float64Array,
    second: Float64Array,
    third: Float64Array | null,
    fourth: Float64Array | null,
    threads: number,
  ): NativeJob<undefined>;
  /** Bytes beside arguments and results. */
  finiteHierarchyBytes(network: NativeNetwork, points: number, trained: number, order: number, threads: number): number;
  finiteTruncated(
    order: number,
    tolerance: number,
    mostSteps: number,
    y: NativeMatrix,
    times: Float64Array,
    f: NativeMatrix,
    second: NativeMatrix,
    third: NativeMatrix | null,
    fourth: NativeMatrix | null,
    outputs: Float64Array,
    kernels: Float64Array | null,
    threads: number,
  ): NativeJob<undefined>;
}
