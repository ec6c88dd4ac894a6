import { empiricalMean } from '../../finite/monte-carlo.js';
import { compile, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost } from '../measure.js';
import { seedOf } from '../seeds.js';
import type { LiSettings, liParameters } from './parameters.js';

const spec: PresetSpec = { preset: 'li', depth: 5, residualScale: 0.9, activation: 'softplus' };
const cosine = 0.6;
/** What the recursion gives that forgets the means of the branches, from an independent program. */
const without = 1.215;

/** Branches that end in φ have a mean, which the recursion must carry.                                       [means] */
export const meanTracking: Item<typeof liParameters> = {
  id: 'L8',
  title: 'The kernel of these networks must carry means',
  claim:
    'Branches x ↦ φ(Wx) with a φ that is not odd are not centred: a recursion of covariances alone gives another kernel.',
  check:
    'softplus, 5 layers, c_res = 0.9, two inputs at cosine 0.6: the NTK of sampled networks, in the mean, against the closed form with means, and against 1.215, which is without.',
  expected:
    'Within three standard errors, and what the error at the least width leaves of a bias that falls like 1/m, of the closed form; more than ten standard errors from 1.215.',
  reference: { paper: 'Li20', equations: ['means', 'width-slope'] },
  run: async ({ widths, networks }: LiSettings, context: StudyContext): Promise<Outcome> => {
    const [narrow, width] = [widths[0], widths.at(-1)] as [number, number];
    const x = [
      [1, 0],
      [cosine, Math.sqrt(1 - cosine ** 2)],
    ];
    const kernel = compile(spec);
    const exact = await gram(kernel, x, 'ntk', context.job('closed form')).finally(() => kernel.dispose());
    const closed = (exact.values[1] as number) * Math.exp(exact.logScale);
    const meanAt = async (of: number) => {
      const options = { width: of, networks, seed: seedOf(context.seed, 0), ...context.job(`networks, m = ${of}`) };
      const { values, standardErrors } = await empiricalMean(spec, x, 'ntk', options);
      return { mean: values[1] as number, error: standardErrors[1] as number };
    };
    const [first, last] = [await meanAt(narrow), await meanAt(width)];
    const bias = ((Math.abs(first.mean - closed) + 3 * first.error) * narrow) / width;
    return {
      measured: [
        atMost(
          `|mean of ${networks} networks − closed form ${closed.toPrecision(4)}|, m = ${width}`,
          Math.abs(last.mean - closed),
          3 * last.error + bias,
        ),
        atLeast('|mean − 1.215| in standard errors', Math.abs(last.mean - without) / last.error, 10),
      ],
      charts: [],
    };
  },
};
