import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import type { BelferSettings, belferParameters } from './parameters.js';

const shown = 12;

/** Odd frequencies of a ResNet that is close to two layers.                                         [sphere-spectrum] */
export const parity: Item<typeof belferParameters> = {
  id: 'B3',
  title: 'With α = 1/L odd frequencies are hard to learn; with 1/√L they are not',
  claim:
    'Without biases, and with α = 1/L, a deep ResNet learns odd frequencies above 1 far more slowly than even ones, as the network of two layers that ' +
    'it tends to, which cannot learn them at all; α = 1/√L removes the imbalance.',
  check: 'On the circle, λ_k over the geometric mean of λ_{k−1} and λ_{k+1} for k = 3 and 5: 1 would be no imbalance.',
  expected: 'At most 0.2 for α = 1/L, at least 0.5 for α = 1/√L.',
  reference: { paper: 'Belfer21', equations: ['sphere-spectrum'] },
  run: async ({ depth }: BelferSettings, context: StudyContext): Promise<Outcome> => {
    const cases = [
      { id: 'gamma-1', label: 'α = 1/L', gamma: 1 },
      { id: 'gamma-0.5', label: 'α = 1/√L', gamma: 0.5 },
    ] as const;
    const measured: Measurement[] = [];
    const series: ChartSeries[] = [];
    for (const { id, label, gamma } of cases) {
      const values = await spectrumOf({ preset: 'belfer', depth, alpha: { gamma } }, 2, shown, context);
      for (const k of [3, 5]) {
        const balance = (values[k] as number) / Math.sqrt((values[k - 1] as number) * (values[k + 1] as number));
        const what = `λ_${k}/√(λ_${k - 1} λ_${k + 1}), ${label}, L = ${depth}`;
        measured.push(gamma === 1 ? atMost(what, balance, 0.2) : atLeast(what, balance, 0.5));
      }
      series.push({
        id,
        label,
        family: 'resnet',
        points: Array.from({ length: shown }, (_, k) => ({ x: k + 1, y: values[k + 1] as number })),
      });
    }
    return {
      measured,
      charts: [
        {
          name: 'belfer-parity',
          title: 'Even and odd frequencies',
          caption: `Eigenvalues on the circle of the normalised tangent kernel of a ResNet of ${depth} blocks without biases.`,
          x: { label: 'Frequency k', scale: 'linear' },
          y: { label: 'Eigenvalue', scale: 'log' },
          series,
        },
      ],
    };
  },
};
