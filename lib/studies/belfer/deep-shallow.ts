import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { endSlopes } from '../kernels.js';
import { logSlope, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import type { BelferSettings, belferParameters } from './parameters.js';

/** A quarter, and what terms of higher order add. */
const share = 0.35;

const spec = (depth: number): PresetSpec => ({ preset: 'mlp', depth });

/** Depth changes constants, not rates.                                     [sphere-spectrum; cusp-slope; antipodal-slope] */
export const deepShallow: Item<typeof belferParameters> = {
  id: 'X4',
  title: 'Deep and shallow MLPs have one rate and different constants',
  claim:
    'Eigenvalues of the tangent kernels of deep ReLU networks fall at the same rate as those of a network of one hidden layer; depth enters through a constant, which the slopes of the kernel at ' +
    'equal and at opposite inputs determine.',
  check:
    'Eigenvalues of even frequencies for MLPs of several depths L: slope of log λ over log(k + (d − 2)/2) on the upper half of the frequencies, and the quotient by the shallow ' +
    'network’s at the highest over that of the sums s₀ + e_π.',
  expected:
    'Of both −d and 1 within 0.35 of what slope and quotient are off at half the frequencies, for what is left out of the rate falls like 1/k².',
  reference: { paper: 'Bietti20', equations: ['sphere-spectrum', 'cusp-slope', 'antipodal-slope'] },
  outside: ({ shallowDepths, degrees }) =>
    3 * (shallowDepths.at(-1) as number) > degrees / 2
      ? ['shallowDepths: the rate is that of frequencies far above the depth']
      : [],
  run: async ({ dimensions, degrees, shallowDepths }: BelferSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    const depths = [1, ...shallowDepths.filter((depth) => depth > 1)];
    const top = degrees - (degrees % 2);
    const sums = depths.map((depth) => {
      const { cusp, antipodal } = endSlopes(spec(depth));
      return cusp + antipodal;
    });
    for (const d of dimensions) {
      const spectra: Float64Array[] = [];
      for (const depth of depths) spectra.push(await spectrumOf(spec(depth), d, degrees, context));
      for (const [i, depth] of depths.entries()) {
        const values = spectra[i] as Float64Array;
        const slope = (low: number, high: number) => {
          const some = [...values.keys()].filter((k) => k >= low && k <= high && k % 2 === 0);
          return logSlope(
            some.map((k) => k + (d - 2) / 2),
            some.map((k) => values[k] as number),
          );
        };
        const before = slope(degrees / 4, degrees / 2) + d;
        measured.push(near(`slope, L = ${depth}, d = ${d}`, slope(degrees / 2, degrees), -d, share * Math.abs(before)));
        if (i === 0) continue;
        const constants = (sums[i] as number) / (sums[0] as number);
        const quotient = (k: number) => (values[k] as number) / ((spectra[0] as Float64Array)[k] as number) / constants;
        measured.push(
          near(
            `λ over the shallow λ, over that of the constants, L = ${depth}, d = ${d}, k = ${top}`,
            quotient(top),
            1,
            share * Math.abs(quotient(2 * Math.floor(top / 4)) - 1),
          ),
        );
      }
      charts.push(chartOf(spectra, depths, d));
    }
    return { measured, charts };
  },
};

function chartOf(spectra: readonly Float64Array[], depths: readonly number[], d: number): Chart {
  return {
    name: `belfer-deep-shallow-${d}`,
    title: d === 2 ? 'Deep and shallow, on the circle' : `Deep and shallow, on the sphere in ${d} dimensions`,
    caption: `Eigenvalues of normalised tangent kernels of MLPs at even frequencies, divided by (k + (d − 2)/2)^−d, d = ${d}: flat where the rate is k^−d, at the height of the constant.`,
    x: { label: 'Frequency k', scale: 'log' },
    y: { label: 'Eigenvalue over its rate', scale: 'log' },
    // The shallow one, the deepest, and one between them.
    series: [...new Set([0, Math.floor(depths.length / 2), depths.length - 1])].map((i): ChartSeries => {
      const depth = depths[i] as number;
      const values = spectra[i] as Float64Array;
      const even = [...values.keys()].filter((k) => k >= 2 && k % 2 === 0);
      const points = even.map((k) => ({ x: k, y: (values[k] as number) * (k + (d - 2) / 2) ** d }));
      return { id: `mlp-${depth}`, label: depth === 1 ? 'one hidden layer' : `L = ${depth}`, family: 'mlp', points };
    }),
  };
}
