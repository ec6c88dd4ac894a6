/** The time at which the loss on other points is least. */

import { breathe, type Steps } from '../jobs.js';
import { type Filtered, filtered, requireLosses, squaredDistances } from './filter.js';
import { type Modes, ratesOf, type Weights } from './modes.js';

export interface EarlyStopping {
  /** Of flow to about 1e-10 of itself, or a number of steps; 0 where training only harms, Infinity where it never does. */
  readonly time: number;
  /** The validation loss then, at the start, and in the limit. */
  readonly loss: number;
  readonly lossAtStart: number;
  readonly lossAtEnd: number;
}

/** Validation points, and their predictions as sums over directions. */
export interface Validation {
  readonly sums: Filtered;
  /** Predictions are of another unit than coordinates times basis by this factor. */
  readonly unit: number;
  readonly targets: Float64Array;
  /** Twice the number of terms that the loss is averaged over. */
  readonly divisor: number;
  readonly threads: number;
}

/** Losses that differ by less, relatively, are the same. */
const tie = 1e-12;
const perDecade = 16;

/**
 * The lowest of a logarithmic grid, from a thousandth of the fastest direction's time to where the slowest has converged, whose
 * lowest valleys are refined: for flow to where the derivative of the loss vanishes, for descent to the best number of steps.
 * [early-stopping]
 */
export function* earlyStopping(modes: Modes, weights: Weights, validation: Validation): Steps<EarlyStopping> {
  const descent = modes.schedule.method === 'descent';
  const losses = (times: Float64Array) => lossesAt(validation, weights, times);
  const grid = gridOf(modes, descent);
  const onGrid = yield* losses(grid);
  const lossAtStart = onGrid[0] as number;
  const lossAtEnd = (yield* losses(Float64Array.of(Number.POSITIVE_INFINITY)))[0] as number;
  const around = descent ? 4 : 1;
  let lowest: Candidate = { time: 0, loss: lossAtStart };
  for (const index of valleys(onGrid, around)) {
    const low = grid[Math.max(0, index - around)] as number;
    const high = grid[Math.min(grid.length - 1, index + around)] as number;
    const start = { time: grid[index] as number, loss: onGrid[index] as number };
    const refined = descent
      ? yield* bestSteps(low, high, start, losses)
      : yield* stationary(modes, validation, weights, low, high, start, losses);
    if (refined.loss < lowest.loss) lowest = refined;
  }
  const found = (time: number, loss: number): EarlyStopping => Object.freeze({ time, loss, lossAtStart, lossAtEnd });
  if (lossAtStart <= Math.min(lowest.loss, lossAtEnd) * (1 + tie)) return found(0, lossAtStart);
  if (lossAtEnd <= lowest.loss * (1 + tie)) return found(Number.POSITIVE_INFINITY, lossAtEnd);
  return found(lowest.time, lowest.loss);
}

/** Of the places whose loss is least among those `around` them, the lowest few, lowest first. */
function valleys(losses: Float64Array, around: number): number[] {
  const most = 8;
  const lowest = (index: number) =>
    losses.subarray(Math.max(0, index - around), index + around + 1).every((loss) => loss >= (losses[index] as number));
  return Array.from(losses.keys())
    .filter(lowest)
    .sort((a, b) => (losses[a] as number) - (losses[b] as number))
    .slice(0, most);
}

interface Candidate {
  readonly time: number;
  readonly loss: number;
}
type Losses = (times: Float64Array) => Steps<Float64Array>;

function* lossesAt(
  { sums, unit, targets, divisor, threads }: Validation,
  weights: Weights,
  times: Float64Array,
): Steps<Float64Array> {
  const losses = new Float64Array(times.length);
  const batch = Math.max(1, Math.floor(2 ** 21 / targets.length));
  for (let first = 0; first < times.length; first += batch) {
    const part = times.subarray(first, first + batch);
    const predictions = new Float64Array(part.length * targets.length);
    yield* filtered(sums, part, (k, time) => -unit * weights.gain(k, time), predictions, threads);
    const squares = yield* squaredDistances(predictions, targets);
    losses.set(
      squares.map((square) => square / divisor),
      first,
    );
  }
  return requireLosses('validation', losses, times);
}

