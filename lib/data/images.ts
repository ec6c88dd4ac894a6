/** Images between files and verbs: their grid, and pixels of unit length. */

import { types } from 'node:util';
import { KernelError } from '../errors.js';
import { notFinite } from '../not-finite.js';
import { reading, show, unexpected } from '../options.js';
import type { Tensor } from '../tensor.js';

/** Samples as `loadDataset` gives them: flattened, with their size beside. */
interface FlatImages {
  readonly name?: string;
  readonly x: Tensor;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
}

/**
 * The images of a data set as networks on images take them: [n, height, width, channels], or [n, length, channels] where
 * they have one row. Nothing is copied. Throws ERR_SHAPE for a data set of rows, and for an image size that its rows do
 * not have; ERR_ARGUMENT for what is no data set.
 */
export function imagesOf(dataset: FlatImages): Tensor {
  return reading('dataset', () => {
    const expected = 'a data set, as loadDataset returns it, or { x, image: { height, width, channels } }';
    if (typeof dataset !== 'object' || dataset === null || !('x' in dataset)) {
      throw unexpected('dataset', expected, dataset);
    }
    const { x, image } = dataset;
    const name = typeof dataset.name === 'string' ? dataset.name : 'the data';
    const { data, shape } = checked(`${name}: x`, x, 2);
    const [n, columns] = shape as [number, number];
    if (image === undefined) {
      throw new KernelError(
        'ERR_SHAPE',
        `${name}: expected images, because the network begins with conv(), got rows of ${columns} numbers; give an array ` +
          '[n, height, width, channels], IDX, or a folder of PNG images',
        { shape },
      );
    }
    if (typeof image !== 'object' || image === null) throw unexpected('image', 'height, width and channels', image);
    const { height, width, channels } = image;
    for (const [key, value] of Object.entries({ height, width, channels })) {
      if (!Number.isSafeInteger(value) || value < 1) throw unexpected(`image.${key}`, 'an integer from 1', value);
    }
    if (height * width * channels !== columns) {
      throw new KernelError(
        'ERR_SHAPE',
        `${name}: expected rows of ${height} × ${width} × ${channels} = ${height * width * channels} numbers, as image ` +
          `says, got rows of ${columns}; correct the height, width and channels, or the rows`,
        { shape, image },
      );
    }
    return { data, shape: height === 1 ? [n, width, channels] : [n, height, width, channels] };
  });
}

/**
 * A copy in which the channels of every pixel have length 1: the inputs of the theory, one sphere per pixel. Pixels of
 * zeros have no direction and stay. `images` has shape [n, …, channels]. Throws ERR_ARGUMENT for what is no tensor,
 * ERR_SHAPE where its numbers do not fill its shape, ERR_NOT_FINITE (at: image, …, channel).
 */
export function unitPixels(images: Tensor): Tensor {
  return reading('images', () => {
    const { data, shape } = checked('images', images, 1);
    const copy = Float64Array.from(data);
    const bad = copy.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw notFinite('images', bad, shape, copy[bad]);
    toUnitPixels(copy, shape.at(-1) as number);
    return { data: copy, shape };
  });
}

/** A tensor with as many numbers as its shape says; `axes`: so many, or 1 for any number of them. */
function checked(what: string, value: unknown, axes: 1 | 2): Tensor {
  const form = axes === 2 ? '[n, d]' : '[n, height, width, channels]';
  if (typeof value !== 'object' || value === null || !('data' in value) || !('shape' in value)) {
    throw unexpected(
      what,
      `a tensor { data, shape: ${form} }`,
      value,
      Array.isArray(value) ? '; of nested arrays, data is Float64Array.from(images.flat(3))' : '',
    );
  }
  const { data, shape } = value;
  if (!types.isFloat64Array(data) && !types.isFloat32Array(data)) {
    throw unexpected(
      `${what}.data`,
      'a Float64Array or Float32Array',
      data,
      '; Float64Array.from(data) may make one of it',
    );
  }
  const sizes: unknown[] = Array.isArray(shape) ? [...shape] : [];
  const fits = axes === 1 ? sizes.length >= 1 && sizes.length <= 8 : sizes.length === axes;
  if (!fits || !sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= 1)) {
    const got = Array.isArray(shape) ? `[${sizes.map(show).join(', ')}]` : show(shape);
    throw new KernelError('ERR_SHAPE', `${what}.shape: expected ${form} of sizes from 1, got ${got}`, { shape: sizes });
  }
  const total = (sizes as number[]).reduce((product, size) => product * size, 1);
  if (data.length !== total) {
    throw new KernelError(
      'ERR_SHAPE',
      `${what}: expected ${sizes.join(' × ')} = ${total} numbers, as its shape says, got ${data.length}`,
      { expected: total, got: data.length },
    );
  }
  return { data, shape: sizes as number[] };
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
