import { compile, profile } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { type CircleInterpolant, circleTarget, interpolateCircle } from '../../smoothness/circle.js';
import { holderConstant } from '../../smoothness/feature-holder.js';
import { alphaAxis, overMlp } from '../axes.js';
import type { Item, Outcome } from '../definition.js';
import { atMost, whereFailing } from '../measure.js';
import type { Measurement } from '../schema.js';
import { claimed, outsideClaim } from './attenuated.js';
import { mlp, normOf, resnet, tangentCurve } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** Angles between two samples at which derivatives are taken. */
const between = 48;
/** Radians around samples and the points opposite to them that count as their corners. */
export const margin = 0.05;

interface Bounds {
  readonly slope: number;
  readonly bend: number;
  readonly local: number;
  readonly whole: number;
  /** The largest |f̂(t) − f̂(u)|/√|t − u|. */
  readonly quotient: number;
}

const names = {
  slope: 'root mean square of f̂′',
  bend: 'root mean square of f̂″',
  local: 'corner constant ‖f̂‖√(2s₀)',
  whole: 'Hölder bound ‖f̂‖C',
} as const;
const keys = Object.keys(names) as (keyof typeof names)[];

/** Derivatives of interpolants away from the samples, and bounds by their norms.      [zonal-derivatives; holder-bound] */
export const bounds: Item<typeof tirerParameters> = {
  id: 'T5-interpolants',
  title: 'So are the bounds on its interpolants',
  claim:
    'Interpolants of ResNets with α ≤ 1 have smaller first and second derivatives away from the samples than the MLP’s, and smaller bounds by their norms; all of them grow with α.',
  check:
    `The interpolants of ${circleTarget.label} at evenly spaced samples: root mean squares of f̂′ and f̂″ further than ${margin}, or a quarter of the gap, from samples and their opposites; ` +
    'the corner constant ‖f̂‖√(2s₀), which is the Hölder bound of ever smaller angles, and the Hölder bound ‖f̂‖C with C√θ ≥ ‖Φ(x) − Φ(z)‖ at all; over those of the MLP, the largest over α ≤ 1, and of one α over the next. And ' +
    'the largest |f̂(t) − f̂(u)|/√|t − u| over its bound ‖f̂‖C, for every kernel.',
  expected: 'At most 1, all of them.',
  reference: { paper: 'Tirer20', equations: ['zonal-derivatives', 'rkhs-norm', 'holder-bound', 'feature-holder'] },
  outside: outsideClaim,
  run: async ({ depth, alphas, samples }: TirerSettings): Promise<Outcome> => {
    const judged = claimed(alphas);
    const rows = samples.map((count) => ({
      count,
      plain: boundsOf(mlp(depth), count),
      all: alphas.map((alpha) => boundsOf(resnet(depth, alpha), count)),
    }));
    const last = rows.at(-1) as (typeof rows)[number];
    const measured = rows.flatMap(({ count, plain, all }) => {
      const residual = all.filter((_, i) => judged.includes(alphas[i] as number));
      return [
        ...keys.flatMap((key): Measurement[] => {
          const values = residual.map((one) => one[key]);
          const falls = values.slice(1).map((value, i) => (values[i] as number) / value);
          const ratio = Math.max(...values) / plain[key];
          return [
            atMost(`${names[key]} over the MLP’s, the largest over α, n = ${count}`, ratio, 1),
            ...(falls.length > 0
              ? [
                  atMost(
                    `${names[key]} of an α over that of the next, the largest, n = ${count}`,
                    Math.max(...falls),
                    1,
                  ),
                ]
              : []),
          ];
        }),
        atMost(
          `Hölder quotient over its bound, the largest over kernels, n = ${count}`,
          Math.max(...[plain, ...all].map(({ quotient, whole }) => quotient / whole)),
          1,
        ),
      ];
    });
    return {
      measured,
      remarks: [
        'A bound on the derivative itself does not follow from the norm: features that move like √θ are Hölder continuous and no more, for every α above 0.',
        ...whereFailing(
          measured,
          'Derivatives away from the samples rank the kernels the other way, for the MLP’s interpolant has its turns in the corners and is flat between them; and ‖f̂‖C is large ' +
            'for weak branches, whose kernel is nearly a cosine: what fits a fast wave with it has a large norm.',
        ),
      ],
      charts: [
        {
          name: 'tirer-bounds',
          title: 'Derivatives and bounds of the ResNet’s interpolants over those of the MLP’s',
          caption: `${circleTarget.label} through ${last.count} samples, tangent kernels of ${depth} layers or blocks; derivatives further than ${margin} from samples and their opposites.`,
          x: alphaAxis,
          y: overMlp('log'),
          series: keys.map((key) => ({
            id: key,
            label: names[key].replace('root mean square', 'Root mean square').replace(/^.*(?=‖f̂‖)/, ''),
            family: 'resnet' as const,
            points: alphas.map((x, i) => ({ x, y: (last.all[i] as Bounds)[key] / last.plain[key] })),
          })),
        },
      ],
    };
  },
};

