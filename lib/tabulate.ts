/** From a JavaScript function to a layer: φ sampled into Chebyshev pieces, and checked between the samples. */

import { mostPieces } from './activation-rules.js';
import { KernelError } from './errors.js';
import { type Tabulated, tabulated } from './layers.js';
import { type Constraint, readOptions, show, unexpected } from './options.js';
import { type Piece, series } from './pieces.js';

export interface TabulateOptions {
  /** Where φ is not smooth. Each becomes a border of pieces; one that is not named here is refused. */
  readonly kinks?: readonly number[];
  /**
   * The pieces cover [from, to]; beyond, φ must be a line. Default −40 to 40: what approaches its asymptote like
   * exp(−|u|) has reached it there, because 40 exp(−40) is below the last digit of 1.
   */
  readonly from?: number;
  readonly to?: number;
  /** Largest deviation, relative to |φ(u)| or, where that is larger, to the largest |φ| on [−1, 1]. Default 1e-14. */
  readonly tolerance?: number;
}

export interface TabulatedFunction {
  readonly layer: Tabulated;
  /** The largest deviation that was found between the samples and along the tails, relative as `tolerance` is. */
  readonly error: number;
}

/** Samples of one piece. With degree 32 a piece of length 1 holds tanh and its like to the last digit. */
const nodes = 33;
/** Coefficients that must be small before a piece is believed: the last ones of a series that has converged. */
const tailLength = 4;
/** A piece is halved until it is this share of the whole: near a kink the halving would never end. */
const leastShare = 2 ** -24;
/** Rounding of the samples and of their sums comes near this. */
const leastTolerance = 1e-14;
/** φ varies by no more than this factor on a piece, unless it is small: its error is then small beside it everywhere. */
const mostContrast = 4;

const number: Constraint<number> = {
  expected: 'a number from -1e6 to 1e6',
  accepts: (value): value is number => typeof value === 'number' && Math.abs(value) <= 1e6,
};
const constraints = {
  kinks: {
    expected: 'ascending numbers',
    accepts: (value: unknown): value is readonly number[] =>
      Array.isArray(value) && value.every((kink, i) => Number.isFinite(kink) && (i === 0 || kink > value[i - 1])),
  },
  from: number,
  to: number,
  tolerance: {
    expected: `a number from ${leastTolerance} to 0.1`,
    accepts: (value: unknown): value is number => typeof value === 'number' && value >= leastTolerance && value <= 0.1,
  },
};

/**
 * `tabulate((u) => Math.atan(u))` would be refused, because the tails of atan are no lines; `tabulate(Math.tanh)` gives a
 * layer that stands wherever an activation does. φ is called a few thousand times, for numbers in and around [from, to].
 *
 * Throws ERR_ARGUMENT for what is no function, ERR_NOT_FINITE with the u where φ is not a finite number,
 * ERR_NO_CONVERGENCE near a kink that is not declared or a slope that is infinite, and ERR_NETWORK for a φ that jumps
 * or whose tails are no lines.
 */
export function tabulate(phi: (u: number) => number, options: TabulateOptions = {}): TabulatedFunction {
  if (typeof phi !== 'function') throw unexpected('phi', 'a function of one number', phi);
  const { kinks = [], from = -40, to = 40, tolerance = 1e-14 } = readOptions('options', options, constraints);
  if (!(from < to)) throw unexpected('options.to', `a number above from, ${from}`, to);
  const outside = kinks.find((kink) => !(kink > from && kink < to));
  if (outside !== undefined) {
    throw unexpected('options.kinks', `kinks inside (${from}, ${to}); widen from and to around them`, outside);
  }
  const sample = sampler(phi);
  const size = Math.max(...chebyshevPoints(-1, 1).map((u) => Math.abs(sample(u))), Number.MIN_VALUE);
  const work: Work = { sample, size, tolerance, least: leastShare * (to - from), pieces: [], error: 0 };
  const ends = [from, ...kinks, to];
  for (const [i, start] of ends.slice(0, -1).entries()) divide(work, start, ends[i + 1] as number, kinks);
  work.pieces.unshift(tail(work, from, from - to));
  work.pieces.push(tail(work, to, to - from));
  const pieces = joined(work);
  return Object.freeze({ layer: tabulated(pieces), error: Math.max(work.error, ...pieces.map(deviation(work))) });
}

interface Work {
  readonly sample: (u: number) => number;
  /** Largest |φ| on [−1, 1]. */
  readonly size: number;
  readonly tolerance: number;
  /** The shortest piece. */
  readonly least: number;
  readonly pieces: Piece[];
  /** So far, relative. */
  error: number;
}

