import { describe, expect, test } from 'vitest';
import type { Circumstances } from '../../lib/compare/caveats.js';
import type { Findings } from '../../lib/compare/evidence.js';
import type { DepthResult, ErrorOverSplits, NetworkResult, Protocol } from '../../lib/compare/schema.js';
import { verdictOf } from '../../lib/compare/verdict.js';
import { mean, standardDeviation, studentTwoSided } from '../../lib/statistics.js';

const protocol: Protocol = {
  convention: 'huang',
  kernel: 'ntk',
  precision: 'float64',
  scaling: 'sphere',
  bias: 0,
  activation: 'relu',
  ridge: 'loo',
  ridgeGrid: [1e-10, 1e-3, 100],
  depths: [2, 5],
  splits: { count: 10, trainRows: 800, testRows: 200, seed: 0 },
  allRows: 1000,
  metric: 'error rate',
  selection: '',
  shownDepth: 5,
};

const circumstances: Circumstances = {
  kind: 'images',
  holdoutRows: 1000,
  duplicateRows: 0,
  conflictingRows: 0,
  zeroRows: 0,
  filledCells: 0,
  rowsLeftForTraining: 800,
  deepestKernel: {},
  singular: [],
};

/** The same split-to-split noise for everyone, as real splits have, and a little that is a network's own. */
const noise = [0.002, -0.001, 0.003, 0, -0.002, 0.001, -0.003, 0.002, 0, -0.002];
const own = [1, -1, 1, 1, -1, -1, 1, -1, 1, -1];
const errors = (centre: number, amplitude = 0): ErrorOverSplits => {
  const perSplit = noise.map((shared, i) => centre + shared + amplitude * (own[i] as number));
  return { mean: mean(perSplit), sd: standardDeviation(perSplit), perSplit };
};

function result(id: string, nested: ErrorOverSplits, changes: Partial<NetworkResult> = {}): NetworkResult {
  const family = id === 'mlp' ? 'mlp' : 'resnet';
  const depths = protocol.depths.map(
    (depth): DepthResult => ({
      depth,
      error:
        depth === 5
          ? nested
          : {
              ...nested,
              mean: nested.mean + 0.05,
              perSplit: nested.perSplit.map((e, i) => e + 0.05 + 0.001 * (own[i] as number)),
            },
      holdoutError: null,
      looError: nested.mean,
      ridge: 1e-3,
      ridgeAllRows: 1e-3,
      spectrum: {
        ranks: [1],
        values: [1],
        conditionNumber: 1,
        conditionNumberDistinct: 1,
        smallest: 1,
        decayExponent: null,
        decayStandardError: null,
        residual: 0,
      },
      smoothness: { cuspSlope: family === 'mlp' ? 0.8 : 0.1 * depth },
    }),
  );
  const label = family === 'mlp' ? 'MLP' : `ResNet ${id}`;
  return {
    id,
    label,
    family,
    alpha: family === 'mlp' ? '' : `α of ${id}`,
    spec: {},
    nested: { ...nested, chosenDepths: [5, 5, 5, 2, 5, 5, 5, 5, 5, 5] },
    chosenDepth: 5,
    depths,
    ...changes,
  };
}

const baseline: Findings['baseline'] = { label: 'largest class', error: errors(0.5), holdoutError: null };
const verdict = (networks: NetworkResult[], changed: Partial<Circumstances> = {}, chance = baseline) =>
  verdictOf({ rows: 1000, protocol, baseline: chance, networks }, { ...circumstances, ...changed });
const answer = (v: ReturnType<typeof verdict>, question: string) =>
  v.answers.find((a) => a.question === question)?.answer ?? '';

