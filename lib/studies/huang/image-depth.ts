import type { Dataset } from '../../data/dataset.js';
import { monteCarloSplits, type Split } from '../../data/split.js';
import { KernelError } from '../../errors.js';
import { compile, type Gram, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { solve } from '../../solve.js';
import { meanDiagonal } from '../../study.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { mlp, resnet } from '../kernels.js';
import { atLeast, atMost } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import type { HuangSettings, huangParameters } from './parameters.js';

/** Against two images that are equal. */
const ridge = 1e-10;
/** So many rows are predicted in each split, at most. */
const mostTests = 500;

const families = [
  { id: 'mlp', label: 'MLP', family: 'mlp', spec: mlp },
  { id: 'resnet', label: 'ResNet, α = 1/L', family: 'resnet', spec: (depth: number) => resnet(depth, { gamma: 1 }) },
  {
    id: 'gamma-0.5',
    label: 'ResNet, α = 1/√L',
    family: 'resnet',
    spec: (depth: number) => resnet(depth, { gamma: 0.5 }),
  },
  { id: 'gamma-0', label: 'ResNet, α = 1', family: 'resnet', spec: (depth: number) => resnet(depth, 1) },
] as const;

interface Score {
  readonly accuracy: number;
  readonly spread: number;
  /** Mean over splits of the mean squared error; 1 is that of predicting nothing. */
  readonly squares: number;
}

/** Two classes of images against depth: what degeneration costs, and that scaled branches do not pay it. */
export const imageDepth: Item<typeof huangParameters> = {
  id: 'H5',
  title: 'Depth costs the MLP its accuracy, and the ResNet nothing',
  claim:
    'On two classes of images kernel regression with the tangent kernel of an MLP comes to predict nothing as its depth grows, and its ' +
    'accuracy falls towards chance; that of a ResNet with γ ≥ ½ stays, within a point (H6).',
  check:
    'Labels ±1, inputs of unit length, ridge 1e-10 of the mean diagonal, the same random splits for every kernel: mean accuracy ' +
    'and squared error at the largest depth against those at the least.',
  expected:
    'The MLP at the largest depth: accuracy at most half as far from ½ as at its best, squared error at least 0.75 of predicting nothing; ' +
    'a constant α = 1 alike. ResNets with γ ≥ ½: within one point of depth 1, and 0.05 of its squared error.',
  reference: { paper: 'Huang20', equations: ['degeneration', 'depth-limit'] },
  needsData: true,
  outside: ({ imageDepths }) =>
    (imageDepths.at(-1) as number) < 500 ? ['imageDepths: the MLP degenerates beyond some hundred layers'] : [],
  run: async ({ imageDepths, trainRows, splits }: HuangSettings, context: StudyContext): Promise<Outcome> => {
    const { rows, labels, name } = twoClasses(context.data as Dataset);
    const measured: Measurement[] = [];
    const charts: Chart[] = [];
    for (const size of trainRows) {
      const parts = splitsOf(labels, size, splits, context.seed);
      const scores: Score[][] = [];
      for (const { spec } of families) {
        const row: Score[] = [];
        for (const depth of imageDepths) row.push(await scoreOf(spec(depth), rows, labels, parts, context));
        scores.push(row);
      }
      measured.push(...measurementsOf(scores, imageDepths, size));
      charts.push(chartOf(scores, imageDepths, size, name, splits));
    }
    return { measured, charts };
  },
};

function measurementsOf(scores: readonly (readonly Score[])[], depths: readonly number[], size: number): Measurement[] {
  const [first, last] = [depths[0], depths.at(-1)];
  return families.flatMap(({ id, label }, i): Measurement[] => {
    const row = scores[i] as readonly Score[];
    const [begin, end] = [row[0] as Score, row.at(-1) as Score];
    const named = (what: string) => `${label}: ${what}, n = ${size}`;
    if (id === 'mlp' || id === 'gamma-0') {
      const best = Math.max(...row.map(({ accuracy }) => accuracy));
      return [
        atMost(named(`accuracy at L = ${last} less ½, over the best less ½`), (end.accuracy - 0.5) / (best - 0.5), 0.5),
        atLeast(named(`squared error at L = ${last}`), end.squares, 0.75),
      ];
    }
    return [
      atMost(named(`|accuracy at L = ${last} less that at ${first}|`), Math.abs(end.accuracy - begin.accuracy), 0.01),
      atMost(
        named(`|squared error at L = ${last} less that at ${first}|`),
        Math.abs(end.squares - begin.squares),
        0.05,
      ),
    ];
  });
}

function chartOf(
  scores: readonly (readonly Score[])[],
  depths: readonly number[],
  size: number,
  name: string,
  splits: number,
) {
  return {
    name: `huang-images-${size}`,
    title: 'Accuracy on two classes, over depth',
    caption: `${name}: kernel regression on ${size} rows; means and standard deviations over ${splits} random splits.`,
    x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
    y: { label: 'Accuracy (%)', scale: 'linear' },
    series: families.map(
      ({ id, label, family }, i): ChartSeries => ({
        id,
        label,
        family,
        points: (scores[i] as readonly Score[]).map(({ accuracy, spread }, k) => ({
          x: depths[k] as number,
          y: 100 * accuracy,
          spread: 100 * spread,
        })),
      }),
    ),
  } as const;
}

/** Rows of unit length and labels ±1. */
function twoClasses({ x, y, classes, name }: Dataset) {
  if (classes?.length !== 2) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `data: expected two classes, got ${classes === undefined ? 'numbers to regress' : `${classes.length} classes`}; choose two of them ` +
        '(--classes 3,8)',
    );
  }
  const [count, columns] = x.shape;
  const rows = Array.from({ length: count }, (_, i) => {
    const row = x.data.subarray(i * columns, (i + 1) * columns);
    const length = Math.hypot(...row);
    if (length === 0)
      throw new KernelError('ERR_ARGUMENT', `data: row ${i} is zero and has no direction; leave it out`, { row: i });
    return row.map((value) => value / length);
  });
  return { rows, labels: y.map((index) => (index === 0 ? 1 : -1)), name: `${name}, ${classes.join(' against ')}` };
}

