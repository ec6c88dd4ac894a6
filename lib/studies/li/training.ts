/** The networks of the study in training, beside what the hierarchy cut off says of them: what L2, L3 and L4 are read from. */

import { type HierarchyOrder, hierarchy } from '../../finite/hierarchy.js';
import { train } from '../../finite/train.js';
import { truncatedFlow } from '../../finite/truncated-flow.js';
import type { StudyContext } from '../definition.js';
import { evenly, largestDifference } from '../measure.js';
import { seedOf } from '../seeds.js';
import type { LiSettings } from './parameters.js';
import { type Architecture, meanSquare, problemOf, quiet, withNetwork } from './setting.js';

export const orders = [2, 3, 4] as const satisfies readonly HierarchyOrder[];
const looks = 20;

/** What one trained network says. */
export interface Trained {
  /** Mean squares over entries of K⁽²⁾, K⁽³⁾, K⁽⁴⁾ at the start. */
  readonly squares: readonly number[];
  /** Largest |K⁽²⁾ − K⁽²⁾ at the start| at the last time. */
  readonly drift: number;
  /** Largest |f − f of the truncated hierarchy| up to the last time, by order. */
  readonly errors: readonly number[];
}

type TrainingSettings = Pick<LiSettings, 'inputs' | 'dimension' | 'hierarchyWidths' | 'seeds' | 'time'>;

/** By width, and for each by network. */
export function trainedNetworks(
  architecture: Architecture,
  settings: LiSettings,
  context: StudyContext,
): Promise<readonly (readonly Trained[])[]> {
  return context.once(`trained ${architecture.id}`, () => swept(architecture, settings, context));
}

async function swept(architecture: Architecture, settings: TrainingSettings, context: StudyContext) {
  const { x, y } = problemOf(settings, context.seed);
  const rows: Trained[][] = [];
  for (const width of settings.hierarchyWidths) {
    const row: Trained[] = [];
    for (let k = 0; k < settings.seeds; k++) {
      const seed = seedOf(context.seed, k);
      row.push(
        await withNetwork(architecture, width, settings.dimension, seed, (network) =>
          follow(network, x, y, settings.time, quiet(context)),
        ),
      );
    }
    rows.push(row);
  }
  return rows;
}

/** Trains a network for `time` and predicts it by every order. */
export async function follow(
  network: Parameters<typeof hierarchy>[0],
  x: readonly Float64Array[],
  y: Float64Array,
  time: number,
  job: Parameters<typeof hierarchy>[2],
): Promise<Trained> {
  const n = y.length;
  const times = evenly(time / looks, time, looks);
  const tensors = await hierarchy(network, x, { order: 4, ...job });
  const real = await train(network, x, y, { times: Float64Array.from([0, ...times]), kernels: true, ...job });
  real.network.dispose();
  const kernels = real.kernels?.data ?? new Float64Array(0);
  const errors: number[] = [];
  for (const order of orders) {
    const cut = await truncatedFlow(tensors, y, { times, order, ...job });
    errors.push(largestDifference(cut.train.data, real.train.data.subarray(n)));
  }
  return {
    squares: [tensors.second, tensors.third, tensors.fourth].map((tensor) => meanSquare(tensor?.data ?? [])),
    drift: largestDifference(kernels.subarray(looks * n * n), kernels.subarray(0, n * n)),
    errors,
  };
}
