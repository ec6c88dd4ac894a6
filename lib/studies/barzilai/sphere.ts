import { createRandom } from '../../data/rng.js';
import type { KernelName } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, near, slopeBetween } from '../measure.js';
import { normalPoints } from '../points.js';
import { Conditions, deepOf, kernelTitles, notDeep } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { signalConditions } from './signals.js';

/** α at c = 2; the preset `tirer`, all of whose layers train, has c = 1. */
const full = Math.SQRT2;
const names = ['nngp', 'ntk'] as const;

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

function setsAt({ points, dimension, draws }: BarzilaiSettings, seed: number) {
  return Array.from({ length: draws }, (_, draw) => normalPoints(createRandom(seed, draw), points, dimension));
}

function conditionsAt(depths: readonly number[], settings: BarzilaiSettings, context: StudyContext) {
  const sets = setsAt(settings, context.seed);
  return Conditions.of(contenders, depths, sets, context.job('conditions'));
}

/** Of the depths that three items look at. */
function conditions(settings: BarzilaiSettings, context: StudyContext): Promise<Conditions> {
  return context.once('conditions', () => conditionsAt(settings.depths, settings, context));
}

function setsOf({ points, dimension, draws }: BarzilaiSettings) {
  const caption = `${points} random points of a sphere in ${dimension} dimensions; means over ${draws} draws`;
  return { title: 'points of a sphere', caption };
}

/** What the abstract states: the bound.                                                              [double-constant] */
export const conditionBound: Item<typeof barzilaiParameters> = {
  id: 'C4-bound',
  title: 'Skips lower the bound of the condition number',
  claim: 'The lower bound of the condition number by the matrix of two constants is smaller with skips than without.',
  check:
    'Gram matrices of random points of a sphere, divided to a unit diagonal: (1 + (n − 1)b)/(1 − b) with b the mean of the entries off the diagonal, for ' +
    'networks of one depth, from 2 layers on; in the mean over the draws.',
  expected: 'At most 1 over that of the MLP.',
  reference: { paper: 'ResCNTK', equations: ['double-constant'] },
  outside: ({ depths }) => notDeep('depths', depths, 2),
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const depths = deepOf(settings.depths, 2);
    const all = await conditions(settings, context);
    return {
      measured: names.flatMap((which) => all.measured(which, 'bound', depths)),
      remarks: names.flatMap((which) => all.larger(which, 'bound', depths)),
      charts: names.map((which) => all.chart('barzilai-bound', which, 'bound', setsOf(settings))),
    };
  },
};

/** What a reader takes it to mean: the condition number itself. */
export const condition: Item<typeof barzilaiParameters> = {
  id: 'C4',
  title: 'Skips lower the condition number of the NNGP itself',
  claim: 'NNGP matrices of deep networks are better conditioned with skips than without.',
  check:
    'The same matrices: the ratio of their largest to their smallest eigenvalue, for networks of 10 layers and more.',
  expected: 'At most 1 over that of the MLP.',
  reference: { paper: 'ResCNTK', equations: ['double-constant'] },
  outside: ({ depths }) => notDeep('depths', depths),
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const all = await conditions(settings, context);
    return {
      measured: all.measured('nngp', 'actual', deepOf(settings.depths)),
      remarks: all.larger('nngp', 'actual', settings.depths),
      charts: [all.chart('barzilai-actual', 'nngp', 'actual', setsOf(settings))],
    };
  },
};

