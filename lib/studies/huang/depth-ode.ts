import type { Item, Outcome } from '../definition.js';
import { normalised, resnet } from '../kernels.js';
import { atMost, evenly, largestDifference } from '../measure.js';
import type { HuangSettings, huangParameters } from './parameters.js';

const sums = [0.1, 1, 4];
const angles = evenly(0.05, Math.PI - 0.05, 100);

/** For γ = ½ the layers become a flow in s = Σα².                                                            [depth-ode] */
export const depthOde: Item<typeof huangParameters> = {
  id: 'H3-ode',
  title: 'For γ = ½ depth becomes a time: Σα²',
  claim:
    'With Lα² = s fixed the kernels of a ResNet tend, as L grows, to the solution at time s of a differential equation that knows ' +
    'neither L nor α: what counts as depth is the sum of the squared branch scales.',
  check:
    'The largest distance between the normalised tangent kernel at two depths and the solution, for s = 0.1, 1, 4.',
  expected: 'Below s/L at every depth: the flow is met at the rate 1/L.',
  reference: { paper: 'Huang20', equations: ['depth-ode'] },
  run: async ({ resnetDepths }: HuangSettings): Promise<Outcome> => {
    const depths = resnetDepths.slice(-2);
    const solutions = sums.map((sum) => Float64Array.from(angles, (angle) => solution(angle, sum)));
    const last = depths.at(-1) as number;
    const at = (sum: number, depth: number) => normalised(resnet(depth, Math.sqrt(sum / depth)), angles, 'ntk');
    return {
      measured: sums.flatMap((sum, i) =>
        depths.map((depth) =>
          atMost(
            `distance from the flow times L, s = ${sum}, L = ${depth}`,
            largestDifference(at(sum, depth), solutions[i] as Float64Array) * depth,
            sum,
          ),
        ),
      ),
      charts: [
        {
          name: 'huang-depth-ode',
          title: 'The kernel as a function of Σα²',
          caption:
            `The normalised tangent kernel over the angle for the flow at three times s = Σα². ` +
            `Dots: ResNets of ${last} blocks with the same sum.`,
          x: { label: 'Angle between the inputs (radians)', scale: 'linear' },
          y: { label: 'Normalised tangent kernel', scale: 'linear' },
          samples: sums.flatMap((sum) => {
            const kernel = at(sum, last);
            return [...angles.keys()]
              .filter((k) => k % 9 === 0)
              .map((k) => ({ x: angles[k] as number, y: kernel[k] as number }));
          }),
          series: sums.map((sum, i) => ({
            id: `sum-${sum}`,
            label: `Σα² = ${sum}`,
            family: 'resnet',
            points: [...angles].map((x, k) => ({ x, y: (solutions[i] as Float64Array)[k] as number })),
          })),
        },
      ],
    };
  },
};

/**
 * T(s)/2s of ρ′ = κ₁ − ρ, T′ = T(κ₀ − 1) + κ₁ + ρκ₀ from ρ = cos θ, T = 0, by the rule of order 4 of Runge and Kutta: in ρ the right
 * sides are bounded at both ends, which they are not in θ.
 */
function solution(angle: number, sum: number): number {
  const steps = Math.ceil(1000 * sum);
  const h = sum / steps;
  const slope = ([rho, t]: readonly [number, number]): readonly [number, number] => {
    const theta = Math.acos(Math.min(1, rho));
    const kappa0 = 1 - theta / Math.PI;
    const kappa1 = (Math.sin(theta) + (Math.PI - theta) * rho) / Math.PI;
    return [kappa1 - rho, t * (kappa0 - 1) + kappa1 + rho * kappa0];
  };
  let y: readonly [number, number] = [Math.cos(angle), 0];
  const ahead = (by: number, [a, b]: readonly [number, number]) => [y[0] + by * a, y[1] + by * b] as const;
  for (let step = 0; step < steps; step++) {
    const k1 = slope(y);
    const k2 = slope(ahead(h / 2, k1));
    const k3 = slope(ahead(h / 2, k2));
    const k4 = slope(ahead(h, k3));
    const mean = (i: 0 | 1) => (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) / 6;
    y = [y[0] + h * mean(0), y[1] + h * mean(1)];
  }
  return y[1] / (2 * sum);
}
