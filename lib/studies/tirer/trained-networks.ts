import { dynamics } from '../../dynamics.js';
import { extremeEigenvalues } from '../../extremes.js';
import { logLine, type MeasuredAt } from '../../finite/log-line.js';
import { sample } from '../../finite/sample.js';
import { train } from '../../finite/train.js';
import type { JobOptions } from '../../jobs.js';
import { compile, cross, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { circleTarget } from '../../smoothness/circle.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, meanOf, meanWithError } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { mlp, resnet } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

const samples = 9;
/** Angles of one turn at which the curves are compared. */
const turn = 240;
/** Of the learning rate over the stability limit of the limit kernel: networks of small width have a lower one. */
const share = 0.5;
const close = 0.2;

interface Case {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly spec: PresetSpec;
}

interface Curves {
  /** Of the limit kernel, after the same steps. */
  readonly kernel: Float64Array;
  /** Of a network of every width, the first. */
  readonly networks: readonly Float64Array[];
  /** Root mean square over the turn of network minus kernel. */
  readonly distances: readonly MeasuredAt[];
  /** Of the widest networks: root mean square of what they miss of the samples, and errors over the turn. */
  readonly missed: number;
  readonly errors: readonly number[];
}

/** Networks of finite width, trained, over the curves of the kernel.                                [training; ntk-descent] */
export const trainedNetworks: Item<typeof tirerParameters> = {
  id: 'T8',
  title: 'Trained networks draw the curves of their kernels',
  claim:
    'Wide networks trained on samples of a function on the circle predict what regression with the tangent kernel does, MLPs as ResNets, and so the ResNet’s function is the better one.',
  check:
    `${samples} samples of ${circleTarget.label}; gradient descent on all weights, targets corrected by the network’s own start and predictions counted from there. Root mean square over the turn of ` +
    'network minus kernel after as many steps: its slope over the width, and at the largest width over the size of the kernel’s curve; what is missed of the samples; the ResNet’s error over the MLP’s.',
  expected: `Slopes below 0 by two standard errors; a distance of at most ${close} of the curve; at most 0.05 missed; error of the widest ResNets below that of the widest MLPs.`,
  reference: { paper: 'Tirer20', equations: ['training', 'ntk-descent', 'circle-interpolant'] },
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const { trainedDepth, trainedAlpha, trainedWidths, trainedNetworks: count, curveSteps } = settings;
    const cases: readonly Case[] = [
      { id: 'mlp', label: 'MLP', family: 'mlp', spec: mlp(trainedDepth) },
      { id: 'resnet', label: 'ResNet', family: 'resnet', spec: resnet(trainedDepth, trainedAlpha) },
    ];
    const all: Curves[] = [];
    for (const { spec } of cases) all.push(await curvesOf(spec, settings, context));
    const measured = cases.flatMap(({ label }, i): Measurement[] => {
      const { distances, kernel, missed } = all[i] as Curves;
      const { slope, error } = logLine(distances);
      const last = distances.at(-1) as MeasuredAt;
      return [
        atMost(`slope of the distance over the width, ${label}, and two standard errors`, slope + 2 * error, 0),
        atMost(`distance over the size of the curve, m = ${last.x}, ${label}`, last.mean / sizeOf(kernel), close),
        atMost(`missed of the samples, m = ${last.x}, ${label}`, missed, 0.05),
      ];
    });
    const [plain, residual] = all as [Curves, Curves];
    const widest = trainedWidths.at(-1) as number;
    measured.push(
      atMost(
        `error of the ResNets over that of the MLPs, m = ${widest}`,
        meanOf(residual.errors) / meanOf(plain.errors),
        1,
      ),
    );
    const steps = `${curveSteps} steps; ${trainedDepth} layers or blocks, ReLU`;
    const overlays = cases.map(({ id, label, family }, i): Chart => {
      const { kernel, networks } = all[i] as Curves;
      const shown = trainedWidths.length > 1 ? [0, trainedWidths.length - 1] : [0];
      const curve = (key: string, name: string, values: Float64Array): ChartSeries => ({
        id: key,
        label: name,
        family,
        points: Array.from(values, (y, j) => ({ x: angleOf(j), y })),
      });
      return {
        name: `tirer-trained-${id}`,
        title: `Trained networks over the kernel’s curve, ${label}`,
        caption: `One network of each width after ${steps}${id === 'mlp' ? '' : `, α = ${trainedAlpha}`}, less its start; ${samples} samples of ${circleTarget.label}.`,
        x: { label: 'Angle t (radians)', scale: 'linear' },
        y: { label: 'Value', scale: 'linear' },
        series: [
          curve('kernel', 'Kernel', kernel),
          ...shown.map((w) =>
            curve(`width-${trainedWidths[w]}`, `m = ${trainedWidths[w]}`, networks[w] as Float64Array),
          ),
        ],
      };
    });
    return {
      measured,
      remarks: [
        'Weak branches (α = 0.1) make a kernel with eigenvalues that differ by thousands: descent would take as many steps, with networks as with the kernel.',
      ],
      charts: [
        ...overlays,
        {
          name: 'tirer-trained-distance',
          title: 'Distance of trained networks from the kernel’s curve',
          caption: `Root mean square over the turn, means over ${count} networks and two standard errors; ${steps}, α = ${trainedAlpha}.`,
          x: { label: 'Width m', scale: 'depth' },
          y: { label: 'Distance', scale: 'log' },
          series: cases.map(({ id, label, family }, i) => ({
            id,
            label,
            family,
            points: (all[i] as Curves).distances.map(({ x, mean, error }) => ({ x, y: mean, spread: 2 * error })),
          })),
        },
      ],
    };
  },
};

