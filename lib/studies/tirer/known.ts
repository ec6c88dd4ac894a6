/** Values of depth 5 that an independent program has found, to the digits that it gave. */

import type { JobOptions } from '../../jobs.js';
import type { Curve } from '../../smoothness/curve.js';
import { near } from '../measure.js';
import type { Measurement } from '../schema.js';
import { mlp, resnet, tangentCurve } from './curves.js';
import { evenAngles, type Fitted, fitted } from './protocol.js';

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
        [0.1575, 4],
        [0.0579, 4],
        [0.1311, 4],
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

const specs = [mlp(depth), resnet(depth, 0.1), resnet(depth, 1)];

/** Half of the last digit. */
function agrees(what: string, measured: number, [value, digits]: Known): Measurement {
  return near(`${what}, L = ${depth}, as known`, measured, value, 0.5 * 10 ** -digits * 1.0001);
}

/** Kernels over the angle and their corners; nothing at other depths.                                       [cusp-slope] */
export function knownShapes(of: number): readonly Measurement[] {
  if (of !== depth) return [];
  return specs.map(tangentCurve).flatMap((curve, i) => {
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

const figures: Readonly<Record<string, (of: Fitted) => number>> = {
  'largest jump': ({ jumps }) => Math.max(...jumps),
  'largest jump, n = 9': ({ jumps }) => Math.max(...jumps),
  'sum of jumps': ({ jumps }) => jumps.reduce((sum, jump) => sum + jump, 0),
  'amplitude above frequency 20': ({ tail }) => tail,
  'L² error': ({ error }) => error,
  'total variation of the derivative': ({ variation }) => variation,
};

/** Corners, tails and errors of the interpolants of the circle target; nothing at other depths.     [circle-interpolant] */
export async function knownInterpolants(of: number, job: JobOptions): Promise<readonly Measurement[]> {
  if (of !== depth) return [];
  const measured: Measurement[] = [];
  for (const [i, spec] of specs.entries()) {
    const through = new Map<number, Fitted>();
    for (const samples of [9, 15]) through.set(samples, await fitted(spec, evenAngles(samples), 0, job));
    for (const [what, { samples, known }] of Object.entries(interpolants)) {
      const value = known[i];
      if (value === null || value === undefined) continue;
      const figure = figures[what]?.(through.get(samples) as Fitted) ?? conditionOf(tangentCurve(spec), samples);
      measured.push(agrees(`${what.includes('n =') ? what : `${what}, n = ${samples}`}, ${names[i]}`, figure, value));
    }
  }
  return measured;
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
