import { type CircleInterpolant, circleTarget, interpolateCircle } from '../../smoothness/circle.js';
import { alphaAxis, angleAxis, overMlp, valueAxis } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, whereFailing } from '../measure.js';
import type { ChartPoint, ChartSeries } from '../schema.js';
import { claimed, outsideClaim } from './attenuated.js';
import { contenders } from './curves.js';
import { knownInterpolants } from './known.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

const shownAlpha = 0.1;

interface Row {
  readonly samples: number;
  readonly mlp: CircleInterpolant;
  readonly resnets: readonly { readonly alpha: number; readonly interpolant: CircleInterpolant }[];
}

function rowsOf({ depth, alphas, samples }: TirerSettings, context: StudyContext): Promise<readonly Row[]> {
  return context.once('interpolants on the circle', async () => {
    const [plain, ...residual] = contenders(depth, alphas);
    return samples.map((count) => ({
      samples: count,
      mlp: interpolateCircle((plain as (typeof residual)[number]).curve, count),
      resnets: residual.map(({ curve }, i) => ({
        alpha: alphas[i] as number,
        interpolant: interpolateCircle(curve, count),
      })),
    }));
  });
}

/** Over the MLP’s, for every α. */
function ratios(row: Row, figure: (of: CircleInterpolant) => number): readonly ChartPoint[] {
  return row.resnets.map(({ alpha, interpolant }) => ({ x: alpha, y: figure(interpolant) / figure(row.mlp) }));
}

export function pointsOf(x: ArrayLike<number>, y: ArrayLike<number>): readonly ChartPoint[] {
  return Array.from(x, (at, i) => ({ x: at, y: y[i] as number }));
}

const figures = {
  'largest jump': (one: CircleInterpolant) => one.largestJump,
  'sum of jumps': (one: CircleInterpolant) => one.totalJump,
  'amplitude above frequency 20': (one: CircleInterpolant) => one.spectralTail,
  'L² error': (one: CircleInterpolant) => one.rmsError,
} as const;

/** Corners, tails and errors of interpolants on the circle.                          [circle-interpolant; derivative-jump] */
export const interpolation: Item<typeof tirerParameters> = {
  id: 'T4',
  title: 'The ResNet’s interpolant is smoother',
  claim:
    'Interpolating samples of a function on the circle, the MLP’s kernel puts corners at the samples; the ResNet’s weaker ones, by every measure of them, and its error is smaller.',
  check:
    `The interpolants of ${circleTarget.label} at evenly spaced samples: largest jump of the derivative, sum of the jumps, amplitude above frequency 20, and ` +
    'L² error, each over that of the MLP, for every α ≤ 1; at depth 5 their values as an independent program has found them.',
  expected: 'Below 1, all of them.',
  reference: { paper: 'Tirer20', equations: ['circle-interpolant', 'derivative-jump', 'spectral-tail'] },
  outside: outsideClaim,
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const rows = await rowsOf(settings, context);
    const judged = claimed(settings.alphas);
    const largest = rows.at(-1) as Row;
    const shown = largest.resnets.reduce((best, one) =>
      Math.abs(Math.log(one.alpha / shownAlpha)) < Math.abs(Math.log(best.alpha / shownAlpha)) ? one : best,
    );
    const curve = (id: string, label: string, family: ChartSeries['family'], values: Float64Array): ChartSeries => ({
      id,
      label,
      family,
      points: pointsOf(largest.mlp.angles, values),
    });
    const over = (what: string, figure: (of: CircleInterpolant) => number): ChartSeries => ({
      id: what,
      label: what,
      family: 'resnet',
      points: ratios(largest, figure),
    });
    return {
      measured: [
        ...rows.flatMap((row) =>
          Object.entries(figures).map(([what, figure]) =>
            atMost(
              `${what} over the MLP’s, n = ${row.samples}`,
              Math.max(...ratios(row, figure).flatMap(({ x, y }) => (judged.includes(x) ? [y] : []))),
              1,
            ),
          ),
        ),
        ...(await knownInterpolants(settings.depth, context.job('interpolants'))),
      ],
      charts: [
        {
          name: 'tirer-interpolants',
          title: `Interpolants through ${largest.samples} samples`,
          caption: `${circleTarget.label} on the circle, interpolated with the tangent kernels of an MLP and of a ResNet of ${settings.depth} layers or blocks. Broad and pale: the target; circles: the samples.`,
          x: angleAxis,
          y: valueAxis,
          series: [
            curve('mlp', 'MLP', 'mlp', largest.mlp.values),
            curve('resnet', `ResNet, α = ${shown.alpha}`, 'resnet', shown.interpolant.values),
          ],
          target: pointsOf(largest.mlp.angles, largest.mlp.truth),
          samples: pointsOf(largest.mlp.sampleAngles, largest.mlp.sampleValues),
        },
        {
          name: 'tirer-roughness',
          title: 'Roughness of the ResNet’s interpolant, by the scale of its branches',
          caption: `Each figure over that of the MLP’s interpolant through the same ${largest.samples} samples; ${settings.depth} layers or blocks. The rule at 1 is no difference.`,
          x: alphaAxis,
          y: overMlp('linear'),
          series: [
            over('Largest jump', figures['largest jump']),
            over('Amplitude above frequency 20', figures['amplitude above frequency 20']),
            over('L² error', figures['L² error']),
            over('Total variation of f′', (one) => one.totalVariation),
          ],
        },
      ],
    };
  },
};

/** A measure of smoothness that misleads.                                                            [circle-interpolant] */
export const variation: Item<typeof tirerParameters> = {
  id: 'T4-variation',
  title: 'By the total variation of the derivative the ResNet is smoother, too',
  claim: 'The derivative of the ResNet’s interpolant varies less in total than that of the MLP’s.',
  check: '∫|df̂′| around the circle, corners included, over that of the MLP, for every α ≤ 1 and number of samples.',
  expected: 'Below 1, all of them.',
  reference: { paper: 'Tirer20', equations: ['circle-interpolant'] },
  outside: outsideClaim,
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const judged = claimed(settings.alphas);
    const measured = (await rowsOf(settings, context)).flatMap((row) =>
      ratios(row, (one) => one.totalVariation)
        .filter(({ x }) => judged.includes(x))
        .map(({ x, y }) => atMost(`∫|df̂′| over the MLP’s, n = ${row.samples}, α = ${x}`, y, 1)),
    );
    return {
      measured,
      remarks: whereFailing(
        measured,
        'The MLP’s interpolant falls short of the waves between the samples: a flatter curve varies less, although it has corners. Total variation and ∫f̂″² do not ' +
          'measure smoothness here; jumps and tails do (T4).',
      ),
      charts: [],
    };
  },
};
