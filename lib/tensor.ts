/**
 * Row-major numbers with a shape: [n, d] for n vectors of d numbers, [n, length, channels] for signals,
 * [n, height, width, channels] for images.
 */
export interface Tensor {
  readonly data: Float64Array | Float32Array;
  readonly shape: readonly number[];
}

/** A tensor, or an array of rows. */
export type Samples = Tensor | readonly (readonly number[] | Float64Array | Float32Array)[];
export type Targets = Samples | readonly number[] | Float64Array;
