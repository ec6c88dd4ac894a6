/** Regression on the circle as an independent program does it: the Gram matrix solved, and the curve read at 4096 angles. */

import type { JobOptions } from '../../jobs.js';
import { compile, cross, gram } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import { amplitudeAbove, circleTarget, tailFrequency, variationOfSlope } from '../../smoothness/circle.js';
import { kernelCurve } from '../../smoothness/kernel-curve.js';
import { solve } from '../../solve.js';
import { combined } from '../combined.js';

const turn = 4096;

export interface Fitted {
  readonly angles: Float64Array;
  readonly values: Float64Array;
  /** At each of the samples; two that coincide share one corner. */
  readonly jumps: readonly number[];
  readonly tail: number;
  readonly error: number;
  readonly variation: number;
  /** Root mean square of f̂′. */
  readonly slope: number;
}

/** From −π on, both ends included where `ends` says so: the last is the first one again. */
export function evenAngles(count: number, ends = false): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => -Math.PI + (2 * Math.PI * i) / (ends ? count - 1 : count));
}

export const onCircle = (angles: Float64Array) => Array.from(angles, (t) => [Math.cos(t), Math.sin(t)]);

/** The circle target through samples, none twice or with a ridge.                  [circle-interpolant; derivative-jump] */
export async function fitted(spec: PresetSpec, samples: Float64Array, ridge: number, job: JobOptions): Promise<Fitted> {
  const kernel = compile(spec);
  try {
    const x = onCircle(samples);
    const angles = evenAngles(turn);
    const matrix = await gram(kernel, x, 'ntk', job);
    const { x: solved } = await solve(matrix, samples.map(circleTarget.at), { ridge, ...job });
    const { data, logScale } = await cross(kernel, onCircle(angles), x, 'ntk', job);
    const coefficients = solved.data as Float64Array;
    const values = combined(data as Float64Array, coefficients, Math.exp(logScale - matrix.logScale));
    const { cuspSlope } = kernelCurve(kernel, 'ntk');
    const diagonal = matrix.values[0] as number;
    const step = (2 * Math.PI) / turn;
    const squares = (of: (j: number) => number) => values.reduce((sum, _, j) => sum + of(j) ** 2, 0) / turn;
    const coincide = (a: number, b: number) => Math.cos(a - b) > 1 - 1e-12;
    return {
      angles,
      values,
      jumps: Array.from(samples, (t) => {
        const whole = coefficients.reduce((sum, c, j) => sum + (coincide(t, samples[j] as number) ? c : 0), 0);
        return 2 * cuspSlope * Math.abs(whole) * diagonal;
      }),
      tail: amplitudeAbove(values, tailFrequency),
      error: Math.sqrt(squares((j) => (values[j] as number) - circleTarget.at(angles[j] as number))),
      variation: variationOfSlope(values),
      slope: Math.sqrt(squares((j) => ((values[(j + 1) % turn] as number) - (values[j] as number)) / step)),
    };
  } finally {
    kernel.dispose();
  }
}
