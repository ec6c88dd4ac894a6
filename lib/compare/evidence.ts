import { correctedPairedTest, holm } from '../statistics.js';
import type { Baseline, ErrorOverSplits, NetworkResult, PairedTest, Protocol } from './schema.js';

/** Adjusted p-values below this count as a difference. */
export const level = 0.05;

export interface Findings {
  readonly protocol: Protocol;
  readonly baseline: Baseline;
  readonly networks: readonly NetworkResult[];
}

/** By nested error, ascending; of equals the one listed first. */
export function ranking(networks: readonly NetworkResult[]): NetworkResult[] {
  return [...networks].sort((a, b) => a.nested.mean - b.nested.mean);
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
export function compareErrors(a: ErrorOverSplits, b: ErrorOverSplits, protocol: Protocol) {
  const differences = b.perSplit.map((error, split) => error - (a.perSplit[split] as number));
  return correctedPairedTest(differences, protocol.splits.trainRows, protocol.splits.testRows);
}

/** Is the best network better than ignoring the features, by more than chance? */
export function beatsBaseline({ baseline, protocol }: Findings, best: NetworkResult): boolean {
  const { difference, p } = compareErrors(best.nested, baseline.error, protocol);
  return difference > 0 && p < level;
}
