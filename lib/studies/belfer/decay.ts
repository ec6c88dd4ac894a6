import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { endSlopes } from '../kernels.js';
import { logSlope, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import type { BelferSettings, belferParameters } from './parameters.js';

export const networks: readonly { id: string; label: string; family: ChartSeries['family']; spec: PresetSpec }[] = [
  { id: 'mlp-3', label: 'MLP, 3 layers', family: 'mlp', spec: { preset: 'mlp', depth: 3 } },
  {
    id: 'resnet-2',
    label: 'ResNet, 2 blocks, α = 1',
    family: 'resnet',
    spec: { preset: 'belfer', depth: 2, alpha: 1 },
  },
];

/** Eigenvalues on the sphere fall like k^−d, with and without skips.                                [sphere-spectrum] */
export const decay: Item<typeof belferParameters> = {
  id: 'B1',
  title: 'Skips do not change how fast eigenvalues fall',
  claim:
    'On the sphere in d dimensions the eigenvalues of the ResNet’s tangent kernel fall like k^−d with the frequency k, as those of the MLP.',
  check:
    'Eigenvalues to 30 digits. Slope of log λ over log(k + (d − 2)/2) from k = 20 on, even and odd frequencies apart; and λ_k over ' +
    'its asymptote 2^(d−2) Γ(d/2)²/π · (s₀ ± e_π)(k + (d − 2)/2)^−d at the highest ones.',
  expected: '−d within 0.02, and 1 within 40/k²: the next term of the asymptote.',
  reference: { paper: 'Belfer21', equations: ['sphere-spectrum'] },
  run: async ({ dimensions, degrees }: BelferSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    for (const dimension of dimensions) {
      const series: ChartSeries[] = [];
      for (const { id, label, family, spec } of networks) {
        const values = await spectrumOf(spec, dimension, degrees, context);
        measured.push(...measurementsOf(label, spec, values, dimension));
        const even = [...values.keys()].filter((k) => k >= 2 && k % 2 === 0);
        series.push({ id, label, family, points: even.map((k) => ({ x: k, y: values[k] as number })) });
      }
      charts.push({
        name: `belfer-decay-${dimension}`,
        title: dimension === 2 ? 'Eigenvalues on the circle' : `Eigenvalues on the sphere in ${dimension} dimensions`,
        caption: `Eigenvalues of normalised tangent kernels by even frequency, d = ${dimension}; the slope is −${dimension}.`,
        x: { label: 'Frequency k', scale: 'log' },
        y: { label: 'Eigenvalue', scale: 'log' },
        series,
      } as const);
    }
    return { measured, charts };
  },
};

function measurementsOf(label: string, spec: PresetSpec, values: Float64Array, d: number): Measurement[] {
  const { cusp, antipodal } = endSlopes(spec);
  const gamma = halfGamma(d);
  const shifted = (k: number) => k + (d - 2) / 2;
  const asymptote = (k: number) =>
    ((2 ** (d - 2) * gamma ** 2) / Math.PI) * (cusp + (k % 2 === 0 ? antipodal : -antipodal)) * shifted(k) ** -d;
  const top = values.length - 1;
  return [0, 1].flatMap((parity) => {
    const degrees = [...values.keys()].filter((k) => k >= 20 && k % 2 === parity);
    const last = top % 2 === parity ? top : top - 1;
    const named = parity === 0 ? 'even' : 'odd';
    return [
      near(
        `slope of ${named} frequencies, ${label}, d = ${d}`,
        logSlope(
          degrees.map(shifted),
          degrees.map((k) => values[k] as number),
        ),
        -d,
        0.02,
      ),
      near(
        `λ over its asymptote, ${label}, d = ${d}, k = ${last}`,
        (values[last] as number) / asymptote(last),
        1,
        40 / last ** 2,
      ),
    ];
  });
}

/** Γ(d/2) from Γ(1) = 1 and Γ(½) = √π. */
function halfGamma(d: number): number {
  let value = d % 2 === 0 ? 1 : Math.sqrt(Math.PI);
  for (let x = d % 2 === 0 ? 1 : 0.5; x < d / 2; x++) value *= x;
  return value;
}
