/** What native/addon/verbs_svm.cpp exports; the comments there say what each argument means. */

import type { NativeJob, NativeMatrix } from './native.js';

/** How support vector machines are trained. */
export type SvmSettingsRow = readonly [
  costs: Float64Array,
  tolerance: number,
  mostIterations: number,
  shrinking: boolean,
  warm: boolean,
];

export interface SvmVerbs {
  svmTrain(
    gram: NativeMatrix,
    classes: Float64Array,
    settings: SvmSettingsRow,
    coefficients: Float64Array,
    facts: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
  svmFolds(
    gram: NativeMatrix,
    classes: Float64Array,
    trains: readonly Float64Array[],
    tests: readonly Float64Array[],
    settings: SvmSettingsRow,
    predictions: readonly Float64Array[],
    threads: number,
  ): NativeJob<undefined>;
  svmDecide(
    cross: NativeMatrix,
    classes: Float64Array,
    coefficients: Float64Array,
    biases: Float64Array,
    decisions: Float64Array,
    winners: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
}
