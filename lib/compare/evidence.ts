import { correctedPairedTest, holm, type PairedComparison } from '../statistics.js';
import type { Baseline, ErrorOverSplits, NetworkResult, PairedTest, Protocol } from './schema.js';

/** Adjusted p-values below this count as a difference. */
export const level = 0.05;

export interface Findings {
  /** Of the data; the figures of all rows may be of fewer, protocol.allRows. */
  readonly rows: number;
  readonly protocol: Protocol;
  readonly baseline: Baseline;
  readonly networks: readonly NetworkResult[];
}

/** By nested error, ascending; of equals the one listed first. */
export function ranking(networks: readonly NetworkResult[]): NetworkResult[] {
  return [...networks].sort((a, b) => toDigits(a.nested.mean) - toDigits(b.nested.mean));
}

/**
 * Ten digits of an error. Networks may have one kernel up to a factor (ResNets of depth 1); their errors then differ by
 * rounding alone, which has no spread to speak of, and a test would take it for a difference.
 */
function toDigits(error: number): number {
  return Number(error.toPrecision(10));
}

/** Do two networks have the same error, to rounding? */
export function sameError(a: NetworkResult, b: NetworkResult): boolean {
  return toDigits(a.nested.mean) === toDigits(b.nested.mean);
}

/** Every pair, the better one as `a`; pairs with the best first because the list is sorted. */
export function pairwiseTests(ranked: readonly NetworkResult[], protocol: Protocol): PairedTest[] {
  const pairs = ranked.flatMap((a, i) => ranked.slice(i + 1).map((b) => [a, b] as const));
  const results = pairs.map(([a, b]) => compareErrors(a.nested, b.nested, protocol));
  const adjusted = holm(results.map(({ p }) => p));
  return pairs.map(([a, b], i) => {
    const { difference, interval, p } = results[i] as (typeof results)[number];
    const pAdjusted = adjusted[i] as number;
    return { a: a.id, b: b.id, depthA: a.chosenDepth, depthB: b.chosenDepth, difference, interval, p, pAdjusted };
  });
}

/** The corrected paired test of b − a over the splits. */
export function compareErrors(a: ErrorOverSplits, b: ErrorOverSplits, protocol: Protocol): PairedComparison {
  const differences = b.perSplit.map((error, split) => toDigits(error) - toDigits(a.perSplit[split] as number));
  const { trainRows, testRows } = protocol.splits;
  return correctedPairedTest(differences, trainRows, testRows, protocol.metric === 'error rate' ? 1 / testRows : 0);
}

/** The fewest splits with which one of so many differences tested together could count: m 2^(1−J) < level. */
export function fewestSplits(differences: number): number {
  return 2 + Math.floor(Math.log2(differences / level));
}

/**
 * Is the best network better than ignoring the features, by more than chance? Whether anything was learned at all is
 * asked of Student's t alone: the floor under p would leave it unanswered below six splits.
 */
export function beatsBaseline({ baseline, protocol }: Findings, best: NetworkResult): boolean {
  const { difference, pStudent } = compareErrors(best.nested, baseline.error, protocol);
  return difference > 0 && pStudent < level;
}
