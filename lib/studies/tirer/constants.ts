import { compile, profile } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { alphaAxis, overMlp } from '../axes.js';
import type { Item, Outcome } from '../definition.js';
import { atMost, evenly, whereFailing } from '../measure.js';
import type { Measurement } from '../schema.js';
import { claimed, outsideClaim } from './attenuated.js';
import { mlp, resnet } from './curves.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

/** Away from the corner, where the second derivative has a point mass. */
const angles = evenly(0.05, 3.14, 400);

interface Constants {
  readonly modulus: number;
  readonly slope: number;
  readonly bend: number;
}

/** Constants of how fast interpolants may change.                                   [feature-modulus; zonal-derivatives] */
export const constants: Item<typeof tirerParameters> = {
  id: 'T5',
  title: 'Every bound on the roughness of a ResNet’s functions is smaller',
  claim:
    'What bounds the change of functions in the space of the kernel is smaller for the ResNet than for the MLP, and grows with α: the modulus ' +
    'of the feature map at small angles, and the first and second derivatives of the kernel.',
  check:
    '√(2s₀), and the largest |κ′| and |κ″| for angles from 0.05 to π, of normalised kernels, for every α ≤ 1: over those of the MLP, and of ' +
    'one α over the one before.',
  expected: 'At most 1 over the MLP; at least 1 over the α before.',
  reference: { paper: 'Tirer20', equations: ['feature-modulus', 'zonal-derivatives'] },
  outside: outsideClaim,
  run: async ({ depth, alphas }: TirerSettings): Promise<Outcome> => {
    const judged = claimed(alphas);
    const plain = constantsOf(mlp(depth));
    const residual = alphas.map((alpha) => constantsOf(resnet(depth, alpha)));
    const names = { modulus: '√(2s₀)', slope: 'largest |κ′|', bend: 'largest |κ″|' } as const;
    const measured = (Object.keys(names) as (keyof Constants)[]).flatMap((key): Measurement[] => {
      const values = residual.filter((_, i) => judged.includes(alphas[i] as number)).map((one) => one[key]);
      const falls = values.slice(1).map((value, i) => (values[i] as number) / value);
      return [
        atMost(`${names[key]} over the MLP’s, the largest over α`, Math.max(...values) / plain[key], 1),
        ...(falls.length > 0
          ? [atMost(`${names[key]} of an α over that of the next, the largest`, Math.max(...falls), 1)]
          : []),
      ];
    });
    return {
      measured,
      remarks: whereFailing(
        measured,
        'What grows with α is the corner at equal inputs. Away from it the kernel of weak branches is nearly a cosine, whose slope and bend are larger than ' +
          'those of the MLP, which is flat there.',
      ),
      charts: [
        {
          name: 'tirer-constants',
          title: 'Constants of the ResNet’s kernel over those of the MLP',
          caption: `Normalised tangent kernels of ${depth} layers or blocks; derivatives by the angle, from 0.05 to π.`,
          x: alphaAxis,
          y: overMlp('log'),
          series: (Object.keys(names) as (keyof Constants)[]).map((key) => ({
            id: key,
            label: names[key],
            family: 'resnet' as const,
            points: alphas.map((x, i) => ({ x, y: (residual[i] as Constants)[key] / plain[key] })),
          })),
        },
      ],
    };
  },
};

function constantsOf(spec: PresetSpec): Constants {
  const kernel = compile(spec);
  try {
    const { values, slopes, curvatures } = profile(kernel, Float64Array.from([0, ...angles]), 'ntk', {
      dimension: 1,
      derivatives: 2,
    });
    const diagonal = values[0] as number;
    const largest = (of: Float64Array) =>
      of.subarray(1).reduce((most, value) => Math.max(most, Math.abs(value)), 0) / diagonal;
    return {
      modulus: Math.sqrt((-2 * (slopes[0] as number)) / diagonal),
      slope: largest(slopes),
      bend: largest(curvatures),
    };
  } finally {
    kernel.dispose();
  }
}
