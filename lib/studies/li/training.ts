import { extremeEigenvalues } from '../../extremes.js';
import { type HierarchyOrder, hierarchy } from '../../finite/hierarchy.js';
import { train } from '../../finite/train.js';
import { truncatedFlow } from '../../finite/truncated-flow.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, evenly, largestDifference, logSlope, meanOf, near } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { type Architecture, architectures, problemOf, quiet, withNetwork } from './setting.js';

const orders = [2, 3, 4] as const satisfies readonly HierarchyOrder[];
const looks = 20;

/** What one trained network says. */
interface Trained {
  readonly drift: number;
  /** Largest |f − f of the truncated hierarchy| up to the last time, by order. */
  readonly errors: readonly number[];
  /** The least −log(loss(t)/loss(0))/t over times, in units of 2λ_min(K⁽²⁾ at the start)/n. */
  readonly rate: number;
}

async function trained(
  architecture: Architecture,
  width: number,
  seed: number,
  settings: LiSettings,
  context: StudyContext,
) {
  const { x, y } = problemOf(settings, context.seed);
  const times = evenly(settings.time / looks, settings.time, looks);
  const job = quiet(context);
  return withNetwork(architecture, width, settings.dimension, seed, async (network): Promise<Trained> => {
    const tensors = await hierarchy(network, x, { order: 4, ...job });
    const real = await train(network, x, y, { times: Float64Array.from([0, ...times]), kernels: true, ...job });
    real.network.dispose();
    const n = y.length;
    const kernels = real.kernels?.data ?? new Float64Array(0);
    const errors: number[] = [];
    for (const order of orders) {
      const cut = await truncatedFlow(tensors, y, { times, order, ...job });
      errors.push(largestDifference(cut.train.data, real.train.data.subarray(n)));
    }
    const gram = { kernel: 'ntk', size: n, values: Float64Array.from(tensors.second.data), logScale: 0 } as const;
    const { smallest } = await extremeEigenvalues({ ...gram, path: 'steps' }, job);
    const first = real.loss[0] as number;
    const rates = [...times].map((time, k) => -Math.log((real.loss[k + 1] as number) / first) / time);
    return {
      drift: largestDifference(kernels.subarray(looks * n * n), kernels.subarray(0, n * n)),
      errors,
      rate: Math.min(...rates) / ((2 * smallest) / n),
    };
  });
}

function sweep(architecture: Architecture, settings: LiSettings, context: StudyContext): Promise<readonly Trained[][]> {
  return context.once(`trained ${architecture.id}`, () => swept(architecture, settings, context));
}

async function swept(architecture: Architecture, settings: LiSettings, context: StudyContext) {
  const rows: Trained[][] = [];
  for (const width of settings.hierarchyWidths) {
    const row: Trained[] = [];
    for (let seed = 0; seed < settings.seeds; seed++) {
      row.push(await trained(architecture, width, context.seed + seed, settings, context));
    }
    rows.push(row);
  }
  return rows;
}

