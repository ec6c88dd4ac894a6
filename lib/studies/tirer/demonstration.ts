import type { JobOptions } from '../../jobs.js';
import { circleTarget } from '../../smoothness/circle.js';
import { angleAxis, valueAxis } from '../axes.js';
import type { Item, Outcome, StudyContext } from '../definition.js';
import { atLeast, atMost, largestDifference } from '../measure.js';
import type { ChartSeries } from '../schema.js';
import { beyondOne } from './attenuated.js';
import { mlp, resnet } from './curves.js';
import { pointsOf } from './interpolation.js';
import type { TirerSettings, tirerParameters } from './parameters.js';
import { evenAngles, type Fitted, fitted } from './protocol.js';

const ridge = 1e-10;
/** A bend of six degrees in a figure that is scaled so that the curve rises at 45° in the mean. */
const visible = 0.1;
/** Of 4096 angles, those that the figure has. */
const every = 8;

/** The paper's own figure, whose samples at −π and π are one point.                 [circle-interpolant; derivative-jump] */
export const demonstration: Item<typeof tirerParameters> = {
  id: 'T4-ends',
  title: 'The MLP’s corners can be seen, the ResNet’s cannot',
  claim:
    'Regression on a few samples of the interval [−π, π], both ends among them, gives a curve with corners at the samples for the MLP, and for the ResNet with weak branches one ' +
    'without any that can be seen.',
  check:
    `${circleTarget.label} at evenly spaced samples with both ends, which are one point of the circle and make the Gram matrix singular: a ridge of ${ridge}, 4096 test angles. The largest ` +
    'jump of the derivative over the root mean square of the derivative; and the largest distance from the interpolant through the distinct samples without a ridge.',
  expected:
    `A jump of at least ${visible} for the MLP and less for the ResNet: a threshold, a bend of six degrees where the curve rises at 45° in the mean. A distance of at most 1e-6, of which a ` +
    'figure shows nothing.',
  reference: { paper: 'Tirer20', equations: ['circle-interpolant', 'derivative-jump'] },
  outside: ({ endAlpha }) => beyondOne([endAlpha]),
  run: async ({ depth, endSamples, endAlpha }: TirerSettings, context: StudyContext): Promise<Outcome> => {
    const job: JobOptions = context.job('regression');
    const angles = evenAngles(endSamples, true);
    const sides = [
      { id: 'mlp', label: 'MLP', family: 'mlp', spec: mlp(depth), judge: atLeast },
      {
        id: 'resnet',
        label: `ResNet, α = ${endAlpha}`,
        family: 'resnet',
        spec: resnet(depth, endAlpha),
        judge: atMost,
      },
    ] as const;
    const found: (Fitted & (typeof sides)[number] & { readonly distinct: Float64Array })[] = [];
    for (const side of sides) {
      const { values: distinct } = await fitted(side.spec, evenAngles(endSamples - 1), 0, job);
      found.push({ ...side, ...(await fitted(side.spec, angles, ridge, job)), distinct });
    }
    return {
      measured: found.flatMap(({ label, judge, jumps, slope, values, distinct }) => {
        return [
          judge(`largest jump over the root mean square of f̂′, ${label}`, Math.max(...jumps) / slope, visible),
          atMost(
            `largest distance from the interpolant through ${endSamples - 1} distinct samples, ${label}`,
            largestDifference(values, distinct),
            1e-6,
          ),
        ];
      }),
      charts: [
        {
          name: 'tirer-ends',
          title: `Regression on ${endSamples} samples from −π to π`,
          caption: `${circleTarget.label}, tangent kernels of ${depth} layers or blocks, ridge ${ridge}. Broad and pale: the target, which so few samples do not determine; circles: the samples.`,
          x: angleAxis,
          y: valueAxis,
          series: found.map(({ id, label, family, angles: at, values }): ChartSeries => {
            const points = pointsOf(at, values).filter((_, j) => j % every === 0);
            return { id, label, family, points: [...points, { x: Math.PI, y: values[0] as number }] };
          }),
          target: pointsOf(evenAngles(513, true), evenAngles(513, true).map(circleTarget.at)),
          samples: pointsOf(angles, angles.map(circleTarget.at)),
        },
      ],
    };
  },
};
