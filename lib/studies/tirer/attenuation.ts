import { interpolateCircle } from '../../smoothness/circle.js';
import type { Item, Outcome } from '../definition.js';
import { atLeast } from '../measure.js';
import type { Measurement } from '../schema.js';
import { resnet, tangentCurve } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

const grid = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
/** As many as resolve the target's fast wave in different phases. */
const counts = [9, 15, 20];

/** Which attenuation predicts best.                                                                [circle-interpolant] */
export const attenuation: Item<typeof tirerParameters> = {
  id: 'T10',
  title: 'Moderately attenuated branches predict best',
  claim:
    'The smoothest kernel is not the best: the error is least for branches that are attenuated, but not to nothing.',
  check:
    'The L² error of the interpolant on the circle for α from 0.001 to 10: that of α = 10, and that of α = 0.001, over the least, for ' +
    `${counts.join(', ')} samples.`,
  expected: 'Both at least 1.1.',
  reference: { paper: 'Tirer20', equations: ['circle-interpolant'] },
  run: async ({ depth }: TirerSettings): Promise<Outcome> => {
    const curves = grid.map((alpha) => tangentCurve(resnet(depth, alpha)));
    const errors = counts.map((count) => curves.map((curve) => interpolateCircle(curve, count).rmsError));
    return {
      measured: counts.flatMap((count, i): Measurement[] => {
        const row = errors[i] as number[];
        const least = Math.min(...row);
        return [
          atLeast(`error of α = 10 over the least, n = ${count}`, (row.at(-1) as number) / least, 1.1),
          atLeast(`error of α = 0.001 over the least, n = ${count}`, (row[0] as number) / least, 1.1),
        ];
      }),
      remarks: [
        'Without noise, and where the samples determine the target, an all but linear kernel is as good as any: there attenuation has no price.',
      ],
      charts: [
        {
          name: 'tirer-attenuation',
          title: 'Error by the scale of the branches',
          caption: `L² error of the interpolant of the circle target; ResNets of ${depth} blocks.`,
          x: { label: 'Scale α of the branches', scale: 'log' },
          y: { label: 'L² error', scale: 'log' },
          series: counts.map((count, i) => ({
            id: `samples-${count}`,
            label: `${count} samples`,
            family: 'resnet' as const,
            points: grid.map((x, j) => ({ x, y: (errors[i] as number[])[j] as number })),
          })),
        },
      ],
    };
  },
};
