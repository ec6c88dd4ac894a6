import { createRandom } from '../../data/rng.js';
import { compile, cross, type KernelName } from '../../kernel.js';
import { type Layer, repeat, residual } from '../../layers.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, largestDifference, near, slopeBetween } from '../measure.js';
import type { ChartPoint, LineChart, Measurement } from '../schema.js';
import { between, blockOf } from './blocks.js';
import { deepOf, kernelTitles, notDeep } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { middleOf, pairOf, tensorOf } from './views.js';

const names = ['nngp', 'ntk'] as const;
const small = [0.01, 0.02] as const;
const alphas = [...small, 0.05, 0.1, 0.3, 1];
/** Of one kernel, relatively: what docs/verification.md finds. */
const accuracy = 2e-14;

type Both = Readonly<Record<KernelName, Float64Array>>;

/** A kernel of a ResNet as a sum of kernels of less depth.                                                 [sub-depths] */
export const subDepths: Item<typeof barzilaiParameters> = {
  id: 'C3-depths',
  title: 'The kernel of a ResNet is an ensemble over its sub-depths',
  claim:
    'With skips the kernel is a weighted sum of those of networks of all depths up to its own, most of which see less far than the whole.',
  check:
    'Pairs of signals as in C3, kernels of L blocks: K_L less K_0 and α² times the kernels of l − 1 blocks with skips and one without, l = 1 … L; and less the sum over chains of j blocks, C(L,j) α^2j times ' +
    'each, relative to the largest entry: its slope over α, and its size against the distance of the chain of L blocks.',
  expected:
    'The first to the accuracy of the kernels, L + 1 times 2e-14; the second of the order α⁴ within 8Lα², the next order, and at most half as far as the chain (a threshold).',
  reference: { paper: 'ResCNTK', equations: ['sub-depths', 'ResCNTK'] },
  outside: ({ viewDepths }) => notDeep('viewDepths', viewDepths, 2),
  run: async ({ pixels, viewDepths, draws }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const grid = [pixels];
    const pairs = Array.from({ length: draws }, (_, draw) => pairOf(createRandom(context.seed, draw), pixels));
    const [x, z] = [
      tensorOf(
        pairs.map((pair) => pair.x),
        grid,
      ),
      tensorOf(
        pairs.map((pair) => pair.z),
        grid,
      ),
    ];
    const block = blockOf([3, 3]);
    const kernelOf = async (...body: readonly Layer[]): Promise<Both> => {
      const kernel = compile(between({ read: 'pixel', at: middleOf(grid) }, ...body));
      try {
        const both = await cross(kernel, x, z, names, context.job('sub-depths'));
        return { nngp: both.nngp.data as Float64Array, ntk: both.ntk.data as Float64Array };
      } finally {
        kernel.dispose();
      }
    };
    const measured: Measurement[] = [];
    const depths = deepOf(viewDepths, 2);
    const errors: Record<KernelName, ChartPoint[]> = { nngp: [], ntk: [] };
    for (const depth of depths) {
      const chains: Both[] = [await kernelOf()];
      for (let j = 1; j <= depth; j++) chains.push(await kernelOf(repeat(j, block)));
      for (const which of names) errors[which] = [];
      for (const alpha of alphas) {
        const skips = (times: number) => repeat(times, residual(block, { bodyScale: alpha }));
        const whole = await kernelOf(skips(depth));
        const exact = alpha === 1 || alpha === 0.3;
        const parts: Both[] = [];
        for (let l = 1; exact && l <= depth; l++) parts.push(await kernelOf(...(l > 1 ? [skips(l - 1)] : []), block));
        for (const which of names) {
          const where = `${kernelTitles[which]}, α = ${alpha}, L = ${depth}`;
          const largest = largestOf(whole[which]);
          const chain = chains.map((one) => one[which]);
          const mixture = sumOf(
            chain,
            chain.map((_, j) => binomial(depth, j) * alpha ** (2 * j)),
          );
          const off = largestDifference(mixture, whole[which]) / largest;
          errors[which].push({ x: alpha, y: off });
          if (!exact) continue;
          const sum = sumOf(
            [chain[0] as Float64Array, ...parts.map((one) => one[which])],
            [1, ...parts.map(() => alpha ** 2)],
          );
          const last = chain[depth] as Float64Array;
          const away = largestDifference(divided(last, largestOf(last)), divided(whole[which], largest));
          measured.push(
            atMost(
              `sum over the depth of the last block, error, ${where}`,
              largestDifference(sum, whole[which]) / largest,
              (depth + 1) * accuracy,
            ),
            atMost(`error of the sum over chains over the distance of the longest, ${where}`, off / away, 0.5),
          );
        }
      }
      for (const which of names) {
        const [a, b] = errors[which] as [ChartPoint, ChartPoint, ...ChartPoint[]];
        const what = `slope of the error of the sum over chains, ${kernelTitles[which]}, L = ${depth}`;
        measured.push(near(what, slopeBetween([a.x, b.x], [a.y, b.y]), 4, 8 * depth * b.x ** 2));
      }
    }
    return { measured, charts: [chartOf(errors, depths.at(-1) as number, pixels, draws)] };
  },
};

function largestOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function divided(values: Float64Array, by: number): Float64Array {
  return values.map((value) => value / by);
}

function sumOf(all: readonly Float64Array[], weights: readonly number[]): Float64Array {
  return (all[0] as Float64Array).map((_, i) =>
    all.reduce((sum, one, j) => sum + (weights[j] as number) * (one[i] as number), 0),
  );
}

function binomial(n: number, k: number): number {
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

function chartOf(
  errors: Readonly<Record<KernelName, readonly ChartPoint[]>>,
  depth: number,
  pixels: number,
  draws: number,
): LineChart {
  return {
    name: 'barzilai-sub-depths',
    title: 'Kernels of ResNets as sums over chains of less depth',
    caption: `Largest error of Σ C(L,j) α^2j times the kernel of j blocks in a chain, L = ${depth}, relative to the largest entry; ${draws} pairs of rings of ${pixels} pixels.`,
    x: { label: 'Scale α of the branches', scale: 'log' },
    y: { label: 'Relative error', scale: 'log' },
    series: names.map((which) => ({
      id: which,
      label: kernelTitles[which],
      family: 'resnet',
      points: errors[which],
    })),
  };
}
