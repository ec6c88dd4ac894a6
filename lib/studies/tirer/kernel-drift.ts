import { createRandom } from '../../data/rng.js';
import { logLine, type MeasuredAt } from '../../finite/log-line.js';
import { train } from '../../finite/train.js';
import { compile, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { widthAxis } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { meanOf, meanWithError, near } from '../measure.js';
import { normal, normalPoints } from '../points.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { mlp, resnet } from './curves.js';
import { overNetworks, quietly, rateAt } from './networks.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

const activations = ['tanh', 'relu'] as const;
/** Of the learning rate over the stability limit of the limit kernel. */
const share = 0.25;
/** Beside chance, of the slope of the weights: terms of order 1/m beside the leading one bend the line at these widths. */
const bent = 0.1;

/** Widths that the claim is about. */
const [least, most] = [64, 4096];

interface Case {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly spec: PresetSpec;
}

interface Moved {
  readonly kernel: readonly MeasuredAt[];
  readonly weights: readonly MeasuredAt[];
}

/** Does the tangent kernel stay where it was while a network trains?                               [training; width-slope] */
export const kernelDrift: Item<typeof tirerParameters> = {
  id: 'T2',
  title: 'The wider the network, the stiller its kernel and its weights in training',
  claim:
    'While a ResNet trains, its tangent kernel stays near that of the start, the nearer the wider it is; so it does in an MLP.',
  check:
    'Gradient descent on all data from the start to one time, the same for all widths: ‖K_t − K₀‖/‖K₀‖ and the largest ‖W_t − W₀‖/√m of a layer, in the mean over networks; their ' +
    'slopes over the width m on logarithmic axes.',
  expected:
    'Kernels: between −1, which the first order of the change gives, and −½, each within three standard errors. Weights: −½ within three standard errors and a tenth, a threshold for ' +
    'what terms of order 1/m beside the leading one do at these widths.',
  reference: { paper: 'Tirer20', equations: ['training', 'width-slope'] },
  outside: ({ driftWidths }) => {
    const beyond = driftWidths.filter((width) => width < least || width > most);
    return beyond.length === 0 ? [] : [`m = ${beyond.join(', ')}: the claim is about widths from ${least} to ${most}`];
  },
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const cases = casesOf(settings);
    const moved: Moved[] = [];
    for (const one of cases) moved.push(await movedOf(one, settings, context));
    const measured = cases.flatMap(({ label }, i): Measurement[] => {
      const { kernel, weights } = moved[i] as Moved;
      const [drift, move] = [logLine(kernel), logLine(weights)];
      const what = `slope of the kernel’s drift over the width, ${label}, ± ${shown(drift.error)}`;
      return [
        near(what, drift.slope, -0.75, 0.25 + 3 * drift.error),
        near(
          `slope of the weights’ movement over √m, ${label}, ± ${shown(move.error)}`,
          move.slope,
          -0.5,
          bent + 3 * move.error,
        ),
      ];
    });
    const { trainedNetworks, trainedDepth, trainedAlpha, driftInputs, driftSteps, driftDimension } = settings;
    const caption =
      `Means over ${trainedNetworks} networks and two standard errors after ${driftSteps} steps at a quarter of the stability limit; ${trainedDepth} layers or blocks, ` +
      `α = ${trainedAlpha}, n = ${driftInputs} points of the sphere in ${driftDimension} dimensions, normal targets of the size of the outputs.`;
    const chart = (name: string, title: string, label: string, of: (one: Moved) => readonly MeasuredAt[]) => ({
      name,
      title,
      caption,
      x: widthAxis,
      y: { label, scale: 'log' as const },
      series: cases.map(
        ({ id, label, family }, i): ChartSeries => ({
          id,
          label,
          family,
          points: of(moved[i] as Moved).map(({ x, mean, error }) => ({ x, y: mean, spread: 2 * error })),
        }),
      ),
    });
    return {
      measured,
      charts: [
        chart('tirer-kernel-drift', 'How far tangent kernels move in training', '‖K_t − K₀‖/‖K₀‖', (one) => one.kernel),
        chart('tirer-weight-drift', 'How far weights move in training', 'Largest ‖ΔW‖/√m', (one) => one.weights),
      ],
    };
  },
};

const shown = (error: number): string => error.toPrecision(1);

function casesOf({ trainedDepth, trainedAlpha }: TirerSettings): readonly Case[] {
  return activations.flatMap((activation): Case[] => {
    const name = activation === 'tanh' ? 'tanh' : 'ReLU';
    return [
      {
        id: `mlp-${activation}`,
        label: `MLP, ${name}`,
        family: 'mlp',
        spec: { ...mlp(trainedDepth), activation },
      },
      {
        id: `resnet-${activation}`,
        label: `ResNet, ${name}`,
        family: 'resnet',
        spec: { ...resnet(trainedDepth, trainedAlpha), activation },
      },
    ];
  });
}

async function movedOf({ spec }: Case, settings: TirerSettings, context: StudyContext): Promise<Moved> {
  const { driftInputs: n, driftSteps, driftDimension: dimension, driftWidths, trainedNetworks } = settings;
  const job = quietly(context);
  const random = createRandom(context.seed, 12);
  const x = normalPoints(random, n, dimension);
  const goals = Float64Array.from({ length: n }, () => normal(random));
  const kernel = compile(spec);
  const { nngp, ntk } = await gram(kernel, x, ['nngp', 'ntk'], job).finally(() => kernel.dispose());
  const learningRate = await rateAt(share, ntk, job);
  // Targets of the outputs' own size: others would ask the widths for different things.
  const variance = meanOf(Array.from({ length: n }, (__, i) => nngp.values[i * (n + 1)] as number));
  const y = goals.map((goal) => goal * Math.sqrt(variance * Math.exp(nngp.logScale)));
  const how = { method: 'descent', learningRate, times: [driftSteps], drift: true, movement: true } as const;
  const rows = await overNetworks(spec, dimension, driftWidths, trainedNetworks, context, async (network) => {
    const trained = await train(network, x, y, { ...how, ...job });
    trained.network.dispose();
    const blocks = trained.movement?.blocks ?? [];
    return {
      drift: trained.drift?.[0] as number,
      move: Math.max(...blocks.map(({ distance }) => distance[0] as number)),
    };
  });
  return {
    kernel: rows.map(({ width, found }) => ({ x: width, ...meanWithError(found.map(({ drift }) => drift)) })),
    weights: rows.map(({ width, found }) => ({
      x: width,
      ...meanWithError(found.map(({ move }) => move / Math.sqrt(width))),
    })),
  };
}
