/** The kernels of the paper as curves over the angle. */

import { compile } from '../../kernel.js';
import type { PresetSpec } from '../../presets.js';
import type { CircleInterpolant } from '../../smoothness/circle.js';
import type { Curve } from '../../smoothness/curve.js';
import { kernelCurve } from '../../smoothness/kernel-curve.js';
import type { ChartSeries } from '../schema.js';

export interface Contender {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly curve: Curve;
}

export function mlp(depth: number): PresetSpec {
  return { preset: 'mlp', convention: 'tirer', depth };
}

export function resnet(depth: number, alpha: number): PresetSpec {
  return { preset: 'tirer', depth, alpha };
}

export function tangentCurve(spec: PresetSpec): Curve {
  return kernelCurve(compile(spec), 'ntk');
}

/** The MLP first, then the ResNets by α. */
export function contenders(depth: number, alphas: readonly number[]): readonly Contender[] {
  return [
    { id: 'mlp', label: 'MLP', family: 'mlp', curve: tangentCurve(mlp(depth)) },
    ...alphas.map(
      (alpha): Contender => ({
        id: `alpha-${alpha}`,
        label: `ResNet, α = ${alpha}`,
        family: 'resnet',
        curve: tangentCurve(resnet(depth, alpha)),
      }),
    ),
  ];
}

/** ‖f̂‖² = cᵀKc = cᵀy for an interpolant.                                                                    [rkhs-norm] */
export function normOf({
  coefficients,
  sampleValues,
}: Pick<CircleInterpolant, 'coefficients' | 'sampleValues'>): number {
  const square = coefficients.reduce((sum, c, i) => sum + c * (sampleValues[i] as number), 0);
  return Math.sqrt(Math.max(0, square));
}
