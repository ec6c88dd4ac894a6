/** The native verbs of training in function space. native/addon/verbs_dynamics.cpp says what each argument means. */

import type { NativeJob, NativeMatrix } from './native.js';

export interface TrainingVerbs {
  /** c = a·bᵀ. */
  multiplyTransposed(
    a: NativeMatrix,
    b: NativeMatrix,
    c: Float64Array | NativeMatrix,
    threads: number,
  ): NativeJob<undefined>;
  /** out_f = base + basis · diag(weights_f) · coordinates, with the basis's transpose where `transposed`. */
  filterModes(
    basis: NativeMatrix,
    transposed: boolean,
    coordinates: NativeMatrix,
    weights: Float64Array,
    base: NativeMatrix | null,
    out: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
  /** Covariances where `full`, for a square prior; variances for a prior of one column. */
  ensembleCovariance(
    rotated: NativeMatrix,
    vectors: NativeMatrix | null,
    train: NativeMatrix,
    cross: NativeMatrix,
    trainScale: number,
    crossScale: number,
    weights: Float64Array,
    prior: NativeMatrix,
    full: boolean,
    out: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
  /** prior − rotated · diag(weights_f) · rotatedᵀ, in the same two forms. */
  reducedCovariance(
    rotated: NativeMatrix,
    weights: Float64Array,
    prior: NativeMatrix,
    full: boolean,
    out: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
}
