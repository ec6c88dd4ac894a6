import { createRandom } from '../../data/rng.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Measurement } from '../schema.js';
import { Conditions, kernelTitles } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

const pixels = 8;
const channels = 3;

const contenders = [
  {
    id: 'cntk',
    label: 'No skips',
    family: 'mlp',
    spec: (depth: number): PresetSpec => ({ preset: 'cntk', depth, head: 'trace' }),
  },
  {
    id: 'barzilai',
    label: 'Skips, α = 1',
    family: 'resnet',
    spec: (depth: number): PresetSpec => ({ preset: 'barzilai', depth, alpha: 1, head: 'trace' }),
  },
] as const;

/** The same question for convolutional kernels.                                                      [double-constant] */
export const signalCondition: Item<typeof barzilaiParameters> = {
  id: 'C4-conv',
  title: 'Convolutional skips lower the condition number',
  claim:
    'Matrices of the convolutional ResNet’s kernels are better conditioned than those of the plain network of the same depth.',
  check:
    `Signals of ${pixels} unit pixels in ${channels} channels, kernels of the whole signal (trace): double-constant bound and condition number with skips over those ` +
    'without, in the mean over the draws, plus two standard errors; the condition number from 10 layers on.',
  expected: 'At most 1.',
  reference: { paper: 'ResCNTK', equations: ['ResCNTK', 'double-constant'] },
  run: async ({ signals, signalDepths, draws }: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const sets = Array.from({ length: draws }, (_, draw) => {
      const all = normalPoints(createRandom(context.seed, draw), signals * pixels, channels);
      return { data: Float64Array.from(all.flatMap((pixel) => [...pixel])), shape: [signals, pixels, channels] };
    });
    const all = await Conditions.of(contenders, signalDepths, sets, context.job('signals'));
    const measured = (['nngp', 'ntk'] as const).flatMap((which) =>
      signalDepths.flatMap((depth): Measurement[] => {
        const over = (figure: 'bound' | 'actual') => {
          const { mean, error } = all.against('barzilai', depth, which, figure);
          const what = figure === 'bound' ? 'bound' : 'condition number';
          return atMost(`${what} over that without skips, ${kernelTitles[which]}, L = ${depth}`, mean + 2 * error, 1);
        };
        return [...(depth > 1 ? [over('bound')] : []), ...(depth >= 10 ? [over('actual')] : [])];
      }),
    );
    return {
      measured,
      charts: (['nngp', 'ntk'] as const).map((which) => ({
        name: `barzilai-signals-${which}`,
        title: `Condition number of convolutional kernels, ${kernelTitles[which]}`,
        caption: `Normalised ${kernelTitles[which]} matrices of ${signals} random signals of ${pixels} pixels and ${channels} channels, trace head; means over ${draws} draws and two standard errors.`,
        x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
        y: { label: 'λ_max/λ_min', scale: 'log' },
        series: all.series(which, 'actual'),
      })),
    };
  },
};
