import type { Dataset } from '../../data/dataset.js';
import { createRandom } from '../../data/rng.js';
import { KernelError } from '../../errors.js';
import { compile, cross, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { solve } from '../../solve.js';
import { meanDiagonal } from '../../study.js';
import { alphaAxis, overMlp } from '../axes.js';
import { combined } from '../combined.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atMost, meanOf, whereFailing } from '../measure.js';
import { quotient } from '../quotient.js';
import type { Chart, ChartPoint, ChartSeries, Measurement } from '../schema.js';
import { onlyTwoClasses } from '../two-classes.js';
import { beyondOne, claimed } from './attenuated.js';
import { mlp, resnet } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** Against two images that are equal, relative to the mean diagonal. */
const ridge = 1e-10;

interface Setting {
  readonly train: readonly Float64Array[];
  readonly labels: Float64Array;
  readonly test: readonly Float64Array[];
  readonly truth: Float64Array;
  /** On each path. */
  readonly points: number;
  /** Path after path, `points` on each. */
  readonly paths: readonly Float64Array[];
  /** Distance of two neighbours on each path. */
  readonly steps: readonly number[];
  readonly name: string;
}

interface Figures {
  /** Of each path. */
  readonly slopes: readonly number[];
  readonly bends: readonly number[];
  /** Slopes of the interpolant divided by its range on the path: 1 is a straight line. */
  readonly relative: readonly number[];
  /** Values on the first path. */
  readonly first: Float64Array;
  readonly accuracy: number;
}

/** What is judged of the figures. */
const names = {
  slopes: 'largest slope',
  relative: 'largest slope over the range,',
  bends: 'second differences',
} as const;
type Drawn = keyof typeof names | 'accuracy';

interface Shown extends Omit<ChartSeries, 'points'> {
  readonly of: Figures;
}

/** Interpolants between images that they have not seen.                                                  [path-lipschitz] */
export const imagePaths: Item<typeof tirerParameters> = {
  id: 'T9',
  title: 'Between real images, too, the ResNet changes more gently',
  claim:
    'On the straight line from one test image to another of the other class, the interpolant of a ResNet with α ≤ 1 is less steep and bends less than that of the MLP of the ' +
    'same depth, although both fit their training images exactly.',
  check:
    `Labels ±1, images of unit length, ridge 1e-10 of the mean diagonal, the same points on paths paths for every kernel: the largest slope (a local Lipschitz ` +
    'constant), the same of interpolants divided by their range on the path, and the root mean square of the second differences over the squared step, the ResNet’s mean over paths divided by the MLP’s, plus two standard errors.',
  expected: 'At most 1 for every depth and α ≤ 1.',
  reference: { paper: 'Tirer20', equations: ['path-lipschitz'] },
  needsData: true,
  outside: ({ pathAlphas }) => beyondOne(pathAlphas),
  run: async (settings: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const { pathDepths, pathAlphas } = settings;
    const setting = settingOf(settings, context);
    const measured: Measurement[] = [];
    const judged = claimed(pathAlphas);
    const curves: Record<Drawn, ChartSeries[]> = { slopes: [], relative: [], bends: [], accuracy: [] };
    const shown: Shown[] = [];
    const middle = pathDepths[Math.floor(pathDepths.length / 2)] as number;
    for (const depth of pathDepths) {
      const plain = await figuresOf(mlp(depth), setting, context);
      if (depth === middle) shown.push({ id: 'mlp', label: 'MLP', family: 'mlp', of: plain });
      const points: Record<Drawn, ChartPoint[]> = { slopes: [], relative: [], bends: [], accuracy: [] };
      for (const alpha of pathAlphas) {
        const one = await figuresOf(resnet(depth, alpha), setting, context);
        if (depth === middle)
          shown.push({ id: `alpha-${alpha}`, label: `ResNet, α = ${alpha}`, family: 'resnet', of: one });
        for (const key of Object.keys(names) as (keyof typeof names)[]) {
          const { mean, error } = quotient(one[key], plain[key]);
          points[key].push({ x: alpha, y: mean, spread: 2 * error });
          if (!judged.includes(alpha)) continue;
          const what = `${names[key]} over the MLP’s, mean and 2 standard errors, α = ${alpha}, L = ${depth}`;
          measured.push(atMost(what, mean + 2 * error, 1));
        }
        points.accuracy.push({ x: alpha, y: 100 * (one.accuracy - plain.accuracy) });
      }
      for (const key of Object.keys(curves) as Drawn[])
        curves[key].push({ id: `depth-${depth}`, label: `L = ${depth}`, family: 'resnet', points: points[key] });
    }
    return {
      measured,
      remarks: whereFailing(
        measured,
        'Where the largest slope is larger it is because the interpolant rises higher: an MLP’s falls back towards 0 away from its training images, the more so the deeper it ' +
          'is, and gives test images values short of ±1. Divided by its range on the path the ResNet’s is less steep, or hardly steeper, and second differences, which see ' +
          'corners, are smaller by far for weak branches.',
      ),
      charts: chartsOf(settings, setting, middle, shown, curves),
    };
  },
};

function chartsOf(
  { pathRows, paths, pathPoints: points }: TirerSettings,
  { name, steps }: Setting,
  depth: number,
  shown: readonly Shown[],
  { slopes, bends, accuracy }: Readonly<Record<Drawn, readonly ChartSeries[]>>,
): readonly Chart[] {
  return [
    {
      name: 'tirer-image-path',
      title: 'From one test image to another',
      caption:
        `${name}: interpolants of ${pathRows} images with labels ±1, on the line between two further images, one of each class; ${depth} layers or ` +
        `blocks. Distances in units of the length of an image.`,
      x: { label: 'Distance on the path', scale: 'linear' },
      y: { label: 'Value of the interpolant', scale: 'linear' },
      series: shown.map(({ of, ...series }) => ({
        ...series,
        points: Array.from(of.first, (y, i) => ({ x: i * (steps[0] as number), y })),
      })),
    },
    {
      name: 'tirer-image-slopes',
      title: 'Local Lipschitz constants between images, over the MLP’s',
      caption: `${name}: means of the largest slope on ${paths} paths between test images, over those of the MLP of the same depth, and two standard errors.`,
      x: alphaAxis,
      y: overMlp('linear', 'Largest slope over that of the MLP'),
      series: slopes,
    },
    {
      name: 'tirer-image-bends',
      title: 'Second differences between images, over the MLP’s',
      caption: `${name}: root mean squares of the second differences on the same paths, ${points} points each, over those of the MLP of the same depth, and two standard errors.`,
      x: alphaAxis,
      y: overMlp('log', 'Second differences over those of the MLP'),
      series: bends,
    },
    {
      name: 'tirer-image-accuracy',
      title: 'Accuracy at these smoothnesses',
      caption: `${name}: accuracy of the same interpolants on the images that they have not seen, less that of the MLP of the same depth.`,
      x: alphaAxis,
      y: { label: 'Accuracy less that of the MLP (percentage points)', scale: 'linear', rule: 0 },
      series: accuracy,
    },
  ];
}

/** Training images by a shuffle; the others are tests, and the ends of paths. */
function settingOf({ pathRows, paths, pathPoints: points }: TirerSettings, context: StudyContext): Setting {
  const { rows, labels, name } = onlyTwoClasses(context.data as Dataset);
  const random = createRandom(context.seed, 9);
  const order = random.shuffle(Array.from(rows.keys()));
  const [train, test] = [order.slice(0, pathRows), order.slice(pathRows)];
  const [ones, others] = [1, -1].map((label) => test.filter((row) => labels[row] === label)) as [number[], number[]];
  if (ones.length === 0 || others.length === 0) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `data: expected images of both classes beyond the ${pathRows} that are trained on, got ${test.length} in all; give more rows (--limit) or ` +
        'train on fewer (--path-rows)',
    );
  }
  const row = (index: number) => rows[index] as Float64Array;
  const ends = Array.from({ length: paths }, () => {
    const pick = (list: readonly number[]) => row(list[random.below(list.length)] as number);
    return [pick(ones), pick(others)] as const;
  });
  return {
    train: train.map(row),
    labels: Float64Array.from(train, (index) => labels[index] as number),
    test: test.map(row),
    truth: Float64Array.from(test, (index) => labels[index] as number),
    points,
    paths: ends.flatMap(([from, to]) =>
      Array.from({ length: points }, (_, i) =>
        from.map((value, k) => value + (i / (points - 1)) * ((to[k] as number) - value)),
      ),
    ),
    steps: ends.map(([from, to]) => Math.hypot(...from.map((value, k) => (to[k] as number) - value)) / (points - 1)),
    name,
  };
}