/** How far the kernel moves while a network trains. */
export const drift: Item<typeof liParameters> = {
  id: 'L3',
  title: 'The wider the network, the less its kernel moves',
  claim: 'At a fixed time of training the tangent kernel has moved by the order 1/m.',
  check:
    'The largest change of an entry of the NTK up to the last time, in the mean over networks: its slope over the width on logarithmic axes.',
  expected: '−1 within 0.25.',
  reference: { paper: 'Li20', equations: ['hierarchy', 'training'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const series: ChartSeries[] = [];
    for (const architecture of architectures(settings)) {
      const rows = await sweep(architecture, settings, context);
      const means = rows.map((row) => meanOf(row.map((one) => one.drift)));
      const { id, label, family } = architecture;
      measured.push(
        near(`slope of the drift over the width, ${label}`, logSlope(settings.hierarchyWidths, means), -1, 0.25),
      );
      series.push({
        id,
        label,
        family,
        points: settings.hierarchyWidths.map((x, w) => ({ x, y: means[w] as number })),
      });
    }
    return {
      measured,
      charts: [
        {
          name: 'li-drift',
          title: 'How far the tangent kernel moves in training',
          caption: `Largest change of an entry up to time ${settings.time} of gradient flow; means over ${settings.seeds} networks, n = ${settings.inputs}, L = ${settings.depth}, tanh.`,
          x: { label: 'Width m', scale: 'depth' },
          y: { label: 'Largest change of an entry', scale: 'log' },
          series,
        },
      ],
    };
  },
};

/** The hierarchy cut off, against training itself.                                                        [truncation] */
export const truncation: Item<typeof liParameters> = {
  id: 'L4',
  title: 'Every further kernel brings the prediction closer to the network',
  claim:
    'The hierarchy cut off at order p predicts the network in training with an error that falls with p and with the width.',
  check:
    'Largest difference between the network in gradient flow and the equations with K⁽ᵖ⁾ held at its start, p = 2, 3, 4, up to the last time; means over networks, from ' +
    'width 256 on: of one order over the one before, and of the largest width over the least.',
  expected: 'Below 1, all of them.',
  reference: { paper: 'Li20', equations: ['hierarchy', 'truncation'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const [, resnet] = architectures(settings) as [Architecture, Architecture];
    const rows = await sweep(resnet, settings, context);
    const means = orders.map((_, p) => rows.map((row) => meanOf(row.map((one) => one.errors[p] as number))));
    const measured = settings.hierarchyWidths.flatMap((width, w): Measurement[] =>
      width < 256
        ? []
        : orders
            .slice(1)
            .map((order, p) =>
              atMost(
                `error of order ${order} over that of order ${order - 1}, m = ${width}`,
                (means[p + 1]?.[w] as number) / (means[p]?.[w] as number),
                1,
              ),
            ),
    );
    const [least, largest] = [settings.hierarchyWidths[0], settings.hierarchyWidths.at(-1)];
    return {
      measured: [
        ...measured,
        ...orders.map((order, p) =>
          atMost(
            `error at m = ${largest} over that at m = ${least}, order ${order}`,
            (means[p]?.at(-1) as number) / (means[p]?.[0] as number),
            1,
          ),
        ),
      ],
      charts: [
        {
          name: 'li-truncation',
          title: 'Error of the hierarchy cut off, against the network in training',
          caption: `Largest |f − f_p| up to time ${settings.time}; means over ${settings.seeds} networks, n = ${settings.inputs}, L = ${settings.depth}, tanh. Order 2 is the frozen tangent kernel.`,
          x: { label: 'Width m', scale: 'depth' },
          y: { label: 'Largest error of a prediction', scale: 'log' },
          series: orders.map(
            (order, p): ChartSeries => ({
              id: `order-${order}`,
              label: `Order ${order}`,
              family: 'resnet',
              points: settings.hierarchyWidths.map((x, w) => ({ x, y: means[p]?.[w] as number })),
            }),
          ),
        },
      ],
    };
  },
};

/** Does the loss fall as the least eigenvalue says? */
export const convergence: Item<typeof liParameters> = {
  id: 'L7',
  title: 'Training converges linearly, at the rate of the least eigenvalue',
  claim:
    'The loss of a wide network falls at least like e^(−λt/n), λ being the least eigenvalue of the tangent kernel at the start.',
  check:
    'The slowest rate −log(loss(t)/loss(0))/t up to the last time over 2λ/n, the rate of a kernel that does not move; the least over networks of the two largest widths.',
  expected: 'At least ½.',
  reference: { paper: 'Li20', equations: ['training', 'hierarchy'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const from = Math.max(0, settings.hierarchyWidths.length - 2);
    const measured: Measurement[] = [];
    for (const architecture of architectures(settings)) {
      const rows = await sweep(architecture, settings, context);
      for (const [w, width] of settings.hierarchyWidths.slice(from).entries()) {
        const least = Math.min(...(rows[from + w] as Trained[]).map((one) => one.rate));
        measured.push(atLeast(`slowest rate over 2λ/n, m = ${width}, ${architecture.label}`, least, 0.5));
      }
    }
    return { measured, charts: [] };
  },
};
