/** Measurements against what was expected of them, and the verdict that follows. */

import type { Expectation, Measurement, Verdict } from './schema.js';

export function near(what: string, measured: number, value: number, within: number): Measurement {
  return judged(what, measured, { kind: 'near', value, within });
}

export function atMost(what: string, measured: number, value: number): Measurement {
  return judged(what, measured, { kind: 'at most', value });
}

export function atLeast(what: string, measured: number, value: number): Measurement {
  return judged(what, measured, { kind: 'at least', value });
}

function judged(what: string, measured: number, expected: Expectation): Measurement {
  // A quotient by nothing says nothing, whichever side of the bound it falls on.
  if (!Number.isFinite(measured)) return { what, measured: null, expected, holds: false };
  return { what, measured, expected, holds: satisfies(measured, expected) };
}

function satisfies(measured: number, expected: Expectation): boolean {
  switch (expected.kind) {
    case 'near':
      return Math.abs(measured - expected.value) <= expected.within;
    case 'at most':
      return measured <= expected.value;
    case 'at least':
      return measured >= expected.value;
  }
}

/** There is no verdict without a measurement. */
export function verdictOf(measured: readonly Measurement[]): Verdict | null {
  if (measured.length === 0) return null;
  const holding = measured.filter(({ holds }) => holds).length;
  if (holding === measured.length) return 'holds';
  return holding === 0 ? 'does not hold' : 'in part';
}

/** A remark about measurements that are not as expected, if there are any. */
export function whereFailing(measured: readonly Measurement[], remark: string): readonly string[] {
  return measured.some(({ holds }) => !holds) ? [remark] : [];
}

/** The slope of log y over log x between two points. */
export function slopeBetween(x: readonly [number, number], y: readonly [number, number]): number {
  return Math.log(y[1] / y[0]) / Math.log(x[1] / x[0]);
}

/** `count` numbers from `low` to `high`, evenly spaced. */
export function evenly(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the least-squares line through logarithms. */
export function logSlope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const [mu, mv] = [meanOf(u), meanOf(v)];
  const products = u.reduce((sum, one, i) => sum + (one - mu) * ((v[i] as number) - mv), 0);
  return products / u.reduce((sum, one) => sum + (one - mu) ** 2, 0);
}

/** The largest |a − b|. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return most;
}

/** A mean over draws and its standard error. */
export interface Mean {
  readonly mean: number;
  readonly error: number;
}

export function meanWithError(values: readonly number[]): Mean {
  const mean = meanOf(values);
  return { mean, error: Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1)) };
}
