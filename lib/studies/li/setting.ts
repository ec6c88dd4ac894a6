/** Networks and data of the study: tanh, points of a sphere, normal targets. */

import { createRandom } from '../../data/rng.js';
import { sample } from '../../finite/sample.js';
import type { FiniteNetwork } from '../../finite/types.js';
import type { JobOptions } from '../../jobs.js';
import type { PresetSpec } from '../../presets.js';
import type { StudyContext } from '../definition.js';
import { normal, normalPoints } from '../points.js';
import type { ChartSeries } from '../schema.js';
import type { LiSettings } from './parameters.js';

export interface Architecture {
  readonly id: string;
  readonly label: string;
  readonly family: ChartSeries['family'];
  readonly spec: PresetSpec;
}

export function architectures({
  depth,
  residualScale,
}: Pick<LiSettings, 'depth' | 'residualScale'>): readonly Architecture[] {
  return [
    { id: 'mlp', label: 'MLP', family: 'mlp', spec: { preset: 'mlp', convention: 'li', depth, activation: 'tanh' } },
    { id: 'li', label: 'ResNet', family: 'resnet', spec: { preset: 'li', depth, residualScale, activation: 'tanh' } },
  ];
}

export interface Problem {
  readonly x: readonly Float64Array[];
  readonly y: Float64Array;
}

export function problemOf({ inputs, dimension }: Pick<LiSettings, 'inputs' | 'dimension'>, seed: number): Problem {
  const random = createRandom(seed, 9);
  return { x: normalPoints(random, inputs, dimension), y: Float64Array.from({ length: inputs }, () => normal(random)) };
}

/** Draws a network, uses it, and frees it. */
export async function withNetwork<R>(
  { spec }: Architecture,
  width: number,
  dimension: number,
  seed: number,
  use: (network: FiniteNetwork) => Promise<R>,
): Promise<R> {
  const network = await sample(spec, { width, shape: dimension, seed });
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

/** Options of a verb, without progress: hundreds of short calls. */
export function quiet(context: StudyContext): JobOptions {
  const { onProgress: _, ...job } = context.job('');
  return job;
}

export function meanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return sum / values.length;
}

/** The theory scales all branches together by less than 1. */
export function outsideScale({ residualScale }: Pick<LiSettings, 'residualScale'>): readonly string[] {
  return residualScale >= 1 ? [`c_res = ${residualScale}, where the claim is about 0 < c_res < 1`] : [];
}
