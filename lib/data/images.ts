/** Images between files and verbs: their grid, and pixels of unit length. */

import { KernelError } from '../errors.js';
import type { Tensor } from '../tensor.js';

/** Samples as `loadDataset` gives them: flattened, with their size beside. */
interface FlatImages {
  readonly name?: string;
  readonly x: Tensor;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
}

/**
 * The images of a data set as networks on images take them: [n, height, width, channels], or [n, length, channels] where
 * they have one row. Nothing is copied. Throws ERR_SHAPE for a data set of rows.
 */
export function imagesOf({ name = 'the data', x, image }: FlatImages): Tensor {
  if (image === undefined) {
    throw new KernelError(
      'ERR_SHAPE',
      `${name}: expected images, because the network begins with conv(), got rows of ${x.shape[1]} numbers; give an array ` +
        '[n, height, width, channels], IDX, or a folder of PNG images',
      { shape: x.shape },
    );
  }
  const { height, width, channels } = image;
  const n = x.shape[0] as number;
  return { data: x.data, shape: height === 1 ? [n, width, channels] : [n, height, width, channels] };
}

/**
 * A copy in which the channels of every pixel have length 1: the inputs of the theory, one sphere per pixel. Pixels of
 * zeros have no direction and stay. `images` has shape [n, …, channels].
 */
export function unitPixels({ data, shape }: Tensor): Tensor {
  const copy = Float64Array.from(data);
  toUnitPixels(copy, shape.at(-1) as number);
  return { data: copy, shape };
}

/** The same in place; returns the number of pixels of zeros. */
export function toUnitPixels(data: Float64Array, channels: number): number {
  let zeros = 0;
  for (let at = 0; at < data.length; at += channels) {
    // Relative to the largest, so that no square leaves the range of doubles.
    let largest = 0;
    for (let c = at; c < at + channels; c++) largest = Math.max(largest, Math.abs(data[c] as number));
    if (largest === 0) {
      zeros++;
      continue;
    }
    let sum = 0;
    for (let c = at; c < at + channels; c++) sum += ((data[c] as number) / largest) ** 2;
    const root = Math.sqrt(sum);
    for (let c = at; c < at + channels; c++) data[c] = (data[c] as number) / largest / root;
  }
  return zeros;
}
