import { KernelError } from '../errors.js';
import type { Curve } from './curve.js';

/** A function on the circle. */
export interface CircleTarget {
  readonly label: string;
  readonly at: (angle: number) => number;
}

/** The target of the circle study: one slow and one fast wave, too fast for the samples to pin down by themselves. */
export const circleTarget: CircleTarget = {
  label: '0.5 cos t + sin 4t',
  at: (t: number): number => 0.5 * Math.cos(t) + Math.sin(4 * t),
};

/** Equispaced samples by default: more than twice the fast frequency, so that the target is determined. */
export const circleSamples = 9;
/** Frequencies above this one count as tail. */
export const tailFrequency = 20;
/** Angles of one turn at which the interpolant is evaluated: a multiple of 5, 9 and 15 samples and of the shown ones. */
export const turn = 5760;
export const shown = 720;

/** The minimum-norm interpolant of the circle target under one kernel, ridge 0. */
export interface CircleInterpolant {
  readonly sampleAngles: Float64Array;
  readonly sampleValues: Float64Array;
  /** From −π to π, both ends included. */
  readonly angles: Float64Array;
  readonly truth: Float64Array;
  readonly values: Float64Array;
  /** f̂ = Σ cᵢ κ(|t − tᵢ|), κ(0) = 1. */
  readonly coefficients: Float64Array;
  /** The derivative of f̂ jumps by −2 s₀cᵢ at sample i: the largest jump, and their sum. */
  readonly largestJump: number;
  readonly totalJump: number;
  /** ∫|df̂′| over the turn, corners included, from differences at 5760 angles. */
  readonly totalVariation: number;
  /** √Σ a_k² over frequencies k > 20, where a_k is the amplitude of cos/sin kt in f̂. */
  readonly spectralTail: number;
  readonly rmsError: number;
}

/**
 * Interpolates the target at equispaced angles, none of them twice. The Gram matrix on equispaced points is circulant:
 * its eigenvectors are the Fourier modes and its eigenvalues the transform of one row, so the coefficients are a
 * quotient of two short transforms; modes whose eigenvalue is lost to rounding are left out.     [circle-interpolant]
 */
export function interpolateCircle(curve: Curve, samples = circleSamples, target = circleTarget): CircleInterpolant {
  if (!Number.isInteger(samples) || samples < 3 || turn % samples !== 0) {
    throw new KernelError('ERR_ARGUMENT', `samples: expected a divisor of ${turn} from 3 up, got ${samples}`);
  }
  const kernel = fullTurn(curve);
  const stride = turn / samples;
  const row = Float64Array.from({ length: samples }, (_, j) => kernel[j * stride] as number);
  const sampleAngles = Float64Array.from({ length: samples }, (_, i) => -Math.PI + (2 * Math.PI * i) / samples);
  const sampleValues = sampleAngles.map(target.at);
  const coefficients = solveCirculant(row, sampleValues);

  const values = new Float64Array(turn);
  for (let i = 0; i < samples; i++) {
    const c = coefficients[i] as number;
    for (let j = 0; j < turn; j++) {
      values[j] = (values[j] as number) + c * (kernel[(j - i * stride + turn) % turn] as number);
    }
  }

  let squares = 0;
  for (let j = 0; j < turn; j++) squares += ((values[j] as number) - target.at(angleOf(j))) ** 2;
  const jumps = coefficients.map((c) => 2 * curve.cuspSlope * Math.abs(c));
  const angles = Float64Array.from({ length: shown + 1 }, (_, j) => angleOf((j * turn) / shown));
  return {
    sampleAngles,
    sampleValues,
    angles,
    truth: angles.map(target.at),
    values: Float64Array.from(angles, (_, j) => values[((j * turn) / shown) % turn] as number),
    coefficients,
    largestJump: Math.max(...jumps),
    totalJump: jumps.reduce((sum, jump) => sum + jump, 0),
    totalVariation: variationOfSlope(values),
    spectralTail: amplitudeAbove(values, tailFrequency),
    rmsError: Math.sqrt(squares / turn),
  };
}

function angleOf(j: number): number {
  return -Math.PI + (2 * Math.PI * j) / turn;
}

/** Σ of the absolute second differences over the step. A corner at a grid point counts in full. */
export function variationOfSlope(values: Float64Array): number {
  const n = values.length;
  const at = (j: number) => values[(j + n) % n] as number;
  return values.reduce((sum, value, j) => sum + Math.abs(at(j + 1) - 2 * value + at(j - 1)), 0) * (n / (2 * Math.PI));
}

/** κ at every multiple of one turn/5760; the second half of the turn mirrors the first. */
export function fullTurn(curve: Curve): Float64Array {
  const half = curve.at(Float64Array.from({ length: turn / 2 + 1 }, (_, j) => (Math.PI * j) / (turn / 2)));
  return Float64Array.from({ length: turn }, (_, j) => half[j <= turn / 2 ? j : turn - j] as number);
}

/** The c with Σ_j row[(i − j) mod n] c_j = y_i, of least norm, for a symmetric row. */
export function solveCirculant(row: Float64Array, y: Float64Array): Float64Array {
  const n = row.length;
  const cosine = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sine = Float64Array.from({ length: n }, (_, k) => Math.sin((2 * Math.PI * k) / n));
  const eigenvalues = new Float64Array(n);
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const turns = (j * k) % n;
      eigenvalues[k] = (eigenvalues[k] as number) + (row[j] as number) * (cosine[turns] as number);
      real[k] = (real[k] as number) + (y[j] as number) * (cosine[turns] as number);
      imaginary[k] = (imaginary[k] as number) - (y[j] as number) * (sine[turns] as number);
    }
  }
  const threshold = n * 2 ** -50 * Math.max(...eigenvalues.map(Math.abs));
  const coefficients = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const eigenvalue = eigenvalues[k] as number;
    if (eigenvalue <= threshold) continue;
    for (let i = 0; i < n; i++) {
      const turns = (i * k) % n;
      const wave = (real[k] as number) * (cosine[turns] as number) - (imaginary[k] as number) * (sine[turns] as number);
      coefficients[i] = (coefficients[i] as number) + wave / eigenvalue / n;
    }
  }
  return coefficients;
}

/** √Σ_{k > limit} a_k²: by Parseval, what the mean square leaves after the frequencies up to the limit. */
export function amplitudeAbove(values: Float64Array, limit: number): number {
  const rest = highFrequencies(values, limit);
  return Math.sqrt((2 * rest.reduce((sum, value) => sum + value * value, 0)) / values.length);
}

/** A turn of values, their number a multiple of 4, without the frequencies up to the limit. */
export function highFrequencies(values: Float64Array, limit: number): Float64Array {
  const n = values.length;
  const cosine = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  // Low frequencies are taken out of the values first: subtracting powers would lose half the digits of a small tail.
  const rest = Float64Array.from(values);
  for (let k = 0; k <= limit; k++) {
    let a = 0;
    let b = 0;
    for (let j = 0; j < n; j++) {
      const turns = (j * k) % n;
      a += (values[j] as number) * (cosine[turns] as number);
      b += (values[j] as number) * (cosine[(turns + (3 * n) / 4) % n] as number);
    }
    a *= (k === 0 ? 1 : 2) / n;
    b *= 2 / n;
    for (let j = 0; j < n; j++) {
      const turns = (j * k) % n;
      const wave = a * (cosine[turns] as number) + b * (cosine[(turns + (3 * n) / 4) % n] as number);
      rest[j] = (rest[j] as number) - wave;
    }
  }
  return rest;
}
