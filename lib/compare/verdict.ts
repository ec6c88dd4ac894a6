import { answersOf } from './answers.js';
import { type Circumstances, caveatsOf } from './caveats.js';
import { beatsBaseline, type Findings, level, pairwiseTests, ranking, sameError } from './evidence.js';
import type { NetworkResult, PairedTest, Verdict } from './schema.js';
import { countText, errorText, listText, pText, sentence } from './words.js';

/** What the measurements mean, in words that each carry their number. */
export function verdictOf(findings: Findings, circumstances: Circumstances): Verdict {
  const ranked = ranking(findings.networks);
  const best = ranked[0] as NetworkResult;
  const tests = pairwiseTests(ranked, findings.protocol);
  const againstBest = tests.filter((test) => test.a === best.id);
  const ties = againstBest.filter((test) => test.pAdjusted >= level).map((test) => test.b);
  return {
    headline: headline(findings, ranked, againstBest),
    best: { id: best.id, depth: best.chosenDepth, error: best.nested.mean },
    ties,
    answers: answersOf(findings, ranked, tests),
    caveats: caveatsOf(findings, ranked, ties, circumstances),
    tests,
  };
}

function headline(findings: Findings, ranked: readonly NetworkResult[], tests: readonly PairedTest[]): string {
  const { protocol, baseline } = findings;
  const best = ranked[0] as NetworkResult;
  const error = errorText(protocol.metric, best.nested.mean);
  const measure = protocol.metric === 'error rate' ? 'test error' : 'test rmse';
  if (!beatsBaseline(findings, best)) {
    return (
      `No network predicts better than a constant by more than chance: the lowest ${measure} is ${error} (${best.label}), ` +
      `the ${baseline.label} alone gives ${errorText(protocol.metric, baseline.error.mean)}`
    );
  }
  if (ranked.length === 1) return `${best.label}: ${error} ${measure}; nothing else was compared`;
  const label = new Map(ranked.map((network) => [network.id, network.label]));
  const names = (chosen: readonly PairedTest[]) => listText(chosen.map(({ b }) => label.get(b) as string));
  const tied = tests.filter((test) => test.pAdjusted >= level);
  const worse = tests.filter((test) => test.pAdjusted < level);
  const worstP = Math.max(...worse.map((test) => test.pAdjusted));
  if (tied.length === 0) {
    return sentence(
      `${best.label} wins with ${error} ${measure}; ${names(worse)} ${worse.length === 1 ? 'does' : 'do'} worse by ` +
        `more than chance (adjusted ${pText(worstP)}${worse.length === 1 || worstP < 0.001 ? '' : ' at most'})`,
    );
  }
  const equal = ranked.filter((network) => sameError(network, best));
  const lowest =
    equal.length === 1
      ? `${best.label} has the lowest ${measure} (${error})`
      : `${listText(equal.map((network) => network.label))} share the lowest ${measure} (${error})`;
  const others = tied.filter(({ b }) => !equal.some(({ id }) => id === b));
  const close = others.length === 0 ? '' : `${names(others)} cannot be told from ${equal.length === 1 ? 'it' : 'them'}`;
  const splits = `over ${countText(protocol.splits.count, 'split')}`;
  if (worse.length > 0) {
    const rest = `${names(worse)} ${worse.length === 1 ? 'does' : 'do'} worse by more than chance`;
    return [lowest, close, rest].filter((part) => part !== '').join('; ');
  }
  if (close === '')
    return `No difference: ${ranked.length === 2 ? 'both' : `all ${ranked.length}`} networks have ${error} ${measure} ${splits}`;
  if (ranked.length <= 3) return `No clear winner: ${lowest}, but ${close} ${splits}`;
  const last = ranked.at(-1) as NetworkResult;
  return (
    `No clear winner among ${ranked.length} networks ${splits}: their ${measure}s, from ${error} (${listText(equal.map(({ label: name }) => name))}) ` +
    `to ${errorText(protocol.metric, last.nested.mean)} (${last.label}), differ by no more than chance`
  );
}
