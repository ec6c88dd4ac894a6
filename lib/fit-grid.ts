/** What a network makes of images of a given size, layer by layer; numbers that depend on that size are checked here. */

import { KernelError } from './errors.js';
import { pixelOf } from './image-rules.js';
import type { Conv, Head, Layer, Pool } from './layers.js';
import { inside, type Place, root } from './place.js';

/** Pixels along each axis: [length] of a signal, [height, width] of an image. */
export type Axes = readonly number[];

/** Does the network take images? The layer that the data enter tells. */
export function takesImages(network: Layer): boolean {
  if (network.kind === 'serial') return takesImages(network.layers[0] as Layer);
  return network.kind === 'conv';
}

/** A head and the pixels that it has before it. */
export interface Reading {
  readonly read: Head['read'];
  readonly axes: Axes;
}

/**
 * Walks through a network with images of a given size, and says what its head reads. Refuses (ERR_SHAPE), with the layer's
 * path and the sizes there, images that are too small for a filter, cannot be cut into pooling windows, or lack the pixel
 * that a head reads.
 */
export function fitGrid(network: Layer, axes: Axes): Reading {
  const reading: Reading = { read: 'trace', axes };
  const walk: Walk = { place: root(), whole: axes, reading, branch: false, broken: false };
  through(network, axes, walk);
  return walk.reading;
}

interface Walk {
  readonly place: Place;
  /** The images as they came. */
  readonly whole: Axes;
  reading: Reading;
  /** In a branch of a residual? */
  readonly branch: boolean;
  /** Has a filter in the open branches left outputs that do not lie evenly around the edge? */
  broken: boolean;
}

/** The grid behind a layer; null once a head has read it. */
function through(layer: Layer, axes: Axes, walk: Walk): Axes | null {
  const child = (one: Layer, key: string, now: Axes, branch = walk.branch): Axes | null => {
    const own = { ...walk, place: inside(walk.place, key), branch };
    const after = through(one, now, own);
    walk.reading = own.reading;
    walk.broken = walk.branch && own.broken;
    return after;
  };
  switch (layer.kind) {
    case 'conv':
      return filtered(layer, axes, walk);
    case 'pool':
      return pooled(layer, axes, walk);
    case 'head':
      checkHead(layer, axes, walk);
      walk.reading = { read: layer.read, axes };
      return null;
    case 'serial': {
      let now: Axes | null = axes;
      for (const [i, one] of layer.layers.entries()) {
        if (now === null) return null;
        now = child(one, `layers[${i}]`, now);
      }
      return now;
    }
    case 'repeat': {
      let now: Axes | null = axes;
      for (let turn = 0; turn < layer.times && now !== null; turn++) {
        const before: Axes = now;
        now = child(layer.layer, 'layer', before);
        // What keeps the grid once keeps it in every turn.
        if (same(before, now)) break;
      }
      return now;
    }
    case 'residual': {
      const before = walk.broken;
      if (layer.shortcut !== 'identity') child(layer.shortcut, 'shortcut', axes, true);
      walk.broken = before;
      return child(layer.body, 'body', axes, true);
    }
    default:
      return axes;
  }
}

function same(before: Axes, after: Axes | null): boolean {
  return after !== null && before.every((n, axis) => n === after[axis]);
}

function filtered({ size, stride, padding }: Conv, axes: Axes, walk: Walk): Axes {
  if (padding === 'valid' && axes.some((n) => n < size)) {
    misfit(
      walk,
      'conv',
      axes,
      `'valid' filters of ${sizes(axes.map(() => size))} pixels leave nothing of`,
      "use larger images, a smaller filter, or padding 'same' or 'circular'",
    );
  }
  // One row is taken for a signal, in which a filter has size and not size² weights per channel.
  if (padding === 'same' && size > 1 && walk.whole.length === 2 && walk.whole[0] === 1) {
    misfit(
      walk,
      'conv',
      axes,
      `zeros around a single row leave ${size} of ${size * size} weights to`,
      "give signals as [n, length, channels], or use padding 'circular'",
    );
  }
  if (axes.some((n) => n < stride)) {
    misfit(walk, 'conv', axes, `a stride of ${stride} goes beyond`, 'use larger images or a smaller stride');
  }
  const after = axes.map((n) => Math.ceil((padding === 'valid' ? n - size + 1 : n) / stride));
  if (walk.broken && padding === 'circular' && size > 1) {
    misfit(
      walk,
      'conv',
      axes,
      "in a branch, a 'circular' filter cannot follow a stride that does not divide the image, or a 'valid' filter, on",
      "use images that the strides divide, or padding 'same'",
    );
  }
  walk.broken ||= walk.branch && after.some((n, axis) => n * stride !== axes[axis]);
  return after;
}

function pooled({ size }: Pool, axes: Axes, walk: Walk): Axes {
  if (axes.some((n) => n % size !== 0)) {
    misfit(
      walk,
      'pool',
      axes,
      `windows of ${sizes(axes.map(() => size))} pixels do not divide`,
      `crop or pad the images so that each axis is a multiple of ${size} there`,
    );
  }
  return axes.map((n) => n / size);
}

function checkHead(layer: Head, axes: Axes, walk: Walk): void {
  if (layer.read !== 'pixel') return;
  const at = pixelOf(layer);
  const whole = axes.length === 1 ? [1, ...axes] : axes;
  if (at.every((index, axis) => index < (whole[axis] as number))) return;
  const place = axes.length === 1 && at[0] === 0 ? [at[1]] : at;
  misfit(walk, 'head', axes, `the pixel [${place.join(', ')}] lies outside of`, 'pixels are counted from 0');
}

function misfit({ place, whole }: Walk, what: string, axes: Axes, problem: string, remedy: string): never {
  const where = place.path === '' ? what : `${place.path} (${what})`;
  const before = same(whole, axes) ? '' : `, which images of ${sizes(whole)} have become here`;
  throw new KernelError('ERR_SHAPE', `${where}: ${problem} ${sizes(axes)} pixels${before}; ${remedy}`, {
    path: place.path,
    pixels: axes,
    images: whole,
  });
}

/** "28 × 28". */
export function sizes(axes: Axes): string {
  return axes.join(' × ');
}
