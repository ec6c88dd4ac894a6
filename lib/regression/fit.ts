/** A fit: targets, a ridge, the factor of K + λI and what follows from it. */

import { nameMatrix } from '../definite.js';
import { KernelError } from '../errors.js';
import { job, type Steps } from '../jobs.js';
import { path } from '../loo.js';
import { allocate, requireMemory } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { nativeCopy, numbersOf } from '../native-numbers.js';
import { chooseRidge, ridgeGrid } from '../ridge-choice.js';
import { planDecomposition } from '../spectrum.js';
import { requireFinite } from '../squares.js';
import type { Tensor } from '../tensor.js';
import { logLikelihood, quadraticForms } from './likelihood.js';
import { gramOf, only, type Problem } from './problem.js';
import type { Regressor } from './types.js';

/** How the targets are to be read; kept for what is fitted again later. */
export interface Reading {
  readonly centre: boolean;
  readonly amplitude: number | 'auto';
}

/** One fit. Owns `factor` and `weights`, and is one of the users of its problem. */
export interface Fitted {
  readonly problem: Problem;
  readonly reading: Reading;
  readonly ridge: number;
  readonly centre: Float64Array;
  readonly amplitude: Float64Array;
  readonly coefficients: Tensor;
  /** The coefficients once more, where products are made. */
  readonly weights: NativeMatrix;
  /** Absent in a model that was saved without it, until something needs it. */
  factor: NativeMatrix | undefined;
  readonly rkhsNorm: Float64Array;
  readonly backwardError: number;
  readonly logLikelihood: number;
  readonly candidates?: NonNullable<Regressor['candidates']>;
}

/** The fit with a ridge, given or to be chosen. */
export function* fitted(
  problem: Problem,
  reading: Reading,
  wanted: number | 'auto',
  threads: number,
  maxHours?: number,
): Steps<Fitted> {
  const gram = yield* gramOf(problem, threads, maxHours);
  if (wanted !== 'auto') {
    const factor = yield* factorise(problem, gram, wanted, threads);
    return yield* withFactor(problem, reading, wanted, factor, threads);
  }
  const targets = centredTargets(problem, reading.centre);
  const { ridge, candidates } = yield* leaveOneOutRidge(problem, gram, targets.y, threads);
  const factor = yield* factorise(problem, gram, ridge, threads);
  return { ...(yield* withFactor(problem, reading, ridge, factor, threads)), candidates };
}

/** What follows once the factor of K + λI is there; disposes of it if that fails. */
export function* withFactor(
  problem: Problem,
  reading: Reading,
  ridge: number,
  factor: NativeMatrix,
  threads: number,
): Steps<Fitted> {
  const { rows: n, columns } = problem.targets;
  let right: NativeMatrix | undefined;
  try {
    const { y, centre } = centredTargets(problem, reading.centre);
    right = nativeCopy(y, n, columns);
    const gram = problem.gram as NativeMatrix;
    const data = allocate(n * columns, 'float64');
    const backwardError = yield* job('solve', () =>
      native().solve(factor, gram, ridge, right as NativeMatrix, data, threads),
    );
    const forms = quadraticForms(data, y, columns);
    requireFinite('yᵀ(K + λI)⁻¹y', forms);
    const amplitude = amplitudes(reading.amplitude, forms, y, n);
    const determinant = called(() => native().logDeterminant(factor));
    const likelihood = logLikelihood(forms, determinant, amplitude, n);
    requireFinite('logLikelihood', [likelihood]);
    const rkhsNorm = norms(data, y, ridge, columns);
    requireFinite('rkhsNorm', rkhsNorm);
    requireFinite('backwardError', [backwardError]);
    const weights = nativeCopy(data, n, columns);
    for (const matrix of [problem.points, gram, factor, weights]) called(() => matrix.keep());
    problem.users += 1;
    return {
      problem,
      reading,
      ridge,
      centre,
      amplitude,
      coefficients: Object.freeze({ data, shape: Object.freeze([n, columns]) }),
      weights,
      factor,
      rkhsNorm,
      backwardError,
      logLikelihood: likelihood,
    };
  } catch (error) {
    factor.dispose();
    throw error;
  } finally {
    right?.dispose();
  }
}

