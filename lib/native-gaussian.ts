/** What Gaussian processes ask of the addon; a part of the binding in native.ts. */

import type { NativeJob, NativeMatrix } from './native.js';

export interface GaussianVerbs {
  /** Of the matrix behind a factor. At once: n logarithms. */
  logDeterminant(factor: NativeMatrix): number;
  /** The diagonal of (a + ridge·I)⁻¹. */
  inverseDiagonal(factor: NativeMatrix, diagonal: Float64Array, threads: number): NativeJob<undefined>;
  /** `covariance` holds prior covariances, afterwards posterior ones. */
  posteriorCovariance(
    factor: NativeMatrix,
    cross: NativeMatrix,
    covariance: NativeMatrix,
    threads: number,
  ): NativeJob<undefined>;
  /** Fills `bordered` and `extended` with a and its factor, extended by the rows and the corner of further samples. */
  border(
    a: NativeMatrix,
    factor: NativeMatrix,
    rows: NativeMatrix,
    corner: NativeMatrix,
    ridge: number,
    bordered: NativeMatrix,
    extended: NativeMatrix,
    threads: number,
  ): NativeJob<undefined>;
  /** Predictions for each part of the samples by the fit to the others; NaN where directions were dropped. */
  heldOutPath(
    values: Float64Array,
    vectors: NativeMatrix,
    y: NativeMatrix,
    ridges: Float64Array,
    part: Float64Array,
    predictions: Float64Array,
    dropped: Float64Array,
    threads: number,
  ): NativeJob<undefined>;
}
