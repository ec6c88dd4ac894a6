import { compile, gram } from '../../kernel.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { descend } from '../descent.js';
import { near } from '../measure.js';
import type { ChartPoint, ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import type { BelferSettings, belferParameters } from './parameters.js';

/** What is left of the residual where a sinusoid counts as learnt. */
const left = 0.1;

/** Gradient descent on sinusoids takes steps in proportion to 1/λ_k.                                      [ntk-descent] */
export const learningTime: Item<typeof belferParameters> = {
  id: 'B4',
  title: 'A frequency is learnt in a time of 1/λ',
  claim: 'Gradient descent takes a number of steps to fit sin kt that is proportional to 1/λ_k.',
  check:
    'Gradient descent itself, step by step, on evenly spaced points of a circle, from 0 to a tenth of the residual. The step is η = 1/λ_max; ' +
    'the steps counted are compared with log 0.1/log(1 − ηλ_k), λ_k being the eigenvalue of the integral operator.',
  expected: '1, within one step and twice what sampling at n points adds to λ_k: λ_{n−k} + λ_{n+k}.',
  reference: { paper: 'Belfer21', equations: ['ntk-descent', 'sphere-spectrum'] },
  run: async ({ depth, frequencies, points }: BelferSettings, context: StudyContext): Promise<Outcome> => {
    const cases = [
      { id: 'gamma-1', label: 'α = 1/L', gamma: 1 },
      { id: 'gamma-0.5', label: 'α = 1/√L', gamma: 0.5 },
    ] as const;
    const angles = Float64Array.from({ length: points }, (_, i) => (2 * Math.PI * i) / points);
    const x = Array.from(angles, (t) => Float64Array.of(Math.cos(t), Math.sin(t)));
    const measured: Measurement[] = [];
    const series: ChartSeries[] = [];
    const leftOut: string[] = [];
    for (const { id, label, gamma } of cases) {
      const spec = { preset: 'belfer', depth, alpha: { gamma } } as const;
      const values = await spectrumOf(spec, 2, points + Math.max(...frequencies), context);
      const kernel = compile(spec);
      const matrix = await gram(kernel, x, 'ntk', context.job(label)).finally(() => kernel.dispose());
      const scale = (matrix.values[0] as number) * points;
      const normalised = matrix.values.map((value) => value / scale) as Float64Array;
      const rate = 1 / Math.max(...values);
      const counts: ChartPoint[] = [];
      for (const k of frequencies) {
        const expected = Math.log(left) / Math.log1p(-Math.min(1 - 2 ** -52, rate * (values[k] as number)));
        const steps = await descend(
          { values: normalised, size: points },
          angles.map((t) => Math.sin(k * t)),
          { rate, left: left ** 2, expected },
          context.job(label),
        );
        if (steps === null) {
          leftOut.push(`k = ${k}, ${label}`);
          continue;
        }
        const aliases = ((values[points - k] as number) + (values[points + k] as number)) / (values[k] as number);
        counts.push({ x: k, y: steps });
        measured.push(
          near(`steps over those expected, k = ${k}, ${label}`, steps / expected, 1, 1 / expected + 2 * aliases),
        );
      }
      series.push({ id, label, family: 'resnet', points: counts });
    }
    return {
      measured,
      remarks:
        leftOut.length === 0 ? [] : [`Left out, for it takes more steps than can be counted: ${leftOut.join('; ')}.`],
      charts: [
        {
          name: 'belfer-learning-time',
          title: 'Steps of gradient descent until a sinusoid is learnt',
          caption: `sin kt on ${points} points of a circle, ResNets of ${depth} blocks without biases, step 1/λ_max, to a tenth of the residual.`,
          x: { label: 'Frequency k', scale: 'linear' },
          y: { label: 'Steps', scale: 'log' },
          series,
        },
      ],
    };
  },
};