/** Of the interpolant of the circle target. */
export function boundsOf(spec: PresetSpec, samples: number): Bounds {
  const curve = tangentCurve(spec);
  const one = interpolateCircle(curve, samples);
  const norm = normOf(one);
  return {
    ...derivativesOf(spec, one),
    local: norm * Math.sqrt(2 * curve.cuspSlope),
    whole: norm * holderConstant(curve),
    quotient: holderQuotient(one),
  };
}

/** f̂′(t) = Σ cᵢ κ′(|t − tᵢ|) sgn(t − tᵢ), and f̂″ alike, at angles of which none is a sample or opposite to one. */
function derivativesOf(
  spec: PresetSpec,
  { coefficients }: CircleInterpolant,
): { readonly slope: number; readonly bend: number } {
  const n = coefficients.length;
  const total = n * between;
  const h = (2 * Math.PI) / total;
  const kernel = compile(spec);
  try {
    // Distances in the circle are odd multiples of h/2.
    const distances = Float64Array.from({ length: Math.ceil(total / 2) }, (_, k) => Math.min(Math.PI, (k + 0.5) * h));
    const { values, slopes, curvatures } = profile(kernel, Float64Array.from([0, ...distances]), 'ntk', {
      dimension: 1,
      derivatives: 2,
    });
    const diagonal = values[0] as number;
    // Opposites of an odd number of samples lie halfway between them.
    const near = Math.min(margin, Math.PI / n / 4);
    let [slopeSquares, bendSquares, count] = [0, 0, 0];
    for (let j = 0; j < total; j++) {
      let [slope, bend, nearest] = [0, 0, Math.PI];
      for (let i = 0; i < n; i++) {
        const steps = (j - i * between + total) % total;
        const behind = steps >= total / 2;
        const k = behind ? total - 1 - steps : steps;
        const distance = distances[k] as number;
        nearest = Math.min(nearest, distance, Math.PI - distance);
        const c = (coefficients[i] as number) / diagonal;
        slope += c * (slopes[k + 1] as number) * (behind ? -1 : 1);
        bend += c * (curvatures[k + 1] as number);
      }
      if (nearest < near) continue;
      slopeSquares += slope * slope;
      bendSquares += bend * bend;
      count++;
    }
    return { slope: Math.sqrt(slopeSquares / count), bend: Math.sqrt(bendSquares / count) };
  } finally {
    kernel.dispose();
  }
}

function holderQuotient({ angles, values }: CircleInterpolant): number {
  let most = 0;
  for (let i = 0; i < angles.length; i++) {
    for (let j = 0; j < i; j++) {
      const apart = (angles[i] as number) - (angles[j] as number);
      const distance = Math.min(apart, 2 * Math.PI - apart);
      if (distance > 0)
        most = Math.max(most, Math.abs((values[i] as number) - (values[j] as number)) / Math.sqrt(distance));
    }
  }
  return most;
}
