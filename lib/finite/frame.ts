/** What a network of finite width is before it has weights. */

import { loadProgram } from '../compile.js';
import { KernelError } from '../errors.js';
import { fitGrid, sizes, takesImages } from '../fit-grid.js';
import { lower } from '../lower.js';
import { requireMemory } from '../memory.js';
import { called, type Grid, type NativeMatrix, native } from '../native.js';
import type { NativeNetwork } from '../native-finite.js';
import { type Constraint, integer, reading, show, unexpected } from '../options.js';
import { type Network, network as networkOf } from '../presets.js';
import type { Frame } from './held.js';

const maxWidth = 2 ** 24;
const maxOutputs = 2 ** 20;
const maxAxis = 2 ** 24;

const shape: Constraint<number | readonly number[]> = {
  expected: `the size of one input: a number, [length, channels] or [height, width, channels], each from 1 to ${maxAxis}`,
  accepts: (value): value is number | readonly number[] => {
    const fits = (size: unknown): boolean =>
      Number.isInteger(size) && (size as number) >= 1 && (size as number) <= maxAxis;
    return fits(value) || (Array.isArray(value) && value.length >= 1 && value.length <= 3 && value.every(fits));
  },
};

export const frameConstraints = { width: integer(1, maxWidth), shape, outputs: integer(1, maxOutputs) };

/** Room for all parameters. */
export function emptyWeights({ layout, native: parts }: Frame): NativeMatrix {
  const { parameters } = layout;
  const what = `${parameters} parameters of a network of width ${parts[3]}`;
  requireMemory(what, 8 * parameters, 'use a smaller width');
  const { Matrix } = native();
  return called(() => new Matrix(1, parameters));
}

/** The layers of a network in either form, checked. */
export function readNetwork(network: unknown): Frame['layer'] {
  return reading('network', () => {
    const layer = networkOf(network as Network);
    lower(layer);
    return layer;
  });
}

export function required<T>(what: string, { expected }: Constraint<T>, value: T | undefined): T {
  if (value === undefined) throw unexpected(what, expected, value);
  return value;
}

/** A network without weights, of inputs of a given shape. */
export function frameOf(
  layer: Frame['layer'],
  given: number | readonly number[],
  width: number,
  outputs: number,
  preset?: string,
): Frame {
  const axes = typeof given === 'number' ? [given] : [...given];
  const images = takesImages(layer);
  if (images !== axes.length > 1) {
    throw new KernelError(
      'ERR_SHAPE',
      images
        ? `shape: expected [length, channels] or [height, width, channels], because this network begins with conv(), got ${show(given)}`
        : `shape: expected a number, because this network begins with a dense layer, got [${axes.join(', ')}]; begin it with conv(), or flatten the images`,
      { shape: axes },
    );
  }
  const dimension = axes.reduce((product, size) => product * size, 1);
  if (!(dimension <= 2 ** 40)) {
    throw new KernelError('ERR_SHAPE', `shape: expected at most 2^40 numbers in all, got ${sizes(axes)}`, {
      shape: axes,
    });
  }
  if (images) fitGrid(layer, axes.slice(0, -1));
  const grid: Grid | undefined = images ? ([1, ...axes].slice(-3) as unknown as Grid) : undefined;
  const parts: NativeNetwork = [loadProgram(lower(layer), preset), grid ?? null, dimension, width, outputs];
  const layout = called(() => native().finiteLayout(parts));
  return { layer, native: parts, layout, grid, shape: Object.freeze(axes) };
}
