/** Samples, targets and their Gram matrix: what the fits of one problem share. */

import { KernelError } from '../errors.js';
import type { KernelName } from '../evaluate.js';
import type { Axes } from '../fit-grid.js';
import { job, type Steps } from '../jobs.js';
import type { Layer } from '../layers.js';
import { requireMemory } from '../memory.js';
import {
  called,
  type Grid,
  type NativeMatrix,
  type NativeProgram,
  native,
  type Output,
  type Outputs,
  type Scales,
} from '../native.js';
import type { NativePrepared } from '../native-predict.js';
import { type Load, planGrams } from '../plan.js';
import type { Points } from '../points.js';

/** What all fits to the same samples share; freed with the last of them. */
export interface Problem {
  readonly program: NativeProgram;
  readonly network: Layer;
  readonly which: KernelName;
  readonly points: NativeMatrix;
  readonly grid: Grid | undefined;
  readonly axes: Axes;
  readonly targets: NativeMatrix;
  /** Absent in a model that was loaded, until something needs it. */
  gram: NativeMatrix | undefined;
  /** The samples as predictions want them; made by the first one. */
  prepared: NativePrepared | undefined;
  /** Of the Gram: its unit is that of ridges and coefficients. */
  readonly logScale: number;
  /** What the fit was allowed, for the calls that follow and say nothing. */
  readonly maxHours: number | undefined;
  users: number;
}

export function release(problem: Problem): void {
  problem.users -= 1;
  if (problem.users > 0) return;
  for (const held of [problem.points, problem.targets, problem.gram, problem.prepared]) held?.dispose();
}

/** Of one sample: [d], [length, channels] or [height, width, channels]. */
export function inputShapeOf({ points, grid, axes }: Problem): readonly number[] {
  return Object.freeze(grid === undefined ? [points.columns] : [...axes, grid[2]]);
}

/** The Gram matrix of points that are native already, with its logarithmic scale. */
export function* gramMatrix(
  load: Load,
  points: NativeMatrix,
  shape: Pick<Points, 'grid' | 'axes'>,
): Steps<{ readonly gram: NativeMatrix; readonly logScale: number }> {
  const which = load.names[0] as KernelName;
  let made: NativeMatrix | undefined;
  try {
    const scales = yield* job('gram', () => {
      const hours = planGrams(load, { ...shape, rows: points.rows, columns: points.columns });
      const { gram, Matrix } = native();
      made = new Matrix(points.rows, points.rows);
      const program = load.programs[0] as NativeProgram;
      return gram(program, points, only(which, made), load.precision, load.threads, shape.grid, hours);
    });
    return { gram: made as unknown as NativeMatrix, logScale: scaleOf(scales, which) };
  } catch (error) {
    (made as NativeMatrix | undefined)?.dispose();
    throw error;
  }
}

/** The Gram matrix of a problem, computed again where the model came from a file. */
export function* gramOf(problem: Problem, threads: number, maxHours?: number): Steps<NativeMatrix> {
  if (problem.gram !== undefined) return problem.gram;
  const { gram } = yield* gramMatrix(loadOf(problem, threads, maxHours), problem.points, problem);
  // Another call may have come first, or the last fit may have gone meanwhile.
  if (problem.gram === undefined && problem.users > 0) problem.gram = called(() => gram.keep());
  else gram.dispose();
  if (problem.gram === undefined)
    throw new KernelError('ERR_DISPOSED', 'this model was disposed of while it predicted');
  return problem.gram;
}

/** The samples prepared for predictions, by the first that needs them. */
export function* preparedOf(problem: Problem, threads: number): Steps<NativePrepared> {
  if (problem.prepared !== undefined) return problem.prepared;
  const { program, points, grid } = problem;
  const prepared = yield* job('prepare', () => {
    const { prepare, preparedBytes } = native();
    const bytes = called(() => preparedBytes(program, points.rows, points.columns, grid));
    requireMemory(`the ${points.rows} samples of a model, prepared for predictions`, bytes, 'use fewer rows');
    return prepare(program, points, threads, grid);
  });
  // Another call may have come first, or the last fit may have gone meanwhile.
  if (problem.prepared === undefined && problem.users > 0) problem.prepared = called(() => prepared.keep());
  else prepared.dispose();
  if (problem.prepared === undefined)
    throw new KernelError('ERR_DISPOSED', 'this model was disposed of while it predicted');
  return problem.prepared;
}

export function loadOf(problem: Problem, threads: number, maxHours = problem.maxHours): Load {
  const { program, network, which } = problem;
  return { programs: [program], networks: [network], names: [which], precision: 'float64', threads, maxHours };
}

export function only(which: KernelName, output: Output): Outputs {
  return [which === 'nngp' ? [output, null] : [null, output]];
}

export function scaleOf(scales: Scales, which: KernelName): number {
  const [nngp, ntk] = scales[0] as Scales[number];
  return which === 'nngp' ? nngp : ntk;
}

/**
 * The unit of new kernel values in that of K, from its logarithm. Where rows of very different lengths come together, one unit
 * for all of them may leave the range of doubles; the short rows' variances would be 0 · ∞.
 */
export function unitOf(what: string, logRatio: number): number {
  const unit = Math.exp(logRatio);
  if (Number.isFinite(unit)) return unit;
  throw new KernelError(
    'ERR_RANGE',
    `${what}: kernel values of the new rows are exp(${Math.round(logRatio)}) times those of the ` +
      'training rows, beyond the range of doubles; bring the rows to comparable lengths',
  );
}
