import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { endSlopes } from '../kernels.js';
import { logSlope, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { spectrumOf } from '../spectrum.js';
import type { BelferSettings, belferParameters } from './parameters.js';

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
  expected: '−d within 0.02, and 1 within 40/k²: the next term of the asymptote, as in B1.',
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
      const upper = [...(spectra[0] as Float64Array).keys()].filter((k) => k >= degrees / 2 && k % 2 === 0);
      for (const [i, depth] of depths.entries()) {
        const values = spectra[i] as Float64Array;
        const slope = logSlope(
          upper.map((k) => k + (d - 2) / 2),
          upper.map((k) => values[k] as number),
        );
        measured.push(near(`slope, L = ${depth}, d = ${d}`, slope, -d, 0.02));
        if (i === 0) continue;
        const quotient = (values[top] as number) / ((spectra[0] as Float64Array)[top] as number);
        const constants = (sums[i] as number) / (sums[0] as number);
        measured.push(
          near(
            `λ over the shallow λ, over that of the constants, L = ${depth}, d = ${d}, k = ${top}`,
            quotient / constants,
            1,
            40 / top ** 2,
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
