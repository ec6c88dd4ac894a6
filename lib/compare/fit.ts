import type { JobOptions } from '../jobs.js';
import type { Gram } from '../kernel.js';
import { ridgePath } from '../loo.js';
import { multiply } from '../multiply.js';
import { bytesOfRidgePaths, ridgePaths } from '../ridge-batch.js';
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
  /** NaN where it was not asked for. */
  readonly residual: number;
}

export interface FitRequest {
  readonly gram: Gram;
  /** Positions in the Gram matrix; all of them if absent. */
  readonly rows?: readonly number[];
  readonly targets: CentredTargets;
  /** Check the eigenpairs? */
  readonly check?: boolean;
}

/**
 * Up to this many rows, fits run side by side on one thread each. Beyond, one after the other on all threads: their
 * matrices are large enough for that to pay, and too large to have several of them.
 */
const sideBySideRows = 2000;

/** What fitting `count` problems of `rows` rows takes at most beside Gram matrices and results. */
export function bytesOfFits(count: number, rows: number): number {
  // One after the other: a copy of the matrix, its vectors, and LAPACK's workspace of two more.
  if (rows > sideBySideRows) return 4 * rows ** 2 * 8;
  return bytesOfRidgePaths(new Array<number>(count).fill(rows), Number.POSITIVE_INFINITY);
}

/** Fits every request. `ridges` are relative to the mean diagonal. */
export async function fitRows(
  requests: readonly FitRequest[],
  ridges: readonly number[],
  job: JobOptions,
): Promise<RowsFit[]> {
  const problems = requests.map(({ gram, rows, targets, check }) => {
    const scale = meanDiagonal(gram, rows);
    return {
      gram,
      y: { data: targets.values, shape: [targets.rows, targets.columns] },
      ridges: ridges.map((ridge) => ridge * scale),
      ...(rows === undefined ? {} : { rows }),
      ...(check === undefined ? {} : { check }),
    };
  });
  const sizes = requests.map(({ gram, rows }) => rows?.length ?? gram.size);
  if (Math.max(...sizes) <= sideBySideRows) {
    const paths = await ridgePaths(problems, job);
    return paths.map((path, i) => chosen(path, requests[i] as FitRequest, ridges));
  }
  const fits: RowsFit[] = [];
  for (const [i, { gram, y, ridges: absolute, rows }] of problems.entries()) {
    const options = { ...job, ...(rows === undefined ? {} : { rows }), coefficients: true } as const;
    fits.push(chosen(await ridgePath(gram, y, absolute, options), requests[i] as FitRequest, ridges));
  }
  return fits;
}

type Path = Awaited<ReturnType<typeof ridgePaths>>[number];

function chosen(path: Path, { targets }: FitRequest, ridges: readonly number[]): RowsFit {
  const cells = targets.values.length;
  const predictions = path.predictions.data as Float64Array;
  const { index, squaredError } = chooseRidge(predictions, targets.values, ridges.length, path.dropped);
  const part = (all: Tensor['data']) => Float64Array.from(all.subarray(index * cells, (index + 1) * cells));
  return {
    relativeRidge: ridges[index] as number,
    ridge: path.ridges[index] as number,
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
