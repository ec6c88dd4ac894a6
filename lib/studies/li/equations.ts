import { hierarchy, type TangentHierarchy } from '../../finite/hierarchy.js';
import { train } from '../../finite/train.js';
import type { FiniteNetwork } from '../../finite/types.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost } from '../measure.js';
import type { Measurement } from '../schema.js';
import type { LiSettings, liParameters } from './parameters.js';
import { architectures, problemOf, quiet, withNetwork } from './setting.js';

const width = 16;
const start = 0.1;
/** Central differences over 2h are off by some h² of the values' third derivatives, and by rounding over h. */
const h = 1e-3;
const flow = { tolerance: 1e-13 } as const;

/** The equations of the hierarchy, against what networks do.                                               [hierarchy] */
export const equations: Item<typeof liParameters> = {
  id: 'L1',
  title: 'The kernels of a network in training follow the hierarchy',
  claim:
    'Along gradient flow dK⁽ʳ⁾/dt = −(1/n) Σ_β K⁽ʳ⁺¹⁾(…, β)(f_β − y_β) for r = 1, 2, 3, exactly and at every width.',
  check:
    `Networks of width ${width}: K⁽¹⁾ to K⁽³⁾ a little before and after time ${start} of the flow, their central difference against the right side at that time, relative to ` +
    'its largest entry.',
  expected: `At most 10 h², h = ${h}: what differences over 2h leave.`,
  reference: { paper: 'Li20', equations: ['hierarchy'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { x, y } = problemOf(settings, context.seed);
    const measured: Measurement[] = [];
    for (const architecture of architectures(settings)) {
      const [before, now, after] = await withNetwork(architecture, width, settings.dimension, context.seed, (network) =>
        threeMoments(network, x, y, context),
      );
      const residual = Float64Array.from(y, (target, i) => (now.outputs.data[i] as number) - target);
      const levels = [
        ['f', (one: TangentHierarchy) => one.outputs.data, now.second.data],
        ['K⁽²⁾', (one: TangentHierarchy) => one.second.data, now.third?.data],
        ['K⁽³⁾', (one: TangentHierarchy) => one.third?.data ?? [], now.fourth?.data],
      ] as const;
      for (const [name, of, next] of levels) {
        const [early, late] = [of(before), of(after)];
        const predicted = contracted(next ?? [], residual);
        const largest = predicted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const off = predicted.reduce(
          (most, value, i) => Math.max(most, Math.abs(((late[i] as number) - (early[i] as number)) / (2 * h) - value)),
          0,
        );
        measured.push(atMost(`d${name}/dt, relative error, ${architecture.label}`, off / largest, 10 * h ** 2));
      }
    }
    return { measured, charts: [] };
  },
};

async function threeMoments(
  network: FiniteNetwork,
  x: readonly Float64Array[],
  y: Float64Array,
  context: StudyContext,
): Promise<readonly [TangentHierarchy, TangentHierarchy, TangentHierarchy]> {
  const job = quiet(context);
  const made: FiniteNetwork[] = [];
  const onwards = async (from: FiniteNetwork, time: number): Promise<FiniteNetwork> => {
    const { network: later } = await train(from, x, y, { times: [time], ...flow, ...job });
    made.push(later);
    return later;
  };
  try {
    const early = await onwards(network, start - h);
    const middle = await onwards(early, h);
    const late = await onwards(middle, h);
    return [
      await hierarchy(early, x, { order: 4, ...job }),
      await hierarchy(middle, x, { order: 4, ...job }),
      await hierarchy(late, x, { order: 4, ...job }),
    ];
  } finally {
    for (const one of made) one.dispose();
  }
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
