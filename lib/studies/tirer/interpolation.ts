import { type CircleInterpolant, circleTarget, interpolateCircle } from '../../smoothness/circle.js';
import type { Item, Outcome } from '../definition.js';
import { atMost } from '../measure.js';
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

/** The claim is about branches that are not stronger than the identity. */
function rowsOf({ depth, alphas, samples }: TirerSettings): readonly Row[] {
  const weak = claimed(alphas);
  const [plain, ...residual] = contenders(depth, weak);
  return samples.map((count) => ({
    samples: count,
    mlp: interpolateCircle((plain as (typeof residual)[number]).curve, count),
    resnets: residual.map(({ curve }, i) => ({
      alpha: weak[i] as number,
      interpolant: interpolateCircle(curve, count),
    })),
  }));
}

function ratios(row: Row, figure: (of: CircleInterpolant) => number): readonly number[] {
  return row.resnets.map(({ interpolant }) => figure(interpolant) / figure(row.mlp));
}

function pointsOf(x: Float64Array, y: Float64Array): readonly ChartPoint[] {
  return Array.from(x, (at, i) => ({ x: at, y: y[i] as number }));
}

/** Corners, tails and errors of interpolants on the circle.                          [circle-interpolant; derivative-jump] */
export const interpolation: Item<typeof tirerParameters> = {
  id: 'T4',
  title: 'The ResNet’s interpolant is smoother',
  claim:
    'Interpolating samples of a function on the circle, the MLP’s kernel puts corners at the samples; the ResNet’s none that can be seen.',
  check:
    `The interpolants of ${circleTarget.label} at evenly spaced samples: largest jump of the derivative, sum of the jumps, amplitude above frequency 20, and ` +
    'L² error, each over that of the MLP, for every α ≤ 1; at depth 5 their values as an independent program has found them.',
  expected: 'Below 1, all of them.',
  reference: { paper: 'Tirer20', equations: ['circle-interpolant', 'derivative-jump', 'spectral-tail'] },
  outside: outsideClaim,
  run: async (settings: TirerSettings): Promise<Outcome> => {
    const rows = rowsOf(settings);
    const largest = rows.at(-1) as Row;
    const shown = largest.resnets.reduce((best, one) =>
      Math.abs(Math.log(one.alpha / shownAlpha)) < Math.abs(Math.log(best.alpha / shownAlpha)) ? one : best,
    );
    const curve = (id: string, label: string, family: ChartSeries['family'], values: Float64Array): ChartSeries => ({
      id,
      label,
      family,
      points: [...largest.mlp.angles].map((x, i) => ({ x, y: values[i] as number })),
    });
    const over = (what: string, figure: (of: CircleInterpolant) => number): ChartSeries => ({
      id: what,
      label: what,
      family: 'resnet',
      points: ratios(largest, figure).map((y, i) => ({ x: (largest.resnets[i] as Row['resnets'][number]).alpha, y })),
    });
    return {
      measured: [
        ...rows.flatMap((row) => [
          atMost(
            `largest jump over the MLP’s, n = ${row.samples}`,
            Math.max(...ratios(row, (one) => one.largestJump)),
            1,
          ),
          atMost(
            `sum of jumps over the MLP’s, n = ${row.samples}`,
            Math.max(...ratios(row, (one) => one.totalJump)),
            1,
          ),
          atMost(
            `amplitude above frequency 20 over the MLP’s, n = ${row.samples}`,
            Math.max(...ratios(row, (one) => one.spectralTail)),
            1,
          ),
          atMost(`L² error over the MLP’s, n = ${row.samples}`, Math.max(...ratios(row, (one) => one.rmsError)), 1),
        ]),
        ...knownInterpolants(settings.depth),
      ],
      charts: [
        {
          name: 'tirer-interpolants',
          title: `Interpolants through ${largest.samples} samples`,
          caption: `${circleTarget.label} on the circle, interpolated with the tangent kernels of an MLP and of a ResNet of ${settings.depth} layers or blocks. Broad and pale: the target; circles: the samples.`,
          x: { label: 'Angle t (radians)', scale: 'linear' },
          y: { label: 'Value', scale: 'linear' },
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
          caption: `Each figure over that of the MLP’s interpolant through the same ${largest.samples} samples; 1 is no difference.`,
          x: { label: 'Scale α of the branches', scale: 'log' },
          y: { label: 'Over that of the MLP', scale: 'linear' },
          series: [
            over('Largest jump', (one) => one.largestJump),
            over('Amplitude above frequency 20', (one) => one.spectralTail),
            over('L² error', (one) => one.rmsError),
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
  run: async (settings: TirerSettings): Promise<Outcome> => ({
    measured: rowsOf(settings).flatMap((row) =>
      row.resnets.map(({ alpha, interpolant }) =>
        atMost(
          `∫|df̂′| over the MLP’s, n = ${row.samples}, α = ${alpha}`,
          interpolant.totalVariation / row.mlp.totalVariation,
          1,
        ),
      ),
    ),
    remarks: [
      'Where this fails it is because the MLP’s interpolant falls short of the waves between the samples: a flatter curve varies less, although it has ' +
        'corners. Jumps, tails and errors rank as T4 says; total variation and ∫f̂″² do not measure smoothness here.',
    ],
    charts: [],
  }),
};
