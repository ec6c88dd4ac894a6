import { createRandom } from '../../data/rng.js';
import { gradient } from '../../gradient.js';
import { compile } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, type Mean, meanWithError } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

const channels = 3;
/** How alike the two signals of a pair are: the cosine of neighbouring pixels before they are divided to unit length. */
const common = 0.5;

export const contenders = [
  { id: 'cntk', label: 'No skips', family: 'mlp', alpha: null },
  { id: 'alpha-1', label: 'Skips, α = 1', family: 'resnet', alpha: 1 },
  { id: 'alpha-0.3', label: 'Skips, α = 0.3', family: 'resnet', alpha: 0.3 },
] as const;

interface View {
  /** By distance from the pixel that the head reads, adding up to 1. */
  readonly shares: readonly number[];
  readonly centre: Mean;
  readonly radius: Mean;
}

/** How far the kernel of a pixel sees.                                                               [effective-field] */
export const fieldOfView: Item<typeof barzilaiParameters> = {
  id: 'C3',
  title: 'Skips keep the view local',
  claim:
    'The kernel of a convolutional ResNet, read at one pixel, depends more on that pixel and its neighbours than that of a plain network of the same depth.',
  check:
    'Signals of unit pixels, filters of 3 pixels, circular: the derivative of the tangent kernel by every pixel of one signal, along the arc to that pixel of ' +
    'the other; the share that the pixel at the head has, and the root mean squared distance, over those without skips in the same pairs.',
  expected: 'A share of at least 1 and a distance of at most 1 over that without skips, by two standard errors.',
  reference: { paper: 'ResCNTK', equations: ['effective-field', 'image-gradient'] },
  run: async ({ pixels, viewDepths, draws }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const pairs = Array.from({ length: draws }, (_, draw) => pairOf(createRandom(context.seed, draw), pixels));
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    for (const depth of viewDepths) {
      const views: View[] = [];
      const all: { centre: number; radius: number }[][] = [];
      for (const { alpha } of contenders) {
        const one = await viewOf(specOf(depth, alpha), pairs, pixels, context, `depth ${depth}`);
        views.push(one.view);
        all.push(one.each);
      }
      for (const [c, { label, alpha }] of contenders.entries()) {
        if (alpha === null) continue;
        const over = (of: 'centre' | 'radius') =>
          meanWithError((all[c] ?? []).map((one, i) => one[of] / (all[0]?.[i]?.[of] ?? Number.NaN)));
        const [centre, radius] = [over('centre'), over('radius')];
        measured.push(
          atLeast(
            `share of the pixel at the head over that without skips, less 2 standard errors, ${label}, L = ${depth}`,
            centre.mean - 2 * centre.error,
            1,
          ),
          atMost(
            `distance over that without skips, plus 2 standard errors, ${label}, L = ${depth}`,
            radius.mean + 2 * radius.error,
            1,
          ),
        );
      }
      charts.push({
        name: `barzilai-view-${depth}`,
        title: `What a pixel’s kernel sees, ${depth} layers or blocks`,
        caption: `Share of the sensitivity of the tangent kernel at pixel 0, by distance; signals of ${pixels} pixels, means over ${draws} pairs.`,
        x: { label: 'Distance in pixels', scale: 'linear' },
        y: { label: 'Share of the sensitivity', scale: 'linear' },
        series: contenders.map(
          ({ id, label, family }, c): ChartSeries => ({
            id,
            label,
            family,
            points: (views[c]?.shares ?? []).map((y, i) => ({ x: i - Math.floor(pixels / 2), y })),
          }),
        ),
      } as const);
    }
    return { measured, charts };
  },
};

export function specOf(depth: number, alpha: number | null) {
  return alpha === null
    ? ({ preset: 'cntk', depth, head: 'pixel' } as const)
    : ({ preset: 'barzilai', depth, alpha, innerSize: 3, outerSize: 3, head: 'pixel' } as const);
}

interface Pair {
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

async function viewOf(spec: PresetSpec, pairs: readonly Pair[], pixels: number, context: StudyContext, phase: string) {
  const sums = new Float64Array(pixels);
  const each: { centre: number; radius: number }[] = [];
  for (const shares of await sensitivityOf(spec, pairs, [pixels], context, phase)) {
    let squares = 0;
    for (const [i, share] of shares.entries()) {
      // The signal is a ring.
      squares += share * Math.min(i, pixels - i) ** 2;
      const at = (i + Math.floor(pixels / 2)) % pixels;
      sums[at] = (sums[at] as number) + share / pairs.length;
    }
    each.push({ centre: shares[0] as number, radius: Math.sqrt(squares) });
  }
  const view: View = {
    shares: [...sums],
    centre: meanWithError(each.map(({ centre }) => centre)),
    radius: meanWithError(each.map(({ radius }) => radius)),
  };
  return { view, each };
}

/** For each pair the shares of the pixels, on a grid of any number of axes. */
export async function sensitivityOf(
  spec: PresetSpec,
  pairs: readonly Pair[],
  grid: readonly number[],
  context: StudyContext,
  phase: string,
): Promise<readonly Float64Array[]> {
  const kernel = compile(spec);
  try {
    const all: Float64Array[] = [];
    for (const { x, z } of pairs) {
      const tensor = (signal: readonly Float64Array[]) => ({
        data: Float64Array.from(signal.flatMap((pixel) => [...pixel])),
        shape: [1, ...grid, channels],
      });
      const { data } = await gradient(kernel, tensor(z), tensor(x), 'ntk', context.job(phase));
      const sensitivity = Float64Array.from(z, (pixel, i) =>
        Math.abs(along(pixel, x[i] as Float64Array, data.subarray(i * channels, (i + 1) * channels))),
      );
      const total = sensitivity.reduce((sum, value) => sum + value, 0);
      all.push(sensitivity.map((value) => value / total));
    }
    return all;
  } finally {
    kernel.dispose();
  }
}

/** The derivative along the arc from a unit vector to another. */
function along(from: Float64Array, to: Float64Array, slope: ArrayLike<number>): number {
  const cosine = from.reduce((sum, value, c) => sum + value * (to[c] as number), 0);
  const direction = from.map((value, c) => (to[c] as number) - cosine * value);
  const length = Math.hypot(...direction);
  return direction.reduce((sum, value, c) => sum + (value / length) * (slope[c] as number), 0);
}