/** 0, and sixteen times per decade from where the fastest direction begins to where the slowest has converged. */
function gridOf(modes: Modes, descent: boolean): Float64Array {
  const fastest = (modes.stiffness[0] as number) * modes.schedule.step;
  if (!(fastest > 0)) return Float64Array.of(0);
  const slowest = ratesOf(modes).reduce((least, rate) => (rate > 0 ? Math.min(least, rate) : least), Infinity);
  const first = descent ? 1 : 1e-3 / fastest;
  // exp(−40) is below half a unit in the last place of 1.
  const last = Math.min(descent ? 2 ** 52 : Number.MAX_VALUE, Math.max(40 / slowest, first));
  const count = Math.ceil(perDecade * Math.log10(last / first)) + 1;
  const times = [0];
  for (let i = 0; i <= count; i++) {
    const time = first * (last / first) ** (i / count);
    // Steps that overshoot make losses of odd and of even numbers of steps two curves.
    for (const next of descent ? [Math.round(time), Math.round(time) + 1] : [time]) {
      if (next > (times.at(-1) as number)) times.push(next);
    }
  }
  return Float64Array.from(times);
}

function least(values: Float64Array): number {
  let index = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) < (values[index] as number)) index = i;
  return index;
}

/** The sign of the derivative of the loss, or a multiple of it, at some times of flow. */
function* slopes(
  { schedule, stiffness }: Modes,
  { sums, unit, targets, threads }: Validation,
  weights: Weights,
  times: Float64Array,
): Steps<Float64Array> {
  const size = targets.length;
  const values = new Float64Array(times.length * size);
  const speeds = new Float64Array(times.length * size);
  yield* filtered(sums, times, (k, time) => -unit * weights.gain(k, time), values, threads);
  // d gain/dt = step·left
  const speed = (k: number, time: number): number => {
    const s = stiffness[k] as number;
    return s > 0 ? -unit * schedule.step * schedule.left(s, time) : 0;
  };
  yield* filtered({ ...sums, base: null }, times, speed, speeds, threads);
  return times.map((_, i) => {
    let slope = 0;
    for (let j = 0; j < size; j++) {
      slope += ((values[i * size + j] as number) - (targets[j] as number)) * (speeds[i * size + j] as number);
    }
    return slope;
  });
}

/**
 * Where the derivative of the loss turns from − to + between two times, on that side of `start` to which it falls: its sign
 * at 15 points inside, again and again. The turn nearest to `start` is taken.
 */
function* stationary(
  modes: Modes,
  validation: Validation,
  weights: Weights,
  from: number,
  to: number,
  start: Candidate,
  losses: Losses,
): Steps<Candidate> {
  const inside = 15;
  const rising = ((yield* slopes(modes, validation, weights, Float64Array.of(start.time)))[0] as number) >= 0;
  let [low, high] = rising ? [from, start.time] : [start.time, to];
  // A sixteenth of the width a round: 12 of them for the digits of a double, the others for its first digit where low is 0.
  for (let round = 0; round < 64 && high - low > 1e-14 * high; round++) {
    const times = Float64Array.from({ length: inside }, (_, i) => low + ((high - low) * (i + 1)) / (inside + 1));
    const signs = yield* slopes(modes, validation, weights, times);
    const first = signs.findIndex((slope) => slope >= 0);
    const turn = rising ? signs.findLastIndex((slope) => slope < 0) + 1 : first < 0 ? inside : first;
    if (turn > 0) low = times[turn - 1] as number;
    if (turn < inside) high = times[turn] as number;
    yield* breathe();
  }
  const time = (low + high) / 2;
  const loss = (yield* losses(Float64Array.of(time)))[0] as number;
  return loss <= start.loss ? { time, loss } : start;
}

/** The best number of steps between two: all of them where they are few, else some of either parity, closing in. */
function* bestSteps(from: number, to: number, start: Candidate, losses: Losses): Steps<Candidate> {
  const few = 128;
  let [low, high, best] = [from, to, start];
  for (;;) {
    const width = high - low;
    const stride = Math.max(1, Math.floor(width / (few / 2)));
    const steps: number[] = [];
    for (let k = low; k <= high; k += stride) {
      steps.push(k);
      if (stride > 1 && k < high) steps.push(k + 1);
    }
    const values = yield* losses(Float64Array.from(steps));
    const index = least(values);
    if ((values[index] as number) < best.loss) best = { time: steps[index] as number, loss: values[index] as number };
    if (stride === 1) return best;
    [low, high] = [Math.max(from, best.time - 2 * stride), Math.min(to, best.time + 2 * stride)];
  }
}
