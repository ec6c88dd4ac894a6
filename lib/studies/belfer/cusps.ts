import type { Item, Outcome } from '../definition.js';
import { endSlopes } from '../kernels.js';
import { near, slopeBetween } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { BelferSettings, belferParameters } from './parameters.js';

const gammas = [0, 0.25, 0.5, 0.75, 1];

/** How sharp the kernel is at equal inputs, over depth.                                                    [cusp-slope] */
export const cusps: Item<typeof belferParameters> = {
  id: 'B2',
  title: 'Deep ResNets are spiky only where branches are scaled too little',
  claim:
    'For branches scaled by L^−γ with γ < ½ the kernel grows ever sharper at equal inputs, as that of the MLP; for γ > ½ it tends to ' +
    'the kernel of two layers, which is not sharper than that of a single block.',
  check:
    'The cusp slope s₀ = −κ′(0⁺) of normalised tangent kernels: for γ < ½ and for the MLP its slope in L on logarithmic axes between the ' +
    'two largest depths; else its value at the largest depth.',
  expected:
    '1 − 2γ for γ < ½ and 1 for the MLP, within 0.05; 1/π for γ = ½, 1/2π above, up to the branch sum Lα² = L^(1−2γ) that is left.',
  reference: { paper: 'Belfer21', equations: ['cusp-slope', 'depth-limit'] },
  outside: ({ slopeDepths }) =>
    (slopeDepths.at(-1) as number) < 1000
      ? ['slopeDepths: the claim is about large depths; the largest here is below 1000']
      : [],
  run: async ({ slopeDepths }: BelferSettings): Promise<Outcome> => {
    const last = slopeDepths.length - 1;
    const ends = [slopeDepths[Math.max(0, last - 1)] as number, slopeDepths[last] as number] as const;
    const plain = slopeDepths.map((depth) => endSlopes({ preset: 'mlp', depth }).cusp);
    const residual = gammas.map((gamma) =>
      slopeDepths.map((depth) => endSlopes({ preset: 'belfer', depth, alpha: { gamma } }).cusp),
    );
    const growth = (values: readonly number[]) =>
      slopeBetween(ends, [values[Math.max(0, last - 1)] as number, values[last] as number]);
    const measured = gammas.map((gamma, i): Measurement => {
      const values = residual[i] as number[];
      const named = gamma === 0 ? 'α = 1' : `γ = ${gamma}`;
      if (gamma < 0.5)
        return near(`growth of the cusp slope with depth, ${named}`, growth(values), 1 - 2 * gamma, 0.05);
      const limit = (gamma === 0.5 ? 2 : 1) / (2 * Math.PI);
      const left = gamma === 0.5 ? 2 / ends[1] : ends[1] ** (1 - 2 * gamma);
      return near(`cusp slope at L = ${ends[1]}, ${named}`, values[last] as number, limit, left / Math.PI);
    });
    const series: ChartSeries[] = [
      { id: 'mlp', label: 'MLP', family: 'mlp', points: slopeDepths.map((x, k) => ({ x, y: plain[k] as number })) },
      ...gammas.map(
        (gamma, i): ChartSeries => ({
          id: `gamma-${gamma}`,
          label: gamma === 0 ? 'α = 1' : `γ = ${gamma}`,
          family: 'resnet',
          points: slopeDepths.map((x, k) => ({ x, y: (residual[i] as number[])[k] as number })),
        }),
      ),
    ];
    return {
      measured: [near('growth of the cusp slope with depth, MLP', growth(plain), 1, 0.05), ...measured],
      charts: [
        {
          name: 'belfer-cusps',
          title: 'How sharp the kernel is at equal inputs, over depth',
          caption: 'The cusp slope s₀ of the normalised tangent kernel for ResNets with α = L^−γ, and for an MLP.',
          x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
          y: { label: 'Cusp slope', scale: 'log' },
          series,
        },
      ],
    };
  },
};
