import { createRandom } from '../../data/rng.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, type Mean, meanWithError } from '../measure.js';
import type { MapChart, Measurement } from '../schema.js';
import { contenders, pairOf, sensitivityOf, specOf } from './field-of-view.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

/** The same over the grid of an image.                                                               [effective-field] */
export const fieldMap: Item<typeof barzilaiParameters> = {
  id: 'C3-map',
  title: 'On images, too, skips keep the view local',
  claim:
    'The kernel of a convolutional ResNet, read at the centre of an image, depends more on the pixels near it than that of a plain network of the same depth.',
  check:
    'Images of unit pixels, filters of 3 × 3, circular: the derivative of the tangent kernel by every pixel, along the arc to that pixel of the other image; ' +
    'the share of the centre and the root mean squared distance from it, over those without skips in the same pairs.',
  expected: 'A share of at least 1 and a distance of at most 1 over that without skips, by two standard errors.',
  reference: { paper: 'ResCNTK', equations: ['effective-field', 'image-gradient'] },
  run: async ({ viewSide, mapDepths, draws }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const pairs = Array.from({ length: draws }, (_, draw) =>
      pairOf(createRandom(context.seed, 500 + draw), viewSide ** 2),
    );
    const measured: Measurement[] = [];
    const charts: MapChart[] = [];
    for (const depth of mapDepths) {
      const views: (readonly Float64Array[])[] = [];
      for (const { alpha } of contenders) {
        const middle = viewSide >> 1;
        const spec = { ...specOf(depth, alpha), at: [middle, middle] };
        views.push(await sensitivityOf(spec, pairs, [viewSide, viewSide], context, `map at depth ${depth}`));
      }
      const figures = views.map((all) => all.map((view) => figuresOf(view, viewSide)));
      for (const [c, { label, alpha }] of contenders.entries()) {
        if (alpha === null) continue;
        const over = (of: 'centre' | 'radius'): Mean =>
          meanWithError((figures[c] ?? []).map((one, i) => one[of] / (figures[0]?.[i]?.[of] ?? Number.NaN)));
        const [centre, radius] = [over('centre'), over('radius')];
        const named = (what: string) => `${what} over that without skips, ${label}, L = ${depth}`;
        measured.push(
          atLeast(named('share of the centre, less 2 standard errors,'), centre.mean - 2 * centre.error, 1),
          atMost(named('distance, plus 2 standard errors,'), radius.mean + 2 * radius.error, 1),
        );
      }
      charts.push(chartOf(views, viewSide, depth));
    }
    return { measured, charts };
  },
};

/** Of shares that add up to 1, on a grid whose ends meet. */
function figuresOf(view: Float64Array, side: number) {
  const middle = side >> 1;
  const away = (i: number) => {
    const gap = Math.abs(i - middle);
    return Math.min(gap, side - gap);
  };
  const squares = view.reduce(
    (sum, value, i) => sum + value * (away(Math.floor(i / side)) ** 2 + away(i % side) ** 2),
    0,
  );
  return { centre: view[middle * side + middle] as number, radius: Math.sqrt(squares) };
}

function chartOf(views: readonly (readonly Float64Array[])[], side: number, depth: number): MapChart {
  const draws = views[0]?.length ?? 0;
  const half = side / 2;
  const reach = Math.floor((side - 1) / 2);
  const ticks = reach === 0 ? [0] : [-reach, 0, reach];
  return {
    kind: 'map',
    grid: 'cells',
    name: `barzilai-view-map-${depth}`,
    title: `What the kernel of the centre pixel sees, ${depth} layers or blocks`,
    caption:
      `Share of the sensitivity of the tangent kernel at the centre of images of ${side} × ${side} pixels, as its decimal logarithm; filters of 3 × 3, ` +
      `means over ${draws} pairs.`,
    x: { label: 'Column, from the centre', low: -half, high: half, ticks },
    y: { label: 'Row, from the centre', low: -half, high: half, ticks, reversed: true },
    colour: { label: 'log₁₀ of the share', scale: 'sequential' },
    panels: views.map((all, c) => ({
      title: contenders[c]?.label ?? '',
      values: Array.from({ length: side }, (_, row) =>
        Array.from({ length: side }, (_, column) => {
          const sum = all.reduce((total, view) => total + (view[row * side + column] as number), 0);
          // Beyond what the filters reach, and beyond what an eye tells apart.
          return Math.max(-6, Math.log10(sum / draws));
        }),
      ),
    })),
  };
}
