import { type CircleInterpolant, circleTarget, interpolateCircle } from '../../smoothness/circle.js';
import { alphaAxis } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, near } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import { resnet, tangentCurve } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** A threshold: a tenth more is what a figure shows. */
const worse = 1.1;

/** λ₂ to λ₅ on the circle at depth 5 and α = 0.1, and half of the last digit that is known. */
const known = { depth: 5, alpha: 0.1, values: [3.7e-3, 5e-5, 3.8e-4, 2.8e-5], halves: [5e-5, 5e-6, 5e-6, 5e-7] };

/** Which attenuation predicts best.                                               [circle-interpolant; sphere-spectrum] */
export const attenuation: Item<typeof tirerParameters> = {
  id: 'T10',
  title: 'Moderately attenuated branches predict best',
  claim:
    'The smoothest kernel is not the best: the error is least for branches that are attenuated, but not to nothing, for then the kernel is all but linear and has next to ' +
    'no eigenvalues beyond the first.',
  check:
    'The L² error of the interpolant on the circle for α from the least to the largest: that of the largest α, and that of the least, over the least error, for every number of ' +
    'samples; the largest jump of the interpolant’s derivative at the best α over that at the largest. At depth 5 and α = 0.1 the eigenvalues λ₂ to λ₅ of the ' +
    'normalised kernel on the circle, which an independent program has found.',
  expected: `Both errors at least ${worse}, a threshold: a tenth more is what a figure shows; jumps at the largest α at least those at the best.`,
  reference: { paper: 'Tirer20', equations: ['circle-interpolant', 'derivative-jump', 'sphere-spectrum'] },
  outside: ({ attenuations }) =>
    (attenuations[0] as number) > 0.01 || (attenuations.at(-1) as number) < 3
      ? ['attenuations: the claim is about α from next to nothing to the strength of an MLP']
      : [],
  run: async (
    { depth, attenuations, attenuationSamples: counts }: TirerSettings,
    context: StudyContext,
  ): Promise<Outcome> => {
    const curves = attenuations.map((alpha) => tangentCurve(resnet(depth, alpha)));
    const interpolants = counts.map((count) => curves.map((curve) => interpolateCircle(curve, count)));
    const ends = [attenuations[0], attenuations.at(-1)] as [number, number];
    const shown = counts.at(-1) as number;
    const free: number[] = [];
    const measured = counts.flatMap((count, i): Measurement[] => {
      const row = interpolants[i] as CircleInterpolant[];
      const best = row.reduce((a, b) => (b.rmsError < a.rmsError ? b : a));
      const [first, last] = [row[0], row.at(-1)] as [CircleInterpolant, CircleInterpolant];
      if (first === best) free.push(count);
      return [
        atLeast(`error of α = ${ends[1]} over the least, n = ${count}`, last.rmsError / best.rmsError, worse),
        atLeast(`error of α = ${ends[0]} over the least, n = ${count}`, first.rmsError / best.rmsError, worse),
        atLeast(
          `largest jump of α = ${ends[1]} over that of the α of least error, n = ${count}`,
          last.largestJump / best.largestJump,
          1,
        ),
      ];
    });
    return {
      measured: [...measured, ...(depth === known.depth ? await eigenvalues(context) : [])],
      remarks:
        free.length === 0
          ? []
          : [
              `Through ${free.join(' and ')} samples the weakest branches are the best: without noise, and where the samples determine the target, an all but linear kernel is as good as ` +
                'any, and attenuation has no price.',
            ],
      charts: [
        {
          name: 'tirer-attenuation',
          title: 'Error by the scale of the branches',
          caption: `L² error of the interpolant of ${circleTarget.label}; tangent kernels of ResNets of ${depth} blocks.`,
          x: alphaAxis,
          y: { label: 'L² error', scale: 'log' },
          series: counts.map((count, i) => ({
            id: `samples-${count}`,
            label: `${count} samples`,
            family: 'resnet' as const,
            points: (interpolants[i] as CircleInterpolant[]).map(({ rmsError: y }, j) => ({
              x: attenuations[j] as number,
              y,
            })),
          })),
        },
        {
          name: 'tirer-smoothness-error',
          title: 'Smoothness and error together',
          caption: `Interpolants through ${shown} samples of ${circleTarget.label}, tangent kernels of ResNets of ${depth} blocks: each figure over its value at α = ${ends[1]}, where the kernel is nearly that of the MLP.`,
          x: alphaAxis,
          y: { label: `Over the value at α = ${ends[1]}`, scale: 'log', rule: 1 },
          series: together(attenuations, interpolants.at(-1) as CircleInterpolant[]),
        },
      ],
    };
  },
};

function together(alphas: readonly number[], row: readonly CircleInterpolant[]): readonly ChartSeries[] {
  const figures = {
    'L² error': (one: CircleInterpolant) => one.rmsError,
    'Largest derivative jump': (one: CircleInterpolant) => one.largestJump,
    'Amplitude above frequency 20': (one: CircleInterpolant) => one.spectralTail,
  };
  const last = row.at(-1) as CircleInterpolant;
  return Object.entries(figures).map(([label, figure]) => ({
    id: label,
    label,
    family: 'resnet',
    points: alphas.map((x, j) => ({ x, y: figure(row[j] as CircleInterpolant) / figure(last) })),
  }));
}

async function eigenvalues(context: StudyContext): Promise<readonly Measurement[]> {
  const { depth, alpha, values, halves } = known;
  const found = await spectrumOf(resnet(depth, alpha), 2, values.length + 2, context);
  return values.map((value, i) =>
    near(
      `λ${'₀₁₂₃₄₅'[i + 2]} on the circle, L = ${depth}, α = ${alpha}, as known`,
      found[i + 2] as number,
      value,
      (halves[i] as number) * 1.0001,
    ),
  );
}
