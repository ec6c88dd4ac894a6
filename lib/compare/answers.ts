import { holm, rankCorrelation } from '../statistics.js';
import { compareErrors, type Findings, level, sameError } from './evidence.js';
import type { NetworkResult, PairedTest, Verdict } from './schema.js';
import { countText, differenceText, errorText, listText, pText, significant } from './words.js';

/** The four questions of the report, each answered with the numbers behind it. */
export function answersOf(
  findings: Findings,
  ranked: readonly NetworkResult[],
  tests: readonly PairedTest[],
): Verdict['answers'] {
  return [
    { question: 'MLP or ResNet?', answer: whichFamily(findings, ranked, tests) },
    { question: 'How deep?', answer: howDeep(findings, ranked) },
    { question: 'Which alpha?', answer: whichAlpha(findings, ranked, tests) },
    { question: 'How smooth?', answer: howSmooth(findings, ranked, tests) },
  ];
}

function whichFamily(findings: Findings, ranked: readonly NetworkResult[], tests: readonly PairedTest[]): string {
  const mlp = ranked.find(({ family }) => family === 'mlp');
  const resnet = ranked.find(({ family }) => family === 'resnet');
  if (mlp === undefined || resnet === undefined) {
    return `Only ${mlp === undefined ? 'ResNets' : 'MLPs'} were compared; there is nothing to set against them`;
  }
  const [better, worse] = ranked.indexOf(mlp) < ranked.indexOf(resnet) ? [mlp, resnet] : [resnet, mlp];
  const test = tests.find(({ a, b }) => a === better.id && b === worse.id) as PairedTest;
  return contrast(findings, better, worse, test, better.family === 'mlp' ? 'MLP' : 'ResNet', 'Either');
}

/** "ResNet: 1.2 % (ResNet, α = 0.1) against 2.0 % (MLP); the difference of … is more than chance". */
function contrast(
  { protocol: { metric } }: Findings,
  better: NetworkResult,
  worse: NetworkResult,
  test: PairedTest,
  winner: string,
  both: string,
): string {
  const errors =
    `${errorText(metric, better.nested.mean)} (${better.label}) ` +
    `against ${errorText(metric, worse.nested.mean)} (${worse.label})`;
  if (sameError(better, worse)) return `${both}: ${errors}`;
  const [low, high] = test.interval;
  const evidence =
    `${differenceText(metric, test.difference)}, 95 % interval ${differenceText(metric, low)} to ` +
    `${differenceText(metric, high)} for these two alone, adjusted ${pText(test.pAdjusted)}`;
  return test.pAdjusted < level
    ? `${winner}: ${errors}; a difference beyond chance (${evidence})`
    : `${both}: ${errors}; the difference is within chance (${evidence})`;
}

function howDeep({ protocol, rows }: Findings, ranked: readonly NetworkResult[]): string {
  const { metric } = protocol;
  const best = ranked[0] as NetworkResult;
  const at = best.depths.find(({ depth }) => depth === best.chosenDepth) as NetworkResult['depths'][number];
  const chosen = best.nested.chosenDepths;
  const [least, most] = [Math.min(...chosen), Math.max(...chosen)];
  const range = least === most ? `every split chose ${least}` : `the splits chose ${least} to ${most}`;
  const sample = protocol.allRows < rows ? `a sample of ${countText(protocol.allRows, 'row')}` : 'all rows';
  const others = best.depths.filter((result) => result !== at);
  const adjusted = holm(others.map((other) => compareErrors(at.error, other.error, protocol).p));
  const differs = others.filter((_, i) => (adjusted[i] as number) < level);
  const same = others.filter((other) => !differs.includes(other));
  const parts = [
    `${same.length > 0 && differs.length === 0 ? 'No depth stands out: ' : ''}${best.label} at depth ${best.chosenDepth} (chosen by leave-one-out on ${sample}; ${range}): ` +
      `${errorText(metric, at.error.mean)}`,
  ];
  if (same.length > 0) parts.push(`within chance of that at depth ${listText(same.map(({ depth }) => `${depth}`))}`);
  for (const [words, sign] of [
    ['worse', 1],
    ['better', -1],
  ] as const) {
    const those = differs.filter(({ error }) => sign * (error.mean - at.error.mean) > 0);
    if (those.length > 0) {
      parts.push(`${words} at depth ${listText(those.map((o) => `${o.depth} (${errorText(metric, o.error.mean)})`))}`);
    }
  }
  const other = ranked.find(({ family }) => family !== best.family);
  if (best.depths.length > 1) parts.push(courseOf(best, protocol));
  if (other !== undefined && other.depths.length > 1) parts.push(courseOf(other, protocol));
  return parts.join('; ');
}

