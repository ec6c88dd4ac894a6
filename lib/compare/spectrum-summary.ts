import { decayExponent, logRanks, roundingFloor } from '../smoothness/decay.js';
import type { SpectrumSummary } from './schema.js';

/** Points of a spectrum's curve; more cannot be told apart in a figure. */
const shownRanks = 48;

/**
 * Eigenvalues (descending) of the Gram matrix of all rows, divided by the mean of its diagonal, which is their mean.
 * `distinct` is the condition number of the rows without their copies; undefined where no row is a copy.
 */
export function summarise(
  values: Float64Array,
  residual: number,
  distinct: number | null | undefined,
): SpectrumSummary {
  const meanDiagonal = values.reduce((sum, value) => sum + value, 0) / values.length;
  const ranks = logRanks(1, values.length, shownRanks);
  const decay = decayExponent(values);
  const condition = conditionNumber(values);
  return {
    ranks,
    values: ranks.map((rank) => (values[rank - 1] as number) / meanDiagonal),
    conditionNumber: condition,
    conditionNumberDistinct: distinct === undefined ? condition : distinct,
    smallest: (values.at(-1) as number) / meanDiagonal,
    decayExponent: decay?.exponent ?? null,
    decayStandardError: decay?.standardError ?? null,
    residual,
  };
}

function conditionNumber(values: Float64Array): number | null {
  const smallest = values.at(-1) as number;
  return smallest > roundingFloor(values) ? (values[0] as number) / smallest : null;
}
