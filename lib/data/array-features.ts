import { KernelError } from '../errors.js';
import { elementTypes, gatherColumn, gatherRows, rowSize, type StoredArray } from './array.js';
import type { FeatureBlock, Place, TargetColumn } from './features.js';
import { breathe } from './slices.js';

type ImageSize = NonNullable<FeatureBlock['image']>;

/** The number of samples and the size of one, or ERR_SHAPE for an array that cannot hold samples. */
export function imageSize({ name, shape }: StoredArray): ImageSize | undefined {
  const fail = (expected: string) =>
    new KernelError('ERR_SHAPE', `${name} has shape [${shape.join(', ')}]; expected ${expected}`, {
      file: name,
      shape,
    });
  const [n, height = 1, width = 1, channels = 1] = shape;
  if (n === undefined || shape.length > 4) {
    throw fail('[n, d], or images [n, height, width] or [n, height, width, channels]');
  }
  if (n === 0 || rowSize(shape) === 0) throw fail('at least one sample and one feature');
  if (shape.length < 3) return undefined;
  if (channels > 4 && height <= 4) throw fail('the channels last: transpose from [n, channels, height, width]');
  return { height, width, channels };
}

/**
 * The entries of an array along its first axis as samples: vectors, or images flattened in the order row, column,
 * channel. Bytes of images are divided by 255, and 16-bit PNG samples by 65535. `ignored` lists columns of a matrix, from 0, that are left out.
 */
export function arrayFeatures(
  array: StoredArray,
  ignored: readonly number[],
  messages: readonly string[],
): FeatureBlock {
  const image = imageSize(array);
  const all = rowSize(array.shape);
  const kept = Uint32Array.from({ length: all }, (_, j) => j).filter((j) => !ignored.includes(j));
  const scale = array.white ?? (image !== undefined && array.type === elementTypes.u1 ? 255 : 1);
  const whole = array.type.name.startsWith('float') === false;
  const fill = async (rows: Uint32Array, signal?: AbortSignal) => {
    const gathered = await gatherRows(array, rows, signal);
    if (kept.length === all && scale === 1) return positiveZeros(gathered);
    const out = kept.length === all ? gathered : new Float64Array(rows.length * kept.length);
    for (let i = 0, at = 0; i < rows.length; i++) {
      for (let k = 0; k < kept.length; k++, at++) {
        out[at] = (gathered[i * all + (kept[k] as number)] as number) / scale + 0;
      }
      if (i % 1000 === 999) await breathe(signal);
    }
    return out;
  };
  const view = new DataView(array.payload.buffer, array.payload.byteOffset, array.payload.byteLength);
  const n = array.shape[0] as number;
  return {
    file: array.name,
    kind: image === undefined ? 'table' : 'images',
    names: image === undefined ? Array.from(kept, (j) => `column ${j + 1}`) : pixelNames(image),
    rows: n,
    ...(image === undefined ? {} : { image }),
    oneHot: [],
    ignored: ignored.map((j) => `column ${j + 1}`),
    messages:
      scale === 1
        ? messages
        : [
            ...messages,
            scale === 255 ? 'bytes of images were divided by 255' : `samples of images were divided by ${scale}`,
          ],
    fill,
    isComplete: (row) => {
      if (whole) return true;
      const { type, littleEndian, fortranOrder } = array;
      // Only vectors come in column-major order here; for images the order within a row does not matter.
      const index = (j: number) => (fortranOrder ? row + j * n : row * all + j);
      return kept.every((j) => !Number.isNaN(type.read(view, index(j) * type.bytes, littleEndian)));
    },
    columnOf: (feature) => feature,
    place: (row, feature) => placeInArray(array, row, kept[feature] as number),
  };
}

/** −0 and 0 are one number; with one spelling, equal rows have equal bytes. */
function positiveZeros(numbers: Float64Array): Float64Array {
  for (let i = 0; i < numbers.length; i++) if (numbers[i] === 0) numbers[i] = 0;
  return numbers;
}

function pixelNames({ height, width, channels }: ImageSize): string[] {
  return Array.from({ length: height * width * channels }, (_, j) => {
    const pixel = Math.floor(j / channels);
    const place = `row ${Math.floor(pixel / width) + 1}, column ${(pixel % width) + 1}`;
    return channels === 1 ? place : `${place}, channel ${(j % channels) + 1}`;
  });
}

/** Indices from 0, in brackets, as people who save arrays write them. */
function placeInArray({ name, shape }: StoredArray, row: number, element: number): Place {
  const index: number[] = [];
  let rest = element;
  for (let axis = shape.length - 1; axis >= 1; axis--) {
    index.unshift(rest % (shape[axis] as number));
    rest = Math.floor(rest / (shape[axis] as number));
  }
  const text = `${name}[${[row, ...index].join(', ')}]`;
  const inArray = shape.length > 2 ? `sample ${row}, element ${element}` : `row ${row}, column ${element}`;
  return { text, inArray, details: { file: name, row, column: element, index: [row, ...index] } };
}

/** One column of a matrix, or a vector of n or n × 1 numbers, as targets. */
export async function arrayTarget(array: StoredArray, column: number, signal?: AbortSignal): Promise<TargetColumn> {
  const values = await gatherColumn(array, column, signal);
  const vector = array.shape.length === 1;
  return {
    file: array.name,
    column: { kind: 'number', name: vector ? 'label' : `column ${column + 1}`, values: positiveZeros(values) },
    place: (row) =>
      vector
        ? { text: `${array.name}[${row}]`, inArray: `row ${row}`, details: { file: array.name, row, column: 0 } }
        : placeInArray(array, row, column),
    messages: [],
  };
}
