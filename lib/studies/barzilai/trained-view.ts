import { createRandom } from '../../data/rng.js';
import { sample } from '../../finite/sample.js';
import { train } from '../../finite/train.js';
import type { FiniteNetwork } from '../../finite/types.js';
import type { JobOptions } from '../../jobs.js';
import { compile, gram } from '../../kernel.js';
import { spectrum } from '../../spectrum.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, meanOf } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import { notDeep } from './condition.js';
import { viewChart } from './field-of-view.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { channels, contenders, extentOf, extentsAgainst, failures, sharesOf, tensorOf, viewer } from './views.js';

/** Signals to train on, and others at which derivatives are taken. */
const [rows, probes] = [8, 4];
/** Between the two ends of a difference; kinks of ReLU are met in as small a share of them. */
const step = 1e-4;
/** Share of the loss that may be left: labels ±1 are then met to a tenth. */
const most = 0.01;

interface Seen {
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** Of the loss at the start. */
  readonly left: number;
}

/** What networks of finite width see once they are trained.                                          [effective-field] */
export const trainedView: Item<typeof barzilaiParameters> = {
  id: 'C3-trained',
  title: 'Trained networks with skips keep their view local',
  claim:
    'The output of a trained convolutional ResNet, read at one pixel, depends more on that pixel and its neighbours than that of the same blocks without skips.',
  check:
    `Networks of finite width with the blocks of C3, ${rows} signals with random labels ±1, gradient descent with half the largest stable step: the length of the derivative of the output by every pixel, ` +
    `by differences, summed over ${probes} other signals; share and distance as in C3, over those of chains with the same seed.`,
  expected: `A share of at least 1 and a distance of at most 1 over that without skips, by two standard errors; a loss of at most ${most} of that at the start, a threshold: labels are met to a tenth.`,
  reference: { paper: 'ResCNTK', equations: ['effective-field', 'finite-network'] },
  outside: ({ trainedDepth }) => notDeep('trainedDepth', [trainedDepth], 2),
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const { trainedPixels, trainedDepth, trainedWidth, trainedNetworks } = settings;
    const { onProgress: _, ...job } = context.job('trained views');
    const grid = [trainedPixels];
    const all: Seen[][] = [];
    for (const { alpha } of contenders) {
      const seen: Seen[] = [];
      for (let index = 0; index < trainedNetworks; index++) {
        seen.push(await seenBy(alpha, seedOf(context.seed, index), settings, job));
      }
      all.push(seen);
    }
    const views = all.map((seen) => seen.map(({ after }) => after));
    const extents = extentsAgainst(views, grid, `, L = ${trainedDepth}`);
    const losses = contenders.map(({ label }, c): Measurement => {
      const left = meanOf((all[c] ?? []).map((one) => one.left));
      return atMost(`share of the loss that training leaves, mean of the networks, ${label}`, left, most);
    });
    return {
      measured: [...extents, ...losses],
      remarks: [
        ...failures(extents),
        ...contenders.map(({ label }, c) => {
          const centre = (when: 'before' | 'after') =>
            meanOf((all[c] ?? []).map((one) => extentOf(one[when], grid).centre)).toFixed(3);
          return `Share of the pixel at the head before and after training, ${label}: ${centre('before')} and ${centre('after')}.`;
        }),
      ],
      charts: [
        viewChart(
          'barzilai-view-trained',
          `What trained networks see, ${trainedDepth} blocks`,
          `Share of the derivative of the output, by distance from the pixel that it reads; rings of ${trainedPixels} pixels, ${trainedWidth} channels, means over ${trainedNetworks} networks.`,
          views,
        ),
      ],
    };
  },
};

async function seenBy(
  alpha: number | null,
  seed: number,
  { trainedPixels, trainedDepth, trainedWidth, trainedSteps }: BarzilaiSettings,
  job: JobOptions,
): Promise<Seen> {
  const grid = [trainedPixels];
  const layer = viewer(trainedDepth, alpha, grid);
  const random = createRandom(seed, 1);
  const signals = Array.from({ length: rows + probes }, () => normalPoints(random, trainedPixels, channels));
  const x = tensorOf(signals.slice(0, rows), grid);
  const y = Float64Array.from({ length: rows }, () => (random.uniform() < 0.5 ? -1 : 1));
  const kernel = compile(layer);
  const { values } = await gram(kernel, x, 'ntk', job)
    .then((matrix) => spectrum(matrix, job))
    .finally(() => kernel.dispose());
  const learningRate = rows / (values[0] as number);
  const network = await sample(layer, { ...job, width: trainedWidth, shape: [trainedPixels, channels], seed });
  try {
    const before = await viewOf(network, signals.slice(rows), job);
    const trained = await train(network, x, y, { ...job, method: 'descent', learningRate, times: [0, trainedSteps] });
    try {
      const [first, last] = trained.loss as unknown as [number, number];
      return { before, after: await viewOf(trained.network, signals.slice(rows), job), left: last / first };
    } finally {
      trained.network.dispose();
    }
  } finally {
    network.dispose();
  }
}

/** Shares of ‖∂f/∂x_i‖, summed over signals. */
async function viewOf(
  network: FiniteNetwork,
  signals: readonly (readonly Float64Array[])[],
  job: JobOptions,
): Promise<Float64Array> {
  const pixels = signals[0]?.length ?? 0;
  const lengths = new Float64Array(pixels);
  for (const signal of signals) {
    const moved = Array.from({ length: 2 * pixels * channels }, (_, k) => {
      const [pixel, channel] = [Math.floor(k / 2 / channels), Math.floor(k / 2) % channels];
      const away = k % 2 === 0 ? step / 2 : -step / 2;
      return signal.map((values, i) =>
        i === pixel ? values.map((value, c) => (c === channel ? value + away : value)) : values,
      );
    });
    const { data } = await network.forward(tensorOf(moved, [pixels]), job);
    for (let i = 0; i < pixels; i++) {
      const slopes = Array.from({ length: channels }, (_, c) => {
        const at = 2 * (i * channels + c);
        return ((data[at] as number) - (data[at + 1] as number)) / step;
      });
      lengths[i] = (lengths[i] as number) + Math.hypot(...slopes);
    }
  }
  return sharesOf(lengths);
}
