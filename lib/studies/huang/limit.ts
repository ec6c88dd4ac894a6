import type { Item, Outcome } from '../definition.js';
import { normalised, resnet } from '../kernels.js';
import { atMost, evenly, largestDifference, near, slopeBetween } from '../measure.js';
import type { ChartSeries, Measurement } from '../schema.js';
import type { HuangSettings, huangParameters } from './parameters.js';

/** How far from equal and from opposite inputs the claim is looked at. */
const margin = 0.3;
const awayFromEnds = evenly(margin, Math.PI - margin, 300);
const sphere = evenly(0.02, Math.PI, 400);

/**
 * Of a slope between the two largest depths. Beyond a layer of the width √s at the ends, s = Lα², the distance is a series in s whose second
 * term is by some s/margin² of the first; a quarter of the slope is asked for at least.
 */
function toleranceOf(gamma: number, depths: readonly number[]): number {
  const claimed = Math.abs(1 - 2 * gamma);
  return Math.min(correctionOf(gamma, depths), 1 / 4) * claimed;
}

function correctionOf(gamma: number, depths: readonly number[]): number {
  return (depths.at(-2) as number) ** (1 - 2 * gamma) / margin ** 2;
}

const outside = ({ resnetDepths, gammas }: Pick<HuangSettings, 'resnetDepths' | 'gammas'>): readonly string[] => [
  ...(gammas.every((gamma) => gamma <= 0.5) ? ['gammas: the claim is about γ above ½'] : []),
  ...gammas
    .filter((gamma) => gamma > 0.5 && correctionOf(gamma, resnetDepths) > 1 / 4)
    .map((gamma) => {
      const left = (resnetDepths.at(-1) as number) ** (1 - 2 * gamma);
      return `γ = ${gamma}: Lα² is ${left.toPrecision(2)} at L = ${resnetDepths.at(-1)}, too much for the slope of the limit`;
    }),
];

const claim =
  'With branches scaled by α = L^−γ, γ > ½, the normalised tangent kernel of a ResNet tends to that of a single block, ' +
  'Ω̄₁ = ½(κ₁(ρ) + ρκ₀(ρ)), at the rate L^(1−2γ)';
const reference = { paper: 'Huang20', equations: ['depth-limit'] } as const;

/** The ResNet's tangent kernel tends to that of one block, and how fast.                                    [depth-limit] */
export const limit: Item<typeof huangParameters> = {
  id: 'H3',
  title: 'The kernel of a deep ResNet has a limit that tells inputs apart',
  claim: `${claim} where inputs are neither equal nor opposite.`,
  check: `The largest |Ω̄_L − Ω̄₁| over angles from ${margin} to π − ${margin}: its slope in L on logarithmic axes between the two largest depths, for every γ above ½.`,
  expected: `1 − 2γ, within the share s/${margin}² of it that the next term in s = Lα² has, and at most a quarter.`,
  reference,
  outside,
  run: async ({ gammas, resnetDepths }: HuangSettings): Promise<Outcome> => {
    const { claimed, curves, slopes } = followed(gammas, resnetDepths, awayFromEnds);
    return {
      measured: claimed.map((gamma, i) =>
        near(
          `slope for angles from ${margin} to π − ${margin}, γ = ${gamma}`,
          slopes[i] as number,
          1 - 2 * gamma,
          toleranceOf(gamma, resnetDepths),
        ),
      ),
      charts: [
        chart(
          'huang-limit-away',
          'Away from the ends the rate is L^(1−2γ)',
          `from ${margin} to π − ${margin}`,
          claimed,
          resnetDepths,
          curves,
        ),
      ],
    };
  },
};

/** The same, opposite inputs among the others: there the rate is another.                                   [depth-limit] */
export const limitOnSphere: Item<typeof huangParameters> = {
  id: 'H3-sphere',
  title: 'It tends to its limit at that rate on the whole sphere',
  claim: `${claim} uniformly on the sphere.`,
  check: 'The largest |Ω̄_L − Ω̄₁| over angles from 0.02 to π, as in H3.',
  expected: '1 − 2γ, as in H3.',
  reference,
  outside,
  run: async ({ gammas, resnetDepths }: HuangSettings): Promise<Outcome> => {
    const { claimed, curves, slopes } = followed(gammas, resnetDepths, sphere);
    const halves = claimed.filter((gamma, i) => Math.abs((slopes[i] as number) - (0.5 - gamma)) < 0.02);
    return {
      measured: claimed.map((gamma, i) =>
        near(
          `slope over the whole sphere, γ = ${gamma}`,
          slopes[i] as number,
          1 - 2 * gamma,
          toleranceOf(gamma, resnetDepths),
        ),
      ),
      remarks:
        halves.length === 0
          ? []
          : [
              `For γ = ${halves.join(', ')} the slope is ½ − γ within 0.02, half of what is claimed: at opposite inputs the kernel changes like √(Lα²). The claim is about angles that ` +
                'stay away from π (H3).',
            ],
      charts: [
        chart(
          'huang-limit-sphere',
          'Over the whole sphere it is slower',
          'from 0.02 to π',
          claimed,
          resnetDepths,
          curves,
        ),
      ],
    };
  },
};

/** Distances from the limit over depth for every γ above ½, and their last slopes. */
function followed(gammas: readonly number[], depths: readonly number[], angles: Float64Array) {
  const claimed = gammas.filter((gamma) => gamma > 0.5);
  const curves = claimed.map((gamma) => distances(gamma, depths, angles));
  return { claimed, curves, slopes: curves.map((curve) => lastSlope(depths, curve)) };
}

/** With a constant α, or γ below ½, the ResNet degenerates as the MLP does.                                 [depth-limit] */
export const slowBranches: Item<typeof huangParameters> = {
  id: 'H3-slow',
  title: 'Branches that are not scaled down enough degenerate, too',
  claim: 'For γ below ½, constant branches among them, the normalised tangent kernel tends to ¼, as that of the MLP.',
  check:
    'The distance of the kernel from ¼ at θ = π/2 and θ = 3: it must fall from each depth to the next, and be below a fifth of ¼ where Σα² ' +
    'exceeds 100, a threshold above the 0.03 that an MLP of 100 layers is away.',
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