const angleOf = (j: number, count = turn): number => -Math.PI + (2 * Math.PI * j) / count;
const pointsAt = (count: number) =>
  Array.from({ length: count }, (_, j) => [Math.cos(angleOf(j, count)), Math.sin(angleOf(j, count))]);

function sizeOf(values: ArrayLike<number>): number {
  return Math.hypot(...Array.from(values)) / Math.sqrt(values.length);
}

async function curvesOf(spec: PresetSpec, settings: TirerSettings, context: StudyContext): Promise<Curves> {
  const { onProgress: _, ...job } = context.job('') as JobOptions;
  const { trainedWidths, trainedNetworks: count, curveSteps: steps } = settings;
  const [x, z] = [pointsAt(samples), pointsAt(turn)];
  const y = Float64Array.from(x, (__, i) => circleTarget.at(angleOf(i, samples)));
  const truth = Float64Array.from(z, (__, j) => circleTarget.at(angleOf(j)));
  const kernel = compile(spec);
  const [ntk, between] = await Promise.all([gram(kernel, x, 'ntk', job), cross(kernel, z, x, 'ntk', job)]).finally(() =>
    kernel.dispose(),
  );
  const { largest } = await extremeEigenvalues(ntk, job);
  const how = { method: 'descent', learningRate: (share * 2 * samples) / largest, times: [steps] } as const;
  const limit = await dynamics(ntk, y, { cross: between, ...how, ...job });
  const curve = Float64Array.from(limit.test?.data ?? []);
  const distances: MeasuredAt[] = [];
  const networks: Float64Array[] = [];
  let missed = 0;
  let errors: number[] = [];
  for (const width of trainedWidths) {
    const found: number[] = [];
    errors = [];
    const misses: number[] = [];
    for (let seed = 0; seed < count; seed++) {
      const network = await sample(spec, { width, shape: 2, seed: context.seed + seed, ...job });
      try {
        const [start, before] = [(await network.forward(x, job)).data, (await network.forward(z, job)).data];
        const goals = y.map((target, i) => target + (start[i] as number));
        const trained = await train(network, x, goals, { ...how, test: z, ...job });
        trained.network.dispose();
        const values = Float64Array.from(trained.test?.data ?? [], (f, j) => f - (before[j] as number));
        if (seed === 0) networks.push(values);
        found.push(sizeOf(values.map((value, j) => value - (curve[j] as number))));
        errors.push(sizeOf(values.map((value, j) => value - (truth[j] as number))));
        misses.push(sizeOf(goals.map((goal, i) => goal - (trained.train.data[i] as number))));
      } finally {
        network.dispose();
      }
    }
    distances.push({ x: width, ...meanWithError(found) });
    missed = meanOf(misses);
  }
  return { kernel: curve, networks, distances, missed, errors };
}
