import { createRandom } from '../../data/rng.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { normalPoints } from '../points.js';
import { Conditions, deepOf, notDeep } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

const pixels = 8;
const channels = 3;
const names = ['nngp', 'ntk'] as const;

/** One filter of three pixels in every layer and in every block. */
const contenders = [
  {
    id: 'cntk',
    label: 'no skips',
    family: 'mlp',
    spec: (depth: number): PresetSpec => ({ preset: 'cntk', depth, head: 'trace' }),
  },
  {
    id: 'barzilai',
    label: 'skips, α = 1',
    family: 'resnet',
    spec: (depth: number): PresetSpec => ({ preset: 'barzilai', depth, alpha: 1, head: 'trace' }),
  },
] as const;

/** Of signals, for two items. */
export function signalConditions(
  { signals, signalDepths, draws }: BarzilaiSettings,
  context: StudyContext,
): Promise<Conditions> {
  return context.once('signal conditions', () => {
    const sets = Array.from({ length: draws }, (_, draw) => {
      const all = normalPoints(createRandom(context.seed, draw), signals * pixels, channels);
      return { data: Float64Array.from(all.flatMap((pixel) => [...pixel])), shape: [signals, pixels, channels] };
    });
    return Conditions.of(contenders, signalDepths, sets, context.job('signals'));
  });
}

/** The same question for convolutional kernels.                                                      [double-constant] */
export const signalCondition: Item<typeof barzilaiParameters> = {
  id: 'C4-conv',
  title: 'Convolutional skips lower the bounds and the condition number of the NNGP',
  claim:
    'NNGP matrices of deep convolutional networks are better conditioned with skips than without, and the bounds of both kernels are smaller.',
  check:
    `Signals of ${pixels} unit pixels in ${channels} channels, one filter of 3 pixels per layer or block, kernels of the whole signal (trace): double-constant bound from 2 layers on, and condition number of the ` +
    'NNGP from 10 on, with skips over those without, in the mean over the draws. That of the NTK is in C4-ntk.',
  expected: 'At most 1.',
  reference: { paper: 'ResCNTK', equations: ['ResCNTK', 'double-constant'] },
  outside: ({ signalDepths }) => notDeep('signalDepths', signalDepths),
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const { signals, signalDepths, draws } = settings;
    const all = await signalConditions(settings, context);
    const caption = `${signals} random signals of ${pixels} pixels and ${channels} channels, trace head; means over ${draws} draws`;
    const of = { title: 'signals', caption };
    const bounded = deepOf(signalDepths, 2);
    return {
      measured: [
        ...names.flatMap((which) => all.measured(which, 'bound', bounded)),
        ...all.measured('nngp', 'actual', deepOf(signalDepths)),
      ],
      remarks: [
        ...names.flatMap((which) => all.larger(which, 'bound', bounded)),
        ...all.larger('nngp', 'actual', signalDepths),
      ],
      charts: (['actual', 'bound'] as const).flatMap((figure) =>
        names.map((which) =>
          all.chart(figure === 'bound' ? 'barzilai-signals-bound' : 'barzilai-signals', which, figure, of),
        ),
      ),
    };
  },
};