async function figuresOf(spec: PresetSpec, setting: Setting, context: StudyContext): Promise<Figures> {
  const kernel = compile(spec);
  try {
    const options = context.job(`${spec.preset}, depth ${spec.depth}`);
    const { onProgress: _, ...quiet } = options;
    const matrix = await gram(kernel, setting.train, 'ntk', options);
    const { x } = await solve(matrix, setting.labels, { ...quiet, ridge: ridge * meanDiagonal(matrix) });
    const valuesAt = async (rows: readonly Float64Array[]) => {
      const { data, logScale } = await cross(kernel, rows, setting.train, 'ntk', quiet);
      return combined(data, x.data, Math.exp(logScale - matrix.logScale));
    };
    const { points } = setting;
    const values = await valuesAt(setting.paths);
    const ofPath = setting.steps.map((step, p) => pathFigures(values.subarray(p * points, (p + 1) * points), step));
    const predictions = await valuesAt(setting.test);
    return {
      slopes: ofPath.map(({ slope }) => slope),
      bends: ofPath.map(({ bend }) => bend),
      relative: ofPath.map(({ relative }) => relative),
      first: values.slice(0, points),
      accuracy: meanOf(Array.from(predictions, (value, i) => (Math.sign(value) === setting.truth[i] ? 1 : 0))),
    };
  } finally {
    kernel.dispose();
  }
}

function pathFigures(f: Float64Array, step: number) {
  const at = (i: number) => f[i] as number;
  let [slope, squares] = [0, 0];
  for (let i = 1; i < f.length; i++) slope = Math.max(slope, Math.abs(at(i) - at(i - 1)) / step);
  for (let i = 1; i < f.length - 1; i++) squares += ((at(i + 1) - 2 * at(i) + at(i - 1)) / step ** 2) ** 2;
  const range = Math.max(...f) - Math.min(...f);
  return { slope, bend: Math.sqrt(squares / (f.length - 2)), relative: (slope * step * (f.length - 1)) / range };
}
