/** Photographs as networks on images take them: fewer pixels, channels centred, every image of one length. */

import type { Dataset } from '../../data/dataset.js';
import { KernelError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';

/** The first so many images of every class, in file order, with `side` × `side` pixels. */
export function photographs(data: Dataset, perClass: number, side: number): { images: Tensor; labels: Uint8Array } {
  const { image, classes, name } = data;
  if (image === undefined || classes === undefined) {
    throw new KernelError('ERR_ARGUMENT', `cifar10: expected images in classes, got ${name}`, { option: 'cifar10' });
  }
  const { height, width, channels } = image;
  if (height !== width || height % side !== 0) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `imageSide: expected a divisor of the images’ ${height} × ${width} pixels, got ${side}`,
      { option: 'imageSide' },
    );
  }
  const taken = new Array<number>(classes.length).fill(0);
  const rows = [...data.y.keys()].filter((row) => {
    const label = data.y[row] as number;
    const before = taken[label] as number;
    taken[label] = Math.min(perClass, before + 1);
    return before < perClass;
  });
  if (rows.length < perClass * classes.length) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `cifar10: expected ${perClass} images of each class, got ${rows.length} in all; take fewer, or read more (--cifar-limit)`,
      { option: 'cifar10' },
    );
  }
  const pixels = side * side * channels;
  const values = new Float64Array(rows.length * pixels);
  const block = height / side;
  rows.forEach((row, i) => {
    const from = data.x.data.subarray(row * height * width * channels, (row + 1) * height * width * channels);
    for (const [at, value] of from.entries()) {
      const pixel = Math.floor(at / channels);
      const [y, x] = [Math.floor(pixel / width / block), Math.floor((pixel % width) / block)];
      const to = i * pixels + (y * side + x) * channels + (at % channels);
      values[to] = (values[to] as number) + value / block ** 2;
    }
  });
  standardise(values, channels);
  for (let i = 0; i < rows.length; i++) {
    const one = values.subarray(i * pixels, (i + 1) * pixels);
    const length = Math.hypot(...one) / side;
    if (length > 0) one.set(one.map((value) => value / length));
  }
  return {
    images: { data: values, shape: [rows.length, side, side, channels] },
    labels: Uint8Array.from(rows, (row) => data.y[row] as number),
  };
}

/** Every channel gets mean 0 and variance 1 over all images and pixels. */
function standardise(values: Float64Array, channels: number): void {
  const count = values.length / channels;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let i = c; i < values.length; i += channels) sum += values[i] as number;
    const mean = sum / count;
    let squares = 0;
    for (let i = c; i < values.length; i += channels) squares += ((values[i] as number) - mean) ** 2;
    const deviation = Math.sqrt(squares / count) || 1;
    for (let i = c; i < values.length; i += channels) values[i] = ((values[i] as number) - mean) / deviation;
  }
}
