import type { Item, Outcome } from '../definition.js';
import { mlp, normalised } from '../kernels.js';
import { atMost, near } from '../measure.js';
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
    'Both kernels at seven angles. L(Ω̄ − ¼)/log L, which has a limit c if the rate is right, may grow between the two largest depths ' +
    'by no more than its way to c, of order 1/log L; (1 − ρ̄)·2L²/9π² must be 1 up to terms of order log L/L.',
  expected: 'Growth of at most 1 + 1.5 (1/log L₁ − 1/log L₂) for the tangent kernel; 1 for the NNGP.',
  reference: { paper: 'Huang20', equations: ['degeneration'] },
  outside: ({ depths }) =>
    (depths.at(-1) as number) < 1000 ? ['depths: the claim is about large depths; the largest here is below 1000'] : [],
  run: async ({ depths }: HuangSettings): Promise<Outcome> => {
    const tangent = depths.map((depth) => normalised(mlp(depth), angles, 'ntk'));
    const process = depths.map((depth) => normalised(mlp(depth), angles, 'nngp'));
    const scaled = tangent.map((values, k) => {
      const depth = depths[k] as number;
      return values.map((value) => (depth * (value - 0.25)) / Math.log(depth));
    });
    const last = depths.length - 1;
    const [before, depth] = [depths[Math.max(0, last - 1)] as number, depths[last] as number];
    const growth = 1 + 1.5 * (1 / Math.log(before) - 1 / Math.log(depth));
    const rates = [...angles].map((_, i) =>
      atMost(
        `growth of L(Ω̄ − ¼)/log L at θ = ${names[i]} from L = ${before} to ${depth}`,
        ((scaled[last] as Float64Array)[i] as number) / ((scaled[Math.max(0, last - 1)] as Float64Array)[i] as number),
        growth,
      ),
    );
    const gaussian = [...angles].map((angle, i) => {
      const rest = 1 - ((process[last] as Float64Array)[i] as number);
      const scale = (9 * Math.PI ** 2) / (2 * depth ** 2);
      // 1/√(1 − ρ̄) grows by √2/3π per layer from where it starts, √2/θ, and by a share of 1/L less.
      const correction = (3 * Math.log(depth) + (6 * Math.PI) / angle + 10) / depth;
      return near(`(1 − ρ̄)·2L²/9π² at θ = ${names[i]}, L = ${depth}`, rest / scale, 1, correction);
    });
    const shown = [1, 3, 6];
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
