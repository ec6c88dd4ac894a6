/** Condition numbers of normalised Gram matrices, and their bound by the matrix of two constants. */

import type { Gram } from '../../evaluate.js';
import { conditionNumber } from '../../extremes.js';
import type { JobOptions } from '../../jobs.js';

export interface Conditioned {
  readonly actual: number;
  /** Of the matrix with 1 on the diagonal and the mean of the other entries off it.                    [double-constant] */
  readonly bound: number;
}

export async function conditionOf(matrix: Gram, job: JobOptions): Promise<Conditioned> {
  const { size } = matrix;
  const values = Float64Array.from(matrix.values);
  const scales = Float64Array.from({ length: size }, (_, i) => 1 / Math.sqrt(values[i * size + i] as number));
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const value = (values[i * size + j] as number) * ((scales[i] as number) * (scales[j] as number));
      values[i * size + j] = value;
      values[j * size + i] = value;
      sum += 2 * value;
    }
    values[i * size + i] = 1;
  }
  const mean = sum / (size * (size - 1));
  const { value } = await conditionNumber({ ...matrix, values }, job);
  return { actual: value ?? Number.POSITIVE_INFINITY, bound: (1 + (size - 1) * mean) / (1 - mean) };
}

export interface Mean {
  readonly mean: number;
  /** Standard error. */
  readonly error: number;
}

export function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}