/** "the MLP goes from 2.0 % at depth 1 to 8.1 % at depth 50 (more than chance)". */
function courseOf(network: NetworkResult, protocol: Findings['protocol']): string {
  const { metric } = protocol;
  const [first, last] = [network.depths[0], network.depths.at(-1)] as [DepthAt, DepthAt];
  return (
    `${network.label} goes from ${errorText(metric, first.error.mean)} at depth ${first.depth} ` +
    `to ${errorText(metric, last.error.mean)} at depth ${last.depth} ` +
    `(${compareErrors(first.error, last.error, protocol).p < level ? 'more than chance' : 'within chance'})`
  );
}

type DepthAt = NetworkResult['depths'][number];

function whichAlpha(findings: Findings, ranked: readonly NetworkResult[], tests: readonly PairedTest[]): string {
  const { metric } = findings.protocol;
  const resnets = ranked.filter(({ family }) => family === 'resnet');
  const [best, ...others] = resnets;
  if (best === undefined) return 'No ResNet was compared, and an MLP has no alpha';
  const error = errorText(metric, best.nested.mean);
  if (others.length > 0 && onlyOneKernel(findings, resnets)) {
    return `It makes no difference (${error}): every ResNet chose depth 1, where all of this convention have one kernel`;
  }
  if (others.length === 0) return `Only ${best.alpha} was tried (${error})`;
  if (others.every((other) => sameError(other, best))) return `It makes no difference: ${error} with every alpha tried`;
  const of = (other: NetworkResult) => tests.find(({ a, b }) => a === best.id && b === other.id) as PairedTest;
  const tied = others.filter((other) => of(other).pAdjusted >= level);
  const worse = others.filter((other) => of(other).pAdjusted < level);
  const name = (network: NetworkResult) => `${network.alpha} (${errorText(metric, network.nested.mean)})`;
  const parts = [`${best.alpha} has the lowest error among the ResNets (${error})`];
  if (tied.length > 0) parts.push(`within chance of it: ${listText(tied.map(name))}`);
  if (worse.length > 0) parts.push(`worse by more than chance: ${listText(worse.map(name))}`);
  return parts.join('; ');
}

/** Frozen first layers leave α as a factor of the whole kernel at depth 1. */
function onlyOneKernel({ protocol }: Findings, resnets: readonly NetworkResult[]): boolean {
  const chosen = resnets.flatMap(({ chosenDepth, nested }) => [chosenDepth, ...nested.chosenDepths]);
  return protocol.convention === 'huang' && chosen.every((depth) => depth === 1);
}

/** Kernels of one family are alike: a rank correlation of fewer is chance. */
const fewestKernels = 10;

function howSmooth({ networks }: Findings, ranked: readonly NetworkResult[], tests: readonly PairedTest[]): string {
  const known = ranked
    .flatMap((network) => {
      const at = network.depths.find(({ depth }) => depth === network.chosenDepth);
      const slope = at?.smoothness.cuspSlope ?? null;
      return slope === null
        ? []
        : [{ slope, text: `${network.label} at depth ${network.chosenDepth} (cusp slope ${significant(slope)})` }];
    })
    .sort((a, b) => a.slope - b.slope);
  const [smoothest, roughest] = [known[0], known.at(-1)];
  const parts: string[] = [];
  if (smoothest === undefined || roughest === undefined) return 'No cusp slope is defined for these networks';
  parts.push(`Smoothest is ${smoothest.text}`);
  if (known.length > 1) parts.push(`${known.length === 2 ? 'rougher' : 'roughest'} is ${roughest.text}`);
  const kernels = networks
    .flatMap(({ depths }) => depths)
    .filter(({ smoothness }) => typeof smoothness.cuspSlope === 'number');
  if (kernels.length < fewestKernels) return parts.join('; ');
  const correlation = rankCorrelation(
    kernels.map(({ smoothness }) => smoothness.cuspSlope as number),
    kernels.map(({ error }) => error.mean),
  );
  if (correlation !== null) {
    const told = tests.some(({ pAdjusted }) => pAdjusted < level);
    const reading =
      Math.abs(correlation) < 0.3
        ? ': little to do with each other'
        : !told
          ? ', which says little, as the errors of the networks differ by no more than chance'
          : correlation > 0
            ? ': smoother ones did better'
            : ': rougher ones did better';
    parts.push(
      `over all ${kernels.length} kernels of this report the rank correlation of cusp slope and error is ` +
        `${correlation.toFixed(2)}${reading}`,
    );
  }
  return parts.join('; ');
}
