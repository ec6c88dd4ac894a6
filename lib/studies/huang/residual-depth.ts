import type { Dataset } from '../../data/dataset.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost } from '../measure.js';
import type { Chart, ChartSeries, Measurement } from '../schema.js';
import { onlyTwoClasses, photographs } from '../two-classes.js';
import { type Comparison, compareDepths, type Fits, families, meanChange } from './over-depth.js';
import type { HuangSettings, huangParameters } from './parameters.js';

/** A change of the squared error that no rounding makes. */
const visible = 1e-6;
const scaled = ['resnet', 'gamma-0.5'];

/** What depth changes in a ResNet whose branches are scaled.                                  [depth-limit; depth-ode] */
export const residualDepth: Item<typeof huangParameters> = {
  id: 'H6',
  title: 'What depth changes in a ResNet is small, and not nothing',
  claim:
    'From one block to very many the accuracy of a ResNet with γ ≥ ½ changes by less than a point; the kernel does change with depth.',
  check:
    'The fits of H5, and of H5-cifar where there are photographs: the largest change of mean accuracy from the least depth to any other, split by split, and ' +
    'the largest change of the squared error.',
  expected: 'At most 0.01 of accuracy; at least 1e-6 of squared error.',
  reference: { paper: 'Huang20', equations: ['depth-limit', 'depth-ode'] },
  needsData: true,
  run: async (settings: HuangSettings, context: StudyContext): Promise<Outcome> => {
    const images = await compareDepths('images', onlyTwoClasses(context.data as Dataset), settings, context);
    const cifar =
      context.cifar10 === null
        ? []
        : await compareDepths('photographs', photographs(context.cifar10, settings.cifarClasses), settings, context);
    const all = [...images, ...cifar];
    return {
      measured: all.flatMap(measurementsOf),
      remarks: [
        'With α = 1/L the effective depth Σα² = 1/L falls as L grows, and the kernel returns to that of a single block, where it began; with α = 1/√L it is 1 ' +
          'at every depth, and the kernel tends to that of the flow at time 1.',
      ],
      charts: all.map(chartOf),
    };
  },
};

function measurementsOf({ name, trainRows, depths, fits }: Comparison): Measurement[] {
  return families.flatMap(({ id, label }, i): Measurement[] => {
    if (!scaled.includes(id)) return [];
    const row = fits[i] as readonly Fits[];
    const largest = (of: 'accuracy' | 'squares') =>
      Math.max(...row.slice(1).map((one) => Math.abs(meanChange(row[0] as Fits, one, of).mean)));
    const named = (what: string) => `${label}: ${what} from L = ${depths[0]} on, ${name}, n = ${trainRows}`;
    return [
      atMost(named('largest change of accuracy'), largest('accuracy'), 0.01),
      atLeast(named('largest change of the squared error'), largest('squares'), visible),
    ];
  });
}

function chartOf({ name, trainRows, depths, fits }: Comparison, k: number): Chart {
  const splits = fits[0]?.[0]?.length ?? 0;
  return {
    name: `huang-residual-${k + 1}`,
    title: 'Change of a ResNet’s accuracy with depth',
    caption: `${name}, ${trainRows} training rows: accuracy less that of the least depth, in the same split; means and two standard errors over ${splits} splits.`,
    x: { label: 'Depth L (blocks)', scale: 'depth' },
    y: { label: 'Change of accuracy (points)', scale: 'linear' },
    series: families.flatMap(({ id, label, family }, i): ChartSeries[] => {
      if (!scaled.includes(id)) return [];
      const row = fits[i] as readonly Fits[];
      const points = row.map((one, at) => {
        const { mean, error } = meanChange(row[0] as Fits, one, 'accuracy');
        return { x: depths[at] as number, y: 100 * mean, spread: 200 * error };
      });
      return [{ id, label, family, points }];
    }),
  };
}
