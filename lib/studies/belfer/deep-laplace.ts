import type { Alpha, PresetSpec } from '../../presets.js';
import type { Item, Outcome } from '../definition.js';
import { normalised } from '../kernels.js';
import { atMost, largestDifference } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { zonalRule } from '../zonal.js';
import { fitLaplace, type Laplace, laplaceAt } from './laplace-fit.js';
import type { BelferSettings, belferParameters } from './parameters.js';

/** As X3 asks of shallow networks. */
const within = 0.02;
const nodes = 480;

const deep = (depth: number, alpha: Alpha): PresetSpec => ({ preset: 'belfer', depth, alpha });
const twoLayers: PresetSpec = { preset: 'mlp', depth: 1 };

/** What deep ResNets tend to, by how their branches are scaled.                                [laplace-match; depth-limit] */
export const deepLaplace: Item<typeof belferParameters> = {
  id: 'B2-laplace',
  title: 'Deep ResNets are close to a Laplace kernel, or to a network of two layers',
  claim:
    'With γ < ½ the tangent kernel of a deep ResNet is, as that of a deep MLP, close to a Laplace kernel whose width is fitted; with γ > ½ it tends to that of a network of two ' +
    'layers.',
  check:
    'Width, factor and constant of a Laplace kernel by least squares over the sphere, and the root mean squared difference; for γ above ½ the largest distance from the kernel of ' +
    'two layers over all angles.',
  expected: `Differences of at most ${within}. Distances of at most √(2s)/3π · (1 + √s), s = Lα²: what the kernel changes by at opposite inputs.`,
  reference: { paper: 'Belfer21', equations: ['laplace-match', 'depth-limit'] },
  outside: ({ depth }) => (depth < 20 ? [`depth: the claim is about deep networks, of more than ${depth} blocks`] : []),
  run: async ({ dimensions, depth }: BelferSettings): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const spiky = [
      { id: 'mlp', label: 'MLP', family: 'mlp', spec: { preset: 'mlp', depth } },
      { id: 'gamma-0', label: 'ResNet, α = 1', family: 'resnet', spec: deep(depth, 1) },
      { id: 'gamma-0.25', label: 'ResNet, γ = 0.25', family: 'resnet', spec: deep(depth, { gamma: 0.25 }) },
    ] as const;
    const charts: Chart[] = [];
    for (const d of dimensions) {
      const { angles, weights } = zonalRule(nodes, d);
      const two = normalised(twoLayers, angles, 'ntk');
      const found = spiky.map((network) => {
        const curve = normalised(network.spec, angles, 'ntk');
        const fit = fitLaplace(curve, angles, weights);
        const square = curve.reduce(
          (sum, value, i) => sum + (weights[i] as number) * (value - laplaceAt(fit, angles[i] as number)) ** 2,
          0,
        );
        const what = `difference from a Laplace kernel, c = ${fit.width.toFixed(3)}, ${network.label}, d = ${d}`;
        measured.push(atMost(what, Math.sqrt(square), within));
        return { ...network, curve, fit };
      });
      if (d === dimensions.at(-1)) charts.push(chartOf(found, angles, d, depth));
      if (d !== dimensions[0]) continue;
      // Distances over all angles do not depend on d.
      for (const gamma of [0.75, 1]) {
        const left = depth ** (1 - 2 * gamma);
        const bound = (Math.sqrt(2 * left) / (3 * Math.PI)) * (1 + Math.sqrt(left));
        const far = largestDifference(normalised(deep(depth, { gamma }), angles, 'ntk'), two);
        measured.push(atMost(`distance from the kernel of two layers, γ = ${gamma}, L = ${depth}`, far, bound));
      }
    }
    return { measured, charts };
  },
};

interface Found {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly curve: Float64Array;
  readonly fit: Laplace;
}

function chartOf(found: readonly Found[], angles: Float64Array, d: number, depth: number): Chart {
  const some = [...angles.keys()].filter((i) => i % 5 === 0);
  const line = (of: (i: number) => number) => some.map((i) => ({ x: angles[i] as number, y: of(i) }));
  const widths = found.map(({ label, fit }) => `${fit.width.toFixed(2)} (${label})`).join(', ');
  return {
    name: 'belfer-deep-laplace',
    title: 'Deep networks beside Laplace kernels',
    caption: `Normalised tangent kernels of ${depth} layers or blocks; dots: a · exp(−c‖x − z‖) + b fitted to each over the sphere in ${d} dimensions, c = ${widths}.`,
    x: { label: 'Angle between the inputs (radians)', scale: 'linear' },
    y: { label: 'Kernel', scale: 'linear' },
    series: found.map(
      ({ id, label, family, curve }): ChartSeries => ({ id, label, family, points: line((i) => curve[i] as number) }),
    ),
    samples: found.flatMap(({ fit }) => line((i) => laplaceAt(fit, angles[i] as number)).filter((_, k) => k % 8 === 0)),
  };
}
