/** What `dynamics` and `ensemble` ask alike: when, by which rule, under which loss and ridge. */

import { KernelError } from '../errors.js';
import { type JobOptions, jobConstraints } from '../jobs.js';
import { type Constraint, flag, nonNegative, oneOf, reading, unexpected } from '../options.js';
import type { Method } from './schedule.js';

export interface TrainingOptions extends JobOptions {
  /**
   * When to look: times of gradient flow, or numbers of steps of gradient descent; from 0 to Infinity, in any order. In the
   * unit of gram.values: where a Gram has a logScale, a time t here is t·exp(−logScale) of the kernel's own.
   */
  readonly times: readonly number[] | Float64Array;
  /** 'flow': df/dt = −learningRate·K·∂loss/∂f (default). 'descent': steps of that with size learningRate. */
  readonly method?: Method;
  /** Of flow a factor of time, default 1; of descent the step size, which has no default. */
  readonly learningRate?: number;
  /**
   * The loss is half of the squared residuals summed and divided by the number of 'samples' (default) or of 'entries' of y,
   * samples times columns. With one column the two are the same.
   */
  readonly average?: 'samples' | 'entries';
  /** ρ: what is added to K's diagonal among the training points, in the unit of gram.values. Default 0. */
  readonly ridge?: number;
  /** The same as a multiple of the mean of K's diagonal; in place of `ridge`. */
  readonly relativeRidge?: number;
  /** Steps of descent that do not converge are refused unless this is true, and then not beyond the range of doubles. */
  readonly allowUnstable?: boolean;
}

const positive: Constraint<number> = {
  expected: 'a finite number above 0',
  accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0,
};

const list: Constraint<readonly number[] | Float64Array> = {
  expected: 'a list of numbers',
  accepts: (value): value is readonly number[] | Float64Array => Array.isArray(value) || value instanceof Float64Array,
};

export const trainingConstraints = {
  ...jobConstraints,
  times: list,
  method: oneOf('flow', 'descent'),
  learningRate: positive,
  average: oneOf('samples', 'entries'),
  ridge: nonNegative,
  relativeRidge: nonNegative,
  allowUnstable: flag,
};

/** Training, as asked for; whether it converges is known with the eigenvalues. */
export interface Plan {
  readonly times: Float64Array;
  readonly method: Method;
  readonly learningRate: number;
  readonly average: 'samples' | 'entries';
  readonly ridge: number;
  readonly relativeRidge: number;
  readonly allowUnstable: boolean;
}

type Given = Omit<TrainingOptions, keyof JobOptions | 'times'> & { readonly times?: unknown };

const maxTimes = 10_000;

export function planTraining(given: Given): Plan {
  const { method = 'flow', learningRate, average = 'samples', ridge = 0, relativeRidge = 0 } = given;
  if (given.ridge !== undefined && given.relativeRidge !== undefined) {
    throw new KernelError('ERR_ARGUMENT', 'options: expected ridge or relativeRidge, got both', { option: 'ridge' });
  }
  if (method === 'descent' && learningRate === undefined) {
    throw new KernelError(
      'ERR_ARGUMENT',
      "learningRate: method 'descent' needs one, below 2·n/λ_max (stabilityLimit of a run with method 'flow' tells it)",
      { option: 'learningRate' },
    );
  }
  return {
    times: readTimes(given.times, method),
    method,
    learningRate: learningRate ?? 1,
    average,
    ridge,
    relativeRidge,
    allowUnstable: given.allowUnstable ?? false,
  };
}

/** A checked copy. */
function readTimes(times: unknown, method: Method): Float64Array {
  return reading('times', () => {
    const whole = method === 'descent';
    const what = whole ? 'numbers of steps' : 'times';
    if (!list.accepts(times)) throw unexpected('times', `a list of ${what}`, times);
    if (times.length < 1 || times.length > maxTimes) {
      throw unexpected('times', `from 1 to ${maxTimes} ${what}`, times);
    }
    const checked = new Float64Array(times.length);
    for (let i = 0; i < checked.length; i++) {
      const time: unknown = times[i];
      const fits =
        typeof time === 'number' &&
        time >= 0 &&
        (!whole || time === Number.POSITIVE_INFINITY || Number.isSafeInteger(time));
      if (!fits) {
        throw unexpected(
          `times[${i}]`,
          whole ? 'a whole number of steps from 0 on, or Infinity' : 'a number from 0 on, or Infinity',
          time,
        );
      }
      checked[i] = time;
    }
    return checked;
  });
}

/** What the sum of squares is divided by. */
export function averagedOver(average: 'samples' | 'entries', samples: number, columns: number): number {
  return average === 'samples' ? samples : samples * columns;
}
