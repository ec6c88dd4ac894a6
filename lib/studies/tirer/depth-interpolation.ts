import { circleTarget, interpolateCircle } from '../../smoothness/circle.js';
import { alphaAxis, overMlp } from '../axes.js';
import type { Item, Outcome } from '../definition.js';
import { atMost } from '../measure.js';
import type { ChartPoint, ChartSeries, Measurement } from '../schema.js';
import { claimed, outsideClaim } from './attenuated.js';
import { mlp, resnet, tangentCurve } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** Interpolants on the circle over depth and scale of the branches.                  [circle-interpolant; derivative-jump] */
export const depthInterpolation: Item<typeof tirerParameters> = {
  id: 'T4-depth',
  title: 'It is smoother at every depth',
  claim:
    'At every depth the interpolant of a ResNet with α ≤ 1 has smaller corners than that of the MLP of the same depth, and misses its target by less.',
  check: `The interpolants of ${circleTarget.label} through the largest number of samples: largest jump of the derivative and L² error, each over that of the MLP, the largest over α ≤ 1.`,
  expected: 'At most 1 at every depth.',
  reference: { paper: 'Tirer20', equations: ['circle-interpolant', 'derivative-jump'] },
  outside: outsideClaim,
  run: async ({ depths, alphas, samples }: TirerSettings): Promise<Outcome> => {
    const judged = claimed(alphas);
    const count = samples.at(-1) as number;
    const rows = depths.map((depth) => {
      const plain = interpolateCircle(tangentCurve(mlp(depth)), count);
      const residual = alphas.map((alpha) => interpolateCircle(tangentCurve(resnet(depth, alpha)), count));
      return {
        depth,
        jumps: residual.map((one, i) => ({ x: alphas[i] as number, y: one.largestJump / plain.largestJump })),
        errors: residual.map((one, i) => ({ x: alphas[i] as number, y: one.rmsError / plain.rmsError })),
      };
    });
    type Of = (row: (typeof rows)[number]) => readonly ChartPoint[];
    const series = (of: Of): readonly ChartSeries[] =>
      rows.map((row) => ({ id: `depth-${row.depth}`, label: `L = ${row.depth}`, family: 'resnet', points: of(row) }));
    const largest = (of: readonly ChartPoint[]) =>
      Math.max(...of.flatMap(({ x, y }) => (judged.includes(x) ? [y] : [])));
    const chart = (name: string, title: string, what: string, of: Of) =>
      ({
        name,
        title,
        caption: `${circleTarget.label} through ${count} samples: ${what} of the ResNet’s interpolant over that of the MLP’s of the same depth.`,
        x: alphaAxis,
        y: overMlp('linear'),
        series: series(of),
      }) as const;
    return {
      measured: rows.flatMap(({ depth, jumps, errors }): Measurement[] => [
        atMost(`largest jump over the MLP’s, the largest over α, L = ${depth}`, largest(jumps), 1),
        atMost(`L² error over the MLP’s, the largest over α, L = ${depth}`, largest(errors), 1),
      ]),
      charts: [
        chart('tirer-depth-jumps', 'Largest jumps over depth', 'largest jump of the derivative', ({ jumps }) => jumps),
        chart('tirer-depth-errors', 'Errors over depth', 'L² error', ({ errors }) => errors),
      ],
    };
  },
};
