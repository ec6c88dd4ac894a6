import { hierarchy } from '../../finite/hierarchy.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, logSlope, near } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { architectures, problemOf, quiet, rootMeanSquare, withNetwork } from './setting.js';

const tolerance = 0.2;

interface Sizes {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  /** Root mean squares over entries and networks of K⁽²⁾, K⁽³⁾, K⁽⁴⁾, by width. */
  readonly rms: readonly (readonly number[])[];
}

function sizesOf(settings: LiSettings, context: StudyContext): Promise<readonly Sizes[]> {
  return context.once('sizes', () => computed(settings, context));
}

async function computed(settings: LiSettings, context: StudyContext): Promise<readonly Sizes[]> {
  const { x } = problemOf(settings, context.seed);
  const rows: Sizes[] = [];
  for (const architecture of architectures(settings)) {
    const squares = settings.hierarchyWidths.map(() => [0, 0, 0]);
    for (const [w, width] of settings.hierarchyWidths.entries()) {
      for (let seed = 0; seed < settings.seeds; seed++) {
        await withNetwork(architecture, width, settings.dimension, context.seed + seed, async (network) => {
          const { second, third, fourth } = await hierarchy(network, x, { order: 4, ...quiet(context) });
          for (const [r, tensor] of [second, third, fourth].entries()) {
            const row = squares[w] as number[];
            row[r] = (row[r] as number) + rootMeanSquare(tensor?.data ?? []) ** 2 / settings.seeds;
          }
        });
      }
    }
    const { id, label, family } = architecture;
    rows.push({ id, label, family, rms: [0, 1, 2].map((r) => squares.map((row) => Math.sqrt(row[r] as number))) });
  }
  return rows;
}

function nameOf(rank: number): string {
  return `K⁽${'⁰¹²³⁴'[rank]}⁾`;
}

function slopesOf(rows: readonly Sizes[], widths: readonly number[]) {
  return rows.flatMap(({ label, rms }) =>
    rms.map((values, r) => ({ rank: r + 2, label, slope: logSlope(widths, values), bound: 1 - (r + 2) / 2 })),
  );
}

/** How large the kernels of the hierarchy are where training begins.                                       [hierarchy] */
export const sizes: Item<typeof liParameters> = {
  id: 'L2',
  title: 'Higher kernels are small in wide networks',
  claim: 'K⁽ʳ⁾ is at most of the order m^(1 − r/2) in the width m, up to logarithms.',
  check:
    'Root mean squares of K⁽²⁾, K⁽³⁾ and K⁽⁴⁾ over entries and networks, at the start: slopes over the width on logarithmic axes.',
  expected: `At most 1 − r/2, and ${tolerance} for the logarithms.`,
  reference: { paper: 'Li20', equations: ['hierarchy'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const rows = await sizesOf(settings, context);
    return {
      measured: slopesOf(rows, settings.hierarchyWidths).map(({ rank, label, slope, bound }) =>
        atMost(`slope of ${nameOf(rank)} over the width, ${label}`, slope, bound + tolerance),
      ),
      charts: rows.map(({ id, label, rms }) => ({
        name: `li-sizes-${id}`,
        title: `Sizes of the hierarchy’s kernels, ${label}`,
        caption: `Root mean squares at the start over ${settings.seeds} networks, n = ${settings.inputs}, L = ${settings.depth}, tanh.`,
        x: { label: 'Width m', scale: 'depth' },
        y: { label: 'Root mean square', scale: 'log' },
        series: rms.map(
          (values, r): ChartSeries => ({
            id: `rank-${r + 2}`,
            label: nameOf(r + 2),
            family: 'resnet',
            points: settings.hierarchyWidths.map((x, w) => ({ x, y: values[w] as number })),
          }),
        ),
      })),
    };
  },
};

/** Is the bound what one sees? */
export const tightness: Item<typeof liParameters> = {
  id: 'L2-tight',
  title: 'They are as large as the bound allows',
  claim: 'The order m^(1 − r/2) is that of the kernels themselves.',
  check: 'The same slopes, against 1 − r/2.',
  expected: `1 − r/2 within ${tolerance}.`,
  reference: { paper: 'Li20', equations: ['hierarchy'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => ({
    measured: slopesOf(await sizesOf(settings, context), settings.hierarchyWidths).map(
      ({ rank, label, slope, bound }): Measurement =>
        near(`slope of ${nameOf(rank)} over the width, ${label}`, slope, bound, tolerance),
    ),
    remarks: ['K⁽³⁾ is of the order 1/m where training begins, as K⁽⁴⁾ is: the bound for r = 3 is not tight there.'],
    charts: [],
  }),
};
