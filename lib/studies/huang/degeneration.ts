import type { Item, Outcome } from '../definition.js';
import { mlp, normalised } from '../kernels.js';
import { near } from '../measure.js';
import type { ChartSeries } from '../schema.js';
import type { HuangSettings, huangParameters } from './parameters.js';

const angles = Float64Array.of(0.1, 0.5, 1, Math.PI / 2, 2, 3, Math.PI);
const names = ['0.1', '0.5', '1', 'π/2', '2', '3', 'π'];

/** The MLP's kernels tend to constants: 1/4 of the diagonal (NTK) and the diagonal itself (NNGP).           [degeneration] */
export const degeneration: Item<typeof huangParameters> = {
  id: 'H2',
  title: 'The kernels of a deep MLP are constants',
  claim:
    'As its depth L grows, the tangent kernel of an MLP tends to a quarter of its diagonal wherever the inputs differ, no more ' +
    'slowly than log L / L, and its NNGP to the diagonal: neither tells inputs apart.',
  check:
    'Both kernels at seven angles: by how much L(Ω̄ − ¼) grows per unit of log L between the two largest depths, and (1 − ρ̄)·2L²/9π² at the ' +
    'largest.',
  expected: '3/8, and 1, within what the laws leave out: (3 log L + 6π/θ + 1)/L.',
  reference: { paper: 'Huang20', equations: ['degeneration'] },
  outside: ({ depths }) =>
    (depths.at(-1) as number) < 1000 ? ['depths: the claim is about large depths; the largest here is below 1000'] : [],
  run: async ({ depths }: HuangSettings): Promise<Outcome> => {
    const tangent = depths.map((depth) => normalised(mlp(depth), angles, 'ntk'));
    const process = depths.map((depth) => normalised(mlp(depth), angles, 'nngp'));
    const last = depths.length - 1;
    const depth = depths[last] as number;
    // 1/√(1 − ρ̄) is (√2/3π)(L + 3/2 log L + 3π/θ + c(θ) + …), with c between −7 and ½ for angles from 0.1 on: what is left out of both
    // laws, relative to them.
    const correction = (angle: number, layers: number) => (3 * Math.log(layers) + (6 * Math.PI) / angle + 1) / layers;
    const excess = (k: number, i: number) =>
      (depths[k] as number) * (((tangent[k] as Float64Array)[i] as number) - 0.25);
    const rates = depths
      .slice(-2, -1)
      .flatMap((before) =>
        [...angles].map((angle, i) =>
          near(
            `growth of L(Ω̄ − ¼) per log L at θ = ${names[i]} from L = ${before} to ${depth}`,
            (excess(last, i) - excess(last - 1, i)) / Math.log(depth / before),
            3 / 8,
            correction(angle, before),
          ),
        ),
      );
    const gaussian = [...angles].map((angle, i) => {
      const rest = 1 - ((process[last] as Float64Array)[i] as number);
      const scale = (9 * Math.PI ** 2) / (2 * depth ** 2);
      return near(`(1 − ρ̄)·2L²/9π² at θ = ${names[i]}, L = ${depth}`, rest / scale, 1, correction(angle, depth));
    });
    const shown = [0, 3, 6];
    const series = (of: readonly Float64Array[]): ChartSeries[] =>
      shown.map((i) => ({
        id: `mlp-angle-${i}`,
        label: `θ = ${names[i]}`,
        family: 'mlp',
        points: depths.map((x, k) => ({ x, y: (of[k] as Float64Array)[i] as number })),
      }));
    return {
      measured: [...rates, ...gaussian],
      charts: [
        {
          name: 'huang-degeneration',
          title: 'A deep MLP gives all pairs of inputs the same tangent kernel',
          caption:
            'The normalised tangent kernel Ω̄ of a ReLU MLP (head frozen) at three angles over depth. Its limit is ¼.',
          x: { label: 'Depth L (layers)', scale: 'depth' },
          y: { label: 'Normalised tangent kernel', scale: 'linear' },
          series: series(tangent),
        },
        {
          name: 'huang-degeneration-nngp',
          title: 'Its NNGP forgets the inputs like 1/L²',
          caption: 'One less the normalised NNGP of the same MLP; 9π²/2L² to leading order, whatever the angle.',
          x: { label: 'Depth L (layers)', scale: 'depth' },
          y: { label: '1 − normalised NNGP', scale: 'log' },
          series: series(process.map((values) => values.map((value) => 1 - value))),
        },
      ],
    };
  },
};