/** The same of the NTK, on vectors and on signals: it fails. */
export const tangentCondition: Item<typeof barzilaiParameters> = {
  id: 'C4-ntk',
  title: 'Skips lower the condition number of the NTK, too',
  claim: 'NTK matrices of deep networks are better conditioned with skips than without.',
  check: 'The same for the NTK matrices of C4 and C4-conv.',
  expected: 'At most 1.',
  reference: { paper: 'ResCNTK', equations: ['double-constant', 'degeneration'] },
  outside: ({ depths, signalDepths }) => [...notDeep('depths', depths), ...notDeep('signalDepths', signalDepths)],
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const all = await conditions(settings, context);
    const signals = await signalConditions(settings, context);
    const course = all.course('mlp', 'ntk', 'actual');
    const [first, last] = [course[0] as number, course.at(-1) as number];
    const limit = 1 + settings.points / 3;
    const depths = `L = ${settings.depths[0]} to ${last.toPrecision(3)} at L = ${settings.depths.at(-1)}`;
    return {
      measured: [
        ...all.measured('ntk', 'actual', deepOf(settings.depths)),
        ...signals.measured('ntk', 'actual', deepOf(settings.signalDepths)),
      ],
      remarks: [
        ...all.larger('ntk', 'actual', settings.depths),
        ...signals.larger('ntk', 'actual', settings.signalDepths),
        ...(last < first && last > limit
          ? [
              `That of the MLP falls with depth, from ${first.toPrecision(3)} at ${depths}, towards 1 + n/3 = ${limit.toPrecision(3)}: a kernel that tells nothing apart is well conditioned.`,
            ]
          : []),
      ],
      charts: [all.chart('barzilai-actual', 'ntk', 'actual', setsOf(settings))],
    };
  },
};

/** What depth does in the limit.                                                       [double-constant; degeneration] */
export const conditionLimits: Item<typeof barzilaiParameters> = {
  id: 'C5',
  title: 'With depth the MLP’s matrices degenerate, those of scaled ResNets stay',
  claim:
    'As depth grows the condition number of the MLP’s NTK tends to 1 + n/3 and that of its NNGP grows like L²; with α = 1/√L both of a ResNet stay as they are.',
  check: 'Condition numbers at two large depths L₁ and L₂, on one set of points: value or growth.',
  // What the tolerances come from is in [double-constant].
  expected:
    '1 + n/3, relatively within 4 log L/L, from which the distance falls at least like log L/L; 2 within twice what the angle of the closest pair makes of it at L₁; ratios of 1 within 10/L₁, of which the ten is a threshold.',
  reference: { paper: 'ResCNTK', equations: ['degeneration', 'double-constant', 'depth-ode'] },
  outside: ({ limitDepths }) =>
    (limitDepths.at(-2) as number) < 1000 ? ['limitDepths: the claim is about the limit, here from depth 1000 on'] : [],
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const [first, last] = settings.limitDepths.slice(-2) as [number, number];
    const single = { ...settings, draws: 1 };
    const rows = await conditionsAt([first, last], single, context);
    // u − L of the closest pair, in the terms of [degeneration].
    const ahead =
      1.5 * Math.log(first) + (3 * Math.PI) / Math.sqrt(2 * leastGap(setsAt(single, context.seed)[0] ?? []));
    const at = (id: string, depth: number, which: KernelName) => rows.at(id, depth, which)[0]?.actual ?? Number.NaN;
    const limit = 1 + settings.points / 3;
    const order = (depth: number) => Math.log(depth) / depth;
    const away = (depth: number) => Math.abs(at('mlp', depth, 'ntk') - limit);
    return {
      measured: [
        near(
          `condition number of the MLP’s NTK at L = ${last}`,
          at('mlp', last, 'ntk'),
          limit,
          4 * limit * order(last),
        ),
        atMost(
          `its distance from the limit at L = ${last} over that at ${first}`,
          away(last) / away(first),
          order(last) / order(first),
        ),
        near(
          `growth of that of its NNGP from L = ${first} to ${last}`,
          slopeBetween([first, last], [at('mlp', first, 'nngp'), at('mlp', last, 'nngp')]),
          2,
          (4 * ahead) / (first * Math.log(last / first)),
        ),
        ...names.map((which) =>
          near(
            `${kernelTitles[which]} of α = 1/√L, L = ${last} over ${first}`,
            at('gamma-0.5', last, which) / at('gamma-0.5', first, which),
            1,
            10 / first,
          ),
        ),
      ],
      charts: [],
    };
  },
};

/** The least 1 − cos θ of two points. */
function leastGap(points: readonly Float64Array[]): number {
  let least = 2;
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(0, i)) {
      least = Math.min(least, a.reduce((sum, value, k) => sum + (value - (b[k] as number)) ** 2, 0) / 2);
    }
  }
  return least;
}
