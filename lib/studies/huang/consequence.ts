import { createRandom } from '../../data/rng.js';
import { compile, cross, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { solve } from '../../solve.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { mlp, resnet } from '../kernels.js';
import { atLeast, atMost } from '../measure.js';
import { normalPoints } from '../points.js';
import type { ChartSeries } from '../schema.js';
import type { HuangSettings, huangParameters } from './parameters.js';

const tests = 200;

/** What the limits mean for regression.                                                                    [degeneration] */
export const consequence: Item<typeof huangParameters> = {
  id: 'H4',
  title: 'A deep MLP fits the data and predicts one number everywhere else',
  claim:
    'Regression with the tangent kernel of a very deep MLP has no training error and predicts a constant off the data; a ResNet with ' +
    'α = 1/L goes on predicting.',
  check:
    'Labels ±1 on random points of a sphere, interpolated: the largest distance of the Gram matrix over its diagonal from ¾I + ¼11ᵀ, the largest error on the training ' +
    'points, and the standard deviation of the predictions at 200 other points over depth.',
  expected:
    'A distance of at most (3/8 log L + 3π/4θ)/L for the MLP, θ the least angle between two points, and of at least 0.1 for the ResNet at every depth; training errors below ' +
    '1e-8 throughout; a spread that falls to less than a hundredth for the MLP, and to no less than half for the ResNet.',
  reference: { paper: 'Huang20', equations: ['degeneration'] },
  outside: ({ depths }) =>
    (depths.at(-1) as number) < 1000
      ? ['depths: the claim is about very deep MLPs; the largest here is below 1000']
      : [],
  run: async ({ depths, points, dimension }: HuangSettings, context: StudyContext): Promise<Outcome> => {
    const random = createRandom(context.seed, 4);
    const x = normalPoints(random, points, dimension);
    const z = normalPoints(random, tests, dimension);
    const labels = Float64Array.from({ length: points }, () => (random.uniform() < 0.5 ? -1 : 1));
    const families = [
      { id: 'mlp', label: 'MLP', family: 'mlp', spec: mlp },
      {
        id: 'resnet',
        label: 'ResNet, α = 1/L',
        family: 'resnet',
        spec: (depth: number) => resnet(depth, { gamma: 1 }),
      },
    ] as const;
    const fits: Interpolated[][] = [];
    for (const { spec } of families) {
      const row: Interpolated[] = [];
      for (const depth of depths) row.push(await interpolate(spec(depth), x, z, labels, context));
      fits.push(row);
    }
    const [plain, skips] = fits as [Interpolated[], Interpolated[]];
    const ratio = (row: readonly Interpolated[]) =>
      (row.at(-1) as Interpolated).spread / (row[0] as Interpolated).spread;
    const [first, last] = [depths[0], depths.at(-1)] as [number, number];
    // L(Ω̄ − ¼) is 3/8 log L and a number below 3π/4θ: the layers that an angle θ is ahead of a small one.
    const law = (3 / 8) * Math.log(last) + (3 * Math.PI) / (4 * leastAngle(x));
    return {
      measured: [
        atMost(
          `distance of Gram/diagonal from ¾I + ¼11ᵀ, L = ${last}, MLP`,
          (plain.at(-1) as Interpolated).distance,
          law / last,
        ),
        atLeast(
          'distance of Gram/diagonal from ¾I + ¼11ᵀ, the least over depths, ResNet',
          Math.min(...skips.map(({ distance }) => distance)),
          0.1,
        ),
        atMost('largest training error, MLP', Math.max(...plain.map(({ error }) => error)), 1e-8),
        atMost('largest training error, ResNet', Math.max(...skips.map(({ error }) => error)), 1e-8),
        atMost(`spread of predictions at L = ${last} over that at ${first}, MLP`, ratio(plain), 0.01),
        atLeast(`spread of predictions at L = ${last} over that at ${first}, ResNet`, ratio(skips), 0.5),
      ],
      charts: [
        {
          name: 'huang-spread',
          title: 'Predictions off the data, over depth',
          caption: `Standard deviation of the predictions at ${tests} points of a sphere in ${dimension} dimensions, after interpolating ±1 at ${points} others.`,
          x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
          y: { label: 'Standard deviation of the predictions', scale: 'log' },
          series: families.map(
            ({ id, label, family }, i): ChartSeries => ({
              id,
              label,
              family,
              points: depths.map((depth, k) => ({
                x: depth,
                y: ((fits[i] as Interpolated[])[k] as Interpolated).spread,
              })),
            }),
          ),
        },
      ],
    };
  },
};

function leastAngle(x: readonly Float64Array[]): number {
  const cosines = x.flatMap((a, i) =>
    x.slice(0, i).map((b) => a.reduce((sum, value, k) => sum + value * (b[k] as number), 0)),
  );
  return Math.acos(Math.max(...cosines));
}

interface Interpolated {
  /** Of the Gram matrix over its diagonal, from ¾I + ¼11ᵀ: the largest entry. */
  readonly distance: number;
  readonly error: number;
  readonly spread: number;
}

async function interpolate(
  spec: PresetSpec,
  x: readonly Float64Array[],
  z: readonly Float64Array[],
  labels: Float64Array,
  context: StudyContext,
): Promise<Interpolated> {
  const kernel = compile(spec);
  try {
    const options = context.job(`depth ${spec.depth}`);
    const matrix = await gram(kernel, x, 'ntk', options);
    const { x: solved, residual } = await solve(matrix, labels, { ...options, precision: 'float64' });
    const { data: values, logScale } = await cross(kernel, z, x, 'ntk', options);
    const scale = Math.exp(logScale - matrix.logScale);
    const coefficients = solved.data;
    const predictions = z.map(
      (_, i) =>
        x.reduce((sum, _x, j) => sum + (values[i * x.length + j] as number) * (coefficients[j] as number), 0) * scale,
    );
    const mean = predictions.reduce((sum, value) => sum + value, 0) / predictions.length;
    const variance = predictions.reduce((sum, value) => sum + (value - mean) ** 2, 0) / predictions.length;
    // ‖y‖ is the root of their number, and no single error exceeds the norm of all.
    const diagonal = matrix.values[0] as number;
    let distance = 0;
    for (let k = 0; k < matrix.values.length; k++) {
      if (k % (x.length + 1) !== 0)
        distance = Math.max(distance, Math.abs((matrix.values[k] as number) / diagonal - 0.25));
    }
    return { distance, error: residual * Math.sqrt(labels.length), spread: Math.sqrt(variance) };
  } finally {
    kernel.dispose();
  }
}
