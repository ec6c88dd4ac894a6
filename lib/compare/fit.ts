import type { JobOptions } from '../jobs.js';
import type { Gram } from '../kernel.js';
import { ridgePath } from '../loo.js';
import { multiply } from '../multiply.js';
import { chooseRidge } from '../ridge-choice.js';
import { meanDiagonal } from '../study.js';
import type { CentredTargets } from '../targets.js';
import type { Tensor } from '../tensor.js';

/** A ridge regression on some rows of a Gram matrix, its ridge chosen among several by leave-one-out. */
export interface RowsFit {
  /** Relative to the mean diagonal of these rows. */
  readonly relativeRidge: number;
  /** In the unit of gram.values. */
  readonly ridge: number;
  readonly coefficients: Float64Array;
  /** Leave-one-out predictions at that ridge, centred like the targets, and their mean squared error. */
  readonly predictions: Float64Array;
  readonly squaredError: number;
  /** Directions of the Gram matrix that the chosen ridge could not save from rounding. */
  readonly dropped: number;
  readonly eigenvalues: Float64Array;
  readonly residual: number;
}

/** `rows` are positions in the Gram matrix; all of them if absent. `ridges` are relative to the mean diagonal. */
export async function fitRows(
  gram: Gram,
  rows: readonly number[] | undefined,
  targets: CentredTargets,
  ridges: readonly number[],
  job: JobOptions,
): Promise<RowsFit> {
  const scale = meanDiagonal(gram, rows);
  const absolute = ridges.map((ridge) => ridge * scale);
  const path = await ridgePath(gram, { data: targets.values, shape: [targets.rows, targets.columns] }, absolute, {
    ...job,
    ...(rows === undefined ? {} : { rows }),
    coefficients: true,
  });
  const cells = targets.values.length;
  const predictions = path.predictions.data as Float64Array;
  const { index, squaredError } = chooseRidge(predictions, targets.values, ridges.length, path.dropped);
  const part = (all: Tensor['data']) => Float64Array.from(all.subarray(index * cells, (index + 1) * cells));
  return {
    relativeRidge: ridges[index] as number,
    ridge: absolute[index] as number,
    coefficients: part(path.coefficients.data),
    predictions: part(predictions),
    squaredError,
    dropped: path.dropped[index] as number,
    eigenvalues: path.eigenvalues,
    residual: path.residual,
  };
}

/** Predictions of a fit at other rows of the same Gram matrix, centred like its targets. */
export async function predictRows(
  gram: Gram,
  rows: readonly number[],
  fitted: readonly number[],
  fit: RowsFit,
  columns: number,
  job: JobOptions,
): Promise<Float64Array> {
  const coefficients = { data: fit.coefficients, shape: [fitted.length, columns] };
  const { data } = await multiply(gram, coefficients, { ...job, rows, columns: fitted });
  return data as Float64Array;
}
