/** The item that several papers begin with: the closed form is the limit of networks of growing width. */

import { createRandom } from '../data/rng.js';
import { widthConvergence } from '../finite/monte-carlo.js';
import type { KernelName } from '../kernel.js';
import type { PresetSpec } from '../presets.js';
import type { Samples } from '../tensor.js';
import type { Item } from './definition.js';
import { atMost, near } from './measure.js';
import { integerParameter, integersParameter, type Parameters, type Settings } from './parameters.js';
import { normalPoints } from './points.js';
import type { Chart, ChartSeries, ItemReference, Measurement } from './schema.js';

/** Parameters that a study with such an item has among its own. */
export const widthParameters = {
  widths: integersParameter(
    'widths of the sampled networks, two or more',
    { low: 8, high: 65_536 },
    {
      quick: [64, 128, 256, 512],
      usual: [64, 128, 256, 512, 1024],
      full: [64, 128, 256, 512, 1024, 2048],
    },
  ),
  networks: integerParameter('networks of every width', { low: 2, high: 10_000 }, { quick: 32, usual: 64, full: 128 }),
} as const;

interface WidthCase {
  readonly label: string;
  readonly spec: PresetSpec;
  readonly inputs: (seed: number) => Samples;
}

interface WidthItem {
  /** Begins the names of its figures. */
  readonly study: string;
  readonly id: string;
  readonly paper: string;
  readonly cases: readonly WidthCase[];
}

const kernels = { nngp: 'NNGP', ntk: 'NTK' } as const satisfies Record<KernelName, string>;

/** Errors of single networks against the closed form, over width.                                         [width-slope] */
export function widthItem<P extends typeof widthParameters & Parameters>({
  study,
  id,
  paper,
  cases,
}: WidthItem): Item<P> {
  const reference: ItemReference = { paper, equations: ['width-slope'] };
  return {
    id,
    title: 'Networks of growing width have these kernels',
    claim:
      'The kernels of a network with random weights tend to the closed form as its width m grows, with an error of the order m^−½.',
    check:
      'Kernels of sampled networks on random inputs against the closed form: the relative error in the Frobenius norm over the width, its slope on logarithmic axes, ' +
      'and the error of the mean over the networks at the largest width.',
    expected:
      'A slope of −½ within three standard errors; a mean whose error is at most three times what chance leaves, error/√networks, and 4/m of bias.',
    reference,
    run: async (settings: Settings<P>, context) => {
      const { widths, networks } = settings as Settings<typeof widthParameters>;
      const measured: Measurement[] = [];
      const charts: Chart[] = [];
      for (const { label, spec, inputs } of cases) {
        const options = { widths: [...widths], networks, seed: context.seed, ...context.job(label) };
        const both = await widthConvergence(spec, inputs(context.seed), ['nngp', 'ntk'], options);
        for (const which of ['nngp', 'ntk'] as const) {
          const { slope, slopeStandardError, widths: errors } = both[which];
          const last = errors.at(-1);
          if (slope !== null && slopeStandardError !== null) {
            const what = `slope of the error over the width, ${kernels[which]}, ${label}`;
            measured.push(near(what, slope, -0.5, 3 * slopeStandardError));
          }
          if (last === undefined) continue;
          const bound = (3 * last.error) / Math.sqrt(networks) + 4 / last.width;
          measured.push(
            atMost(
              `error of the mean over ${networks} networks, m = ${last.width}, ${kernels[which]}, ${label}`,
              last.meanError,
              bound,
            ),
          );
        }
        charts.push({
          name: `${study}-width-${charts.length + 1}`,
          title: `Error of sampled networks, ${label}`,
          caption: `Relative error of the kernels of single networks against the closed form; root mean square over ${networks} networks and two standard errors.`,
          x: { label: 'Width m', scale: 'depth' },
          y: { label: 'Relative error', scale: 'log' },
          series: (['nngp', 'ntk'] as const).map(
            (which): ChartSeries => ({
              id: which,
              label: kernels[which],
              family: 'resnet',
              points: both[which].widths.map(({ width, error, standardError }) => ({
                x: width,
                y: error,
                spread: 2 * standardError,
              })),
            }),
          ),
        } as const);
      }
      return { measured, charts };
    },
  };
}

/** Points of a sphere. */
export function spherePoints(count: number, dimension: number) {
  return (seed: number): Samples => normalPoints(createRandom(seed, 77), count, dimension);
}

/** Signals of unit pixels. */
export function unitSignals(count: number, pixels: number, channels: number) {
  return (seed: number): Samples => {
    const all = normalPoints(createRandom(seed, 78), count * pixels, channels);
    return { data: Float64Array.from(all.flatMap((pixel) => [...pixel])), shape: [count, pixels, channels] };
  };
}
