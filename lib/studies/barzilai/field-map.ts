import type { Item, Outcome, StudyContext } from '../definition.js';
import type { MapChart } from '../schema.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { contenders, failures, followViews, meanView, type Views } from './views.js';

/** The same over the grid of an image.                                                               [effective-field] */
export const fieldMap: Item<typeof barzilaiParameters> = {
  id: 'C3-map',
  title: 'On images, too, skips keep the view local',
  claim:
    'The kernel of a convolutional ResNet, read at the centre of an image, depends more on the pixels near it than that of the same blocks without skips.',
  check:
    'Images of unit pixels, blocks of two filters of 3 × 3, circular: the derivative of the tangent kernel by every pixel, along the arc to that pixel of the other image; ' +
    'the share of the centre and the root mean squared distance from it, over those without skips in the same pairs.',
  expected: 'A share of at least 1 and a distance of at most 1 over that without skips, by two standard errors.',
  reference: { paper: 'ResCNTK', equations: ['effective-field', 'image-gradient'] },
  outside: ({ mapDepths }) =>
    mapDepths[0] === 1 ? ['mapDepths: the claim is about deep networks, here from two blocks on'] : [],
  run: async ({ viewSide, mapDepths, draws }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const asked = { grid: [viewSide, viewSide], depths: mapDepths, draws, stream: 500 };
    const { views, measured } = await followViews(asked, context);
    const charts = [...views].map(([depth, all]) => chartOf(all, viewSide, depth, draws));
    return { measured, remarks: failures(measured), charts };
  },
};

function chartOf(all: readonly Views[], side: number, depth: number, draws: number): MapChart {
  const half = side / 2;
  const reach = Math.floor((side - 1) / 2);
  const ticks = [-reach, 0, reach];
  return {
    kind: 'map',
    grid: 'cells',
    name: `barzilai-view-map-${depth}`,
    title: `What the kernel of the centre pixel sees, ${depth} blocks`,
    caption:
      `Share of the sensitivity of the tangent kernel at the centre of images of ${side} × ${side} pixels, as its decimal logarithm; two filters of 3 × 3 per block, ` +
      `means over ${draws} pairs.`,
    x: { label: 'Column, from the centre', low: -half, high: half, ticks },
    y: { label: 'Row, from the centre', low: -half, high: half, ticks, reversed: true },
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
