import { compile, type Kernel } from '../../kernel.js';
import { activation, dense, serial } from '../../layers.js';
import { sync } from '../../sync.js';
import type { Item, Outcome } from '../definition.js';
import { atLeast, atMost, near } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import type { HuangSettings, huangParameters } from './parameters.js';

const names = ['gelu', 'elu'] as const;
const titles = { gelu: 'GELU', elu: 'ELU', relu: 'ReLU' } as const;
const starts = [-0.9, -0.3, 0.2, 0.7, 0.99];
const shown = [-0.9, 0.2, 0.99];
/** Layers over which correlations are followed, and those among them that are drawn. */
const followed = 2000;
const drawn = [0, 1, 2, 3, 5, 8, 13, 20, 30, 50, 80, 130];

/** What a layer makes of correlations, at a variance q that it keeps. */
interface LayerMap {
  readonly weightVariance: number;
  /** S(ρ) and S′(ρ). */
  readonly at: (correlations: readonly number[]) => { readonly values: number[]; readonly slopes: number[] };
}

/** Activations that are not homogeneous need not send all inputs to one.                        [correlation-fixed-point] */
export const fixedPoints: Item<typeof huangParameters> = {
  id: 'X5',
  title: 'With GELU and ELU a deep MLP can keep inputs apart',
  claim:
    'For GELU and ELU there are variances of the weights at which the correlation of two inputs tends, over the layers, to a fixed point below 1, whatever it was at first; for ' +
    'ReLU there are none.',
  check:
    'σ_w² = q/E φ² keeps the variance q. The map ρ ↦ S(ρ) of a layer at this variance: its fixed point below 1 by bisection, its slope there and at 1; ' +
    `five correlations followed over ${followed} layers, on S between Chebyshev points.`,
  expected:
    'A fixed point at most 0.99 with a slope at most 1 − 10⁻³, and at least 1 + 10⁻³ at 1; all correlations within 10⁻⁹ of it at the end. For ReLU a slope of 1 at 1, within 10⁻⁹, and S(ρ) − ρ ' +
    'above 0 everywhere else.',
  reference: { paper: 'Tsuchida et al.', equations: ['correlation-fixed-point'] },
  run: async ({ variances }: HuangSettings): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const located: Record<(typeof names)[number], { variance: number; point: number; weights: number }[]> = {
      gelu: [],
      elu: [],
    };
    const charts: Chart[] = [];
    for (const name of names) {
      for (const variance of variances) {
        await new Promise((resolve) => setImmediate(resolve));
        const named = (what: string) => `${what}, ${titles[name]}, q = ${variance}`;
        withMap(name, variance, (map) => {
          const curve = interpolated(map);
          const point = fixedPointOf(curve);
          const { values, slopes } = map.at([point, 1]);
          const paths = follow(curve);
          const away = Math.max(...(paths.at(-1) as readonly number[]).map((rho) => Math.abs(rho - point)));
          located[name].push({ variance, point, weights: map.weightVariance });
          measured.push(
            atMost(named('fixed point below 1'), point, 0.99),
            near(named('what a layer makes of it, less itself'), (values[0] as number) - point, 0, 1e-9),
            atMost(named('slope at it'), slopes[0] as number, 1 - 1e-3),
            atLeast(named('slope at 1'), slopes[1] as number, 1 + 1e-3),
            atMost(named(`largest distance from it after ${followed} layers`), away, 1e-9),
          );
          if (variance === variances[Math.floor(variances.length / 2)])
            charts.push(pathChart(name, variance, map, paths));
        });
      }
    }
    withMap('relu', 1, (map) => {
      const inner = Array.from({ length: 199 }, (_, i) => -1 + (i + 1) / 100);
      const { values } = map.at(inner);
      measured.push(
        near('slope at 1, ReLU', map.at([1]).slopes[0] as number, 1, 1e-9),
        atLeast(
          'least S(ρ) − ρ on a grid below 1, ReLU',
          Math.min(...inner.map((rho, i) => (values[i] as number) - rho)),
          1e-12,
        ),
      );
    });
    const weights = names.map((name) => {
      const list = located[name].map(({ variance, weights: own }) => `${own.toFixed(3)} at q = ${variance}`);
      return `${titles[name]}: σ_w² = ${list.join(', ')}.`;
    });
    return { measured, remarks: weights, charts: [pointChart(located), ...charts] };
  },
};

