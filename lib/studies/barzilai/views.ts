/** How far the kernel of a pixel sees, on a ring of pixels or an image whose edges meet.                [effective-field] */

import { createRandom } from '../../data/rng.js';
import { gradient } from '../../gradient.js';
import { compile } from '../../kernel.js';
import type { Layer } from '../../layers.js';
import type { Network } from '../../presets.js';
import type { Tensor } from '../../tensor.js';
import type { StudyContext } from '../definition.js';
import { atLeast, atMost, meanWithError } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Measurement } from '../schema.js';
import { blocksOf } from './blocks.js';

export const channels = 3;
/** How alike the two signals of a pair are: the cosine of their pixels before they are divided to unit length. */
const common = 0.5;

/** The same blocks of two filters, in a chain and with skips. */
export const contenders = [
  { id: 'chain', label: 'no skips', family: 'mlp', alpha: null },
  { id: 'alpha-1', label: 'skips, α = 1', family: 'resnet', alpha: 1 },
  { id: 'alpha-0.3', label: 'skips, α = 0.3', family: 'resnet', alpha: 0.3 },
] as const;

/** Of shares that add up to 1: that of the pixel which the head reads, and the root mean squared distance from it. */
export interface Extent {
  readonly centre: number;
  readonly radius: number;
}

/** The shares of the pixels, one array for each pair or network. */
export type Views = readonly Float64Array[];

export interface Pair {
  readonly x: readonly Float64Array[];
  readonly z: readonly Float64Array[];
}

export function pairOf(random: ReturnType<typeof createRandom>, pixels: number): Pair {
  const x = normalPoints(random, pixels, channels);
  const other = normalPoints(random, pixels, channels);
  const z = x.map((pixel, i) => {
    const mixed = pixel.map(
      (value, c) => common * value + Math.sqrt(1 - common ** 2) * ((other[i] as Float64Array)[c] as number),
    );
    const length = Math.hypot(...mixed);
    return mixed.map((value) => value / length);
  });
  return { x, z };
}

/** Signals one after another. */
export function tensorOf(signals: readonly (readonly Float64Array[])[], grid: readonly number[]): Tensor {
  return {
    data: Float64Array.from(signals.flatMap((signal) => signal.flatMap((pixel) => [...pixel]))),
    shape: [signals.length, ...grid, channels],
  };
}

export function middleOf(grid: readonly number[]): readonly number[] {
  return grid.map((side) => side >> 1);
}

/** Filters of three pixels along each axis, and the middle pixel read. */
export function viewer(depth: number, alpha: number | null, grid: readonly number[]): Layer {
  return blocksOf(depth, alpha, { sizes: [3, 3], read: 'pixel', at: middleOf(grid) });
}

/** |∂Θ/∂s_i| of every pixel along the arc to that pixel of the other signal, not divided by their sum. */
export async function sensitivityOf(
  network: Network,
  pairs: readonly Pair[],
  grid: readonly number[],
  context: Pick<StudyContext, 'job'>,
  phase: string,
): Promise<Views> {
  const kernel = compile(network);
  try {
    const all: Float64Array[] = [];
    for (const { x, z } of pairs) {
      const { data } = await gradient(kernel, tensorOf([z], grid), tensorOf([x], grid), 'ntk', context.job(phase));
      all.push(
        Float64Array.from(z, (pixel, i) =>
          Math.abs(along(pixel, x[i] as Float64Array, data.subarray(i * channels, (i + 1) * channels))),
        ),
      );
    }
    return all;
  } finally {
    kernel.dispose();
  }
}

export function sharesOf(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

export function meanView(views: Views): Float64Array {
  return Float64Array.from(views[0] as Float64Array, (_, i) =>
    views.reduce((sum, view) => sum + (view[i] as number) / views.length, 0),
  );
}

export function extentOf(shares: Float64Array, grid: readonly number[]): Extent {
  const middle = middleOf(grid);
  let [centre, squares] = [0, 0];
  for (const [i, share] of shares.entries()) {
    let rest = i;
    let away = 0;
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const side = grid[axis] as number;
      const gap = Math.abs((rest % side) - (middle[axis] as number));
      away += Math.min(gap, side - gap) ** 2;
      rest = Math.floor(rest / side);
    }
    if (away === 0) centre = share;
    squares += share * away;
  }
  return { centre, radius: Math.sqrt(squares) };
}

interface Asked {
  readonly grid: readonly number[];
  readonly depths: readonly number[];
  readonly draws: number;
  /** Of the random numbers, one for each pair. */
  readonly stream: number;
}

/** The views of every contender at every depth, of the same pairs, and what is expected of them. */
export async function followViews({ grid, depths, draws, stream }: Asked, context: StudyContext) {
  const pixels = grid.reduce((product, side) => product * side, 1);
  const pairs = Array.from({ length: draws }, (_, draw) => pairOf(createRandom(context.seed, stream + draw), pixels));
  const views = new Map<number, readonly Views[]>();
  const measured: Measurement[] = [];
  for (const depth of depths) {
    const all: Views[] = [];
    for (const { alpha } of contenders) {
      const found = await sensitivityOf(viewer(depth, alpha, grid), pairs, grid, context, `depth ${depth}`);
      all.push(found.map(sharesOf));
    }
    views.set(depth, all);
    measured.push(...extentsAgainst(all, grid, `, L = ${depth}`));
  }
  return { views, measured };
}

/** Shares and distances over those of the first, pair by pair. */
export function extentsAgainst(all: readonly Views[], grid: readonly number[], where: string): Measurement[] {
  const extents = all.map((views) => views.map((view) => extentOf(view, grid)));
  return contenders.slice(1).flatMap(({ label }, k) => {
    const over = (of: keyof Extent) =>
      meanWithError((extents[k + 1] ?? []).map((one, i) => one[of] / (extents[0]?.[i]?.[of] ?? Number.NaN)));
    const [centre, radius] = [over('centre'), over('radius')];
    return [
      atLeast(
        `share of the pixel at the head over that without skips, less 2 standard errors, ${label}${where}`,
        centre.mean - 2 * centre.error,
        1,
      ),
      atMost(
        `distance over that without skips, plus 2 standard errors, ${label}${where}`,
        radius.mean + 2 * radius.error,
        1,
      ),
    ];
  });
}

/** The remark on what fails, if anything does. */
export function failures(measured: readonly Measurement[]): readonly string[] {
  const failing = measured.filter(({ holds }) => !holds);
  return failing.length === 0
    ? []
    : [`Not local beyond two standard errors: ${failing.map(({ what }) => what).join('; ')}.`];
}

/** The derivative along the arc from a unit vector to another. */
function along(from: Float64Array, to: Float64Array, slope: ArrayLike<number>): number {
  const cosine = from.reduce((sum, value, c) => sum + value * (to[c] as number), 0);
  const direction = from.map((value, c) => (to[c] as number) - cosine * value);
  const length = Math.hypot(...direction);
  return direction.reduce((sum, value, c) => sum + (value / length) * (slope[c] as number), 0);
}
