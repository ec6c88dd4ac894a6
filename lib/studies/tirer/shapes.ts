import { alphaAxis, overMlp } from '../axes.js';
import type { Item, Outcome } from '../definition.js';
import { atLeast, atMost, evenly } from '../measure.js';
import { contenders, mlp, resnet, tangentCurve } from './curves.js';
import { knownShapes } from './known.js';
import type { TirerSettings, tirerParameters } from './parameters.js';

const shown = [0.1, 1];
/** For the limit of strong branches; the distance falls like 1/α². */
const strong = 1000;

/** The MLP's kernel has a sharp corner at equal inputs, the ResNet's a blunt one.                          [cusp-slope] */
export const shapes: Item<typeof tirerParameters> = {
  id: 'T3',
  title: 'The ResNet’s kernel is rounder where inputs meet',
  claim:
    'As a function of the angle between inputs the tangent kernel of an MLP has a sharp peak at 0 and that of a ResNet a rounded one, the more so ' +
    'the weaker its branches; with strong branches it becomes the kernel of the MLP.',
  check:
    'Cusp slopes s₀ = −κ′(0⁺) of the normalised kernels for all α and depths: against that of the MLP of the same depth, from one α to the next, and ' +
    `from one depth to the next; and the largest distance between the kernels of α = ${strong} and of the MLP. At depth 5 values and slopes that an independent program has found.`,
  expected:
    'Ratio to the MLP below 1; ratios of successive slopes at least 1 in α and in depth; a distance below 1e-4.',
  reference: { paper: 'Tirer20', equations: ['cusp-slope'] },
  run: async ({ depth, depths, alphas }: TirerSettings): Promise<Outcome> => {
    const slopes = depths.map((L) => alphas.map((alpha) => tangentCurve(resnet(L, alpha)).cuspSlope));
    const plain = depths.map((L) => tangentCurve(mlp(L)).cuspSlope);
    const ratios = slopes.flatMap((row, i) => row.map((slope) => slope / (plain[i] as number)));
    const inAlpha = slopes.flatMap((row) => row.slice(1).map((slope, j) => slope / (row[j] as number)));
    const inDepth = slopes
      .slice(1)
      .flatMap((row, i) => row.map((slope, j) => slope / ((slopes[i] as number[])[j] as number)));
    const angles = evenly(0, 3.14, 315);
    const whole = tangentCurve(mlp(depth)).at(angles);
    const limit = tangentCurve(resnet(depth, strong))
      .at(angles)
      .reduce((most, value, i) => Math.max(most, Math.abs(value - (whole[i] as number))), 0);
    return {
      measured: [
        atMost('largest cusp slope of a ResNet over that of the MLP', Math.max(...ratios), 1),
        ...(inAlpha.length > 0
          ? [atLeast('least ratio of cusp slopes, one α to the next', Math.min(...inAlpha), 1)]
          : []),
        ...(inDepth.length > 0
          ? [atLeast('least ratio of cusp slopes, one depth to the next', Math.min(...inDepth), 1)]
          : []),
        atMost(`largest distance of the kernel of α = ${strong} from that of the MLP, L = ${depth}`, limit, 1e-4),
        ...knownShapes(depth),
      ],
      charts: [
        {
          name: 'tirer-shapes',
          title: 'Tangent kernels over the angle',
          caption: `Normalised tangent kernels of ${depth} layers or blocks, ReLU, all layers trained.`,
          x: { label: 'Angle between the inputs (radians)', scale: 'linear' },
          y: { label: 'Kernel κ(θ)/κ(0)', scale: 'linear' },
          series: contenders(depth, shown).map(({ curve, ...series }) => {
            const values = curve.at(angles);
            return { ...series, points: [...angles].map((x, i) => ({ x, y: values[i] as number })) };
          }),
        },
        {
          name: 'tirer-cusps',
          title: 'Weak branches blunt the corner',
          caption: 'Cusp slope over that of the MLP of the same depth, by the scale α of the branches.',
          x: alphaAxis,
          y: overMlp('log', 'Cusp slope over that of the MLP'),
          series: depths.map((L, i) => ({
            id: `depth-${L}`,
            label: `L = ${L}`,
            family: 'resnet' as const,
            points: alphas.map((x, j) => ({ x, y: ((slopes[i] as number[])[j] as number) / (plain[i] as number) })),
          })),
        },
      ],
    };
  },
};
