/** The item that several papers begin with: the closed form is the limit of networks of growing width. */

import { createRandom } from '../data/rng.js';
import { type WidthConvergences, type WidthError, widthConvergence } from '../finite/monte-carlo.js';
import type { KernelName } from '../kernel.js';
import type { PresetSpec } from '../presets.js';
import type { Samples } from '../tensor.js';
import { errorAxis, widthAxis } from './axes.js';
import type { Item, StudyContext } from './definition.js';
import { atMost, near } from './measure.js';
import { integerParameter, integersParameter, type Parameters, type Settings, sized } from './parameters.js';
import { normalPoints } from './points.js';
import type { ChartPoint, ItemReference, LineChart, Measurement } from './schema.js';
import { seedOf } from './seeds.js';

/** Parameters that a study with such an item has among its own. */
export const widthParameters = {
  widths: integersParameter(
    'widths of the sampled networks, two or more',
    { low: 8, high: 65_536, least: 2 },
    sized([64, 128, 256, 512, 1024], [64, 128, 256, 512, 1024, 2048], [64, 128, 256, 512]),
  ),
  networks: integerParameter('networks of every width', { low: 2, high: 10_000 }, sized(64, 128, 32)),
} as const;

export interface WidthCase {
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

export const kernelLabels = { nngp: 'NNGP', ntk: 'NTK' } as const satisfies Record<KernelName, string>;
const kernels = ['nngp', 'ntk'] as const;

/** What the measurements of `againstLimits` are held to. */
export const widthExpected =
  'A slope of −½ within three standard errors; a mean whose error is at most three times what chance leaves, error/√networks, and the bias of the least width, at ' +
  'most its mean’s error and chance, divided by as much as the width has grown.';

export interface WidthFound {
  readonly label: string;
  readonly found: WidthConvergences<KernelName>;
}

/** Errors of networks of every width against their closed forms, and what is expected of them.             [width-slope] */
export async function againstLimits(
  cases: readonly WidthCase[],
  { widths, networks }: Settings<typeof widthParameters>,
  context: StudyContext,
): Promise<{ readonly all: readonly WidthFound[]; readonly measured: readonly Measurement[] }> {
  const all: WidthFound[] = [];
  for (const [i, { label, spec, inputs }] of cases.entries()) {
    const options = { widths: [...widths], networks, seed: seedOf(context.seed, i), ...context.job(label) };
    all.push({ label, found: await widthConvergence(spec, inputs(context.seed), kernels, options) });
  }
  const measured = all.flatMap(({ label, found }) =>
    kernels.flatMap((which): Measurement[] => {
      const { slope, slopeStandardError, widths: errors } = found[which];
      const [first, last] = [errors[0], errors.at(-1)] as [WidthError, WidthError];
      const name = `${kernelLabels[which]}, ${label}`;
      return [
        ...(slope !== null && slopeStandardError !== null
          ? [near(`slope of the error over the width, ${name}`, slope, -0.5, 3 * slopeStandardError)]
          : []),
        atMost(
          `error of the mean over ${networks} networks, m = ${last.width}, ${name}`,
          last.meanError,
          chance(last) + ((first.meanError + chance(first)) * first.width) / last.width,
        ),
      ];
    }),
  );
  return { all, measured };
}

/** Three times what is left of the error in a mean: passed once in 370 times by a single normal number, and less often by sums of squares. */
function chance({ error, networks }: WidthError): number {
  return (3 * error) / Math.sqrt(networks);
}

export const errorPoints = (errors: readonly WidthError[]): readonly ChartPoint[] =>
  errors.map(({ width, error, standardError }) => ({ x: width, y: error, spread: 2 * standardError }));

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
    expected: widthExpected,
    reference,
    run: async (settings: Settings<P>, context) => {
      const own = settings as Settings<typeof widthParameters>;
      const { all, measured } = await againstLimits(cases, own, context);
      return { measured, charts: all.map((one, i) => chartOf(`${study}-width-${i + 1}`, one, own.networks)) };
    },
  };
}

function chartOf(name: string, { label, found }: WidthFound, networks: number): LineChart {
  return {
    name,
    title: `Error of sampled networks, ${label}`,
    caption:
      `Relative error of the kernels of single networks against the closed form, root mean square over ${networks} networks and two standard errors; in grey the error of the ` +
      'mean over the networks.',
    x: widthAxis,
    y: errorAxis,
    series: kernels.flatMap((which) => [
      { id: which, label: kernelLabels[which], family: 'resnet', points: errorPoints(found[which].widths) },
      {
        id: `${which}-mean`,
        label: `${kernelLabels[which]}, mean`,
        family: 'reference',
        points: found[which].widths.map(({ width, meanError }) => ({ x: width, y: meanError })),
      },
    ]),
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
