import { createRandom } from '../../data/rng.js';
import { type CircleInterpolant, type CircleTarget, interpolateCircle } from '../../smoothness/circle.js';
import { holderConstant } from '../../smoothness/feature-holder.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost } from '../measure.js';
import { normal } from '../points.js';
import { quotient } from '../quotient.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { claimed, outsideClaim } from './attenuated.js';
import { type Contender, contenders } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** The highest frequency of a random target. */
const band = 4;

/** Figures that are drawn. */
const charts: Readonly<Record<string, { readonly name: string; readonly title: string }>> = {
  'largest jump': { name: 'tirer-random-targets', title: 'Largest jumps for random targets, over the MLP’s' },
  'amplitude above frequency 20': {
    name: 'tirer-random-tails',
    title: 'Amplitude above frequency 20 for random targets, over the MLP’s',
  },
  'largest second difference': {
    name: 'tirer-random-bends',
    title: 'Largest second differences for random targets, over the MLP’s',
  },
};

/** Half a degree: the angles at which interpolants are shown. */
const step = (2 * Math.PI) / 720;

const figures: Readonly<Record<string, (one: CircleInterpolant, holder: number) => number>> = {
  'largest jump': (one) => one.largestJump,
  'sum of jumps': (one) => one.totalJump,
  'amplitude above frequency 20': (one) => one.spectralTail,
  'largest second difference': ({ values }) => largestSecond(values),
  'Hölder bound': (one, holder) => normOf(one) * holder,
};

/** Largest |f̂(t + h) − 2f̂(t) + f̂(t − h)|/h²: of a corner its jump over h, so that it is told with its step.  [path-lipschitz] */
function largestSecond(values: Float64Array): number {
  const turn = values.length - 1;
  const at = (i: number) => values[(i + turn) % turn] as number;
  let most = 0;
  for (let i = 0; i < turn; i++) most = Math.max(most, Math.abs(at(i + 1) - 2 * at(i) + at(i - 1)));
  return most / step ** 2;
}

/** ‖f̂‖² = cᵀKc = cᵀy for an interpolant.                                                                    [rkhs-norm] */
function normOf({ coefficients, sampleValues }: CircleInterpolant): number {
  return Math.sqrt(
    Math.max(
      0,
      coefficients.reduce((sum, c, i) => sum + c * (sampleValues[i] as number), 0),
    ),
  );
}

/** Not for one target alone.                                                      [circle-interpolant; derivative-jump] */
export const randomTargets: Item<typeof tirerParameters> = {
  id: 'T6',
  title: 'On average over targets, too',
  claim:
    'Interpolants of ResNets with α ≤ 1 are smoother than the MLP’s for random targets, whatever the number of samples.',
  check:
    `Targets with independent normal coefficients up to frequency ${band}, the same for every kernel: the largest jump of the derivative, the sum of the jumps, the amplitude above ` +
    'frequency 20, the largest second difference over the squared step h = 2π/720, and the Hölder bound ‖f̂‖C with C√θ ≥ ‖Φ(x) − Φ(z)‖; the ResNet’s mean over the draws divided by the MLP’s, plus two standard errors of that quotient.',
  expected: 'At most 1 for every α ≤ 1 and number of samples.',
  reference: {
    paper: 'Tirer20',
    equations: ['circle-interpolant', 'derivative-jump', 'spectral-tail', 'path-lipschitz', 'holder-bound'],
  },
  outside: outsideClaim,
  run: async ({ depth, alphas, draws, randomSamples }: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const weak = claimed(alphas);
    const [plain, ...residual] = contenders(depth, weak) as [Contender, ...Contender[]];
    const holder = new Map([plain, ...residual].map(({ id, curve }) => [id, holderConstant(curve)]));
    const measured: Measurement[] = [];
    const series = new Map<string, { x: number; y: number; spread: number }[]>();
    for (const samples of randomSamples) {
      const targets = Array.from({ length: draws }, (_, draw) => randomTarget(context.seed, draw));
      const own = targets.map((target) => interpolateCircle(plain.curve, samples, target));
      for (const { id, label, curve } of residual) {
        await new Promise((resolve) => setImmediate(resolve));
        context.job('targets').signal?.throwIfAborted();
        const other = targets.map((target) => interpolateCircle(curve, samples, target));
        for (const [what, figure] of Object.entries(figures)) {
          const { mean, error } = quotient(
            other.map((one) => figure(one, holder.get(id) as number)),
            own.map((one) => figure(one, holder.get(plain.id) as number)),
          );
          measured.push(
            atMost(`${what} over the MLP’s, mean and 2 standard errors, ${label}, n = ${samples}`, mean + 2 * error, 1),
          );
          const key = `${what} ${id}`;
          series.set(key, [...(series.get(key) ?? []), { x: samples, y: mean, spread: 2 * error }]);
        }
      }
    }
    return {
      measured,
      remarks: [
        'Without biases the kernels of weak branches have next to no odd frequencies above 1 (B3): a target with cos 3t or sin 3t in it takes large ' +
          'coefficients, and with them large jumps, however small the corner of each. That is where the claim fails.',
      ],
      charts: Object.entries(charts).map(([what, { name, title }]) => ({
        name,
        title,
        caption: `Means over ${draws} random targets with frequencies up to ${band}, and two standard errors; ${depth} layers or blocks.`,
        x: { label: 'Samples n', scale: 'depth' },
        y: { label: 'Over that of the MLP', scale: 'linear' },
        series: residual.map(
          ({ id, label, family }): ChartSeries => ({ id, label, family, points: series.get(`${what} ${id}`) ?? [] }),
        ),
      })),
    };
  },
};

function randomTarget(seed: number, draw: number): CircleTarget {
  const random = createRandom(seed, draw);
  const amplitudes = Array.from({ length: band + 1 }, () => [normal(random), normal(random)] as const);
  return {
    label: `random target ${draw}`,
    at: (t) => amplitudes.reduce((sum, [a, b], k) => sum + a * Math.cos(k * t) + b * Math.sin(k * t), 0),
  };
}
