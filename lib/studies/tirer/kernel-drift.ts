import { createRandom } from '../../data/rng.js';
import { extremeEigenvalues } from '../../extremes.js';
import { logLine, type MeasuredAt } from '../../finite/log-line.js';
import { sample } from '../../finite/sample.js';
import { train } from '../../finite/train.js';
import type { JobOptions } from '../../jobs.js';
import { compile, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { meanOf, meanWithError, near } from '../measure.js';
import { normal, normalPoints } from '../points.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { mlp, resnet } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

const dimension = 10;
const activations = ['tanh', 'relu'] as const;
/** Of the learning rate over the stability limit of the limit kernel. */
const share = 0.25;

interface Case {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly smooth: boolean;
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
    'Kernels: −1 within a quarter and three standard errors for tanh; between −1 and −½, within three standard errors, for ReLU. Weights: −½ within a tenth and three standard errors.',
  reference: { paper: 'Tirer20', equations: ['training', 'width-slope'] },
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const cases = casesOf(settings);
    const moved: Moved[] = [];
    for (const one of cases) moved.push(await movedOf(one, settings, context));
    const measured = cases.flatMap(({ label, smooth }, i): Measurement[] => {
      const { kernel, weights } = moved[i] as Moved;
      const [drift, move] = [logLine(kernel), logLine(weights)];
      const what = `slope of the kernel’s drift over the width, ${label}, ± ${shown(drift.error)}`;
      return [
        ...(smooth
          ? [near(what, drift.slope, -1, 0.25 + 3 * drift.error)]
          : [near(what, drift.slope, -0.75, 0.25 + 3 * drift.error)]),
        near(
          `slope of the weights’ movement over √m, ${label}, ± ${shown(move.error)}`,
          move.slope,
          -0.5,
          0.1 + 3 * move.error,
        ),
      ];
    });
    const { trainedNetworks, trainedDepth, trainedAlpha, driftInputs, driftSteps } = settings;
    const caption =
      `Means over ${trainedNetworks} networks and two standard errors after ${driftSteps} steps at a quarter of the stability limit; ${trainedDepth} layers or blocks, ` +
      `α = ${trainedAlpha}, n = ${driftInputs} points of the sphere of ${dimension} dimensions, normal targets of the size of the outputs.`;
    const chart = (name: string, title: string, label: string, of: (one: Moved) => readonly MeasuredAt[]) => ({
      name,
      title,
      caption,
      x: { label: 'Width m', scale: 'depth' as const },
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
        chart('tirer-weight-drift', 'How far weights move in training', 'Largest ‖W_t − W₀‖/√m', (one) => one.weights),
      ],
    };
  },
};

const shown = (error: number): string => error.toPrecision(1);

function casesOf({ trainedDepth, trainedAlpha }: TirerSettings): readonly Case[] {
  return activations.flatMap((activation): Case[] => {
    const of = { smooth: activation === 'tanh', activation };
    const name = activation === 'tanh' ? 'tanh' : 'ReLU';
    return [
      {
        id: `mlp-${activation}`,
        label: `MLP, ${name}`,
        family: 'mlp',
        ...of,
        spec: { ...mlp(trainedDepth), activation },
      },
      {
        id: `resnet-${activation}`,
        label: `ResNet, ${name}`,
        family: 'resnet',
        ...of,
        spec: { ...resnet(trainedDepth, trainedAlpha), activation },
      },
    ];
  });
}

async function movedOf({ spec }: Case, settings: TirerSettings, context: StudyContext): Promise<Moved> {
  const { trainedWidths, trainedNetworks, driftInputs: n, driftSteps } = settings;
  const { onProgress: _, ...job } = context.job('') as JobOptions;
  const random = createRandom(context.seed, 12);
  const x = normalPoints(random, n, dimension);
  const goals = Float64Array.from({ length: n }, () => normal(random));
  const kernel = compile(spec);
  const { nngp, ntk } = await gram(kernel, x, ['nngp', 'ntk'], job).finally(() => kernel.dispose());
  const { largest } = await extremeEigenvalues(ntk, job);
  const learningRate = (share * 2 * n) / (largest * Math.exp(ntk.logScale));
  // Targets of the outputs' own size: others would ask the widths for different things.
  const variance = meanOf(Array.from({ length: n }, (__, i) => nngp.values[i * (n + 1)] as number));
  const y = goals.map((goal) => goal * Math.sqrt(variance * Math.exp(nngp.logScale)));
  const rows: { kernel: MeasuredAt[]; weights: MeasuredAt[] } = { kernel: [], weights: [] };
  for (const width of trainedWidths) {
    const drifts: number[] = [];
    const moves: number[] = [];
    for (let seed = 0; seed < trainedNetworks; seed++) {
      const network = await sample(spec, { width, shape: dimension, seed: context.seed + seed, ...job });
      try {
        const how = { method: 'descent', learningRate, times: [driftSteps], drift: true, movement: true } as const;
        const trained = await train(network, x, y, { ...how, ...job });
        trained.network.dispose();
        drifts.push(trained.drift?.[0] as number);
        const blocks = trained.movement?.blocks ?? [];
        moves.push(Math.max(...blocks.map(({ distance }) => distance[0] as number)) / Math.sqrt(width));
      } finally {
        network.dispose();
      }
    }
    rows.kernel.push({ x: width, ...meanWithError(drifts) });
    rows.weights.push({ x: width, ...meanWithError(moves) });
  }
  return rows;
}
