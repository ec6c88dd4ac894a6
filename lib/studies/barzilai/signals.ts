import { createRandom } from '../../data/rng.js';
import { compile, gram, type KernelName } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost } from '../measure.js';
import { normalPoints } from '../points.js';
import type { ChartSeries, Measurement } from '../schema.js';
import { type Conditioned, conditionOf, meanOf } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';

const pixels = 8;
const channels = 3;
/** The mean over a few sets of signals; each matrix is a whole convolutional kernel. */
const mostDraws = 5;
const names: Readonly<Record<KernelName, string>> = { nngp: 'NNGP', ntk: 'NTK' };

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
    const count = Math.min(draws, mostDraws);
    const sets = Array.from({ length: count }, (_, draw) => {
      const all = normalPoints(createRandom(context.seed, draw), signals * pixels, channels);
      return { data: Float64Array.from(all.flatMap((pixel) => [...pixel])), shape: [signals, pixels, channels] };
    });
    const cells: Record<KernelName, Conditioned[]>[][] = [];
    for (const { spec } of contenders) {
      const row: Record<KernelName, Conditioned[]>[] = [];
      for (const depth of signalDepths) {
        const kernel = compile(spec(depth));
        const cell: Record<KernelName, Conditioned[]> = { nngp: [], ntk: [] };
        try {
          for (const x of sets) {
            const { onProgress: _, ...job } = context.job('signals');
            const both = await gram(kernel, x, ['nngp', 'ntk'], job);
            cell.nngp.push(await conditionOf(both.nngp, job));
            cell.ntk.push(await conditionOf(both.ntk, job));
          }
        } finally {
          kernel.dispose();
        }
        row.push(cell);
      }
      cells.push(row);
    }
    const over = (which: KernelName, k: number, figure: keyof Conditioned) =>
      meanOf(
        sets.map(
          (_, i) =>
            (cells[1]?.[k]?.[which][i] as Conditioned)[figure] / (cells[0]?.[k]?.[which][i] as Conditioned)[figure],
        ),
      );
    const measured = (['nngp', 'ntk'] as const).flatMap((which) =>
      signalDepths.flatMap((depth, k): Measurement[] => {
        const [bound, actual] = [over(which, k, 'bound'), over(which, k, 'actual')];
        return [
          ...(depth > 1
            ? [atMost(`bound over that without skips, ${names[which]}, L = ${depth}`, bound.mean + 2 * bound.error, 1)]
            : []),
          ...(depth >= 10
            ? [
                atMost(
                  `condition number over that without skips, ${names[which]}, L = ${depth}`,
                  actual.mean + 2 * actual.error,
                  1,
                ),
              ]
            : []),
        ];
      }),
    );
    return {
      measured,
      charts: (['nngp', 'ntk'] as const).map((which) => ({
        name: `barzilai-signals-${which}`,
        title: `Condition number of convolutional kernels, ${names[which]}`,
        caption: `Normalised ${names[which]} matrices of ${signals} random signals of ${pixels} pixels and ${channels} channels, trace head; means over ${count} draws and two standard errors.`,
        x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
        y: { label: 'λ_max/λ_min', scale: 'log' },
        series: contenders.map(({ id, label, family }, c): ChartSeries => {
          const means = signalDepths.map((_, k) => meanOf((cells[c]?.[k]?.[which] ?? []).map((one) => one.actual)));
          return {
            id,
            label,
            family,
            points: signalDepths.map((x, k) => ({
              x,
              y: means[k]?.mean ?? Number.NaN,
              spread: 2 * (means[k]?.error ?? 0),
            })),
          };
        }),
      })),
    };
  },
};
