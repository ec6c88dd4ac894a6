/** CIFAR-10 from sprites: a PNG whose row k is image k, pixel after pixel. */

import { KernelError } from '../../errors.js';
import type { Content } from '../atomic-write.js';
import { decodePng } from '../png-image.js';

const side = 32;
const train = [1, 2, 3, 4, 5].map((batch) => `package/data_batch_${batch}.png`);
const test = ['package/test_batch.png'];
/** Spelt as the package spells them. */
const trainLabels = 'package/train_lables.json';
const testLabels = 'package/test_lables.json';

export const cifarMembers: readonly string[] = [...train, ...test, trainLabels, testLabels];

/** Training and test images as IDX [n, 32, 32, 3], and their labels as bytes. */
export async function* cifarFiles(
  members: ReadonlyMap<string, Uint8Array>,
): AsyncGenerator<readonly [string, Content]> {
  const parts = [
    { name: 'test', sprites: test, labels: testLabels },
    { name: 'train', sprites: train, labels: trainLabels },
  ];
  for (const { name, sprites, labels } of parts) {
    const classes = labelsOf(members.get(labels) as Uint8Array, labels);
    yield [`${name}-labels.idx`, Buffer.concat([idxHeader([classes.length]), classes])];
    yield [`${name}-images.idx`, imagesOf(sprites, members, classes.length)];
  }
}

async function* imagesOf(
  sprites: readonly string[],
  members: ReadonlyMap<string, Uint8Array>,
  expected: number,
): AsyncGenerator<Uint8Array> {
  yield idxHeader([expected, side, side, 3]);
  let images = 0;
  for (const sprite of sprites) {
    const { height, width, channels, white, samples } = await decodePng(members.get(sprite) as Uint8Array, sprite);
    if (width !== side * side || channels !== 3 || white !== 255) {
      throw new KernelError(
        'ERR_DATA',
        `${sprite}: expected rows of ${side * side} pixels in 8-bit RGB, got ${width}`,
        {
          file: sprite,
        },
      );
    }
    images += height;
    yield samples as Uint8Array;
  }
  if (images !== expected) {
    throw new KernelError('ERR_DATA', `expected ${expected} images, as many as labels, got ${images}`, {
      expected,
      got: images,
    });
  }
}

function labelsOf(text: Uint8Array, file: string): Uint8Array {
  const labels: unknown = JSON.parse(Buffer.from(text).toString('utf8'));
  const sound = Array.isArray(labels) && labels.every((label) => Number.isInteger(label) && label >= 0 && label <= 9);
  if (sound) return Uint8Array.from(labels as number[]);
  throw new KernelError('ERR_DATA', `${file}: expected an array of labels from 0 to 9`, { file });
}

/** Two zeros, 8 for unsigned bytes, the number of axes, and each axis in four bytes. */
function idxHeader(shape: readonly number[]): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = 8;
  header[3] = shape.length;
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return header;
}
