/** Eigendirections of a training matrix: which of them train, how fast, and whether the step size lets them converge. */

import { KernelError } from '../errors.js';
import { averagedOver, type Plan } from './options.js';
import { type Schedule, scheduleOf } from './schedule.js';

/**
 * Entries of a Gram matrix are off by no more than this share of √(k_ii k_jj), so that no eigenvalue is off by more than
 * this share of the trace. [mode-floor]
 */
const entryError = { float64: 1e-11, float32: 1e-5 } as const;

export interface Modes {
  /** λ_k, descending, as computed. */
  readonly eigenvalues: Float64Array;
  /** λ_k, with 0 where it cannot be told from 0. */
  readonly trained: Float64Array;
  /** λ_k + ρ; 0 for directions that do not train. */
  readonly stiffness: Float64Array;
  /** ρ in the unit of the matrix. */
  readonly ridge: number;
  /** Directions that train. */
  readonly rank: number;
  /** 2N/(λ_max + ρ): steps of descent converge below it. Infinity where nothing trains. */
  readonly stabilityLimit: number;
  readonly schedule: Schedule;
}

/** What the eigenvalues of a matrix of `name` mean for training. Refuses matrices and steps that would diverge. */
export function modesOf(
  name: string,
  eigenvalues: Float64Array,
  precision: 'float64' | 'float32',
  columns: number,
  plan: Plan,
): Modes {
  const n = eigenvalues.length;
  const trace = eigenvalues.reduce((sum, value) => sum + value, 0);
  const ridge = plan.relativeRidge > 0 ? (plan.relativeRidge * trace) / n : plan.ridge;
  const [largest, smallest] = [eigenvalues[0] as number, eigenvalues[n - 1] as number];
  const allowed = entryError[precision] * Math.max(trace, 0);
  if (smallest < -allowed && smallest + ridge <= 0) {
    const suggestedRidge = roundedUp(-2 * smallest);
    throw new KernelError(
      'ERR_NOT_POSITIVE_DEFINITE',
      `${name}: its smallest eigenvalue is ${short(smallest)}, its largest ${short(largest)}; along the former training would ` +
        `grow without bound. Is it a kernel matrix? A ridge of ${suggestedRidge} would do`,
      { smallest, largest, size: n, suggestedRidge },
    );
  }
  // A negative eigenvalue that is allowed shows how large the errors of all of them are.
  const witness = smallest < -allowed ? 0 : Math.max(0, -smallest);
  const floor = Math.max(n * Number.EPSILON * Math.max(largest, 0), witness);
  const trained = eigenvalues.map((value) => (Math.abs(value) > floor ? value : 0));
  const stiffness = trained.map((value) => (value + ridge > floor ? value + ridge : 0));
  const rank = stiffness.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const over = averagedOver(plan.average, n, columns);
  const stabilityLimit = rank === 0 ? Number.POSITIVE_INFINITY : (2 * over) / (stiffness[0] as number);
  if (!Number.isFinite(trace + ridge) || !Number.isFinite(plan.learningRate / over)) {
    throw new KernelError('ERR_RANGE', `${name}: its trace leaves the range of doubles; rescale the data`);
  }
  // Below the normal numbers digits are missing, and at 0 all of them.
  if (plan.learningRate / over < 2 ** -1022) {
    throw new KernelError(
      'ERR_RANGE',
      `learningRate: ${plan.learningRate} over the ${over} terms of the loss is below the range of doubles; take a larger one ` +
        'and smaller times',
      { learningRate: plan.learningRate },
    );
  }
  const schedule = scheduleOf(plan.method, plan.learningRate / over);
  const modes = { eigenvalues, trained, stiffness, ridge, rank, stabilityLimit, schedule };
  if (isUnstable(modes)) requireWanted(plan, stabilityLimit);
  return modes;
}

function requireWanted({ learningRate, allowUnstable, times }: Plan, stabilityLimit: number): void {
  const details = { learningRate, stabilityLimit };
  if (!allowUnstable) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `learningRate: expected less than ${short(stabilityLimit)} = 2·n/λ_max, got ${learningRate}; gradient descent ` +
        'diverges with such steps (allowUnstable: true shows how)',
      details,
    );
  }
  if (times.includes(Number.POSITIVE_INFINITY)) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `times: gradient descent with a learningRate of ${learningRate} has no limit, that of ${short(stabilityLimit)} = ` +
        '2·n/λ_max and more diverges; leave Infinity out, or take smaller steps',
      details,
    );
  }
}

/** Do the steps overshoot so far that a direction does not shrink? */
export function isUnstable({ stiffness, schedule }: Modes): boolean {
  return schedule.method === 'descent' && (stiffness[0] as number) * schedule.step >= 2;
}

/** Rates per unit of time or per step; 0 for directions that do not train. */
export function ratesOf({ stiffness, schedule }: Modes): Float64Array {
  return stiffness.map((value) => (value > 0 ? schedule.rate(value) : 0));
}

/** Shares of one direction after some time, as weights of its residual. */
export interface Weights {
  /** Of the residual, what is left in the function itself: (ρ + λ·left)/(λ + ρ). */
  left(k: number, time: number): number;
  /** 1 minus that: λ·gone/(λ + ρ). */
  moved(k: number, time: number): number;
  /** Of the coefficients: gone/(λ + ρ). */
  gain(k: number, time: number): number;
  /** Of the variance, if what trains also varies at the start: (1 − left²)/(λ + ρ), the gain after twice the time. [nngp-training] */
  reduction(k: number, time: number): number;
}

/**
 * Weights under a ridge that is a penalty, or one that stands for a feature of its own for each training point, to which
 * training points owe their part of the fit and other points nothing. [ridge-reading]
 */
export function weightsOf({ trained, stiffness, ridge, schedule }: Modes, reading: 'penalty' | 'features'): Weights {
  const features = reading === 'features';
  const guarded = (weight: (stiffness: number, k: number, time: number) => number, idle: number) => {
    return (k: number, time: number): number => {
      const s = stiffness[k] as number;
      return s > 0 ? inRange(weight(s, k, time), time) : idle;
    };
  };
  const share = (s: number, k: number) => (features ? 1 : (trained[k] as number) / s);
  return {
    left: guarded((s, k, time) => {
      const left = schedule.left(s, time);
      return features ? left : (ridge + (trained[k] as number) * left) / s;
    }, 1),
    moved: guarded((s, k, time) => share(s, k) * schedule.gone(s, time), 0),
    gain: guarded((s, _, time) => schedule.gone(s, time) / s, 0),
    reduction: guarded((s, _, time) => schedule.gone(s, 2 * time) / s, 0),
  };
}

function inRange(weight: number, time: number): number {
  if (Number.isFinite(weight)) return weight;
  throw new KernelError(
    'ERR_RANGE',
    `times: after ${time} steps the residual leaves the range of doubles; take fewer`,
    {
      time,
    },
  );
}

function roundedUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return Number((Math.ceil(value / unit) * unit).toPrecision(1));
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
