import { extremeEigenvalues } from '../../extremes.js';
import { hierarchy, type TangentHierarchy } from '../../finite/hierarchy.js';
import { train } from '../../finite/train.js';
import type { FiniteNetwork } from '../../finite/types.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, largestDifference } from '../measure.js';
import type { Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import type { LiSettings, liParameters } from './parameters.js';
import { type Architecture, architectures, problemOf, quiet, withNetwork } from './setting.js';

const width = 16;
const start = 0.1;
/** Between the five points of a difference. */
const h = 5e-3;
const flow = { tolerance: 1e-13 } as const;
/** f, K⁽²⁾ and K⁽³⁾ at a time are sums of products of at most so many residuals' exponentials. */
const factors = 3;

/** The equations of the hierarchy, against what networks do.                                               [hierarchy] */
export const equations: Item<typeof liParameters> = {
  id: 'L1',
  title: 'The kernels of a network in training follow the hierarchy',
  claim:
    'Along gradient flow dK⁽ʳ⁾/dt = −(1/n) Σ_β K⁽ʳ⁺¹⁾(…, β)(f_β − y_β) for r = 1, 2, 3, exactly and at every width.',
  check:
    `MLPs and ResNets with one and with two matrices in a block, of width ${width}: K⁽¹⁾ to K⁽³⁾ at five times h = ${h} apart around ${start}, their difference quotient of fourth order ` +
    'against the right side at the middle, relative to its largest entry.',
  expected: `At most (${factors}λ_maxh/n)⁴/30, the error of the quotient where nothing moves faster than the products of ${factors} residuals, and 10⁻¹¹/h, that of the flow and of rounding.`,
  reference: { paper: 'Li20', equations: ['hierarchy'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { x, y } = problemOf(settings, context.seed);
    const measured: Measurement[] = [];
    for (const architecture of [...architectures(settings), twoMatrices(settings)]) {
      const moments = await withNetwork(architecture, width, settings.dimension, seedOf(context.seed, 0), (network) =>
        fiveMoments(network, x, y, context),
      );
      const now = moments[2] as TangentHierarchy;
      const gram = { kernel: 'ntk', size: y.length, values: Float64Array.from(now.second.data), logScale: 0 } as const;
      const { largest } = await extremeEigenvalues({ ...gram, path: 'steps' }, quiet(context));
      const within = ((factors * largest * h) / y.length) ** 4 / 30 + 1e-11 / h;
      const residual = Float64Array.from(y, (target, i) => (now.outputs.data[i] as number) - target);
      const levels = [
        ['f', (one: TangentHierarchy) => one.outputs.data, now.second.data],
        ['K⁽²⁾', (one: TangentHierarchy) => one.second.data, now.third?.data],
        ['K⁽³⁾', (one: TangentHierarchy) => one.third?.data ?? [], now.fourth?.data],
      ] as const;
      for (const [name, of, next] of levels) {
        const predicted = contracted(next ?? [], residual);
        const differences = quotient(moments.map(of));
        const size = predicted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const off = largestDifference(differences, predicted) / size;
        measured.push(atMost(`d${name}/dt, relative error, ${architecture.label}`, off, within));
      }
    }
    return { measured, charts: [] };
  },
};

/** Blocks x ↦ x + αVφ(Wx), with branches of the same scale. */
function twoMatrices({ depth, residualScale }: LiSettings): Architecture {
  return {
    id: 'two',
    label: 'ResNet with two matrices',
    family: 'resnet',
    spec: { preset: 'tirer', depth, alpha: residualScale / depth, activation: 'tanh' },
  };
}

/** The network at start − 2h … start + 2h. */
async function fiveMoments(
  network: FiniteNetwork,
  x: readonly Float64Array[],
  y: Float64Array,
  context: StudyContext,
): Promise<readonly TangentHierarchy[]> {
  const job = quiet(context);
  const moments: TangentHierarchy[] = [];
  let held = network;
  try {
    for (const step of [start - 2 * h, h, h, h, h]) {
      const { network: later } = await train(held, x, y, { times: [step], ...flow, ...job });
      if (held !== network) held.dispose();
      held = later;
      moments.push(await hierarchy(held, x, { order: 4, ...job }));
    }
  } finally {
    if (held !== network) held.dispose();
  }
  return moments;
}

/** (K(−2h) − 8K(−h) + 8K(h) − K(2h))/12h, entry by entry. */
function quotient(values: readonly ArrayLike<number>[]): Float64Array {
  const [a, b, , d, e] = values as [
    ArrayLike<number>,
    ArrayLike<number>,
    unknown,
    ArrayLike<number>,
    ArrayLike<number>,
  ];
  return Float64Array.from(
    a,
    (first, i) => (first - 8 * (b[i] as number) + 8 * (d[i] as number) - (e[i] as number)) / (12 * h),
  );
}

/** −(1/n) Σ_β K(…, β) r_β. */
function contracted(tensor: ArrayLike<number>, residual: Float64Array): Float64Array {
  const n = residual.length;
  return Float64Array.from({ length: tensor.length / n }, (_, i) => {
    let sum = 0;
    for (let b = 0; b < n; b++) sum += (tensor[i * n + b] as number) * (residual[b] as number);
    return -sum / n;
  });
}