function splitsOf(labels: Float64Array, size: number, repeats: number, seed: number): readonly Split[] {
  if (labels.length < size + 2) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `data: expected more than ${size + 1} rows, for ${size} to train on, got ${labels.length}`,
    );
  }
  const testFraction = Math.min(mostTests, labels.length - size) / labels.length;
  const y = labels.map((label) => (label === 1 ? 0 : 1));
  return monteCarloSplits({ task: 'classify', y }, { repeats, testFraction, seed, maxTrain: size });
}

async function scoreOf(
  spec: PresetSpec,
  rows: readonly Float64Array[],
  labels: Float64Array,
  splits: readonly Split[],
  context: StudyContext,
): Promise<Score> {
  const kernel = compile(spec);
  try {
    const options = context.job(`depth ${spec.depth}`);
    const matrix = await gram(kernel, rows, 'ntk', options);
    const fits: { readonly accuracy: number; readonly squares: number }[] = [];
    for (const split of splits) fits.push(await fitOf(matrix, labels, split, context));
    const mean = (of: (fit: (typeof fits)[number]) => number) =>
      fits.reduce((sum, fit) => sum + of(fit), 0) / fits.length;
    const accuracy = mean((fit) => fit.accuracy);
    const variance = (mean((fit) => (fit.accuracy - accuracy) ** 2) * fits.length) / (fits.length - 1);
    return { accuracy, spread: Math.sqrt(variance), squares: mean((fit) => fit.squares) };
  } finally {
    kernel.dispose();
  }
}

async function fitOf(matrix: Gram, labels: Float64Array, { train, test }: Split, context: StudyContext) {
  const { onProgress: _, ...options } = context.job('solve');
  const y = Float64Array.from(train, (row) => labels[row] as number);
  const { x } = await solve(matrix, y, { ...options, rows: train, ridge: ridge * meanDiagonal(matrix) });
  let [right, squares] = [0, 0];
  for (const row of test) {
    const start = row * matrix.size;
    const value = train.reduce(
      (sum, column, j) => sum + (matrix.values[start + column] as number) * (x.data[j] as number),
      0,
    );
    if (Math.sign(value) === labels[row]) right++;
    squares += (value - (labels[row] as number)) ** 2;
  }
  return { accuracy: right / test.length, squares: squares / test.length };
}
