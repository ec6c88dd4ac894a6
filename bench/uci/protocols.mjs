// @ts-check
// How a kernel and a strength are chosen, and where the accuracy that is reported comes from.
//
//   published  chosen on the second half of one split after training on the first; mean accuracy over the four folds of
//              another split. The halves are cut from all rows, test rows of the folds included.
//   nested     chosen anew for each fold inside its training rows; the test rows take no part.
//
// The first of equals wins, in the order of the kernels and then of the grid.
import { createRandom } from '../../build-ts/data/rng.js';

/**
 * @typedef {import('./sets.mjs').UciSet} UciSet
 * @typedef {import('./sets.mjs').Fold} Fold
 * @typedef {import('./kernels.mjs').Candidate} Candidate
 * @typedef {{ kernel: string, strength: number }} Choice
 * @typedef {{ method: string, accuracy: number, folds: number[], choices: Choice[] }} Outcome
 */

/** Training rows up to which there are four inner folds; beyond, one split into halves. */
export const fewRows = 1000;

/** For each reported fold, the splits that decide for it; one entry when they are the same for all. */
const deciders = {
  published: (set) => [[set.halves]],
  nested: (set) => set.folds.map(({ train }, f) => innerFolds(train, set.y, f + 1)),
};
export const protocols = Object.freeze(Object.keys(deciders));

/**
 * One set under one protocol: an outcome for every method among the candidates.
 * @param {UciSet} set
 * @param {keyof typeof deciders} protocol
 * @param {readonly Candidate[]} candidates
 * @param {(typeof import('./classifiers.mjs').classifiers)['svm']} classifier
 * @returns {Promise<Outcome[]>}
 */
export async function outcomes(set, protocol, candidates, classifier) {
  const splits = deciders[protocol](set);
  const methods = [...new Set(candidates.flatMap((one) => one.methods))];
  // Per method and decider the places of the candidate and the strength with most hits so far.
  const best = new Map(methods.map((method) => [method, splits.map(() => ({ hits: -1, candidate: 0, strength: 0 }))]));
  for (const [k, candidate] of candidates.entries()) {
    const counts = await classifier.choose(await candidate.gram(set.x), set, splits.flat());
    let at = 0;
    for (const [d, group] of splits.entries()) {
      const mine = counts.slice(at, at + group.length);
      at += group.length;
      for (const strength of classifier.grid.keys()) {
        const hits = mine.reduce((sum, each) => sum + each[strength], 0);
        for (const method of candidate.methods) {
          const found = best.get(method);
          if (hits > found[d].hits) found[d] = { hits, candidate: k, strength };
        }
      }
    }
  }
  return judged(set, candidates, classifier, best, splits.length);
}

/** The chosen ones on the reported folds; each kernel is made once, and nothing is computed twice. */
async function judged(set, candidates, classifier, best, deciding) {
  const wanted = new Map();
  for (const choices of best.values()) {
    for (const f of set.folds.keys()) {
      const { candidate, strength } = choices[deciding === 1 ? 0 : f];
      wanted.set(`${candidate} ${f} ${strength}`, { candidate, f, strength });
    }
  }
  const shares = new Map();
  for (const [k, candidate] of candidates.entries()) {
    const mine = [...wanted].filter(([, one]) => one.candidate === k);
    if (mine.length === 0) continue;
    const gram = await candidate.gram(set.x);
    for (const [key, { f, strength }] of mine) {
      const hits = await classifier.judge(gram, set, set.folds[f], classifier.grid[strength]);
      shares.set(key, hits / set.folds[f].test.length);
    }
  }
  return [...best].map(([method, choices]) => {
    const folds = set.folds.map((_, f) => {
      const { candidate, strength } = choices[deciding === 1 ? 0 : f];
      return shares.get(`${candidate} ${f} ${strength}`);
    });
    return {
      method,
      accuracy: folds.reduce((sum, share) => sum + share, 0) / folds.length,
      folds,
      choices: choices.map(({ candidate, strength }) => ({
        kernel: candidates[candidate].id,
        strength: classifier.grid[strength],
      })),
    };
  });
}

/**
 * What decides inside some training rows: stratified folds, each class shuffled and dealt out in turn; of many rows only the
 * first of two halves, which are as large as folds of the published protocol.
 */
export function innerFolds(rows, y, seed) {
  const random = createRandom(seed);
  const count = rows.length <= fewRows ? 4 : 2;
  const dealt = random.shuffle([...rows]).toSorted((a, b) => y[a] - y[b]);
  const folds = Array.from({ length: count }, (_, f) => ({
    train: dealt.filter((_row, i) => i % count !== f),
    test: dealt.filter((_row, i) => i % count === f),
  }));
  return count === 2 ? folds.slice(0, 1) : folds;
}
