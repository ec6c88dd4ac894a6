import { createRandom } from '../../data/rng.js';
import type { KernelName } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, near, slopeBetween } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Measurement } from '../schema.js';
import { Conditions, kernelTitles } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

/** α at c = 2; the preset `tirer`, all of whose layers train, has c = 1. */
const full = Math.SQRT2;

export const contenders = [
  { id: 'mlp', label: 'MLP', family: 'mlp', spec: (depth: number): PresetSpec => ({ preset: 'mlp', depth }) },
  {
    id: 'alpha-1',
    label: 'ResNet, α = 1',
    family: 'resnet',
    spec: (depth: number): PresetSpec => ({ preset: 'tirer', depth, alpha: full }),
  },
  {
    id: 'gamma-0.5',
    label: 'ResNet, α = 1/√L',
    family: 'resnet',
    spec: (depth: number): PresetSpec => ({ preset: 'tirer', depth, alpha: full / Math.sqrt(depth) }),
  },
] as const;

function conditions(depths: readonly number[], settings: BarzilaiSettings, context: StudyContext): Promise<Conditions> {
  const { points, dimension, draws } = settings;
  const sets = Array.from({ length: draws }, (_, draw) =>
    normalPoints(createRandom(context.seed, draw), points, dimension),
  );
  return Conditions.of(contenders, depths, sets, context.job('conditions'));
}

type Figure = 'actual' | 'bound';

/** The skips against the MLP at each depth: the mean over draws of the quotients, plus two standard errors. */
function against(all: Conditions, depths: readonly number[], which: KernelName, figure: Figure): Measurement[] {
  return contenders.slice(1).flatMap(({ id, label }) =>
    depths.map((depth) => {
      const { mean, error } = all.against(id, depth, which, figure);
      const what = figure === 'bound' ? 'double-constant bound' : 'condition number';
      return atMost(
        `${what} over the MLP’s, mean and 2 standard errors, ${kernelTitles[which]}, ${label}, L = ${depth}`,
        mean + 2 * error,
        1,
      );
    }),
  );
}

/** What the abstract states: the bound.                                                              [double-constant] */
export const conditionBound: Item<typeof barzilaiParameters> = {
  id: 'C4-bound',
  title: 'Skips lower the bound of the condition number',
  claim:
    'The lower bound of the condition number by the matrix of two constants is smaller with skip connections than without them.',
  check:
    'Gram matrices of random points of a sphere, divided to a unit diagonal: (1 + (n − 1)b)/(1 − b) with b the mean of the entries off the diagonal, for ' +
    'networks of one depth, from 2 layers on; in the mean over the draws.',
  expected: 'At most 1 over that of the MLP.',
  reference: { paper: 'ResCNTK', equations: ['double-constant'] },
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const depths = settings.depths.filter((depth) => depth > 1);
    const rows = await conditions(depths, settings, context);
    return {
      measured: [...against(rows, depths, 'nngp', 'bound'), ...against(rows, depths, 'ntk', 'bound')],
      charts: (['nngp', 'ntk'] as const).map((which) => chartOf(rows, which, 'bound', settings)),
    };
  },
};

/** What a reader takes it to mean: the condition number itself. */
export const condition: Item<typeof barzilaiParameters> = {
  id: 'C4',
  title: 'Skips lower the condition number itself',
  claim:
    'Kernel matrices of networks with skip connections are better conditioned than those of networks without them, at equal depth.',
  check:
    'The same matrices: the ratio of their largest to their smallest eigenvalue, for networks of 10 layers and more.',
  expected: 'At most 1 over that of the MLP.',
  reference: { paper: 'ResCNTK', equations: ['double-constant'] },
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const rows = await conditions(settings.depths, settings, context);
    const deep = settings.depths.filter((depth) => depth >= 10);
    const measured = (['nngp', 'ntk'] as const).flatMap((which) => against(rows, deep, which, 'actual'));
    return {
      measured,
      remarks: [
        'It is true of the NNGP and not of the NTK, whose condition number falls with depth, towards 1 + n/3 for the MLP: a kernel that tells nothing apart ' +
          'is well conditioned. Only the bound falls for both.',
      ],
      charts: (['nngp', 'ntk'] as const).map((which) => chartOf(rows, which, 'actual', settings)),
    };
  },
};

/** What depth does in the limit.                                                       [double-constant; degeneration] */
export const conditionLimits: Item<typeof barzilaiParameters> = {
  id: 'C5',
  title: 'With depth the MLP’s matrices degenerate, those of scaled ResNets stay',
  claim:
    'As depth grows the condition number of the MLP’s NTK tends to 1 + n/3 and that of its NNGP grows like L²; with α = 1/√L both of a ResNet stay as they are.',
  check: 'Condition numbers at two large depths, on one set of points: value or growth.',
  expected: '1 + n/3 within log L/√L of itself; 2 within 0.05; ratios within 0.05 of 1.',
  reference: { paper: 'ResCNTK', equations: ['degeneration', 'double-constant'] },
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const depths = settings.limitDepths.slice(-2);
    const rows = await conditions(depths, { ...settings, draws: 1 }, context);
    const at = (id: string, depth: number, which: KernelName) => rows.at(id, depth, which)[0]?.actual ?? Number.NaN;
    const [first, last] = [depths[0] as number, depths.at(-1) as number];
    const limit = 1 + settings.points / 3;
    return {
      measured: [
        near(
          `condition number of the MLP’s NTK at L = ${last}`,
          at('mlp', last, 'ntk'),
          limit,
          (limit * Math.log(last)) / Math.sqrt(last),
        ),
        near(
          `growth of that of its NNGP from L = ${first} to ${last}`,
          slopeBetween([first, last], [at('mlp', first, 'nngp'), at('mlp', last, 'nngp')]),
          2,
          0.05,
        ),
        ...(['nngp', 'ntk'] as const).map((which) =>
          near(
            `${kernelTitles[which]} of α = 1/√L, L = ${last} over ${first}`,
            at('gamma-0.5', last, which) / at('gamma-0.5', first, which),
            1,
            0.05,
          ),
        ),
      ],
      charts: [],
    };
  },
};

function chartOf(all: Conditions, which: KernelName, figure: Figure, { points, dimension, draws }: BarzilaiSettings) {
  const kernel = kernelTitles[which];
  return {
    name: `barzilai-${figure}-${which}`,
    title: figure === 'bound' ? `Bound of the condition number, ${kernel}` : `Condition number, ${kernel}`,
    caption: `Normalised ${kernel} matrices of ${points} random points of a sphere in ${dimension} dimensions; means over ${draws} draws and two standard errors.`,
    x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
    y: { label: figure === 'bound' ? 'Double-constant bound' : 'λ_max/λ_min', scale: 'log' },
    series: all.series(which, figure),
  } as const;
}
