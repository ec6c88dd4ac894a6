import { KernelError } from '../errors.js';
import { rowSize, type StoredArray } from './array.js';
import { arrayFeatures, arrayTarget, imageSize } from './array-features.js';
import type { RawSamples } from './assemble.js';
import type { LoadOptions } from './dataset.js';
import type { LabelsReader, TargetColumn } from './features.js';
import type { Format } from './format.js';
import { readIdx } from './idx.js';
import { readNpy } from './npy.js';
import { readNpz } from './npz.js';
import { maxBytesOf } from './options.js';
import type { DataSource, ImageFolder } from './png-folder.js';

type Samples = Pick<RawSamples, 'features' | 'target'>;

/**
 * Samples from .npy, .npz or IDX, or from a folder of images, whose classes are its subfolders. Targets come from the labels file, else from the archive's own array of targets,
 * else from a column of the matrix: the one that is asked for, or the last.
 */
export async function readArraySamples(
  { content, name, folder }: DataSource,
  format: Exclude<Format, 'table'> | 'folder',
  options: LoadOptions,
  readLabels: LabelsReader,
): Promise<Samples> {
  const found: Found =
    format === 'folder'
      ? { x: (folder as ImageFolder).array, messages: (folder as ImageFolder).messages }
      : await arraysOf(content, name, format, options);
  const { x } = found;
  const image = imageSize(x);
  const ignored = (options.ignore ?? []).map((column) => columnIndex(x, column, 'ignore'));
  const labels = await readLabels(x.shape[0] as number);
  const ownTarget = found.y === undefined || labels !== undefined ? undefined : await vectorTarget(found.y, options);
  const target = labels ?? (options.target === undefined ? (folder?.target ?? ownTarget) : undefined);
  if (target !== undefined) {
    return { features: named(arrayFeatures(x, ignored, found.messages), name), target };
  }
  if (image !== undefined || rowSize(x.shape) < 2) {
    const file = `give a file of labels, one for each of its ${x.shape[0]} samples (labels)`;
    const remedy = format === 'folder' ? `${file}, or put the images of each class into a folder of its own` : file;
    throw new KernelError(
      'ERR_DATA',
      `${name} has no targets: ${remedy}; samples without targets are read by loadPoints, and by resgram gram and spectrum`,
      { file: name },
    );
  }
  const last = rowSize(x.shape) - 1;
  const column = options.target === undefined ? last : columnIndex(x, options.target, 'target');
  const message = options.target === undefined ? ['no target was named: the last column was taken'] : [];
  const features = arrayFeatures(x, [...ignored, column], found.messages);
  refuseNoFeatures(features.names.length, name);
  return {
    features: named({ ...features, ignored: features.ignored.slice(0, -1) }, name),
    target: { ...(await arrayTarget(x, column, options.signal)), messages: message },
  };
}

/** Messages name the array inside an archive; the data set is named after its file. */
function named(features: Samples['features'], file: string): Samples['features'] {
  return { ...features, file };
}

interface Found {
  readonly x: StoredArray;
  readonly y?: StoredArray;
  readonly messages: readonly string[];
}

async function arraysOf(
  content: Uint8Array,
  name: string,
  format: Exclude<Format, 'table'>,
  options: LoadOptions,
): Promise<Found> {
  if (format === 'idx') return { x: readIdx(content, name), messages: [] };
  if (format === 'npy') return { x: readNpy(content, name), messages: [] };
  const { x, y, xKey, yKey } = await readNpz(content, name, options, maxBytesOf(options));
  const targets = yKey === undefined ? '' : `, targets from '${yKey}'`;
  const messages = [`samples were read from the array '${xKey}'${targets}`];
  return y === undefined ? { x, messages } : { x, y, messages };
}

/** A vector of targets, or a matrix of one column; anything wider is not one target per sample. */
export async function vectorTarget(array: StoredArray, { signal }: LoadOptions): Promise<TargetColumn> {
  const { name, shape } = array;
  if (shape.length === 0 || shape.length > 2 || rowSize(shape) !== 1) {
    throw new KernelError(
      'ERR_SHAPE',
      `${name} has shape [${shape.join(', ')}]; expected one target per sample: [n] or [n, 1]`,
      { file: name, shape },
    );
  }
  return arrayTarget(array, 0, signal);
}

/** A column of a matrix by its number from 1. */
export function columnIndex({ name, shape }: StoredArray, column: string | number, option: string): number {
  const d = rowSize(shape);
  const number = typeof column === 'number' ? column : /^\d+$/.test(column) ? Number(column) : 0;
  if (shape.length === 2 && number >= 1 && number <= d) return number - 1;
  throw new KernelError(
    'ERR_ARGUMENT',
    shape.length === 2
      ? `${option}: ${name} has columns 1 to ${d} without names, got '${column}'`
      : `${option}: ${name} holds images, not columns`,
    { option, column },
  );
}

export function refuseNoFeatures(d: number, name: string): void {
  if (d > 0) return;
  throw new KernelError(
    'ERR_DATA',
    `${name}: no column is left as a feature; expected at least one beside the target`,
    {
      file: name,
    },
  );
}
