import { empiricalMean } from '../../finite/monte-carlo.js';
import { compile, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost } from '../measure.js';
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
  expected: 'Within three standard errors and 4/m of the closed form; more than ten standard errors from 1.215.',
  reference: { paper: 'Li20', equations: ['means', 'width-slope'] },
  run: async ({ widths, networks }: LiSettings, context: StudyContext): Promise<Outcome> => {
    const width = widths.at(-1) as number;
    const x = [
      [1, 0],
      [cosine, Math.sqrt(1 - cosine ** 2)],
    ];
    const kernel = compile(spec);
    const exact = await gram(kernel, x, 'ntk', context.job('closed form')).finally(() => kernel.dispose());
    const mean = await empiricalMean(spec, x, 'ntk', {
      width,
      networks,
      seed: context.seed,
      ...context.job('networks'),
    });
    const closed = (exact.values[1] as number) * Math.exp(exact.logScale);
    const [found, error] = [mean.values[1] as number, mean.standardErrors[1] as number];
    return {
      measured: [
        atMost(
          `|mean of ${networks} networks − closed form ${closed.toPrecision(4)}|, m = ${width}`,
          Math.abs(found - closed),
          3 * error + (4 * closed) / width,
        ),
        atLeast('|mean − 1.215| in standard errors', Math.abs(found - without) / error, 10),
      ],
      charts: [],
    };
  },
};
