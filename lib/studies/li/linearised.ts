import { dynamics } from '../../dynamics.js';
import { empirical, empiricalCross } from '../../finite/empirical.js';
import type { FiniteNetwork } from '../../finite/types.js';
import { solve } from '../../solve.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, largestDifference } from '../measure.js';
import type { Measurement } from '../schema.js';
import { seedOf } from '../seeds.js';
import type { LiSettings, liParameters } from './parameters.js';
import { architectures, problemOf, quiet, withNetwork } from './setting.js';

const width = 64;
const others = 5;
const within = 1e-10;
/** Of the first residual: what is left moves predictions by far less than is asked. */
const gone = 1e-13;
const most = 200_000;

/** Two ways to one function: an equation, and training for ever.                                  [ntk-flow; rank-one] */
export const linearised: Item<typeof liParameters> = {
  id: 'X2',
  title: 'Regression with the tangent kernel is training for ever, made linear',
  claim:
    'A network linearised at its start, trained by gradient descent until nothing is left to learn, predicts f(z) + K(z, X) K(X, X)⁻¹ (y − f(X)).',
  check:
    `Networks of width ${width}: steps Δ ← Δ − ηJᵀ(JΔ + f − y)/n on all parameters by products with the Jacobian alone, until the residual is ${gone} of its start; predictions at ` +
    `${others} other inputs against those of the equation with the empirical kernels, and those of the kernel’s dynamics at infinite time against both; over the largest prediction.`,
  expected: `At most ${within}.`,
  reference: { paper: 'Li20', equations: ['ntk-flow', 'ntk-descent', 'rank-one'] },
  run: async (settings: LiSettings, context: StudyContext): Promise<Outcome> => {
    const { inputs, requiredDimension: dimension } = settings;
    const { x: all, y: goals } = problemOf({ inputs: inputs + others, dimension }, context.seed);
    const [x, z, y] = [all.slice(0, inputs), all.slice(inputs), goals.subarray(0, inputs)];
    const measured: Measurement[] = [];
    for (const architecture of architectures(settings)) {
      await withNetwork(architecture, width, dimension, seedOf(context.seed, 0), async (network) => {
        const job = quiet(context);
        const ntk = await empirical(network, x, 'ntk', job);
        const cross = await empiricalCross(network, z, x, 'ntk', job);
        const [train, test] = [(await network.forward(x)).data, (await network.forward(z)).data];
        const residual = Float64Array.from(y, (target, i) => target - (train[i] as number));
        const { x: weights } = await solve(ntk, residual, { ridge: 0, ...job });
        const regressed = Float64Array.from(test, (f, i) => {
          let sum = f;
          for (let j = 0; j < inputs; j++) sum += (cross.data[i * inputs + j] as number) * (weights.data[j] as number);
          return sum;
        });
        const run = await dynamics(ntk, y, {
          cross,
          initial: { train: Float64Array.from(train), test: Float64Array.from(test) },
          times: [Number.POSITIVE_INFINITY],
          ...job,
        });
        const { predictions, steps } = await descended(network, x, z, residual, run.stabilityLimit / 2, context);
        const learned = Float64Array.from(test, (f, i) => f + (predictions[i] as number));
        const size = Math.max(...regressed.map(Math.abs));
        const from = (what: string, values: ArrayLike<number>) =>
          measured.push(atMost(`${what}, ${architecture.label}`, largestDifference(values, regressed) / size, within));
        from(`${steps} steps of the linearised network against the equation`, learned);
        from('dynamics at infinite time against the equation', run.test?.data ?? []);
      });
    }
    return { measured, charts: [] };
  },
};

/** JΔ at z after descent on Δ until JΔ at x has met the residual. */
async function descended(
  network: FiniteNetwork,
  x: readonly Float64Array[],
  z: readonly Float64Array[],
  residual: Float64Array,
  rate: number,
  context: StudyContext,
): Promise<{ readonly predictions: ArrayLike<number>; readonly steps: number }> {
  const job = quiet(context);
  const move = new Float64Array(network.parameters);
  const start = Math.hypot(...residual);
  let rest = residual;
  let steps = 0;
  for (; steps < most && Math.hypot(...rest) > gone * start; steps++) {
    const gradient = await network.vjp(x, rest, job);
    for (let i = 0; i < move.length; i++) {
      move[i] = (move[i] as number) + (rate / x.length) * (gradient[i] as number);
    }
    const reached = (await network.jvp(x, move, job)).data;
    rest = residual.map((one, i) => one - (reached[i] as number));
  }
  return { predictions: (await network.jvp(z, move, job)).data, steps };
}
