import type { Item, Outcome } from '../definition.js';
import { normalised, resnet } from '../kernels.js';
import { atMost, evenly, largestDifference, near, slopeBetween } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { HuangSettings, huangParameters } from './parameters.js';

/** Slopes are taken between the two largest depths, where terms of higher order still turn them by this much. */
const tolerance = 0.05;
const awayFromEnds = evenly(0.3, Math.PI - 0.3, 300);
const sphere = evenly(0.02, Math.PI, 400);

/** The ResNet's tangent kernel tends to that of one block, and how fast.                                    [depth-limit] */
export const limit: Item<typeof huangParameters> = {
  id: 'H3',
  title: 'The kernel of a deep ResNet has a limit that tells inputs apart',
  claim:
    'With branches scaled by α = L^−γ, γ > ½, the normalised tangent kernel of a ResNet tends to that of a single block, ' +
    'Ω̄₁ = ½(κ₁(ρ) + ρκ₀(ρ)), on the whole sphere at the rate L^(1−2γ).',
  check:
    'The largest |Ω̄_L − Ω̄₁|, over angles from 0.3 to π − 0.3 and over the sphere: its slope in L on logarithmic axes between the two ' +
    'largest depths, for every γ above ½.',
  expected: `1 − 2γ within ${tolerance}, for both.`,
  reference: { paper: 'Huang20', equations: ['depth-limit'] },
  outside: ({ resnetDepths, gammas }) => [
    ...((resnetDepths.at(-1) as number) < 1024
      ? ['resnetDepths: slopes are of large depths; the largest is below 1024']
      : []),
    ...(gammas.every((gamma) => gamma <= 0.5) ? ['gammas: the claim is about γ above ½'] : []),
  ],
  run: async ({ gammas, resnetDepths }: HuangSettings): Promise<Outcome> => {
    const claimed = gammas.filter((gamma) => gamma > 0.5);
    const away = claimed.map((gamma) => distances(gamma, resnetDepths, awayFromEnds));
    const everywhere = claimed.map((gamma) => distances(gamma, resnetDepths, sphere));
    const measured = claimed.flatMap((gamma, i): Measurement[] => [
      near(
        `slope for angles from 0.3 to π − 0.3, γ = ${gamma}`,
        lastSlope(resnetDepths, away[i] as number[]),
        1 - 2 * gamma,
        tolerance,
      ),
      near(
        `slope over the whole sphere, γ = ${gamma}`,
        lastSlope(resnetDepths, everywhere[i] as number[]),
        1 - 2 * gamma,
        tolerance,
      ),
    ]);
    return {
      measured,
      remarks: [
        'At opposite inputs the kernel changes like √(Lα²), so that over the whole sphere the rate is L^(½−γ): the claim is about ' +
          'angles that stay away from π.',
        'For γ at and just above ½ the depths here are too small for the slope of the limit; γ = 0.6 is the example.',
      ],
      charts: [
        chart(
          'huang-limit-away',
          'Away from the ends the rate is L^(1−2γ)',
          'from 0.3 to π − 0.3',
          claimed,
          resnetDepths,
          away,
        ),
        chart(
          'huang-limit-sphere',
          'Over the whole sphere it is half as fast',
          'from 0.02 to π',
          claimed,
          resnetDepths,
          everywhere,
        ),
      ],
    };
  },
};

/** With a constant α, or γ below ½, the ResNet degenerates as the MLP does.                                 [depth-limit] */
export const slowBranches: Item<typeof huangParameters> = {
  id: 'H3-slow',
  title: 'Branches that are not scaled down enough degenerate, too',
  claim: 'For γ below ½, constant branches among them, the normalised tangent kernel tends to ¼, as that of the MLP.',
  check:
    'The distance of the kernel from ¼ at θ = π/2 and θ = 3: it must fall from each depth to the next, and be below a fifth of ¼ where Σα² ' +
    'exceeds 100.',
  expected: 'At most 1 for the ratio of successive distances; at most 0.05 at the end.',
  reference: { paper: 'Belfer21', equations: ['depth-limit'] },
  run: async ({ gammas, resnetDepths }: HuangSettings): Promise<Outcome> => {
    const slow = [0, ...gammas.filter((gamma) => gamma > 0 && gamma < 0.5)];
    const angles = Float64Array.of(Math.PI / 2, 3);
    const curves = slow.map((gamma) =>
      resnetDepths.map((depth) =>
        Math.max(...normalised(resnet(depth, { gamma }), angles, 'ntk').map((v) => Math.abs(v - 0.25))),
      ),
    );
    const measured = slow.flatMap((gamma, i): Measurement[] => {
      const curve = curves[i] as number[];
      const effective = (resnetDepths.at(-1) as number) ** (1 - 2 * gamma);
      const ratios = curve.slice(1).map((value, k) => value / (curve[k] as number));
      const named = gamma === 0 ? 'α = 1' : `γ = ${gamma}`;
      return [
        atMost(`largest ratio of successive distances, ${named}`, Math.max(...ratios), 1),
        ...(effective > 100
          ? [atMost(`distance from ¼ at L = ${resnetDepths.at(-1)}, ${named}`, curve.at(-1) as number, 0.05)]
          : []),
      ];
    });
    return {
      measured,
      charts: [
        {
          name: 'huang-slow-branches',
          title: 'With slowly scaled branches a ResNet forgets its inputs, too',
          caption: 'The largest distance from ¼ of the normalised tangent kernel at θ = π/2 and 3, over depth.',
          x: { label: 'Depth L (blocks)', scale: 'depth' },
          y: { label: 'Distance from ¼', scale: 'log' },
          series: slow.map((gamma, i) => line(gamma, resnetDepths, curves[i] as number[])),
        },
      ],
    };
  },
};

function distances(gamma: number, depths: readonly number[], angles: Float64Array): number[] {
  const one = normalised(resnet(1, 1), angles, 'ntk');
  return depths.map((depth) => largestDifference(normalised(resnet(depth, { gamma }), angles, 'ntk'), one));
}

function lastSlope(depths: readonly number[], values: readonly number[]): number {
  const last = depths.length - 1;
  if (last < 1) return Number.NaN;
  return slopeBetween(
    [depths[last - 1] as number, depths[last] as number],
    [values[last - 1] as number, values[last] as number],
  );
}

function line(gamma: number, depths: readonly number[], values: readonly number[]): ChartSeries {
  return {
    id: `gamma-${gamma}`,
    label: gamma === 0 ? 'α = 1' : `γ = ${gamma}`,
    family: 'resnet',
    points: depths.map((x, k) => ({ x, y: values[k] as number })),
  };
}

function chart(
  name: string,
  title: string,
  angles: string,
  gammas: readonly number[],
  depths: readonly number[],
  curves: readonly (readonly number[])[],
) {
  return {
    name,
    title,
    caption: `The largest |Ω̄_L − Ω̄₁| over angles ${angles}, for branches scaled by L^−γ.`,
    x: { label: 'Depth L (blocks)', scale: 'depth' },
    y: { label: 'Distance from the kernel of one block', scale: 'log' },
    series: gammas.map((gamma, i) => line(gamma, depths, curves[i] as number[])),
  } as const;
}
