/** What a network's inputs are read as: rows of numbers, or images that keep their grid. */

import { KernelError } from './errors.js';
import { type Axes, fitGrid, sizes, takesImages } from './fit-grid.js';
import type { Layer } from './layers.js';
import type { Grid } from './native.js';
import { reading, unexpected } from './options.js';
import { type Rows, readSamples, tensorRows } from './samples.js';

/** Inputs of one network, read but not yet copied. */
export interface Points extends Rows {
  /** Of each image; undefined for vectors. A signal is an image of one row. */
  readonly grid: Grid | undefined;
  /** Pixels along each axis of an image. */
  readonly axes: Axes;
}

/**
 * Samples for a network: [n, d] for vectors; [n, length, channels] or [n, height, width, channels] for images, whose
 * size is checked against every layer. Refuses (ERR_SHAPE) what the network does not take, and says what it takes.
 */
export function readPoints(what: string, value: unknown, network: Layer): Points {
  return takesImages(network) ? readImages(what, value, network) : readVectors(what, value);
}

/** Two sets of inputs of one size. */
export function readBoth(x: unknown, z: unknown, network: Layer): [Points, Points] {
  const left = readPoints('x', x, network);
  return [left, readLike('z', z, left, network)];
}

/** Further inputs of the same size. */
export function readLike(
  what: string,
  value: unknown,
  first: Pick<Points, 'columns' | 'grid'>,
  network: Layer,
): Points {
  const points = readPoints(what, value, network);
  requireSameSize(what, points, first);
  return points;
}

function requireSameSize(what: string, points: Points, { grid, columns }: Pick<Points, 'columns' | 'grid'>): void {
  if (points.grid !== undefined && grid !== undefined) {
    if (points.grid.every((n, i) => n === grid[i])) return;
    throw new KernelError(
      'ERR_SHAPE',
      `${what}: expected images of ${sizes(grid)} (height × width × channels), as in x, got ${sizes(points.grid)}; ` +
        'crop or resize them to one size',
      { expected: grid, got: points.grid },
    );
  }
  if (points.columns === columns) return;
  throw new KernelError(
    'ERR_SHAPE',
    `${what}: expected rows of ${columns} numbers, as in x, got rows of ${points.columns}`,
    { expected: columns, got: points.columns },
  );
}

function readVectors(what: string, value: unknown): Points {
  const shape = shapeOf(value);
  if (shape !== undefined && (shape.length === 3 || shape.length === 4)) {
    const numbers = shape.slice(1).reduce((product, n) => product * n, 1);
    throw new KernelError(
      'ERR_SHAPE',
      `${what}: expected vectors, [n, d], because this network begins with a dense layer, got [${shape.join(', ')}]; ` +
        `flatten the images to [${shape[0]}, ${numbers}], or begin the network with conv()`,
      { shape },
    );
  }
  return { ...readSamples(what, value), grid: undefined, axes: [] };
}

function readImages(what: string, value: unknown, network: Layer): Points {
  const expected = '[n, length, channels] or [n, height, width, channels]';
  const shape = shapeOf(value);
  if (shape === undefined) {
    const why = 'because this network begins with conv()';
    const remedy = Array.isArray(value) ? '; of nested arrays, data is Float64Array.from(images.flat(3))' : '';
    throw unexpected(what, `images as a tensor { data, shape: ${expected} }, ${why}`, value, remedy);
  }
  if (shape.length !== 3 && shape.length !== 4) {
    const remedy =
      shape.length === 2 && (shape[1] as number) > 0
        ? `; say how the ${shape[1]} numbers of a row lie in the image, or begin the network with dense()`
        : '';
    throw new KernelError(
      'ERR_SHAPE',
      `${what}: expected images, ${expected}, because this network begins with conv(), got [${shape.join(', ')}]${remedy}`,
      { shape },
    );
  }
  const rows = reading(what, () =>
    tensorRows(what, value, (checked) => [
      checked[0] as number,
      checked.slice(1).reduce((product, n) => product * n, 1),
    ]),
  ) as Rows;
  const axes = shape.slice(1, -1);
  fitGrid(network, axes);
  const [height, width] = axes.length === 1 ? [1, axes[0] as number] : (axes as [number, number]);
  return { ...rows, grid: [height, width, shape.at(-1) as number], axes };
}

/** The shape that a tensor claims, if it claims one. */
function shapeOf(value: unknown): number[] | undefined {
  return reading('shape', () => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !('shape' in value)) return undefined;
    const { shape } = value as { shape: unknown };
    return Array.isArray(shape) && shape.length <= 8 && shape.every((n) => typeof n === 'number')
      ? ([...shape] as number[])
      : undefined;
  });
}
