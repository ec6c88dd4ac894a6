/** What stands behind a network of finite width on the native side, and how its inputs are read. */

import { KernelError } from '../errors.js';
import { type JobOptions, jobConstraints } from '../jobs.js';
import type { Layer } from '../layers.js';
import { requireMemory } from '../memory.js';
import { called, type Grid, type NativeMatrix } from '../native.js';
import type { NativeLayout, NativeNetwork } from '../native-finite.js';
import { type Constraint, reading, show } from '../options.js';
import { type Points, readPoints } from '../points.js';
import type { FiniteNetwork } from './types.js';

/** The description of a network of finite width, without its weights. */
export interface Frame {
  readonly layer: Layer;
  readonly native: NativeNetwork;
  readonly layout: NativeLayout;
  readonly grid: Grid | undefined;
  readonly shape: readonly number[];
}

export interface Held extends Frame {
  readonly weights: NativeMatrix;
}

const handles = new WeakMap<object, Held>();

export function hold(network: FiniteNetwork, held: Held): void {
  handles.set(network, held);
}

/** The native side of what `sample` returned. */
export function heldOf(network: unknown): Held {
  const held = typeof network === 'object' && network !== null ? handles.get(network) : undefined;
  if (held === undefined) {
    const likeOne = reading('network', () => typeof network === 'object' && network !== null && 'forward' in network);
    throw new KernelError(
      'ERR_ARGUMENT',
      'network: expected what sample() or loadNetwork() returned, got ' +
        (likeOne ? 'a copy of it, which has no weights; pass the object itself' : show(network)),
    );
  }
  requireAlive(held);
  return held;
}

/** Refuses a network that was disposed of. */
export function requireAlive({ weights }: Held): void {
  try {
    called(() => weights.rows);
  } catch {
    throw new KernelError('ERR_DISPOSED', 'network: this sampled network was disposed of; sample or load it again');
  }
}

/** Inputs of the size that the network was made for. */
export function readInputs(what: string, value: unknown, { layer, shape }: Frame): Points {
  const points = readPoints(what, value, layer);
  const got = points.grid === undefined ? [points.columns] : [...points.axes, points.grid[2]];
  if (got.length === shape.length && got.every((size, i) => size === shape[i])) return points;
  throw new KernelError(
    'ERR_SHAPE',
    `${what}: expected inputs of ${shape.join(' × ')} numbers, which the network was sampled for, got ${got.join(' × ')}`,
    { expected: shape, got },
  );
}

const usualBytes = 2 ** 30;

const byteCount: Constraint<number> = {
  expected: 'a number of bytes above 0',
  accepts: (value): value is number => typeof value === 'number' && value > 0 && value < 2 ** 60,
};

export const sweepConstraints = { ...jobConstraints, maxBytes: byteCount };

/**
 * The bytes that signals of a call may take. Refuses (ERR_ARGUMENT) fewer than `least`, and (ERR_OUT_OF_MEMORY) more than
 * there are beside `results`; `all`: what the signals of all samples would take.
 */
export function planBytes(
  what: string,
  { maxBytes = usualBytes }: { readonly maxBytes?: number } & JobOptions,
  least: number,
  all: number,
  results: number,
): number {
  if (least > maxBytes) {
    const needed = Math.ceil(least / 2 ** 20);
    throw new KernelError(
      'ERR_ARGUMENT',
      `maxBytes: expected at least ${Math.ceil(least)} (${needed} MiB) for ${what}, got ${maxBytes}; ` +
        'allow more, or take a smaller width or fewer outputs',
      { needed: least, maxBytes },
    );
  }
  requireMemory(what, Math.min(maxBytes, all) + results, 'use a smaller width, fewer samples or a smaller maxBytes');
  return maxBytes;
}