/** The map of one layer; slopes by E φ′φ′ from the tangent kernel of a network of one hidden layer.  [correlation-fixed-point] */
function withMap(name: 'gelu' | 'elu' | 'relu', variance: number, use: (map: LayerMap) => void): void {
  const kernel: Kernel = compile(serial(dense({ inputScale: '1' }), activation(name), dense()));
  try {
    const length = Math.sqrt(variance);
    const evaluate = (correlations: readonly number[]) => {
      const z = correlations.map((rho) => [length * rho, length * Math.sqrt(1 - rho * rho)]);
      return sync.cross(kernel, [[length, 0]], z, ['nngp', 'ntk']);
    };
    const square = evaluate([1]).nngp.data[0] as number;
    use({
      weightVariance: variance / square,
      at: (correlations) => {
        const { nngp, ntk } = evaluate(correlations);
        return {
          values: Array.from(nngp.data, (value) => value / square),
          // Θ = E φφ + qρ E φ′φ′, and S′ = q E φ′φ′ / E φ².
          slopes: correlations.map((rho, i) => ((ntk.data[i] as number) - (nngp.data[i] as number)) / (rho * square)),
        };
      },
    });
  } finally {
    kernel.dispose();
  }
}

/**
 * S between 201 Chebyshev points, by barycentric interpolation: every call of the map integrates a dual. Its singular term at 1 is
 * (1 − ρ)^5/2 for ELU, whose curvature jumps, so that the error is of the order 200^−5.
 */
function interpolated({ at }: LayerMap): (rho: number) => number {
  const last = 200;
  const nodes = Array.from({ length: last + 1 }, (_, j) => Math.cos((j * Math.PI) / last));
  const { values } = at(nodes);
  return (rho) => {
    let [above, below] = [0, 0];
    for (const [j, node] of nodes.entries()) {
      if (rho === node) return values[j] as number;
      const weight = ((j % 2 === 0 ? 1 : -1) * (j === 0 || j === last ? 0.5 : 1)) / (rho - node);
      above += weight * (values[j] as number);
      below += weight;
    }
    return above / below;
  };
}

/** Of the first interval of a grid on which S(ρ) − ρ changes from above to below 0; 1 where there is none. */
function fixedPointOf(map: (rho: number) => number): number {
  const grid = Array.from({ length: 400 }, (_, i) => -1 + i / 200);
  const excess = grid.map((rho) => map(rho) - rho);
  const k = excess.findIndex((value, i) => i > 0 && value <= 0 && (excess[i - 1] as number) > 0);
  if (k < 0) return 1;
  let [low, high] = [grid[k - 1] as number, grid[k] as number];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (map(middle) > middle) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The correlations after 0, 1, 2… layers. */
function follow(map: (rho: number) => number): readonly (readonly number[])[] {
  const paths: number[][] = [[...starts]];
  for (let layer = 0; layer < followed; layer++) {
    paths.push((paths.at(-1) as number[]).map((rho) => Math.max(-1, Math.min(map(rho), 1))));
  }
  return paths;
}

function pathChart(
  name: 'gelu' | 'elu',
  variance: number,
  map: LayerMap,
  paths: readonly (readonly number[])[],
): Chart {
  return {
    name: `huang-fixed-point-${name}`,
    title: `Correlations of two inputs over the layers, ${titles[name]}`,
    caption: `From three correlations at the first layer; σ_w² = ${map.weightVariance.toFixed(4)}, which keeps the variance q = ${variance}.`,
    x: { label: 'Layer', scale: 'linear' },
    y: { label: 'Correlation ρ', scale: 'linear' },
    series: shown.map((start): ChartSeries => {
      const at = starts.indexOf(start);
      const points = drawn.map((x) => ({ x, y: paths[x]?.[at] as number }));
      return { id: `start-${at}`, label: `from ${start}`.replace('-', '−'), family: 'mlp', points };
    }),
  };
}

function pointChart(
  located: Readonly<Record<(typeof names)[number], readonly { variance: number; point: number }[]>>,
): Chart {
  return {
    name: 'huang-fixed-points',
    title: 'Where correlations end',
    caption: 'The fixed point of the map of correlations over the variance q that the layers keep; for ReLU it is 1.',
    x: { label: 'Variance q of the preactivations', scale: 'log' },
    y: { label: 'Fixed point ρ*', scale: 'linear' },
    series: names.map(
      (name): ChartSeries => ({
        id: name,
        label: titles[name],
        family: 'mlp',
        points: located[name].map(({ variance, point }) => ({ x: variance, y: point })),
      }),
    ),
  };
}
