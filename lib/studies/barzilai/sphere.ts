import { createRandom } from '../../data/rng.js';
import { compile, gram, type KernelName } from '../../kernel.js';
import type { Alpha, PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, near, slopeBetween } from '../measure.js';
import { normalPoints } from '../points.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { type Conditioned, conditionOf, meanOf } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

/** α at c = 2; the preset `tirer`, all of whose layers train, has c = 1. */
const full = Math.SQRT2;

const contenders = [
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
    spec: (depth: number): PresetSpec => ({ preset: 'tirer', depth, alpha: (full / Math.sqrt(depth)) as Alpha }),
  },
] as const;
const names: Readonly<Record<KernelName, string>> = { nngp: 'NNGP', ntk: 'NTK' };

/** One draw after another, the same points for every network. */
async function table(depths: readonly number[], settings: BarzilaiSettings, context: StudyContext) {
  const { points, dimension, draws } = settings;
  const sets = Array.from({ length: draws }, (_, draw) =>
    normalPoints(createRandom(context.seed, draw), points, dimension),
  );
  const rows: Record<KernelName, Conditioned[]>[][] = [];
  for (const { spec } of contenders) {
    const row: Record<KernelName, Conditioned[]>[] = [];
    for (const depth of depths) {
      const kernel = compile(spec(depth));
      const { threads, signal } = context.job('conditions');
      const job = { ...(threads === undefined ? {} : { threads }), ...(signal === undefined ? {} : { signal }) };
      const cell: Record<KernelName, Conditioned[]> = { nngp: [], ntk: [] };
      try {
        for (const x of sets) {
          const both = await gram(kernel, x, ['nngp', 'ntk'], job);
          cell.nngp.push(await conditionOf(both.nngp, job));
          cell.ntk.push(await conditionOf(both.ntk, job));
        }
      } finally {
        kernel.dispose();
      }
      row.push(cell);
    }
    rows.push(row);
  }
  return rows;
}

type Figure = 'actual' | 'bound';

/** The skips against the MLP at one depth: the mean over draws of the quotients, plus two standard errors. */
function against(
  rows: Awaited<ReturnType<typeof table>>,
  depths: readonly number[],
  which: KernelName,
  figure: Figure,
): Measurement[] {
  return contenders.slice(1).flatMap(({ label }, c) =>
    depths.map((depth, k) => {
      const own = rows[c + 1]?.[k]?.[which] ?? [];
      const plain = rows[0]?.[k]?.[which] ?? [];
      const { mean, error } = meanOf(own.map((one, i) => one[figure] / (plain[i] as Conditioned)[figure]));
      const what = figure === 'bound' ? 'double-constant bound' : 'condition number';
      return atMost(
        `${what} over the MLP’s, mean and 2 standard errors, ${names[which]}, ${label}, L = ${depth}`,
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
    const rows = await table(depths, settings, context);
    return {
      measured: [...against(rows, depths, 'nngp', 'bound'), ...against(rows, depths, 'ntk', 'bound')],
      charts: (['nngp', 'ntk'] as const).map((which) => chartOf(rows, depths, which, 'bound', settings)),
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
    const rows = await table(settings.depths, settings, context);
    const deep = settings.depths.filter((depth) => depth >= 10);
    const measured = (['nngp', 'ntk'] as const).flatMap((which) =>
      against(rows, settings.depths, which, 'actual').filter(({ what }) =>
        deep.some((depth) => what.endsWith(`L = ${depth}`)),
      ),
    );
    return {
      measured,
      remarks: [
        'It is true of the NNGP and not of the NTK, whose condition number falls with depth, towards 1 + n/3 for the MLP: a kernel that tells nothing apart ' +
          'is well conditioned. Only the bound falls for both.',
      ],
      charts: (['nngp', 'ntk'] as const).map((which) => chartOf(rows, settings.depths, which, 'actual', settings)),
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
    const rows = await table(depths, { ...settings, draws: 2 }, context);
    const at = (c: number, k: number, which: KernelName) => (rows[c]?.[k]?.[which][0] as Conditioned).actual;
    const [first, last] = [depths[0] as number, depths.at(-1) as number];
    const limit = 1 + settings.points / 3;
    const k = depths.length - 1;
    return {
      measured: [
        near(
          `condition number of the MLP’s NTK at L = ${last}`,
          at(0, k, 'ntk'),
          limit,
          (limit * Math.log(last)) / Math.sqrt(last),
        ),
        near(
          `growth of that of its NNGP from L = ${first} to ${last}`,
          slopeBetween([first, last], [at(0, 0, 'nngp'), at(0, k, 'nngp')]),
          2,
          0.05,
        ),
        ...(['nngp', 'ntk'] as const).map((which) =>
          near(`${names[which]} of α = 1/√L, L = ${last} over ${first}`, at(2, k, which) / at(2, 0, which), 1, 0.05),
        ),
      ],
      charts: [],
    };
  },
};

function chartOf(
  rows: Awaited<ReturnType<typeof table>>,
  depths: readonly number[],
  which: KernelName,
  figure: Figure,
  { points, dimension, draws }: BarzilaiSettings,
) {
  return {
    name: `barzilai-${figure}-${which}`,
    title: figure === 'bound' ? `Bound of the condition number, ${names[which]}` : `Condition number, ${names[which]}`,
    caption: `Normalised ${names[which]} matrices of ${points} random points of a sphere in ${dimension} dimensions; means over ${draws} draws and two standard errors.`,
    x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
    y: { label: figure === 'bound' ? 'Double-constant bound' : 'λ_max/λ_min', scale: 'log' },
    series: contenders.map(({ id, label, family }, c): ChartSeries => {
      const means = depths.map((_, k) => meanOf((rows[c]?.[k]?.[which] ?? []).map((one) => one[figure])));
      return {
        id,
        label,
        family,
        points: depths.map((x, k) => ({ x, y: means[k]?.mean ?? Number.NaN, spread: 2 * (means[k]?.error ?? 0) })),
      };
    }),
  } as const;
}
