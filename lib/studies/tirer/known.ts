/** Values of depth 5 that an independent program has found, to the digits that it gave. */

import { interpolateCircle } from '../../smoothness/circle.js';
import type { Curve } from '../../smoothness/curve.js';
import { near } from '../measure.js';
import type { Measurement } from '../schema.js';
import { mlp, resnet, tangentCurve } from './curves.js';

const depth = 5;
const angles = [0.1, 0.5, 1, 2, Math.PI];
const names = ['MLP', 'α = 0.1', 'α = 1'] as const;

/** A value, and its digits behind the point. */
type Known = readonly [value: number, digits: number];

const shapes: Readonly<Record<(typeof names)[number], { readonly values: readonly number[]; readonly cusp: Known }>> = {
  MLP: { values: [0.9214, 0.6478, 0.4253, 0.2566, 0.2384], cusp: [0.7958, 4] },
  'α = 0.1': { values: [0.9942, 0.8745, 0.5384, -0.3963, -0.9526], cusp: [0.0078, 5] },
  'α = 1': { values: [0.9629, 0.7605, 0.4725, 0.0745, -0.0281], cusp: [0.3316, 4] },
};

/** MLP, α = 0.1, α = 1. */
const interpolants: Readonly<Record<string, { readonly samples: number; readonly known: readonly (Known | null)[] }>> =
  {
    'largest jump': {
      samples: 15,
      known: [
        [5.17, 2],
        [2.5, 2],
        [4.15, 2],
      ],
    },
    'sum of jumps': {
      samples: 15,
      known: [
        [46.3, 1],
        [23.9, 1],
        [38.9, 1],
      ],
    },
    'amplitude above frequency 20': {
      samples: 15,
      known: [
        [2.27e-2, 4],
        [1.38e-2, 4],
        [1.96e-2, 4],
      ],
    },
    'L² error': {
      samples: 15,
      known: [
        [0.158, 3],
        [0.058, 3],
        [0.131, 3],
      ],
    },
    'total variation of the derivative': { samples: 15, known: [[51.9, 1], [59.2, 1], null] },
    'condition number of the Gram matrix': {
      samples: 15,
      known: [
        [35, 0],
        [5400, -2],
        [64, 0],
      ],
    },
    'largest jump, n = 9': {
      samples: 9,
      known: [
        [5.67, 2],
        [3.65, 2],
        [4.59, 2],
      ],
    },
  };

function curves(): readonly Curve[] {
  return [mlp(depth), resnet(depth, 0.1), resnet(depth, 1)].map(tangentCurve);
}

/** Half of the last digit. */
function agrees(what: string, measured: number, [value, digits]: Known, halves = 1): Measurement {
  return near(`${what}, L = ${depth}, as known`, measured, value, halves * 0.5 * 10 ** -digits * 1.0001);
}

/** Kernels over the angle and their corners; nothing at other depths.                                       [cusp-slope] */
export function knownShapes(of: number): readonly Measurement[] {
  if (of !== depth) return [];
  return curves().flatMap((curve, i) => {
    const name = names[i] as (typeof names)[number];
    const { values, cusp } = shapes[name];
    const at = curve.at(Float64Array.from(angles));
    return [
      ...angles.map((angle, k) =>
        agrees(`κ(${angle === Math.PI ? 'π' : angle})/κ(0), ${name}`, at[k] as number, [values[k] as number, 4]),
      ),
      agrees(`cusp slope, ${name}`, curve.cuspSlope, cusp),
    ];
  });
}

/** Corners, tails and errors of the interpolants of the circle target; nothing at other depths.     [circle-interpolant] */
export function knownInterpolants(of: number): readonly Measurement[] {
  if (of !== depth) return [];
  const all = curves();
  return Object.entries(interpolants).flatMap(([what, { samples, known }]) =>
    all.flatMap((curve, i): readonly Measurement[] => {
      const value = known[i];
      if (value === null || value === undefined) return [];
      const one = interpolateCircle(curve, samples);
      const figure = {
        'largest jump': one.largestJump,
        'largest jump, n = 9': one.largestJump,
        'sum of jumps': one.totalJump,
        'amplitude above frequency 20': one.spectralTail,
        'L² error': one.rmsError,
        'total variation of the derivative': one.totalVariation,
        'condition number of the Gram matrix': conditionOf(curve, samples),
      }[what] as number;
      // Tail and error are sums over a grid, which was another one there.
      const grid = what.startsWith('amplitude') || what.startsWith('L²') ? 2 : 1;
      const name = what.includes('n =') ? what : `${what}, n = ${samples}`;
      return [agrees(`${name}, ${names[i]}`, figure, value, grid)];
    }),
  );
}

/** Of the circulant Gram matrix, whose eigenvalues are the cosine sums of a row. */
function conditionOf(curve: Curve, samples: number): number {
  const step = (2 * Math.PI) / samples;
  const row = curve.at(Float64Array.from({ length: samples }, (_, j) => Math.min(j, samples - j) * step));
  const eigenvalues = Array.from({ length: samples }, (_, k) =>
    row.reduce((sum, value, j) => sum + value * Math.cos(((j * k) % samples) * step), 0),
  );
  return Math.max(...eigenvalues) / Math.min(...eigenvalues);
}
