import { types } from 'node:util';
import { unexpected } from '../options.js';
import { lineFit, studentCritical } from '../statistics.js';

export interface Decay {
  /** a in λ ~ rank^−a. */
  readonly exponent: number;
  readonly standardError: number;
  /** 95 %: how far the scatter of these eigenvalues about a power law leaves a open. */
  readonly interval: readonly [number, number];
  /** The ranks that were used, counted from 1. */
  readonly ranks: readonly number[];
}

const fewest = 5;

/**
 * The exponent of the power law that the eigenvalues follow between a twentieth and half of all ranks: the first ones
 * tell of the data's large directions, the last ones of the sample's end. Ranks are taken evenly on a log scale, or
 * the many large ones would decide alone. null where fewer than five of them are above rounding.      [decay-exponent]
 *
 * `values`: all eigenvalues, descending, as spectrum() has them. Throws ERR_ARGUMENT for anything but a Float64Array.
 */
export function decayExponent(values: Float64Array): Decay | null {
  if (!types.isFloat64Array(values)) throw unexpected('values', 'a Float64Array of eigenvalues, descending', values);
  const n = values.length;
  const ranks = logRanks(Math.max(1, Math.ceil(n / 20)), Math.floor(n / 2), 24);
  const floor = roundingFloor(values);
  const used = ranks.filter((rank) => (values[rank - 1] as number) > floor);
  if (used.length < fewest) return null;
  const fit = lineFit(
    used.map(Math.log),
    used.map((rank) => Math.log(values[rank - 1] as number)),
  );
  if (fit === null) return null;
  const half = studentCritical(0.05, used.length - 2) * fit.standardError;
  return {
    exponent: -fit.slope,
    standardError: fit.standardError,
    interval: [-fit.slope - half, -fit.slope + half],
    ranks: used,
  };
}

/** Eigenvalues up to here cannot be told from 0: n units in the last place of the largest. */
export function roundingFloor(values: Float64Array): number {
  return values.length * Number.EPSILON * Math.abs(values[0] ?? 0);
}

/** At most `count` whole numbers from `first` to `last`, evenly spread on a log scale, both ends included. */
export function logRanks(first: number, last: number, count: number): number[] {
  if (last < first) return [];
  const ratio = Math.log(last / first) / Math.max(1, count - 1);
  const ranks = Array.from({ length: count }, (_, i) => Math.round(first * Math.exp(i * ratio)));
  return [...new Set([first, ...ranks, last])].filter((rank) => rank >= first && rank <= last).sort((a, b) => a - b);
}
