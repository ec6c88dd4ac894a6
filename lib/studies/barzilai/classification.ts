import type { Dataset } from '../../data/dataset.js';
import { monteCarloSplits, type Split } from '../../data/split.js';
import { KernelError } from '../../errors.js';
import { compile, type Gram, gram, type KernelName } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { solve } from '../../solve.js';
import { correctedPairedTest, mean } from '../../statistics.js';
import { meanDiagonal } from '../../study.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { kernelTitles } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { photographs } from './photographs.js';

/** Of the mean diagonal: against images that are all but equal. */
const ridge = 1e-6;
const names = ['nngp', 'ntk'] as const;

/** From the least to the most accurate, as is claimed. */
const heads = [
  { head: 'pixel', label: 'centre pixel' },
  { head: 'trace', label: 'trace' },
  { head: 'pool', label: 'pooled' },
] as const;
const skips = [
  { id: 'plain', label: 'no skips', family: 'mlp', spec: (depth: number) => ({ preset: 'cntk', depth }) as const },
  {
    id: 'skips',
    label: 'skips',
    family: 'resnet',
    spec: (depth: number) => ({ preset: 'barzilai', depth, alpha: 1 }) as const,
  },
] as const;

/** The accuracy in each split, of one network and kernel. */
type Accuracies = ReadonlyMap<string, readonly number[]>;

/** Ten classes of photographs by the kernels of one pixel, of all pixels, and of their mean.                  [ResCNTK] */
export const classification: Item<typeof barzilaiParameters> = {
  id: 'C6',
  title: 'Pooled kernels classify photographs best, with skips and without',
  claim:
    'On CIFAR-10 the kernels of a pooled head are more accurate than those of the whole signal (trace), and these than those of one pixel; skips make ' +
    'little difference.',
  check:
    'Ten classes as one-hot columns less 0.1, kernel regression with ridge 1e-6 of the mean diagonal, the same random splits for every kernel; the difference of mean accuracy ' +
    'between each head and the next, and between skips (α = 1) and none.',
  expected: 'At least 0 from pixel to trace and from trace to pool; at most 5 points for the skips.',
  reference: { paper: 'ResCNTK', equations: ['ResCNTK', 'class-coding', 'Nadeau03'] },
  needsData: 'cifar10',
  outside: ({ imageSide, trainImages }) => [
    ...(imageSide < 32
      ? [
          `imageSide: the claim is about images of 32 × 32 pixels; here they are averaged to ${imageSide} × ${imageSide}`,
        ]
      : []),
    ...(trainImages < 500 ? ['trainImages: the claim is about 500 images and more'] : []),
  ],
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const { imageSide, trainImages, testImages, imageSplits, imageDepths } = settings;
    const data = context.cifar10 as Dataset;
    const classes = data.classes?.length ?? 0;
    if ((trainImages + testImages) % classes !== 0) {
      throw new KernelError(
        'ERR_ARGUMENT',
        `trainImages, testImages: expected a sum that ${classes} classes divide, got ${trainImages} and ${testImages}`,
      );
    }
    const { images, labels } = photographs(data, (trainImages + testImages) / classes, imageSide);
    const splits = monteCarloSplits(
      { task: 'classify', y: Float64Array.from(labels) },
      { repeats: imageSplits, testFraction: testImages / labels.length, seed: context.seed, maxTrain: trainImages },
    );
    const all = new Map<string, readonly number[]>();
    for (const depth of imageDepths) {
      for (const { head } of heads) {
        for (const { id, spec } of skips) {
          const where = head === 'pixel' ? { at: [imageSide >> 1, imageSide >> 1] } : {};
          const kernel = compile({ ...spec(depth), head, ...where } as PresetSpec);
          try {
            const both = await gram(kernel, images, names, context.job(`depth ${depth}, ${head}, ${id}`));
            for (const which of names) {
              const accuracies: number[] = [];
              for (const split of splits)
                accuracies.push(await accuracyOf(both[which], labels, classes, split, context));
              all.set(keyOf(depth, head, id, which), accuracies);
            }
          } finally {
            kernel.dispose();
          }
        }
      }
    }
    const judged = imageDepths.flatMap((depth) => names.flatMap((which) => differences(all, depth, which, settings)));
    const told = judged.filter(({ told }) => told).length;
    return {
      measured: judged.map(({ measurement }) => measurement),
      remarks: [
        `${told} of these ${judged.length} differences are larger than their 95 % interval, which counts in that training sets overlap. Guessing is right in ${100 / classes} %.`,
      ],
      charts: names.map((which) => chartOf(all, which, settings)),
    };
  },
};

