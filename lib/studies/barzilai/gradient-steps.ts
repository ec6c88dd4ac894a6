import { createRandom } from '../../data/rng.js';
import type { Gram } from '../../evaluate.js';
import type { JobOptions } from '../../jobs.js';
import { compile, gram, type KernelName } from '../../kernel.js';
import { spectrum } from '../../spectrum.js';
import { rankCorrelation } from '../../statistics.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { descend } from '../descent.js';
import { atLeast, logSlope, meanOf, near } from '../measure.js';
import { normalPoints } from '../points.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { kernelTitles, normalisedGram } from './condition.js';
import type { BarzilaiSettings, barzilaiParameters } from './parameters.js';
import { contenders } from './sphere.js';

/** Mean squared residual at which a fit counts as done; labels are ±1. */
const goal = 1e-3;
/** So many draws at most; each matrix is decomposed with its vectors. */
const mostDraws = 10;
const names = ['nngp', 'ntk'] as const;

/** A network at one depth: means over the draws. */
interface Cell {
  readonly id: string;
  readonly depth: number;
  readonly condition: number;
  readonly steps: number;
}

/** What the condition number means for training.                                          [ntk-descent; double-constant] */
export const gradientSteps: Item<typeof barzilaiParameters> = {
  id: 'C7',
  title: 'Gradient descent takes as many steps as the condition number says',
  claim:
    'Gradient descent with the step 1/λ_max converges the faster the smaller the condition number is, so that what skips do to the one they do to the other.',
  check:
    'Labels ±1 drawn at random on points of a sphere, normalised kernel matrices of C4: the number of steps until the mean squared residual is 1e-3, from the eigenvalues and ' +
    'eigenvectors; over all networks and depths its slope in the condition number on logarithmic axes, their rank correlation, and the share of depths at which both move to the same side of ' +
    'the MLP’s by skips. At the least depth the steps are counted by descending, too.',
  expected:
    'The same number of steps within one, for rounding. Thresholds, for the whole spectrum counts and not its ends alone: a slope of 1 within 0.25; a rank correlation of at least 0.9; a share of at least 0.9.',
  reference: { paper: 'ResCNTK', equations: ['ntk-descent', 'double-constant'] },
  outside: ({ depths }) => (depths.length < 2 ? ['depths: the claim compares networks of several depths'] : []),
  run: async (settings: BarzilaiSettings, context: StudyContext): Promise<Outcome> => {
    const draws = Math.min(settings.draws, mostDraws);
    const sets = Array.from({ length: draws }, (_, draw) => {
      const random = createRandom(context.seed, draw);
      const x = normalPoints(random, settings.points, settings.dimension);
      return { x, y: Float64Array.from(x, () => (random.uniform() < 0.5 ? -1 : 1)) };
    });
    const cells: Record<KernelName, Cell[]> = { nngp: [], ntk: [] };
    const checks: Measurement[] = [];
    const leftOut: string[] = [];
    for (const { id, label, spec } of contenders) {
      for (const [k, depth] of settings.depths.entries()) {
        const kernel = compile(spec(depth));
        const { onProgress: _, ...job } = context.job(`depth ${depth}`);
        const found: Record<KernelName, { condition: number; steps: number }[]> = { nngp: [], ntk: [] };
        try {
          for (const [draw, { x, y }] of sets.entries()) {
            const both = await gram(kernel, x, names, job);
            for (const which of names) {
              const matrix = normalisedGram(both[which]);
              const one = await stepsOf(matrix, y, job);
              found[which].push(one);
              if (k > 0 || draw > 0) continue;
              const asked = { rate: 1 / one.largest, left: goal, expected: one.steps };
              const steps = await descend(matrix, y, asked, job);
              const where = `${kernelTitles[which]}, ${label}, L = ${depth}`;
              if (steps === null) leftOut.push(where);
              else checks.push(near(`steps counted less steps computed, ${where}`, steps - one.steps, 0, 1));
            }
          }
        } finally {
          kernel.dispose();
        }
        for (const which of names) {
          const condition = meanOf(found[which].map((one) => one.condition));
          cells[which].push({ id, depth, condition, steps: meanOf(found[which].map(({ steps }) => steps)) });
        }
      }
    }
    return {
      measured: [...names.flatMap((which) => measurementsOf(cells[which], which)), ...checks],
      remarks:
        leftOut.length === 0 ? [] : [`Not counted by descending, for there are too many steps: ${leftOut.join('; ')}.`],
      charts: names.map((which) => chartOf(cells[which], which, settings, draws)),
    };
  },
};

async function stepsOf(matrix: Gram, y: Float64Array, job: JobOptions) {
  const { values, vectors } = await spectrum(matrix, { ...job, vectors: true });
  const n = y.length;
  const largest = values[0] as number;
  const parts = Array.from(values, (value, i) => {
    const share = y.reduce((sum, one, j) => sum + one * (vectors.data[i * n + j] as number), 0) ** 2 / n;
    return { share, rate: Math.log1p(-Math.min(1, value / largest)) };
  });
  const left = (steps: number) =>
    parts.reduce((sum, { share, rate }) => sum + (share === 0 ? 0 : share * Math.exp(2 * steps * rate)), 0);
  let [low, high] = [0, 1];
  while (left(high) > goal && high < 2 ** 40) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (left(middle) > goal) low = middle;
    else high = middle;
  }
  return { condition: largest / (values.at(-1) as number), steps: high, largest };
}

function measurementsOf(cells: readonly Cell[], which: KernelName): Measurement[] {
  const [conditions, steps] = [cells.map(({ condition }) => condition), cells.map((cell) => cell.steps)];
  const plain = contenders[0].id;
  const sides = cells
    .filter(({ id }) => id !== plain)
    .map(({ depth, condition, steps: own }) => {
      const against = cells.find((one) => one.id === plain && one.depth === depth) as Cell;
      return Number(Math.sign(condition - against.condition) === Math.sign(own - against.steps));
    });
  const named = (what: string) => `${what}, ${kernelTitles[which]}`;
  return [
    near(named('slope of the steps in the condition number'), logSlope(conditions, steps), 1, 0.25),
    atLeast(named('rank correlation of both'), rankCorrelation(conditions, steps) ?? Number.NaN, 0.9),
    atLeast(named('share of depths with both on one side of the MLP’s'), meanOf(sides), 0.9),
  ];
}

function chartOf(cells: readonly Cell[], which: KernelName, settings: BarzilaiSettings, draws: number): Chart {
  const { points, dimension, depths } = settings;
  return {
    name: `barzilai-steps-${which}`,
    title: `Steps of gradient descent over the condition number, ${kernelTitles[which]}`,
    caption:
      `Until the mean squared residual of ±1 at ${points} points of a sphere in ${dimension} dimensions is ${goal}, with the step 1/λ_max; each network at depths from ${depths[0]} to ${depths.at(-1)}, ` +
      `in the order of their condition numbers; means over ${draws} draws.`,
    x: { label: 'Condition number', scale: 'log' },
    y: { label: 'Steps', scale: 'log' },
    series: contenders.map(
      ({ id, label, family }): ChartSeries => ({
        id,
        label,
        family,
        points: cells
          .filter((cell) => cell.id === id)
          .map(({ condition, steps }) => ({ x: condition, y: steps }))
          .sort((a, b) => a.x - b.x),
      }),
    ),
  };
}
