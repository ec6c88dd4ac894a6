import { createRandom, type Random } from '../../data/rng.js';
import { fullTurn, highFrequencies, shown, solveCirculant, tailFrequency, turn } from '../../smoothness/circle.js';
import type { Curve } from '../../smoothness/curve.js';
import { holderConstant } from '../../smoothness/feature-holder.js';
import { overMlp } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, whereFailing } from '../measure.js';
import { normal } from '../points.js';
import { quotient } from '../quotient.js';
import type { ChartPoint, ChartSeries, LineChart, Measurement } from '../schema.js';
import { beyondOne, beyondSamples, claimed } from './attenuated.js';
import { contenders, normOf } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';
import { evenAngles } from './protocol.js';

/** Figures that are drawn. */
const charts: Readonly<Record<string, { readonly name: string; readonly title: string }>> = {
  'largest jump': { name: 'tirer-random-targets', title: 'Largest jumps' },
  'amplitude above frequency 20': {
    name: 'tirer-random-tails',
    title: 'Amplitudes above frequency 20',
  },
  'largest second difference': {
    name: 'tirer-random-bends',
    title: 'Largest second differences',
  },
};

/** What is asked of an interpolant; C is the Hölder constant of its kernel. */
const figures: Readonly<Record<string, (one: Interpolant) => number>> = {
  'largest jump': ({ jumps }) => Math.max(...jumps),
  'sum of jumps': ({ jumps }) => jumps.reduce((sum, jump) => sum + jump, 0),
  'amplitude above frequency 20': ({ tail }) => tail,
  'largest second difference': ({ second }) => second,
  'Hölder bound': ({ norm, holder }) => norm * holder,
};

interface Interpolant {
  readonly jumps: Float64Array;
  readonly tail: number;
  /** Largest |f̂(t + h) − 2f̂(t) + f̂(t − h)|/h²: of a corner its jump over h, so that it is told with its step.  [path-lipschitz] */
  readonly second: number;
  readonly norm: number;
  readonly holder: number;
}

type Solver = (labels: Float64Array) => Interpolant;

/** Interpolants of one kernel at evenly spaced samples, by their labels: everything is linear or quadratic in those.  [circle-interpolant] */
function interpolation(curve: Curve, samples: number, holder: number): Solver {
  const kernel = fullTurn(curve);
  const stride = turn / samples;
  const at = (values: Float64Array, j: number) => values[((j % turn) + turn) % turn] as number;
  const row = Float64Array.from({ length: samples }, (_, j) => at(kernel, j * stride));
  const high = highFrequencies(kernel, tailFrequency);
  const products = row.map((_, i) => high.reduce((sum, value, j) => sum + value * at(high, j + i * stride), 0));
  // Half a degree: the angles at which interpolants are shown.
  const [every, h] = [turn / shown, (2 * Math.PI) / shown];
  const bends = kernel.map((value, j) => (at(kernel, j + every) - 2 * value + at(kernel, j - every)) / h ** 2);
  return (labels) => {
    const c = solveCirculant(row, labels);
    let squares = 0;
    for (let i = 0; i < samples; i++) {
      for (let j = 0; j < samples; j++) {
        squares += (c[i] as number) * (c[j] as number) * (products[Math.abs(i - j)] as number);
      }
    }
    let second = 0;
    for (let j = 0; j < turn; j += every) {
      const bend = c.reduce((sum, one, i) => sum + one * at(bends, j - i * stride), 0);
      second = Math.max(second, Math.abs(bend));
    }
    return {
      jumps: c.map((one) => 2 * curve.cuspSlope * Math.abs(one)),
      tail: Math.sqrt((2 * Math.max(0, squares)) / turn),
      second,
      norm: normOf({ coefficients: c, sampleValues: labels }),
      holder,
    };
  };
}

/** What is drawn anew in every draw. */
const kinds = {
  band: { label: 'band-limited targets', labels: bandLimited },
  labels: { label: 'random labels', labels: independent },
} as const;
type Kind = keyof typeof kinds;