/** Steps from head to head with and without skips, and the skips' own difference at each head. */
function differences(all: Accuracies, depth: number, which: KernelName, { trainImages, testImages }: BarzilaiSettings) {
  const at = (head: string, id: string) => all.get(keyOf(depth, head, id, which)) ?? [];
  const compared = (a: readonly number[], b: readonly number[]) =>
    correctedPairedTest(
      a.map((value, i) => value - (b[i] as number)),
      trainImages,
      testImages,
      1 / testImages,
    );
  const named = (what: string) => `${what}, ${kernelTitles[which]}, L = ${depth}`;
  const isTold = ({ interval }: { readonly interval: readonly [number, number] }) => interval[0] > 0 || interval[1] < 0;
  const steps = heads.slice(1).flatMap(({ head, label }, k) =>
    skips.map(({ id, label: skip }) => {
      const before = heads[k] as (typeof heads)[number];
      const test = compared(at(head, id), at(before.head, id));
      const what = named(`accuracy, ${label} less ${before.label}, ${skip}`);
      return { told: isTold(test), measurement: atLeast(what, test.difference, 0) as Measurement };
    }),
  );
  const own = heads.map(({ head, label }) => {
    const test = compared(at(head, 'skips'), at(head, 'plain'));
    return {
      told: isTold(test),
      measurement: atMost(named(`|accuracy with skips less that without|, ${label}`), Math.abs(test.difference), 0.05),
    };
  });
  return [...steps, ...own];
}

async function accuracyOf(
  matrix: Gram,
  labels: Uint8Array,
  classes: number,
  { train, test }: Split,
  context: StudyContext,
): Promise<number> {
  const { onProgress: _, ...options } = context.job('solve');
  const targets = new Float64Array(train.length * classes).fill(-0.1);
  for (const [i, row] of train.entries()) targets[i * classes + (labels[row] as number)] = 0.9;
  const y = { data: targets, shape: [train.length, classes] };
  const { x } = await solve(matrix, y, { ...options, rows: train, ridge: ridge * meanDiagonal(matrix) });
  let right = 0;
  for (const row of test) {
    const scores = Array.from({ length: classes }, (_, c) =>
      train.reduce(
        (sum, column, j) =>
          sum + (matrix.values[row * matrix.size + column] as number) * (x.data[j * classes + c] as number),
        0,
      ),
    );
    if (scores.indexOf(Math.max(...scores)) === labels[row]) right++;
  }
  return right / test.length;
}

function keyOf(depth: number, head: string, id: string, which: KernelName): string {
  return `${depth} ${head} ${id} ${which}`;
}

function chartOf(all: Accuracies, which: KernelName, settings: BarzilaiSettings): Chart {
  const { imageSide, trainImages, testImages, imageSplits, imageDepths } = settings;
  return {
    name: `barzilai-photographs-${which}`,
    title: `Accuracy on ten classes of photographs, ${kernelTitles[which]}`,
    caption:
      `CIFAR-10 averaged to ${imageSide} × ${imageSide} pixels, ${trainImages} training and ${testImages} test images; means over ${imageSplits} random splits and ` +
      '95 % intervals of the mean, corrected for overlap.',
    x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
    y: { label: 'Accuracy (%)', scale: 'linear' },
    series: heads.flatMap(({ head, label }) =>
      skips.map(
        ({ id, label: skip, family }): ChartSeries => ({
          id: `${id}-${head}`,
          label: `${label}, ${skip}`,
          family,
          points: imageDepths.map((depth) => {
            const values = all.get(keyOf(depth, head, id, which)) ?? [];
            const { interval } = correctedPairedTest(values, trainImages, testImages, 1 / testImages);
            return { x: depth, y: 100 * mean(values), spread: 50 * (interval[1] - interval[0]) };
          }),
        }),
      ),
    ),
  };
}
