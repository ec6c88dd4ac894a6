import { gradient, hessian } from '../../gradient.js';
import { compile, cross, gram, type Kernel } from '../../kernel.js';
import { kernelCurve } from '../../smoothness/kernel-curve.js';
import { solve } from '../../solve.js';
import { combined } from '../combined.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, whereFailing } from '../measure.js';
import type { MapChart, Measurement } from '../schema.js';
import { beyondOne, claimed } from './attenuated.js';
import { mlp, resnet } from './curves.js';
import { type Domain, domains } from './domains.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

interface Surface {
  readonly label: string;
  readonly values: Float64Array;
  readonly corner: number;
  readonly error: number;
  readonly laplacian: number;
  readonly hessian: number;
}

const figures = {
  'largest derivative jump at a sample': (one: Surface) => one.corner,
  'L² error': (one: Surface) => one.error,
  'mean |Laplacian|': (one: Surface) => one.laplacian,
  'mean norm of the Hessian': (one: Surface) => one.hessian,
} as const;

/** Interpolants over two dimensions.                                                 [surface-derivatives; derivative-jump] */
export const surfaces: Item<typeof tirerParameters> = {
  id: 'T7',
  title: 'On the sphere and in the plane the ResNet’s interpolants are smoother, too',
  claim:
    'Interpolants of two-dimensional targets have corners at the samples for the MLP, and weaker ones for ResNets with α ≤ 1, whose second derivatives are smaller as well.',
  check:
    `On the unit sphere (${domains[0]?.formula}) and in the plane (${domains[1]?.formula}, inputs (x₁, x₂, 1)), samples spread evenly: the largest jump of the derivative per radian, the L² ` +
    'error, and the means of |Laplacian| and of the norm of the Hessian over points of the surface, each over that of the MLP.',
  expected: 'At most 1, all of them.',
  reference: { paper: 'Tirer20', equations: ['surface-derivatives', 'derivative-jump'] },
  outside: ({ surfaceAlphas }) => beyondOne(surfaceAlphas),
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const measured: Measurement[] = [];
    const judged = claimed(settings.surfaceAlphas);
    const charts: MapChart[] = [];
    for (const domain of domains) {
      const plain = await surfaceOf('MLP', mlp(settings.depth), domain, settings, context);
      const residual: Surface[] = [];
      for (const alpha of settings.surfaceAlphas) {
        const one = await surfaceOf(`ResNet, α = ${alpha}`, resnet(settings.depth, alpha), domain, settings, context);
        residual.push(one);
        if (!judged.includes(alpha)) continue;
        for (const [what, figure] of Object.entries(figures)) {
          measured.push(
            atMost(`${what} over the MLP’s, ${domain.where}, α = ${alpha}`, figure(one) / figure(plain), 1),
          );
        }
      }
      charts.push(chartOf(domain, [plain, ...residual], settings));
    }
    return {
      measured,
      charts,
      remarks: whereFailing(
        measured,
        'Where second derivatives between the samples are larger it is because the MLP’s interpolant falls back towards 0 between them, as on the circle (T4): what it has not ' +
          'followed it need not bend for. Jumps and errors tell the two apart, second derivatives away from the corners do not.',
      ),
    };
  },
};

function chartOf(domain: Domain, all: readonly Surface[], { depth, surfaceSamples }: TirerSettings): MapChart {
  const points = domain.spread(surfaceSamples, 0).map(domain.place);
  const rows = (values: ArrayLike<number>) =>
    Array.from({ length: domain.grid.length / domain.columns }, (_, i) =>
      // No eye sees the fifth digit, and the report holds thousands of them.
      Array.from({ length: domain.columns }, (_, j) =>
        Number((values[i * domain.columns + j] as number).toPrecision(4)),
      ),
    );
  const about = `${domain.formula}, interpolated ${domain.where} through ${surfaceSamples} samples (circles) with tangent kernels of ${depth} layers or blocks.`;
  const common = { kind: 'map', grid: 'surface', x: domain.x, y: domain.y } as const;
  return {
    ...common,
    name: `tirer-${domain.id}`,
    title: `A target and its interpolants ${domain.where}`,
    caption: `${about} Lines of one colour are levels: corners of them at the samples are corners of the interpolant.`,
    colour: { label: 'Value', scale: 'diverging' },
    panels: [
      { title: 'Target', values: rows(domain.grid.map(domain.target)), points },
      ...all.map(({ label: title, values }) => ({ title, values: rows(values), points })),
    ],
  };
}

async function surfaceOf(
  label: string,
  spec: Parameters<typeof compile>[0],
  domain: Domain,
  { surfaceSamples, surfaceProbes }: TirerSettings,
  context: StudyContext,
): Promise<Surface> {
  const kernel = compile(spec);
  try {
    const { onProgress: _, ...options } = context.job(`${domain.id}, ${label}`);
    const samples = domain.spread(surfaceSamples, 0);
    const matrix = await gram(kernel, samples, 'ntk', options);
    const targets = Float64Array.from(samples, domain.target);
    const { x } = await solve(matrix, targets, options);
    const coefficients = x.data as Float64Array;
    const { data, logScale } = await cross(kernel, domain.grid, samples, 'ntk', options);
    const unit = Math.exp(logScale - matrix.logScale);
    const values = combined(data as Float64Array, coefficients, unit);
    const total = domain.weights.reduce((sum, weight) => sum + weight, 0);
    const squares = domain.grid.reduce(
      (sum, row, i) => sum + (domain.weights[i] as number) * ((values[i] as number) - domain.target(row)) ** 2,
      0,
    );
    const { cuspSlope } = kernelCurve(kernel, 'ntk');
    const corners = coefficients.map(
      (c, i) => 2 * cuspSlope * Math.abs(c) * (matrix.values[i * (samples.length + 1)] as number),
    );
    const bends = await bendsOf(kernel, domain, samples, coefficients, matrix.logScale, surfaceProbes, options);
    return { label, values, corner: Math.max(...corners), error: Math.sqrt(squares / total), ...bends };
  } finally {
    kernel.dispose();
  }
}

/** Means over probes. Near a sample second derivatives grow like the inverse of the distance, whose mean exists in two dimensions. */
async function bendsOf(
  kernel: Kernel,
  domain: Domain,
  samples: readonly Float64Array[],
  coefficients: Float64Array,
  logScale: number,
  count: number,
  options: Parameters<typeof hessian>[4],
): Promise<{ readonly laplacian: number; readonly hessian: number }> {
  const probes = domain.spread(count, 0.3);
  const [first, second] = [
    await gradient(kernel, probes, samples, 'ntk', options),
    await hessian(kernel, probes, samples, 'ntk', options),
  ];
  const gradients = combined(first.data, coefficients, Math.exp(first.logScale - logScale), 3);
  const hessians = combined(second.data, coefficients, Math.exp(second.logScale - logScale), 9);
  let [laplacian, norm] = [0, 0];
  probes.forEach((row, i) => {
    const of = domain.second(row, {
      gradient: gradients.subarray(3 * i, 3 * i + 3),
      hessian: hessians.subarray(9 * i, 9 * i + 9),
    });
    laplacian += Math.abs(of.laplacian) / count;
    norm += of.norm / count;
  });
  return { laplacian, hessian: norm };
}