/** The factor of a fit, made again where the model was saved without it. */
export function* factorOf(fit: Fitted, threads: number, maxHours?: number): Steps<NativeMatrix> {
  if (fit.factor !== undefined) return fit.factor;
  const gram = yield* gramOf(fit.problem, threads, maxHours);
  const factor = yield* factorise(fit.problem, gram, fit.ridge, threads);
  if (fit.factor === undefined) fit.factor = called(() => factor.keep());
  else factor.dispose();
  return fit.factor;
}

/** The targets less the mean of each column, if that is wanted. */
function centredTargets(
  { targets }: Problem,
  wanted: boolean,
): { readonly y: Float64Array; readonly centre: Float64Array } {
  const { rows, columns } = targets;
  const y = numbersOf(targets);
  const centre = new Float64Array(columns);
  if (!wanted) return { y, centre };
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let i = c; i < y.length; i += columns) sum += y[i] as number;
    centre[c] = sum / rows;
  }
  return { y: y.map((value, i) => value - (centre[i % columns] as number)), centre };
}

/** Maximum likelihood of σ² in N(0, σ²(K + λI)): yᵀ(K+λI)⁻¹y / n. [gp-amplitude] */
function amplitudes(wanted: number | 'auto', forms: Float64Array, y: Float64Array, n: number): Float64Array {
  if (wanted !== 'auto') return forms.map(() => wanted);
  return forms.map((form, column) => {
    if (form / n > 0) return form / n;
    if (y.some((value, i) => i % forms.length === column && value !== 0)) {
      throw new KernelError(
        'ERR_RANGE',
        `y: the amplitude of column ${column} is below the range of doubles; use other units for x or y, or give an amplitude`,
        { column },
      );
    }
    throw new KernelError(
      'ERR_DATA',
      `y: column ${column} is constant, so that no amplitude can be estimated from it; give one, or leave the column out`,
      { column },
    );
  });
}

function* factorise({ which }: Problem, gram: NativeMatrix, ridge: number, threads: number): Steps<NativeMatrix> {
  try {
    return yield* job('factor', () => {
      planFit(gram.rows, ridge, true);
      return native().factor(gram, ridge, threads);
    });
  } catch (error) {
    throw nameMatrix(error, which, ridge);
  }
}

/** The ridge of the grid with the least squared leave-one-out error. */
function* leaveOneOutRidge(
  { targets, program, points, which, grid }: Problem,
  gram: NativeMatrix,
  y: Float64Array,
  threads: number,
): Steps<{ readonly ridge: number; readonly candidates: NonNullable<Regressor['candidates']> }> {
  const { rows: n, columns } = targets;
  const diagonal = allocate(n, 'float64');
  yield* job('diagonal', () => native().diagonal(program, points, only(which, diagonal), 0, n, grid));
  const mean = diagonal.reduce((sum, value) => sum + value, 0) / n;
  const ridges = Float64Array.from(ridgeGrid, (relative) => relative * mean);
  const right = nativeCopy(y, n, columns);
  try {
    const { predictions, dropped } = yield* path(gram, right, ridges, false, threads);
    const { index, squaredErrors } = chooseRidge(predictions.data as Float64Array, y, ridges.length, dropped);
    const candidates = Object.freeze({ ridges, squaredErrors: Float64Array.from(squaredErrors) });
    return { ridge: ridges[index] as number, candidates };
  } finally {
    right.dispose();
  }
}

/** √(aᵀKa) = √(aᵀy − λ aᵀa) per column, because Ka = y − λa. */
function norms(a: Float64Array, y: Float64Array, ridge: number, columns: number): Float64Array {
  const squares = new Float64Array(columns);
  for (let i = 0; i < a.length; i++) {
    const weight = a[i] as number;
    const column = i % columns;
    squares[column] = (squares[column] as number) + weight * ((y[i] as number) - ridge * weight);
  }
  return squares.map((square) => Math.sqrt(Math.max(0, square)));
}

/**
 * Refuses a fit that will not fit: the Gram matrix, perhaps there already (`held`), and beside it a factor, or before
 * that with 'auto' a full decomposition, of which the Gram is the matrix that stays intact.
 */
export function planFit(n: number, ridge: number | 'auto', held: boolean): void {
  if (ridge === 'auto') planDecomposition(n, n, true, held);
  else requireMemory(`the factorisation for ${n} samples`, (held ? 1 : 2) * n * n * 8, 'use fewer rows');
}
