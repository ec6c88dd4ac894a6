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

/** Where the fit of the slope begins. */
const from = 20;

/** Eigenvalues on the sphere fall like k^−d, with and without skips.                                [sphere-spectrum] */
export const decay: Item<typeof belferParameters> = {
  id: 'B1',
  title: 'Skips do not change how fast eigenvalues fall',
  claim:
    'On the sphere in d dimensions the eigenvalues of the ResNet’s tangent kernel fall like k^−d with the frequency k, as those of the MLP.',
  check:
    'Eigenvalues to 30 digits. Slope of log λ over log(k + (d − 2)/2) from k = 20 on, even and odd frequencies apart; and λ_k over ' +
    'its asymptote 2^(d−2) Γ(d/2)²/π · (s₀ ± e_π)(k + (d − 2)/2)^−d at the highest ones.',
  expected:
    'Of the quotient 1 within 0.3 of what it is off at k/2, for the next term of the asymptote is C/k² of it; of the slope −d within 2|C|/20², what that term makes of it at k = 20.',
  reference: { paper: 'Belfer21', equations: ['sphere-spectrum'] },
  outside: ({ degrees }) =>
    degrees < 5 * from ? [`degrees: the rate is that of high frequencies; from ${from} to ${degrees} are few`] : [],
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
  const off = (k: number) => (values[k] as number) / asymptote(k) - 1;
  return [0, 1].flatMap((parity) => {
    const degrees = [...values.keys()].filter((k) => k >= from && k % 2 === parity);
    const last = top % 2 === parity ? top : top - 1;
    const half = Math.floor(last / 4) * 2 + parity;
    const named = parity === 0 ? 'even' : 'odd';
    return [
      near(
        `slope of ${named} frequencies, ${label}, d = ${d}`,
        logSlope(
          degrees.map(shifted),
          degrees.map((k) => values[k] as number),
        ),
        -d,
        2 * Math.abs(off(last)) * (last / from) ** 2,
      ),
      near(`λ over its asymptote, ${label}, d = ${d}, k = ${last}`, 1 + off(last), 1, 0.3 * Math.abs(off(half))),
    ];
  });
}

/** Γ(d/2) from Γ(1) = 1 and Γ(½) = √π. */
function halfGamma(d: number): number {
  let value = d % 2 === 0 ? 1 : Math.sqrt(Math.PI);
  for (let x = d % 2 === 0 ? 1 : 0.5; x < d / 2; x++) value *= x;
  return value;
}