function sampler(phi: (u: number) => number): (u: number) => number {
  return (u) => {
    let value: unknown;
    try {
      value = phi(u);
    } catch (cause) {
      throw new KernelError('ERR_ARGUMENT', `phi: it threw at u = ${u}: ${show(cause)}`, { at: u }, { cause });
    }
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new KernelError(
      'ERR_NOT_FINITE',
      `phi: expected a finite number at u = ${u}, got ${show(value)}; narrow from and to, or mend φ there`,
      { at: u },
    );
  };
}

/** The largest deviation on a piece, at four times as many points as its samples. */
function deviation({ sample, size }: Work): (piece: Piece) => number {
  const grid = Array.from({ length: 4 * nodes }, (_, j) => (2 * j + 1) / (4 * nodes) - 1);
  return ({ from, to, coefficients }) =>
    Math.max(
      ...grid.map((t) => {
        const value = sample(mapped(from, to, t));
        return Math.abs(value - series(coefficients, t)) / Math.max(size, Math.abs(value));
      }),
    );
}

/** Covers [from, to] by pieces on which the series has converged; halves what has not. [chebyshev-sampling] */
function divide(work: Work, from: number, to: number, kinks: readonly number[]): void {
  const piece = fitted(work, from, to);
  if (piece !== null) {
    work.pieces.push(piece);
    // Two are for the tails.
    if (work.pieces.length > mostPieces - 2) {
      const problem = `phi: expected a function that ${mostPieces} pieces hold, got more of them up to u = ${to}`;
      throw new KernelError('ERR_NO_CONVERGENCE', `${problem}; narrow from and to, or raise the tolerance`, { at: to });
    }
    return;
  }
  if (to - from < 2 * work.least) throw notSmooth(work, from, to, kinks);
  const middle = from + (to - from) / 2;
  divide(work, from, middle, kinks);
  divide(work, middle, to, kinks);
}

/** The interpolating series, cut where its tail is too small to matter; null where it has not converged. */
function fitted(work: Work, from: number, to: number): Piece | null {
  const values = chebyshevPoints(from, to).map(work.sample);
  const sizes = values.map((value) => Math.max(work.size, Math.abs(value)));
  const unit = Math.min(...sizes);
  if (Math.max(...sizes) > mostContrast * unit) return null;
  const coefficients = interpolate(values);
  const last = coefficients.slice(-tailLength).map(Math.abs);
  if (Math.max(...last) > work.tolerance * unit) return null;
  // What is cut off sums up to half the tolerance, more than rounding does, so that exact lines come out as lines.
  let dropped = 0;
  let count = coefficients.length;
  while (count > 1) {
    dropped += Math.abs(coefficients[count - 1] as number);
    if (dropped > 0.5 * work.tolerance * unit) break;
    count--;
  }
  const piece: Piece = { from, to, coefficients: coefficients.slice(0, count) };
  const error = Math.max(
    ...checkPoints(from, to).map(({ u, t }) => Math.abs(work.sample(u) - series(piece.coefficients, t))),
  );
  return error > work.tolerance * unit ? null : piece;
}

/** cos((j + ½)π/n): none of them is an end, where φ may have a kink or another value. */
function chebyshevPoints(from: number, to: number): number[] {
  return Array.from({ length: nodes }, (_, j) => mapped(from, to, Math.cos(((j + 0.5) * Math.PI) / nodes)));
}

/** Between the samples, and close to both ends. */
function checkPoints(from: number, to: number): { readonly u: number; readonly t: number }[] {
  const between = Array.from({ length: nodes - 1 }, (_, j) => Math.cos(((j + 1) * Math.PI) / nodes));
  return [-0.9999, ...between, 0.9999].map((t) => ({ u: mapped(from, to, t), t }));
}

function mapped(from: number, to: number, t: number): number {
  return from + ((to - from) * (1 + t)) / 2;
}

/** c_k = (2/n) Σ_j φ_j cos(k(j + ½)π/n), half of that for c_0. [chebyshev-sampling] */
function interpolate(values: readonly number[]): number[] {
  return values.map((_, k) => {
    let sum = 0;
    for (const [j, value] of values.entries()) {
      // The angle in units of π/2n is an integer; taken modulo a turn it keeps its digits.
      const turns = (k * (2 * j + 1)) % (4 * nodes);
      sum += value * Math.cos((turns * Math.PI) / (2 * nodes));
    }
    return ((k === 0 ? 1 : 2) * sum) / nodes;
  });
}

