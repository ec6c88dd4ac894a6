import type { Dataset } from '../../data/dataset.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { onlyTwoClasses, photographs } from '../two-classes.js';
import { type Comparison, compareDepths, type Fit, type Fits, families, meanChange, meanFit } from './over-depth.js';
import type { HuangSettings, huangParameters } from './parameters.js';

const claim =
  'On two classes of images kernel regression with the tangent kernel of an MLP comes to predict nothing as its depth grows, and its ' +
  'accuracy falls towards chance; that of a ResNet with γ ≥ ½ stays.';
const check =
  'Labels ±1, inputs of unit length, ridge 1e-10 of the mean diagonal, the same random splits for every kernel, classes as they fall: mean accuracy ' +
  'and squared error at the largest depth against those at the least.';
const expected =
  'The MLP at the largest depth: accuracy at most half as far from ½ as at its best, squared error at least 0.75 of predicting nothing; ' +
  'a constant α = 1 alike. ResNets with γ ≥ ½: within one point of the least depth, and 0.05 of its squared error.';
const remarks = [
  'The sum Σα² over the blocks, the effective depth, says which of the two a ResNet is: it is 1/L for α = 1/L, 1 for α = 1/√L and L for α = 1. A block ' +
    'moves the cosine ρ of two inputs by α²(κ₁ − ρ)/(1 + α²), a layer of an MLP by κ₁ − ρ: a sum of order 1 is worth about one layer however many blocks share it, and with α = 1 every ' +
    'block is worth half a layer.',
];

const outside = ({ imageDepths }: HuangSettings) =>
  (imageDepths.at(-1) as number) < 500 ? ['imageDepths: the MLP degenerates beyond some hundred layers'] : [];

/** Two classes against depth: what degeneration costs, and that scaled branches do not pay it.  [degeneration; depth-limit] */
export const imageDepth: Item<typeof huangParameters> = {
  id: 'H5',
  title: 'Depth costs the MLP its accuracy, and the ResNet nothing',
  claim,
  check,
  expected,
  reference: { paper: 'Huang20', equations: ['degeneration', 'depth-limit'] },
  needsData: true,
  outside,
  run: async (settings: HuangSettings, context: StudyContext): Promise<Outcome> =>
    outcome('images', await compareDepths('images', onlyTwoClasses(context.data as Dataset), settings, context)),
};

/** The same on photographs. */
export const photographDepth: Item<typeof huangParameters> = {
  id: 'H5-cifar',
  title: 'The same on photographs',
  claim,
  check: `${check} Two classes of CIFAR-10.`,
  expected,
  reference: { paper: 'Huang20', equations: ['degeneration', 'depth-limit'] },
  needsData: 'cifar10',
  outside,
  run: async (settings: HuangSettings, context: StudyContext): Promise<Outcome> => {
    const classes = photographs(context.cifar10 as Dataset, settings.cifarClasses);
    return outcome('cifar', await compareDepths('photographs', classes, settings, context));
  },
};

function outcome(named: string, comparisons: readonly Comparison[]): Outcome {
  return {
    measured: comparisons.flatMap(measurementsOf),
    remarks: [...comparisons.map(balance), ...remarks],
    charts: comparisons.flatMap((one) => [chartOf(named, one, 'accuracy'), chartOf(named, one, 'squares')]),
  };
}

function balance({ name, trainRows, depths, balanced }: Comparison): string {
  const percent = (fits: Fits | undefined) => (100 * meanFit(fits ?? [], 'accuracy').mean).toFixed(1);
  return (
    `What a deep MLP predicts everywhere is the mean of the labels. Where the training rows have as many of each class, that is 0, and what is left of the kernel ` +
    `decides the sign: ${name}, n = ${trainRows}, balanced: ${percent(balanced[0])} % right at L = ${depths[0]}, ` +
    `${percent(balanced.at(-1))} % at L = ${depths.at(-1)}. The squared error falls back all the same.`
  );
}

function measurementsOf({ depths, fits, trainRows }: Comparison): Measurement[] {
  const [first, last] = [depths[0], depths.at(-1)];
  return families.flatMap(({ id, label }, i): Measurement[] => {
    const row = fits[i] as readonly Fits[];
    const [begin, end] = [row[0] as readonly Fit[], row.at(-1) as readonly Fit[]];
    const named = (what: string) => `${label}: ${what}, n = ${trainRows}`;
    if (id === 'mlp' || id === 'gamma-0') {
      const best = Math.max(...row.map((one) => meanFit(one, 'accuracy').mean));
      return [
        atMost(
          named(`accuracy at L = ${last} less ½, over the best less ½`),
          (meanFit(end, 'accuracy').mean - 0.5) / (best - 0.5),
          0.5,
        ),
        atLeast(named(`squared error at L = ${last}`), meanFit(end, 'squares').mean, 0.75),
      ];
    }
    return [
      atMost(
        named(`|accuracy at L = ${last} less that at ${first}|`),
        Math.abs(meanChange(begin, end, 'accuracy').mean),
        0.01,
      ),
      atMost(
        named(`|squared error at L = ${last} less that at ${first}|`),
        Math.abs(meanChange(begin, end, 'squares').mean),
        0.05,
      ),
    ];
  });
}

function chartOf(named: string, { name, trainRows, depths, fits }: Comparison, of: keyof Fit): Chart {
  const accuracy = of === 'accuracy';
  const splits = fits[0]?.[0]?.length ?? 0;
  const unit = accuracy ? 100 : 1;
  return {
    name: `huang-${named}-${trainRows}${accuracy ? '' : '-squares'}`,
    title: accuracy ? 'Accuracy on two classes, over depth' : 'Squared error on two classes, over depth',
    caption: `${name}: kernel regression on ${trainRows} rows; means and standard deviations over ${splits} random splits.`,
    x: { label: 'Depth L (layers or blocks)', scale: 'depth' },
    y: { label: accuracy ? 'Accuracy (%)' : 'Mean squared error; 1 is that of predicting nothing', scale: 'linear' },
    series: families.map(
      ({ id, label, family }, i): ChartSeries => ({
        id,
        label,
        family,
        points: (fits[i] as readonly Fits[]).map((one, k) => {
          const { mean, error } = meanFit(one, of);
          return { x: depths[k] as number, y: unit * mean, spread: unit * error * Math.sqrt(splits) };
        }),
      }),
    ),
  };
}
