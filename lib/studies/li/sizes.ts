import { logLine } from '../../finite/log-line.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, type Mean, meanWithError, near } from '../measure.js';
import type { ChartSeries } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { architectures, outsideScale } from './setting.js';
import { trainedNetworks } from './training.js';

const ranks = [2, 3, 4] as const;

interface Sizes {
  readonly id: string;
  readonly label: string;
  /** Root mean squares over entries and networks of K⁽²⁾, K⁽³⁾, K⁽⁴⁾, by width. */
  readonly sizes: readonly (readonly Mean[])[];
  /** Their powers of the width. */
  readonly slopes: readonly { readonly slope: number; readonly error: number }[];
}

async function sizesOf(settings: LiSettings, context: StudyContext): Promise<readonly Sizes[]> {
  const rows: Sizes[] = [];
  for (const architecture of architectures(settings)) {
    const networks = await trainedNetworks(architecture, settings, context);
    const sizes = ranks.map((_, r) => networks.map((row) => rootOf(row.map(({ squares }) => squares[r] as number))));
    const slopes = sizes.map((means) =>
      logLine(means.map((mean, w) => ({ x: settings.hierarchyWidths[w] as number, ...mean }))),
    );
    rows.push({ id: architecture.id, label: architecture.label, sizes, slopes });
  }
  return rows;
}

/** The root of a mean of squares, and its standard error. */
function rootOf(squares: readonly number[]): Mean {
  const { mean, error } = meanWithError(squares);
  return { mean: Math.sqrt(mean), error: error / (2 * Math.sqrt(mean)) };
}

function nameOf(rank: number): string {
  return `K⁽${'⁰¹²³⁴'[rank]}⁾`;
}

/** By how much a factor log m raises a slope over these widths: d log log m/d log m = 1/log m, where they are in the middle. */
function logarithm(widths: readonly number[]): number {
  return 1 / (widths.reduce((sum, width) => sum + Math.log(width), 0) / widths.length);
}

/** How large the kernels of the hierarchy are where training begins.                                       [hierarchy] */
export const sizes: Item<typeof liParameters> = {
  id: 'L2',
  title: 'Higher kernels are small in wide networks',
  claim: 'K⁽ʳ⁾ is at most of the order m^(1 − r/2) in the width m, up to logarithms.',
  check:
    'Root mean squares of K⁽²⁾, K⁽³⁾ and K⁽⁴⁾ over entries and networks, at the start: slopes over the width on logarithmic axes, with two standard errors added.',
  expected: 'At most 1 − r/2, and 1/log m, by which one factor log m raises a slope in the middle of the widths.',
  reference: { paper: 'Li20', equations: ['hierarchy'] },
  outside: outsideScale,
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const rows = await sizesOf(settings, context);
    const extra = logarithm(settings.hierarchyWidths);
    return {
      measured: rows.flatMap(({ label, slopes }) =>
        slopes.map(({ slope, error }, r) => {
          const rank = ranks[r] as number;
          return atMost(`slope of ${nameOf(rank)} over the width, ${label}`, slope + 2 * error, 1 - rank / 2 + extra);
        }),
      ),
      charts: rows.map(({ id, label, sizes: means }) => ({
        name: `li-sizes-${id}`,
        title: `Sizes of the hierarchy’s kernels, ${label}`,
        caption: `Root mean squares at the start over ${settings.seeds} networks and two standard errors, n = ${settings.inputs}, L = ${settings.depth}, tanh.`,
        x: { label: 'Width m', scale: 'depth' },
        y: { label: 'Root mean square', scale: 'log' },
        series: means.map(
          (values, r): ChartSeries => ({
            id: `rank-${ranks[r]}`,
            label: nameOf(ranks[r] as number),
            family: id === 'mlp' ? 'mlp' : 'resnet',
            points: settings.hierarchyWidths.map((x, w) => {
              const { mean, error } = values[w] as Mean;
              return { x, y: mean, spread: 2 * error };
            }),
          }),
        ),
      })),
    };
  },
};

/** Is the bound of K⁽³⁾ what one sees? */
export const tightness: Item<typeof liParameters> = {
  id: 'L2-tight',
  title: 'K⁽³⁾ is as large as its bound allows',
  claim: 'At the start K⁽³⁾ has the size that the general bound m^(1 − r/2) gives it, m^−½.',
  check: 'The slope of K⁽³⁾ over the width.',
  expected: '−½ within two standard errors and 1/log m, as L2 allows for logarithms.',
  reference: { paper: 'Li20', equations: ['hierarchy'] },
  outside: outsideScale,
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const rows = await sizesOf(settings, context);
    const extra = logarithm(settings.hierarchyWidths);
    const third = rows.map(({ label, slopes }) => ({ label, ...(slopes[1] as { slope: number; error: number }) }));
    const told = third
      .map(({ label, slope, error }) => `${slope.toFixed(2).replace('-', '−')} ± ${error.toFixed(2)} (${label})`)
      .join(', ');
    return {
      measured: third.map(({ label, slope, error }) =>
        near(`slope of ${nameOf(3)} over the width, ${label}`, slope, -0.5, 2 * error + extra),
      ),
      remarks: third.every(({ slope }) => slope < -0.75)
        ? [
            `K⁽³⁾ falls nearly like 1/m where training begins, by ${told}: it is odd in the last weights, so that its terms have random signs and add up like √m instead of m.`,
          ]
        : [],
      charts: [],
    };
  },
};