/** Pieces that meet exactly at the mean of their one-sided limits; refuses a jump. */
function joined({ pieces, size, tolerance }: Work): Piece[] {
  const start = pieces.map(({ coefficients }) => series(coefficients, -1));
  const end = pieces.map(({ coefficients }) => series(coefficients, 1));
  const meeting = pieces.slice(1).map(({ from }, i) => {
    const [left, right] = [end[i] as number, start[i + 1] as number];
    const unit = Math.max(size, Math.abs(left), Math.abs(right));
    if (Math.abs(right - left) > 100 * tolerance * unit) throw jumps(from, left, right);
    return (left + right) / 2;
  });
  return pieces.map((piece, i) => {
    const atStart = (meeting[i - 1] ?? (start[i] as number)) - (start[i] as number);
    const atEnd = (meeting[i] ?? (end[i] as number)) - (end[i] as number);
    const [constant, linear = 0, ...rest] = piece.coefficients;
    const corrected = [(constant as number) + (atEnd + atStart) / 2, linear + (atEnd - atStart) / 2, ...rest];
    return { ...piece, coefficients: corrected };
  });
}

/**
 * The line beyond an end, as a piece of its own as long as the whole: a secant of that length has the slope to the last
 * digit, where a series would have it to the square of its degree times less.
 */
function tail(work: Work, end: number, length: number): Piece {
  const { sample, size, tolerance } = work;
  // The value at the end itself may be another where φ has a kink there.
  const [near, far] = [sample(end + 1e-6 * length), sample(end + length)];
  const slope = (far - near) / (length * (1 - 1e-6));
  for (const share of [1e-6, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.7, 1, 2.7, 10]) {
    const u = end + share * length;
    const value = sample(u);
    const line = near + (u - end - 1e-6 * length) * slope;
    const error = Math.abs(value - line) / Math.max(size, Math.abs(value));
    // The line goes through rounded values, and beyond the second its error grows in proportion.
    if (!(error <= 2 * tolerance * (1 + share))) {
      throw new KernelError(
        'ERR_NETWORK',
        `phi: expected a line beyond u = ${end}, but at u = ${short(u)} it is off by ${short(Math.abs(value - line))}; ` +
          'widen from and to until φ has reached its asymptotes, or let φ go on as a line',
        { at: u, value, line },
      );
    }
    work.error = Math.max(work.error, error);
  }
  const middle = near + (0.5 - 1e-6) * length * slope;
  const half = (Math.abs(length) / 2) * slope;
  return { from: Math.min(end, end + length), to: Math.max(end, end + length), coefficients: [middle, half] };
}

function jumps(at: number, left: number, right: number): KernelError {
  return new KernelError(
    'ERR_NETWORK',
    `phi: jumps from ${short(left)} to ${short(right)} at u = ${short(at)}, and a jump has no tangent kernel; make φ ` +
      "continuous there, or take activation('sign') for the NNGP of a step",
    { at, left, right },
  );
}

function notSmooth({ sample, size, tolerance }: Work, from: number, to: number, kinks: readonly number[]): KernelError {
  const kink = kinks.find((at) => at === from || at === to);
  if (kink !== undefined) {
    const problem = `phi: its pieces do not converge at the kink u = ${kink}, so a derivative is infinite there`;
    return new KernelError('ERR_NO_CONVERGENCE', `${problem}; round φ off at that point`, { at: kink });
  }
  let [left, right] = [from - (to - from), to + (to - from)];
  const whole = Math.abs(sample(right) - sample(left));
  // Into the half where φ changes more: across a jump the change stays, across a kink it shrinks with the interval.
  for (let turn = 0; turn < 20; turn++) {
    const middle = left + (right - left) / 2;
    if (Math.abs(sample(middle) - sample(left)) > Math.abs(sample(right) - sample(middle))) right = middle;
    else left = middle;
  }
  const [before, after] = [sample(left), sample(right)];
  if (whole > 1e-6 * size && Math.abs(after - before) > whole / 2) return jumps(left, before, after);
  const at = from + (to - from) / 2;
  return new KernelError(
    'ERR_NO_CONVERGENCE',
    `phi: its pieces do not converge near u = ${Number(at.toFixed(4))}: is there a kink? name it in kinks; values that are good to ` +
      `fewer digits than the tolerance, ${tolerance}, look the same, and a larger one helps`,
    { at },
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