/** Not for one target alone.                                                      [circle-interpolant; derivative-jump] */
export const randomTargets: Item<typeof tirerParameters> = {
  id: 'T6',
  title: 'On average over targets, too',
  claim:
    'Interpolants of ResNets with α ≤ 1 are smoother than the MLP’s for random targets and for random labels, whatever the number of samples.',
  check:
    'Targets with independent normal coefficients up to the frequency of the parameters, and independent normal labels, the same for every kernel: the largest jump of the derivative, ' +
    'the sum of the jumps, the amplitude above frequency 20, the largest second difference over the squared step h = 2π/720, and the Hölder bound ‖f̂‖C with C√θ ≥ ‖Φ(x) − Φ(z)‖; the ' +
    'ResNet’s mean over the draws divided by the MLP’s, plus two standard errors of that quotient, and of all numbers of samples the largest.',
  expected: 'At most 1 for every α ≤ 1.',
  reference: {
    paper: 'Tirer20',
    equations: ['circle-interpolant', 'derivative-jump', 'spectral-tail', 'path-lipschitz', 'holder-bound'],
  },
  outside: ({ alphas, randomSamples }) => [...beyondOne(alphas), ...beyondSamples(randomSamples)],
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const { depth, alphas, draws, randomBand } = settings;
    const judged = claimed(alphas);
    const all = contenders(depth, alphas);
    const residual = all.slice(1);
    const holders = all.map(({ curve }) => holderConstant(curve));
    const solvers = settings.randomSamples.map((samples) =>
      all.map(({ curve }, i) => interpolation(curve, samples, holders[i] as number)),
    );
    const measured: Measurement[] = [];
    const drawn: LineChart[] = [];
    for (const kind of Object.keys(kinds) as Kind[]) {
      const found = await quotientsOf(kind, solvers, settings, context);
      for (const [i, { label }] of residual.entries()) {
        if (!judged.includes(alphas[i] as number)) continue;
        for (const what of Object.keys(figures)) {
          const points = found(what, i);
          const worst = points.reduce((most, one) => (upper(one) > upper(most) ? one : most));
          measured.push(
            atMost(
              `${what} over the MLP’s, ${kinds[kind].label}, ${label}, the largest at n = ${worst.x}`,
              upper(worst),
              1,
            ),
          );
        }
      }
      for (const [what, { name, title }] of Object.entries(charts)) {
        drawn.push({
          name: kind === 'band' ? name : `${name}-labels`,
          title: `${title}, ${kinds[kind].label}`,
          caption:
            `Means over ${draws} draws ${kind === 'band' ? `of targets with frequencies up to ${randomBand}` : 'of normal labels'}, over those of the MLP, and two standard errors; ` +
            `tangent kernels of ${depth} layers or blocks.`,
          x: { label: 'Samples n', scale: 'depth' },
          y: overMlp('log'),
          series: residual.map(
            ({ id, label, family }, i): ChartSeries => ({ id, label, family, points: found(what, i) }),
          ),
        });
      }
    }
    return {
      measured,
      remarks: whereFailing(
        measured,
        'Without biases the kernels of weak branches have next to no odd frequencies above 1 (B3): what has cos 3t or sin 3t in it takes large coefficients, and with them large jumps ' +
          'and norms, however small the corner of each.',
      ),
      charts: drawn,
    };
  },
};

const upper = ({ y, spread = 0 }: ChartPoint): number => y + spread;

/** Of every figure and ResNet, over the number of samples: means over the MLP’s, with two standard errors. */
async function quotientsOf(
  kind: Kind,
  solvers: readonly (readonly Solver[])[],
  { draws, randomBand, randomSamples }: TirerSettings,
  context: StudyContext,
): Promise<(what: string, resnet: number) => readonly ChartPoint[]> {
  const series = new Map<string, ChartPoint[]>();
  const of = (what: string, i: number) => series.get(`${what} ${i}`) ?? [];
  for (const [at, samples] of randomSamples.entries()) {
    const [plain, ...residual] = solvers[at] as [Solver, ...Solver[]];
    const labels = Array.from({ length: draws }, (_, draw) =>
      kinds[kind].labels(createRandom(context.seed, draw), samples, randomBand),
    );
    const below = labels.map(plain);
    for (const [i, solver] of residual.entries()) {
      await new Promise((resolve) => setImmediate(resolve));
      context.job('targets').signal?.throwIfAborted();
      const above = labels.map(solver);
      for (const [what, figure] of Object.entries(figures)) {
        const { mean, error } = quotient(above.map(figure), below.map(figure));
        series.set(`${what} ${i}`, [...of(what, i), { x: samples, y: mean, spread: 2 * error }]);
      }
    }
  }
  return of;
}

function bandLimited(random: Random, samples: number, band: number): Float64Array {
  const amplitudes = Array.from({ length: band + 1 }, () => [normal(random), normal(random)] as const);
  const at = (t: number) => amplitudes.reduce((sum, [a, b], k) => sum + a * Math.cos(k * t) + b * Math.sin(k * t), 0);
  return evenAngles(samples).map(at);
}

function independent(random: Random, samples: number): Float64Array {
  return Float64Array.from({ length: samples }, () => normal(random));
}
