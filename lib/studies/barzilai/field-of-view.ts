import type { Item, Outcome, StudyContext } from '../definition.js';
import type { Chart, ChartSeries } from '../schema.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { contenders, failures, followViews, meanView, type Views } from './views.js';

/** How far the kernel of a pixel sees.                                                               [effective-field] */
export const fieldOfView: Item<typeof barzilaiParameters> = {
  id: 'C3',
  title: 'Skips keep the view local',
  claim:
    'The kernel of a convolutional ResNet, read at one pixel, depends more on that pixel and its neighbours than that of the same blocks without skips.',
  check:
    'Signals of unit pixels in a ring, blocks of two filters of 3 pixels each, with skips and in a chain: the derivative of the tangent kernel by every pixel of one signal, along the ' +
    'arc to that pixel of the other; the share that the pixel at the head has, and the root mean squared distance, over those without skips in the same pairs.',
  expected: 'A share of at least 1 and a distance of at most 1 over that without skips, by two standard errors.',
  reference: { paper: 'ResCNTK', equations: ['effective-field', 'image-gradient'] },
  outside: ({ viewDepths }) =>
    viewDepths[0] === 1 ? ['viewDepths: the claim is about deep networks, here from two blocks on'] : [],
  run: async ({ pixels, viewDepths, draws }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const { views, measured } = await followViews({ grid: [pixels], depths: viewDepths, draws, stream: 0 }, context);
    return {
      measured,
      remarks: failures(measured),
      charts: [...views].map(([depth, all]) =>
        chartOf(
          `barzilai-view-${depth}`,
          `What a pixel’s kernel sees, ${depth} blocks`,
          `Share of the sensitivity of the tangent kernel, by distance from the pixel that it reads; rings of ${pixels} pixels, two filters of 3 pixels per block, means over ${draws} pairs.`,
          all,
        ),
      ),
    };
  },
};

/** Shares by distance, one curve for each contender. */
export function chartOf(name: string, title: string, caption: string, all: readonly Views[]): Chart {
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