describe('a clear win', () => {
  const v = verdict([result('mlp', errors(0.06, 0.002)), result('a', errors(0.02)), result('b', errors(0.05, 0.001))]);
  test('names the winner and no tie', () => {
    expect(v.best).toEqual({ id: 'a', depth: 5, error: expect.closeTo(0.02, 12) });
    expect(v.ties).toEqual([]);
    expect(v.headline).toBe(
      'ResNet a wins with 2.00 % test error; ResNet b and MLP do worse by more than chance (adjusted p = 0.0059 at most)',
    );
  });
  test('lists every pair, those of the winner first, the better network as a', () => {
    expect(v.tests.map(({ a, b }) => `${a}<${b}`)).toEqual(['a<b', 'a<mlp', 'b<mlp']);
    for (const { difference, p, pAdjusted } of v.tests) {
      expect(difference).toBeGreaterThan(0);
      expect(pAdjusted).toBeGreaterThanOrEqual(p);
    }
  });
  test('answers the four questions with numbers', () => {
    expect(answer(v, 'MLP or ResNet?')).toMatch(
      /^ResNet: 2\.00 % \(ResNet a\) against 6\.00 % \(MLP\); a difference beyond chance \(4\.00 points, 95 % interval \d/,
    );
    expect(answer(v, 'How deep?')).toContain(
      'ResNet a at depth 5 (chosen by leave-one-out on all rows; the splits chose 2 to 5): 2.00 %',
    );
    expect(answer(v, 'How deep?')).toContain('worse at depth 2 (7.00 %)');
    expect(answer(v, 'How deep?')).toContain(
      'MLP goes from 11.00 % at depth 2 to 6.00 % at depth 5 (more than chance)',
    );
    expect(answer(v, 'How deep?')).not.toContain('No depth stands out');
    expect(answer(v, 'Which alpha?')).toBe(
      'α of a has the lowest error among the ResNets (2.00 %); worse by more than chance: α of b (5.00 %)',
    );
    expect(answer(v, 'How smooth?')).toContain('Smoothest is ResNet a at depth 5 (cusp slope 0.5); roughest is MLP');
  });
  test('speaks of smoothness and error together only with enough kernels', () => {
    expect(answer(v, 'How smooth?')).not.toMatch(/correlation|did better/);
    const many = verdict(['mlp', 'a', 'b', 'c', 'd'].map((id, i) => result(id, errors(0.02 * (i + 1), 0.001))));
    expect(answer(many, 'How smooth?')).toMatch(
      /over all 10 kernels of this report the rank correlation of cusp slope and error is -?\d\.\d\d/,
    );
  });
});

test('errors that differ by chance alone are not read as an effect of depth or smoothness', () => {
  const ties = ['mlp', 'a', 'b', 'c', 'd'].map((id, i) => {
    const network = result(id, errors(0.02 + 0.0001 * i, 0.01));
    const depths = network.depths.map((d, k) => ({ ...d, error: errors(0.02 + 0.0001 * (i + k), 0.01 - 0.02 * k) }));
    return { ...network, depths };
  });
  const v = verdict(ties);
  expect(answer(v, 'How deep?')).toMatch(/^No depth stands out: MLP at depth 5 .*; within chance of that at depth 2; /);
  expect(answer(v, 'How deep?').match(/ at depth 5 \(within chance\)/g)).toHaveLength(2);
  expect(answer(v, 'How deep?')).not.toMatch(/worse|better|more than chance/);
  expect(answer(v, 'How smooth?')).toMatch(
    /the rank correlation of cusp slope and error is -?[01]\.\d\d, which says little, as the errors of the networks differ by no more than chance$/,
  );
});

describe('a tie', () => {
  const v = verdict([result('mlp', errors(0.0205, 0.01)), result('a', errors(0.02))]);
  test('is said', () => {
    expect(v.ties).toEqual(['mlp']);
    expect(v.headline).toBe(
      'No clear winner: ResNet a has the lowest test error (2.00 %), but MLP cannot be told from it over 10 splits',
    );
    expect(answer(v, 'MLP or ResNet?')).toMatch(/^Either: .*the difference is within chance .*adjusted p = /);
    expect(v.caveats).toContain('A tie means that these splits cannot show a difference, not that there is none');
  });
  test('equal networks tie with p = 1', () => {
    const equal = verdict([result('mlp', errors(0.02)), result('a', errors(0.02))]);
    expect(equal.best.id).toBe('mlp');
    expect(equal.headline).toBe('No difference: both networks have 2.00 % test error over 10 splits');
    expect(equal.tests[0]).toMatchObject({ difference: 0, p: 1, pAdjusted: 1 });
    // Errors of 200 rows move in steps of half a point; no spread seen is not no spread.
    const half = 2.2621571628 * 0.005 * Math.sqrt(0.1 + 0.25);
    expect(equal.tests[0]?.interval[1]).toBeCloseTo(half, 9);
  });
  test('errors that differ by rounding are equal', () => {
    const rounded = errors(0.02);
    const perSplit = rounded.perSplit.map((error, i) => error * (1 + 1e-14 * (2 + (own[i] as number))));
    const v2 = verdict([result('mlp', { ...rounded, perSplit, mean: mean(perSplit) }), result('a', errors(0.02))]);
    expect(v2.tests[0]).toMatchObject({ a: 'mlp', difference: 0, p: 1 });
    expect(v2.headline).toContain('No difference');
  });
  test('a shared lowest error is told as shared', () => {
    const v2 = verdict([
      result('mlp', errors(0.02)),
      result('a', errors(0.02)),
      result('b', errors(0.0205, 0.01)),
      result('c', errors(0.08, 0.001)),
    ]);
    expect(v2.headline).toBe(
      'MLP and ResNet a share the lowest test error (2.00 %); ResNet b cannot be told from them; ResNet c does worse by more than chance',
    );
  });
  test('with some and not with others', () => {
    const some = verdict([
      result('mlp', errors(0.08, 0.001)),
      result('a', errors(0.02)),
      result('b', errors(0.0202, 0.01)),
    ]);
    expect(some.headline).toBe(
      'ResNet a has the lowest test error (2.00 %); ResNet b cannot be told from it; MLP does worse by more than chance',
    );
  });
});

test('a difference that the plain paired test would call significant is a tie under the corrected one', () => {
  const [better, worse] = [errors(0.02), errors(0.028, 0.01)];
  const differences = worse.perSplit.map((error, i) => error - (better.perSplit[i] as number));
  const plain = mean(differences) / (standardDeviation(differences) / Math.sqrt(10));
  expect(studentTwoSided(plain, 9)).toBeLessThan(0.05);
  const v = verdict([result('mlp', worse), result('a', better)]);
  expect(v.tests[0]?.p).toBeGreaterThan(0.2);
  expect(v.ties).toEqual(['mlp']);
});

describe('few splits', () => {
  const few = (count: number, networks: NetworkResult[]) => {
    const cut = (e: ErrorOverSplits) => {
      const perSplit = e.perSplit.slice(0, count);
      return { perSplit, mean: mean(perSplit), sd: standardDeviation(perSplit) };
    };
    const short = networks.map((network) => ({
      ...network,
      nested: { ...cut(network.nested), chosenDepths: network.nested.chosenDepths.slice(0, count) },
      depths: network.depths.map((depth) => ({ ...depth, error: cut(depth.error) })),
    }));
    const splits = { ...protocol.splits, count };
    const chance = { ...baseline, error: cut(baseline.error) };
    return verdictOf(
      { rows: 1000, protocol: { ...protocol, splits }, baseline: chance, networks: short },
      circumstances,
    );
  };
  const networks = [result('mlp', errors(0.06)), result('a', errors(0.02))];
  test.each([2, 3, 5])('%i of them name no winner, and say why', (count) => {
    const v = few(count, networks);
    expect(v.headline).toMatch(/^No clear winner: ResNet a has the lowest test error/);
    expect(v.tests[0]?.p).toBe(2 ** (1 - count));
    expect(v.caveats.join('\n')).toContain(
      `With ${count} splits no difference between networks can be told from chance, however large; that takes at least 6 splits`,
    );
  });
  test('six can', () => {
    const v = few(6, networks);
    expect(v.headline).toMatch(/^ResNet a wins/);
    expect(v.caveats.join('\n')).not.toContain('however large');
  });
});

test('networks no better than a constant are said to be so', () => {
  const v = verdict([result('mlp', errors(0.49, 0.05)), result('a', errors(0.5, 0.05))]);
  expect(v.headline).toBe(
    'No network predicts better than a constant by more than chance: the lowest test error is 49.00 % (MLP), the largest class alone gives 50.00 %',
  );
});

test('where every ResNet chose depth 1, alpha makes no difference', () => {
  const nested = { ...errors(0.02), chosenDepths: Array(10).fill(1) };
  const one = {
    nested,
    chosenDepth: 1,
    depths: result('a', errors(0.02)).depths.map((d) => ({ ...d, depth: d.depth === 5 ? 1 : 2 })),
  };
  const v = verdict([result('a', errors(0.02), one), result('b', errors(0.02), one)]);
  expect(answer(v, 'Which alpha?')).toMatch(/^It makes no difference \(2\.00 %\): every ResNet chose depth 1/);
});

test('one family alone, one network alone', () => {
  const v = verdict([result('mlp', errors(0.02))]);
  expect(v.headline).toBe('MLP: 2.00 % test error; nothing else was compared');
  expect(v.tests).toEqual([]);
  expect(answer(v, 'MLP or ResNet?')).toBe('Only MLPs were compared; there is nothing to set against them');
  expect(answer(v, 'Which alpha?')).toBe('No ResNet was compared, and an MLP has no alpha');
});

describe('caveats appear where they apply and only there', () => {
  const networks = [result('mlp', errors(0.06, 0.002)), result('a', errors(0.02))];
  const all = (changed: Partial<Circumstances> = {}) => verdict(networks, changed).caveats.join('\n');
  test.each([
    ['repeat another row', { duplicateRows: 3, conflictingRows: 1 }],
    ['3 rows repeat another row; 1 of them', { duplicateRows: 3, conflictingRows: 1 }],
    ['of zeros', { zeroRows: 1 }],
    ['12 missing values are the mean of the column over all rows, test rows', { filledCells: 12 }],
    ['1 missing value is the mean', { filledCells: 1 }],
    ['it could have', { rowsLeftForTraining: 4000 }],
    ['A Gram matrix of MLP is singular', { singular: ['MLP'] }],
    ['close to its limit, 1/4', { deepestKernel: { mlp: [0.265, 0.26, 0.258], a: [0.8, 0.6, 0.4] } }],
  ] as [string, Partial<Circumstances>][])('%s', (words, changed) => {
    expect(all(changed)).toContain(words);
    expect(all()).not.toContain(words);
  });
  test('a kernel that only crosses 1/4 at a right angle is not at its limit', () => {
    // One hidden layer with a trained bias of variance 1: κ(90°) is exactly 1/4.
    expect(all({ deepestKernel: { mlp: [0.56, 0.25, 0.1] } })).not.toContain('close to its limit');
  });
  test('images without convolutions', () => {
    expect(all()).toContain('list of pixels');
    expect(all({ kind: 'table' })).not.toContain('list of pixels');
  });
  test('a sample of the rows is told, in the caveats and where a depth is chosen', () => {
    const sampled = verdictOf({ rows: 6000, protocol, baseline, networks }, circumstances);
    expect(sampled.caveats.join('\n')).toContain('come from a random sample of 1,000 rows of the 6,000 rows');
    expect(answer(sampled, 'How deep?')).toContain('(chosen by leave-one-out on a sample of 1,000 rows; ');
    expect(all()).not.toContain('random sample');
  });
  test('the limit of the method is always there', () => {
    expect(all()).toContain('infinitely wide');
  });
  test('a holdout that disagrees', () => {
    const withHoldout = (network: NetworkResult, error: number): NetworkResult => ({
      ...network,
      depths: network.depths.map((d) => ({ ...d, holdoutError: error })),
    });
    const [mlp, a] = networks as [NetworkResult, NetworkResult];
    const chance = { ...baseline, holdoutError: 0.5 };
    const disagree = verdict([withHoldout(mlp, 0.01), withHoldout(a, 0.03)], {}, chance);
    expect(disagree.caveats.join('\n')).toContain(
      'On the separate test set MLP did best (1.00 %), not ResNet a (3.00 %); the standard error of such a rate on 1,000 rows is 0.31 %',
    );
    const agree = verdict([withHoldout(mlp, 0.03), withHoldout(a, 0.01)], {}, chance);
    expect(agree.caveats.join('\n')).not.toContain('separate test set');
  });
});
