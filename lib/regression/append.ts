/** Further samples for a fit, at O(n²) each: the Gram matrix and its factor grow by rows. [bordered] */

import { nameMatrix } from '../definite.js';
import { job, type Steps } from '../jobs.js';
import { requireMemory } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { numbersOf } from '../native-numbers.js';
import { planCrossTime, planGrams } from '../plan.js';
import type { Points } from '../points.js';
import type { Rows } from '../samples.js';
import { requireSquares } from '../squares.js';
import { type Fitted, factorOf, withFactor } from './fit.js';
import { gramOf, loadOf, only, type Problem, release, scaleOf, unitOf } from './problem.js';

/** The fit with more samples, over a problem of its own. */
export function* appended(
  fit: Fitted,
  samples: Points,
  right: Rows,
  threads: number,
  maxHours?: number,
): Steps<Fitted> {
  const { problem, ridge, reading } = fit;
  const { program, which, grid } = problem;
  const { rows: m } = samples;
  const { rows: n } = problem.points;
  const load = loadOf(problem, threads, maxHours);
  const factor = yield* factorOf(fit, threads, maxHours);
  const gram = yield* gramOf(problem, threads, maxHours);
  requireMemory(`a model of ${n} + ${m} samples`, 16 * (n + m) ** 2, 'use fewer rows');
  const spare: NativeMatrix[] = [];
  const kept: NativeMatrix[] = [];
  let larger: Problem | undefined;
  const room = (where: NativeMatrix[], rows: number, columns: number): NativeMatrix => {
    const { Matrix } = native();
    const matrix = called(() => new Matrix(rows, columns));
    where.push(matrix);
    return matrix;
  };
  try {
    const fresh = yield* samples.copy();
    spare.push(fresh);
    const targets = yield* right.copy();
    spare.push(targets);
    requireSquares('y', targets.columns, numbersOf(problem.targets), numbersOf(targets));
    const rows = room(spare, m, n);
    const corner = room(spare, m, m);
    const crossScales = yield* job('cross', () => {
      const hours = planCrossTime(load, samples, n);
      return native().cross(program, fresh, problem.points, only(which, rows), 'float64', threads, 0, m, grid, hours);
    });
    const cornerScales = yield* job('gram', () => {
      const hours = planGrams(load, samples);
      return native().gram(program, fresh, only(which, corner), 'float64', threads, grid, hours);
    });
    inUnit(rows, unitOf('x', scaleOf(crossScales, which) - problem.logScale));
    inUnit(corner, unitOf('x', scaleOf(cornerScales, which) - problem.logScale));
    const points = stacked(problem.points, fresh, kept);
    const allTargets = stacked(problem.targets, targets, kept);
    const bordered = room(kept, n + m, n + m);
    const extended = room(spare, n + m, n + m);
    try {
      yield* job('border', () => native().border(gram, factor, rows, corner, ridge, bordered, extended, threads));
    } catch (error) {
      throw nameMatrix(error, which, ridge);
    }
    spare.splice(spare.indexOf(extended), 1);
    larger = {
      ...problem,
      points,
      targets: allTargets,
      gram: bordered,
      prepared: undefined,
      maxHours: load.maxHours,
      users: 1,
    };
    return yield* withFactor(larger, reading, ridge, extended, threads);
  } finally {
    for (const matrix of spare) matrix.dispose();
    if (larger === undefined) for (const matrix of kept) matrix.dispose();
    else release(larger);
  }
}

/** Brings kernel values of another logarithmic scale to the unit of the Gram matrix. */
function inUnit(matrix: NativeMatrix, unit: number): void {
  if (unit === 1) return;
  const values = numbersOf(matrix);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * unit;
  called(() => matrix.write(values, 0, 0, values.length));
}

function stacked(top: NativeMatrix, bottom: NativeMatrix, kept: NativeMatrix[]): NativeMatrix {
  const { Matrix } = native();
  return called(() => {
    const all = new Matrix(top.rows + bottom.rows, top.columns);
    kept.push(all);
    const above = numbersOf(top);
    all.write(above, 0, 0, above.length);
    const below = numbersOf(bottom);
    all.write(below, 0, above.length, below.length);
    return all;
  });
}
