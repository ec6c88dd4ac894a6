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
  return { what, measured, expected, holds: satisfies(measured, expected) };
}

/** NaN satisfies nothing. */
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

/** The slope of log y over log x between two points. */
export function slopeBetween(x: readonly [number, number], y: readonly [number, number]): number {
  return Math.log(y[1] / y[0]) / Math.log(x[1] / x[0]);
}

/** `count` numbers from `low` to `high`, evenly spaced. */
export function evenly(low: number, high: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}
