// @ts-check
// The baseline: a random forest of Yggdrasil Decision Forests, in its default settings. It has nothing to choose, so that one
// run over the folds stands under both protocols.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { peers } from '../harness/paths.mjs';

/** @typedef {import('./sets.mjs').UciSet} UciSet */

export const forest = 'Random forest';
const home = peers('npm', 'package.json');

/** What to do about its absence; undefined where it is there. */
export function forestMissing() {
  if (existsSync(peers('npm', 'node_modules', 'ydf-training'))) return undefined;
  return 'ydf-training is not there; node scripts/bench-peers.mjs npm installs it';
}

/** What the library takes a class to need; rarer ones it refuses. */
const fewest = 5;

/** Rows of classes that are frequent enough to be learnt. */
export function learnable(y, rows) {
  const counts = new Map();
  for (const row of rows) counts.set(y[row], (counts.get(y[row]) ?? 0) + 1);
  return rows.filter((row) => counts.get(y[row]) >= fewest);
}

/** The first of equals. */
export function mostFrequent(classes) {
  const counts = new Map();
  for (const one of classes) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

let library;
async function learners() {
  const start = createRequire(home)('ydf-training');
  library ??= await start({ print() {}, printErr() {} });
  return library;
}

/** One outcome, in the form of the methods that do choose. */
export async function forestOutcome(/** @type {UciSet} */ set) {
  const { RandomForestLearner } = await learners();
  const folds = set.folds.map(({ train, test }) => {
    const rows = learnable(set.y, train);
    if (new Set(rows.map((row) => set.y[row])).size < 2) {
      const guess = mostFrequent(train.map((row) => set.y[row]));
      return test.filter((row) => set.y[row] === guess).length / test.length;
    }
    // Every train() says what it took on the console.
    const said = console.log;
    console.log = () => {};
    let model;
    try {
      model = new RandomForestLearner('class', 'CLASSIFICATION').train(tableOf(set, rows));
      const guesses = winners(model.predict(tableOf(set, test)), model.getLabelClasses());
      return guesses.filter((guess, i) => guess === classOf(set, test[i])).length / test.length;
    } finally {
      model?.unload();
      console.log = said;
    }
  });
  const accuracy = folds.reduce((sum, share) => sum + share, 0) / folds.length;
  return { method: forest, accuracy, folds, choices: [] };
}

const classOf = (set, row) => `c${set.y[row]}`;

function tableOf(set, rows) {
  const head = ['class', ...Array.from({ length: set.columns }, (_, j) => `x${j}`)];
  const lines = rows.map((row) => [
    classOf(set, row),
    ...set.x.data.subarray(row * set.columns, (row + 1) * set.columns),
  ]);
  return [head, ...lines].map((cells) => `${cells.join(',')}\n`).join('');
}

/** Of two classes the probability of the second one comes, of more those of all, row by row. */
export function winners(probabilities, classes) {
  if (classes.length <= 2) return probabilities.map((p) => (p > 0.5 ? classes[1] : classes[0]));
  return Array.from({ length: probabilities.length / classes.length }, (_, i) => {
    const row = probabilities.slice(i * classes.length, (i + 1) * classes.length);
    return classes[row.indexOf(Math.max(...row))];
  });
}
