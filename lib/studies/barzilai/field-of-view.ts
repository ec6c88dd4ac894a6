import type { Item, Outcome, StudyContext } from '../definition.js';
import type { Chart, ChartSeries, MapChart } from '../schema.js';
import { notDeep } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { contenders, failures, followViews, meanView, type Views } from './views.js';

interface Where {
  readonly id: string;
  readonly title: string;
  /** What the signals are, and the filters. */
  readonly of: string;
  readonly stream: number;
  readonly depths: 'viewDepths' | 'mapDepths';
  readonly gridOf: (settings: BarzilaiSettings) => readonly number[];
  readonly chart: (views: readonly Views[], grid: readonly number[], depth: number, draws: number) => Chart;
}

/** How far the kernel of a pixel sees.                                                               [effective-field] */
function viewItem({ id, title, of, stream, depths, gridOf, chart }: Where): Item<typeof barzilaiParameters> {
  return {
    id,
    title,
    claim:
      'The kernel of a convolutional ResNet, read at one pixel, depends more on that pixel and its neighbours than that of the same blocks without skips.',
    check:
      `${of} each, with skips and in a chain: the derivative of the tangent kernel by every pixel of one, along the arc to that pixel of the other; the share of the pixel at the head and the root mean ` +
      'squared distance from it, over those without skips in the same pairs.',
    expected: 'A share of at least 1 and a distance of at most 1 over that without skips, by two standard errors.',
    reference: { paper: 'ResCNTK', equations: ['effective-field', 'image-gradient'] },
    outside: (settings) => notDeep(depths, settings[depths], 2),
    run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
      const { draws } = settings;
      const grid = gridOf(settings);
      const { views, measured } = await followViews({ grid, depths: settings[depths], draws, stream }, context);
      const charts = [...views].map(([depth, all]) => chart(all, grid, depth, draws));
      return { measured, remarks: failures(measured), charts };
    },
  };
}

export const fieldOfView = viewItem({
  id: 'C3',
  title: 'Skips keep the view local',
  of: 'Signals of unit pixels in a ring, blocks of two filters of 3 pixels',
  stream: 0,
  depths: 'viewDepths',
  gridOf: ({ pixels }) => [pixels],
  chart: (all, [pixels], depth, draws) =>
    viewChart(
      `barzilai-view-${depth}`,
      `What a pixel’s kernel sees, ${depth} blocks`,
      `Share of the sensitivity of the tangent kernel, by distance from the pixel that it reads; rings of ${pixels} pixels, two filters of 3 pixels per block, means over ${draws} pairs.`,
      all,
    ),
});

/** The same over the grid of an image. */
export const fieldMap = viewItem({
  id: 'C3-map',
  title: 'On images, too, skips keep the view local',
  of: 'Images of unit pixels whose edges meet, blocks of two filters of 3 × 3',
  stream: 500,
  depths: 'mapDepths',
  gridOf: ({ viewSide }) => [viewSide, viewSide],
  chart: viewMap,
});

/** Shares by distance, one curve for each contender. */
export function viewChart(name: string, title: string, caption: string, all: readonly Views[]): Chart {
  return {
    name,
    title,
    caption,
    x: { label: 'Distance in pixels', scale: 'linear' },
    y: { label: 'Share of the sensitivity', scale: 'linear' },
    series: contenders.map(
      ({ id, label, family }, c): ChartSeries => ({
        id,
        label,
        family,
        points: [...meanView(all[c] as Views)].map((y, i, { length }) => ({ x: i - (length >> 1), y })),
      }),
    ),
  };
}

function viewMap(all: readonly Views[], [side = 0]: readonly number[], depth: number, draws: number): MapChart {
  const half = side / 2;
  const reach = Math.floor((side - 1) / 2);
  const axis = { low: -half, high: half, ticks: [-reach, 0, reach] };
  return {
    kind: 'map',
    grid: 'cells',
    name: `barzilai-view-map-${depth}`,
    title: `What the kernel of the centre pixel sees, ${depth} blocks`,
    caption:
      `Share of the sensitivity of the tangent kernel at the centre of images of ${side} × ${side} pixels, as its decimal logarithm; two filters of 3 × 3 per block, ` +
      `means over ${draws} pairs.`,
    x: { ...axis, label: 'Column, from the centre' },
    y: { ...axis, label: 'Row, from the centre', reversed: true },
    colour: { label: 'log₁₀ of the share', scale: 'sequential' },
    panels: contenders.map(({ label }, c) => {
      const view = meanView(all[c] as Views);
      return {
        title: label,
        values: Array.from({ length: side }, (_, row) =>
          // Beyond what the filters reach, and beyond what an eye tells apart.
          Array.from(view.subarray(row * side, (row + 1) * side), (share) => Math.max(-6, Math.log10(share))),
        ),
      };
    }),
  };
}
