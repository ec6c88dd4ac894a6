/** What predictions of fitted models ask of the addon; a part of the binding in native.ts. */

import type { Grid, NativeJob, NativeMatrix, NativeProgram } from './native.js';

/** Samples with what is known of each before it meets other points. Holds on to its program and its points. */
export interface NativePrepared {
  /** Tells the engine of the memory. */
  keep(): this;
  dispose(): void;
}

export interface PredictVerbs {
  prepare(program: NativeProgram, points: NativeMatrix, threads: number, grid?: Grid): NativeJob<NativePrepared>;
  /** What it takes at most, beside the points. */
  preparedBytes(program: NativeProgram, rows: number, columns: number, grid?: Grid): number;
  /**
   * For rows [first, first + rows) of `points`: means, and variances with a factor or kernel values with `cross`. Yields the
   * logarithms of what means, and variances, are in the unit of.
   */
  predict(
    samples: NativePrepared,
    tangent: boolean,
    points: NativeMatrix,
    first: number,
    rows: number,
    weights: NativeMatrix,
    factor: NativeMatrix | null,
    mean: Float64Array,
    variance: Float64Array | null,
    cross: NativeMatrix | null,
    threads: number,
    maxHours: number,
  ): NativeJob<readonly [mean: number, variance: number]>;
}
