import { dynamics } from '../../dynamics.js';
import { logLine, type MeasuredAt } from '../../finite/log-line.js';
import { train } from '../../finite/train.js';
import { compile, cross, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { circleTarget } from '../../smoothness/circle.js';
import { angleAxis, valueAxis, widthAxis } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, type Mean, meanOf, meanWithError } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { beyondOne } from './attenuated.js';
import { mlp, resnet } from './curves.js';
import { pointsOf } from './interpolation.js';
import { overNetworks, quietly, rateAt } from './networks.js';
import type { TirerSettings, tirerParameters } from './parameters.js';
import { evenAngles, onCircle } from './protocol.js';

/** Angles of one turn at which the curves are compared. */
const turn = 240;
/** Of the learning rate over the stability limit of the limit kernel: networks of small width have a lower one. */
const share = 0.5;
/** Thresholds: curves that are apart by a fifth of their size look like two, and what is missed by a twentieth has been learnt. */
const [close, learnt] = [0.2, 0.05];
/** Below it the claim is not about a network. */
const wide = 500;

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
    `Evenly spaced samples of ${circleTarget.label}; gradient descent on all weights, targets corrected by the network’s own start and predictions counted from there. Root mean square over the turn of ` +
    'network minus kernel after as many steps: its slope over the width, and at the largest width over the size of the kernel’s curve; what is missed of the samples; the ResNet’s error over the MLP’s.',
  expected:
    `Slopes below 0 by two standard errors; error of the widest ResNets below that of the widest MLPs, with two standard errors of the quotient. Thresholds: a distance of at most ${close} of the curve, for ` +
    `curves further apart look like two; at most ${learnt} missed, by which the samples have been learnt.`,
  reference: { paper: 'Tirer20', equations: ['training', 'ntk-descent', 'circle-interpolant'] },
  outside: ({ trainedWidths, trainedAlpha }) => [
    ...((trainedWidths.at(-1) as number) < wide
      ? [`m = ${trainedWidths.at(-1)}: the claim is about networks of width ${wide} and more`]
      : []),
    ...beyondOne([trainedAlpha]),
  ],
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const { trainedDepth, trainedAlpha, trainedWidths, trainedNetworks: count, curveSteps, curveSamples } = settings;
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
        atMost(`missed of the samples, m = ${last.x}, ${label}`, missed, learnt),
      ];
    });
    const [plain, residual] = all as [Curves, Curves];
    const widest = trainedWidths.at(-1) as number;
    const [above, below] = [residual, plain].map(({ errors }) => meanWithError(errors)) as [Mean, Mean];
    const errors = above.mean / below.mean;
    measured.push(
      atMost(
        `error of the ResNets over that of the MLPs, and two standard errors, m = ${widest}`,
        errors * (1 + 2 * Math.hypot(above.error / above.mean, below.error / below.mean)),
        1,
      ),
    );
    const steps = `${curveSteps} steps; ${trainedDepth} layers or blocks, ReLU`;
    const overlays = cases.map(({ id, label, family }, i): Chart => {
      const { kernel, networks } = all[i] as Curves;
      const shown = [0, trainedWidths.length - 1];
      const curve = (key: string, name: string, of: ChartSeries['family'], values: Float64Array): ChartSeries => ({
        id: key,
        label: name,
        family: of,
        points: pointsOf(around, [...values, values[0] as number]),
      });
      return {
        name: `tirer-trained-${id}`,
        title: `Trained networks over the kernel’s curve, ${label}`,
        caption: `One network of each width after ${steps}${id === 'mlp' ? '' : `, α = ${trainedAlpha}`}, less its start; grey dashes: descent with the kernel, the network of infinite width. Broad and pale: the target ${circleTarget.label}; circles: its ${curveSamples} samples.`,
        x: angleAxis,
        y: valueAxis,
        series: [
          ...shown.map((w) =>
            curve(`width-${trainedWidths[w]}`, `m = ${trainedWidths[w]}`, family, networks[w] as Float64Array),
          ),
          curve('kernel', 'Kernel', 'reference', kernel),
        ],
        target: pointsOf(around, around.map(circleTarget.at)),
        samples: pointsOf(evenAngles(curveSamples), evenAngles(curveSamples).map(circleTarget.at)),
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
          caption: `Root mean square over the turn, means over ${count} networks and two standard errors; ${curveSamples} samples, ${steps}, α = ${trainedAlpha}.`,
          x: widthAxis,
          y: { label: 'Distance from the kernel’s curve', scale: 'log' },
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

/** For figures: the first angle comes again. */
const around = evenAngles(turn + 1, true);

function sizeOf(values: ArrayLike<number>): number {
  return Math.hypot(...Array.from(values)) / Math.sqrt(values.length);
}

async function curvesOf(spec: PresetSpec, settings: TirerSettings, context: StudyContext): Promise<Curves> {
  const job = quietly(context);
  const [learnt, shown] = [evenAngles(settings.curveSamples), evenAngles(turn)];
  const [x, z] = [onCircle(learnt), onCircle(shown)];
  const [y, truth] = [learnt.map(circleTarget.at), shown.map(circleTarget.at)];
  const kernel = compile(spec);
  const [ntk, between] = await Promise.all([gram(kernel, x, 'ntk', job), cross(kernel, z, x, 'ntk', job)]).finally(() =>
    kernel.dispose(),
  );
  const learningRate = await rateAt(share, ntk, job);
  const how = { method: 'descent', learningRate, times: [settings.curveSteps] } as const;
  const limit = await dynamics(ntk, y, { cross: between, ...how, ...job });
  const curve = Float64Array.from(limit.test?.data ?? []);
  const away = (values: Float64Array, from: Float64Array) => sizeOf(values.map((one, j) => one - (from[j] as number)));
  const rows = await overNetworks(
    spec,
    2,
    settings.trainedWidths,
    settings.trainedNetworks,
    context,
    async (network) => {
      const [start, before] = [(await network.forward(x, job)).data, (await network.forward(z, job)).data];
      const goals = y.map((target, i) => target + (start[i] as number));
      const trained = await train(network, x, goals, { ...how, test: z, ...job });
      trained.network.dispose();
      const values = Float64Array.from(trained.test?.data ?? [], (f, j) => f - (before[j] as number));
      return {
        values,
        distance: away(values, curve),
        error: away(values, truth),
        missed: away(goals, Float64Array.from(trained.train.data)),
      };
    },
  );
  const widest = rows.at(-1)?.found ?? [];
  return {
    kernel: curve,
    networks: rows.map(({ found }) => found[0]?.values as Float64Array),
    distances: rows.map(({ width, found }) => ({ x: width, ...meanWithError(found.map(({ distance }) => distance)) })),
    missed: meanOf(widest.map(({ missed }) => missed)),
    errors: widest.map(({ error }) => error),
  };
}
