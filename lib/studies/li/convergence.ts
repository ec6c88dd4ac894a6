import { extremeEigenvalues } from '../../extremes.js';
import { hierarchy } from '../../finite/hierarchy.js';
import { train } from '../../finite/train.js';
import { truncatedFlow } from '../../finite/truncated-flow.js';
import type { FiniteNetwork } from '../../finite/types.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, evenly, largestDifference, meanOf, meanWithError, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import type { LiSettings, liParameters } from './parameters.js';
import {
  type Architecture,
  architectures,
  outsideScale,
  type Problem,
  problemOf,
  quiet,
  withNetwork,
} from './setting.js';

/** What e^(−2λt/n) is at the last time: by then all but the slowest direction have gone. */
const left = 1e-3;
/** Even: the late rate is that of the second half. */
const looks = 40;
/** Errors of the flow per step: predictions are off by √λ_max times that, far less than the kernels are compared by. */
const tolerance = 1e-6;
/** The theorem promises half of the rate; a tenth tells the rate itself from that. */
const within = 0.1;

/** Of one network. λ is the least eigenvalue of its tangent kernel at the start, rates are in units of 2λ/n. */
interface Look {
  readonly slowest: number;
  readonly late: number;
  /** Largest |f − f_p| for p = 2, the frozen kernel, and 3. */
  readonly errors: readonly [number, number];
  /** Over their first, by time in units of n/2λ. */
  readonly loss: Float64Array;
  readonly frozen: Float64Array;
}

/** Does the loss fall as the least eigenvalue says? */
export const convergence: Item<typeof liParameters> = {
  id: 'L7',
  title: 'Training converges linearly, at the rate of the least eigenvalue',
  claim:
    'The loss of a wide network falls at least like e^(−λt/n), λ being the least eigenvalue of the tangent kernel at the start, and K⁽³⁾ corrects what the ' +
    'frozen kernel says of it.',
  check:
    `Gradient flow until e^(−2λt/n) is ${left}, at the two largest widths. The slowest rate −log(loss(t)/loss(0))/t over 2λ/n, the least over times and networks; the rate over the ` +
    'second half of the time, in the mean over networks; for ResNets the largest error of the prediction with K⁽³⁾ over that of the frozen kernel, the geometric mean over networks with two ' +
    'standard errors added.',
  expected: `At least ½, which is e^(−λt/n). Of the late rate 1 within ${within}, once the faster directions have gone. Of the errors below 1.`,
  reference: { paper: 'Li20', equations: ['training', 'hierarchy', 'truncation'] },
  outside: outsideScale,
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const widths = settings.hierarchyWidths.slice(-2);
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    const remarks: string[] = [];
    for (const architecture of architectures(settings)) {
      const { label } = architecture;
      for (const width of widths) {
        const all = await looksOf(architecture, width, settings, context);
        const where = `m = ${width}, ${label}`;
        const { mean, error } = meanWithError(all.map(({ errors: [frozen, third] }) => Math.log(third / frozen)));
        const most = Math.exp(mean + 2 * error);
        measured.push(
          atLeast(`slowest rate over 2λ/n, ${where}`, Math.min(...all.map(({ slowest }) => slowest)), 0.5),
          near(`late rate over 2λ/n, ${where}`, meanOf(all.map(({ late }) => late)), 1, within),
        );
        // The theory is about networks with skips.
        if (architecture.id === 'li') {
          measured.push(atMost(`error with K⁽³⁾ over that of the frozen kernel, ${where}`, most, 1));
        } else if (most >= 1) {
          remarks.push(
            `Without skips K⁽³⁾ is no sure help at m = ${width}: its error is ${Math.exp(mean).toFixed(2)} times that of the frozen kernel, at most ${most.toFixed(2)} times with two ` +
              'standard errors.',
          );
        }
        if (width === widths.at(-1)) charts.push(chartOf(architecture, width, all, settings));
      }
    }
    return { measured, charts, remarks };
  },
};

async function looksOf(
  architecture: Architecture,
  width: number,
  settings: LiSettings,
  context: StudyContext,
): Promise<readonly Look[]> {
  const { inputs, requiredDimension: dimension, rateSeeds } = settings;
  const problem = problemOf({ inputs, dimension }, context.seed);
  const all: Look[] = [];
  for (let k = 0; k < rateSeeds; k++) {
    all.push(
      await withNetwork(architecture, width, dimension, seedOf(context.seed, k), (network) =>
        lookAt(network, problem, context),
      ),
    );
  }
  return all;
}

async function lookAt(network: FiniteNetwork, { x, y }: Problem, context: StudyContext): Promise<Look> {
  const job = quiet(context);
  const n = y.length;
  const tensors = await hierarchy(network, x, { order: 3, ...job });
  const gram = { kernel: 'ntk', size: n, values: Float64Array.from(tensors.second.data), logScale: 0 } as const;
  const { smallest } = await extremeEigenvalues({ ...gram, path: 'steps' }, job);
  const unit = n / (2 * smallest);
  const last = Math.log(1 / left);
  const times = evenly(0, last * unit, looks + 1);
  const real = await train(network, x, y, { times, tolerance, ...job });
  real.network.dispose();
  const after = times.subarray(1);
  const [frozen, third] = [
    await truncatedFlow(tensors, y, { times: after, order: 2, ...job }),
    await truncatedFlow(tensors, y, { times: after, order: 3, ...job }),
  ];
  const first = real.loss[0] as number;
  const loss = Float64Array.from(real.loss, (one) => one / first);
  const rates = Array.from(after, (time, k) => (-Math.log(loss[k + 1] as number) / time) * unit);
  const outputs = real.train.data.subarray(n);
  return {
    slowest: Math.min(...rates),
    late: Math.log((loss[looks / 2] as number) / (loss[looks] as number)) / (last / 2),
    errors: [largestDifference(frozen.train.data, outputs), largestDifference(third.train.data, outputs)],
    loss,
    frozen: Float64Array.from([first, ...frozen.loss], (one) => one / first),
  };
}

function chartOf(
  { id, label, family }: Architecture,
  width: number,
  all: readonly Look[],
  { inputs, depth, requiredDimension }: LiSettings,
): Chart {
  const times = [...evenly(0, Math.log(1 / left), looks + 1)];
  /** Geometric means: on a logarithmic axis those are the middle. */
  const middle = (of: (one: Look) => Float64Array) =>
    times.map((x, t) => ({ x, y: Math.exp(meanOf(all.map((one) => Math.log(of(one)[t] as number)))) }));
  const series: readonly ChartSeries[] = [
    { id: `${id}-loss`, label: `${label}s`, family, points: middle(({ loss }) => loss) },
    { id: `${id}-frozen`, label: 'Frozen kernel', family: 'reference', points: middle(({ frozen }) => frozen) },
    { id: 'bound', label: 'e^(−λt/n)', family: 'reference', points: times.map((x) => ({ x, y: Math.exp(-x / 2) })) },
  ];
  return {
    name: `li-convergence-${id}`,
    title: `The loss of ${label === 'MLP' ? 'MLPs' : 'ResNets'} in training`,
    caption: `Loss over its start, geometric means over ${all.length} networks of width ${width}; n = ${inputs} inputs on the sphere of ${requiredDimension} dimensions, L = ${depth}, tanh. λ is the least eigenvalue of each network’s tangent kernel at the start; e^(−2λt/n) would be a straight line to ${left} at the end.`,
    x: { label: 'Time t, in units of n/2λ', scale: 'linear' },
    y: { label: 'Loss over its start', scale: 'log' },
    series,
  };
}
