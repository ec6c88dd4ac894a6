/** What every model does with the fit that it holds, whatever it makes of the numbers. */

import { KernelError } from '../errors.js';
import { gramConstraints } from '../evaluate.js';
import { background, jobConstraints, type Settings, type Steps, type Task, threadsOf } from '../jobs.js';
import { type ModelRecord, writeModel } from '../model-file/write.js';
import { type Constraint, readOptions, unexpected } from '../options.js';
import { planCrossTime } from '../plan.js';
import { type Points, readLike } from '../points.js';
import type { Rows } from '../samples.js';
import type { Samples } from '../tensor.js';
import { appended } from './append.js';
import { type Fitted, fitted, planFit } from './fit.js';
import { owned, ownedCall } from './owner.js';
import { leftOut } from './predict.js';
import { loadOf, release } from './problem.js';
import type { LeaveOneOut, ModelJobOptions, SaveOptions } from './types.js';

export const ridgeOption: Constraint<number | 'auto'> = {
  expected: "a finite number of at least 0, or 'auto'",
  accepts: (value): value is number | 'auto' =>
    value === 'auto' || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
};

export const modelConstraints = { ...jobConstraints, maxHours: gramConstraints.maxHours };

type Verb = Parameters<typeof background>[0];
type ModelSettings = Settings & Pick<ModelJobOptions, 'maxHours'>;

/** Makes the model of another fit to the same problem. */
type Remake<Model> = (fit: Fitted, threads: number) => Steps<Model>;

export interface Held {
  /** Runs a call on the model; the first thing that is checked is that it was not disposed of. */
  call<R>(verb: Verb, prepare: () => Task<R>): Promise<R>;
  /** New samples, and what predictions at them may use. */
  queries(z: Samples, settings: ModelSettings): { samples: Points; threads: number; hours: number };
  /** The steps that predict each sample from the others. */
  leftOut(settings: ModelSettings): Steps<LeaveOneOut>;
  withRidge<M>(verb: Verb, ridge: number | 'auto', options: ModelJobOptions | undefined, remake: Remake<M>): Promise<M>;
  /** `targets` reads what belongs to a number of further samples. */
  append<M>(
    verb: Verb,
    x: Samples,
    options: ModelJobOptions | undefined,
    targets: (rows: number) => Rows,
    remake: Remake<M>,
  ): Promise<M>;
  save(path: string, options: SaveOptions | undefined, record: ModelRecord, notes: unknown): Promise<void>;
  dispose(): void;
}

/** Holds a fit for a model that errors call `what`. */
export function held(what: string, fit: Fitted): Held {
  const { problem } = fit;
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new KernelError('ERR_DISPOSED', `this ${what} was disposed of`);
  };
  const like = (name: string, value: unknown): Points =>
    readLike(name, value, { columns: problem.points.columns, grid: problem.grid }, problem.network);
  const call: Held['call'] = (verb, prepare) =>
    background(verb, () => {
      alive();
      const { settings, steps } = prepare();
      return { settings, steps: owned(alive, steps) };
    });

  return {
    call,
    queries(z, settings) {
      const samples = like('z', z);
      const threads = threadsOf(settings);
      const hours = planCrossTime(loadOf(problem, threads, settings.maxHours), samples, problem.points.rows);
      return { samples, threads, hours };
    },
    leftOut: (settings) => leftOut(fit, threadsOf(settings), settings.maxHours),
    withRidge: (verb, ridge, options, remake) =>
      call(verb, () => {
        const settings = readOptions('options', options, modelConstraints);
        if (!ridgeOption.accepts(ridge)) throw unexpected('ridge', ridgeOption.expected, ridge);
        planFit(problem.targets.rows, ridge, true);
        const threads = threadsOf(settings);
        const steps = fitted(problem, fit.reading, ridge, threads, settings.maxHours);
        return { settings, steps: remade(steps, threads, remake) };
      }),
    append: (verb, x, options, targets, remake) =>
      call(verb, () => {
        const settings = readOptions('options', options, modelConstraints);
        const samples = like('x', x);
        const right = targets(samples.rows);
        const threads = threadsOf(settings);
        const steps = appended(fit, samples, right, threads, settings.maxHours);
        return { settings, steps: remade(steps, threads, remake) };
      }),
    async save(path, options, record, notes) {
      alive();
      await ownedCall(alive, () => writeModel(path, fit, record, options, notes));
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      disposeOf(fit);
    },
  };
}

/** Frees what a fit holds, and its problem with the last fit that uses it. */
export function disposeOf(fit: Fitted): void {
  fit.factor?.dispose();
  fit.weights.dispose();
  release(fit.problem);
}

function* remade<M>(steps: Steps<Fitted>, threads: number, remake: Remake<M>): Steps<M> {
  return yield* remake(yield* steps, threads);
}
