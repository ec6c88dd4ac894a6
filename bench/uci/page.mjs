// @ts-check
// Writes docs/uci: the table with all definitions and flaws, the accuracy on every set, the figures and every number.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { standaloneFigure } from '../../build-ts/report/figures/document.js';
import { info } from '../../dist/index.js';
import { commit, describeMachine } from '../harness/machine.mjs';
import { classifiers } from './classifiers.mjs';
import { meansFigure, percent, setsFigure } from './figures.mjs';
import { forest } from './forest.mjs';
import { families, groups } from './kernels.mjs';
import { summarise } from './metrics.mjs';
import { fewRows, protocols } from './protocols.mjs';
import { keyOf } from './store.mjs';

/** Mean accuracy of the NTK in the table of Arora et al. 2020, in percent. */
export const reference = 81.95;

/**
 * @param {readonly import('./store.mjs').Line[]} lines
 * @param {readonly import('./sets.mjs').UciSet[]} sets
 * @param {string} folder
 */
export function writePage(lines, sets, folder) {
  const tables = tablesOf(lines, sets);
  const complete = tables.filter(({ methods }) => methods.length > 0);
  if (complete.length === 0) throw new Error('no method has all sets yet; nothing to write');
  const figures = [meansFigure(complete, reference), ...comparison(complete, sets)];
  rmSync(path.join(folder, 'figures'), { recursive: true, force: true });
  mkdirSync(path.join(folder, 'figures'), { recursive: true });
  for (const figure of figures) {
    const svg = standaloneFigure(figure, /** @type {any} */ (undefined));
    writeFileSync(path.join(folder, 'figures', `${figure.name}.svg`), svg);
  }
  const kept = lines.map(({ scheme: _, seconds: _seconds, ...line }) => line).toSorted(byKey);
  const run = { machine: describeMachine({ simd: info().simd }), versions: { ...info(), node: process.version } };
  writeFileSync(path.join(folder, 'results.json'), `[\n${kept.map((line) => JSON.stringify(line)).join(',\n')}\n]\n`);
  writeFileSync(path.join(folder, 'README.md'), readme(tables, figures, lines, sets, run.machine));
}

const byKey = (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);
const nameOf = (family, classifier) => `${family} + ${classifier === 'svm' ? 'SVM' : 'ridge'}`;

/** Per protocol the methods that have every set, and those that have not. */
export function tablesOf(lines, sets) {
  const found = new Map(lines.map((line) => [keyOf(line), line.accuracy]));
  return protocols.map((protocol) => {
    const columns = Object.keys(classifiers).flatMap((classifier) =>
      Object.keys(families).map((family) => {
        const accuracies = sets.map(({ name: set }) => found.get(keyOf({ set, protocol, classifier, method: family })));
        const done = accuracies.filter((one) => one !== undefined).length;
        return { method: nameOf(family, classifier), accuracies, done };
      }),
    );
    const trees = sets.map(({ name: set }) =>
      found.get(keyOf({ set, protocol: 'published', classifier: 'forest', method: forest })),
    );
    if (trees.every((one) => one !== undefined)) {
      columns.push({ method: forest, accuracies: trees, done: trees.length });
    }
    const whole = columns.filter(({ done }) => done === sets.length);
    const methods = whole.map(({ method }) => method);
    const table = sets.map((_, s) => whole.map(({ accuracies }) => /** @type {number} */ (accuracies[s])));
    return {
      protocol,
      methods,
      table,
      summaries: methods.length === 0 ? [] : summarise(methods, table),
      missing: columns.filter(({ done }) => done < sets.length).map(({ method, done }) => ({ method, done })),
    };
  });
}

/** The two tangent kernels set by set, under the first protocol that has both. */
function comparison(tables, sets) {
  const [across, up] = [nameOf('MLP NTK', 'svm'), nameOf('ResNet NTK', 'svm')];
  const both = tables.find(({ methods }) => methods.includes(across) && methods.includes(up));
  if (both === undefined) return [];
  const [x, y] = [both.methods.indexOf(across), both.methods.indexOf(up)];
  const points = both.table.map((row, s) => ({ set: sets[s].name, x: row[x], y: row[y] }));
  return [setsFigure({ protocol: both.protocol, across, up, points })];
}

/** CPU minutes. The methods of one group come from one piece of work, which is counted once. */
export function minutesOf(lines) {
  const pieces = new Map(lines.map((line) => [keyOf({ ...line, method: line.method.split(' ')[0] }), line]));
  const sum = (some) => some.reduce((total, { cpu }) => total + cpu, 0) / 60;
  const [kernels, trees] = [false, true].map((is) =>
    [...pieces.values()].filter(({ classifier }) => (classifier === 'forest') === is),
  );
  return { kernels: sum(kernels), trees: sum(trees), pieces: kernels.length };
}

function readme(tables, figures, lines, sets, machine) {
  const { kernels, trees, pieces } = minutesOf(lines);
  const all = sets.length * protocols.length * Object.keys(classifiers).length * Object.keys(groups).length;
  const { version, blas } = info();
  return [
    '# The UCI table of the neural tangent kernel',
    '',
    `Written by \`npm run bench:uci\` on ${new Date().toISOString().slice(0, 10)}: ${machine.cpu}, ${machine.cpus} CPUs, ${machine.simd}, ${machine.platform};`,
    `resgram ${version} at ${commit()}, Node ${process.version}, ${blas}. The CPU time of each piece, as it was measured when that was`,
    `computed, adds up to ${kernels.toFixed(0)} minutes for ${pieces === all ? `all ${all}` : `the ${pieces} of ${all} that are done and`} that need kernels${trees > 0 ? `, and ${trees.toFixed(0)} for the random forest` : ''}. Pieces of earlier versions are kept as long as`,
    'they mean the same, to the tolerance of the optimisation.',
    '',
    `${sets.length} classification sets of the UCI collection, the original split files, two protocols. Arora et al. 2020`,
    '([arXiv 1910.01663](https://arxiv.org/abs/1910.01663)) report a mean accuracy of **' +
      `${reference} %** for the NTK with a support`,
    `vector machine; the row **MLP NTK + SVM** under the published protocol is the same experiment.`,
    '',
    ...tables.flatMap((table) => section(table, sets.length)),
    ...figures.map((figure) => `![${figure.title(/** @type {any} */ (undefined))}](figures/${figure.name}.svg)\n`),
    ...definitions(),
    ...perSet(tables, sets),
  ].join('\n');
}

function section({ protocol, summaries, missing }, count) {
  const rows = summaries
    .toSorted((a, b) => b.mean - a.mean)
    .map(({ method, mean, deviation, rank, p90, p95, pma, pmaDeviation }) =>
      [
        method,
        `${percent(mean)} ± ${percent(deviation)}`,
        rank.toFixed(2),
        percent(p90),
        percent(p95),
        `${percent(pma)} ± ${percent(pmaDeviation)}`,
      ].join(' | '),
    );
  const left = missing.map(({ method, done }) => `${method} (${done} of ${count} sets)`).join(', ');
  return [
    `## The ${protocol} protocol`,
    '',
    ...(rows.length === 0
      ? []
      : [
          '| Method | Accuracy, % | Friedman rank | P90, % | P95, % | PMA, % |',
          '|---|---|---|---|---|---|',
          ...rows.map((row) => `| ${row} |`),
          '',
        ]),
    ...(left === '' ? [] : [`Not complete, and so not in the table: ${left}.`, '']),
  ];
}

function definitions() {
  const { svm, ridge } = classifiers;
  return [
    '## What was done',
    '',
    ...Object.entries(families).map(([family, tried]) => `- **${family}**: ${tried}.`),
    '',
    'MLPs are ReLU networks without biases, weights of variance 1: every layer halves the covariance. Layers that are held fixed',
    'are layers with `trainable: false`; with all but the last one fixed the tangent kernel is the NNGP kernel. ResNets are',
    '`huang`: h ← h + α V relu(W h). Features are taken as they are in the files, not scaled further.',
    '',
    '- **Random forest**: `npm run bench:uci -- --forest`; Yggdrasil Decision Forests (`ydf-training` 0.0.1) in its default settings: 300',
    '  trees of depth 16 at most, 5 rows a leaf at least. It takes no classes of fewer than 5 training rows: such rows are left out of its training, and those of the',
    '  test count as wrong; where fewer than two classes are left, the most frequent one is the guess. Nothing is chosen, so that both tables have the same figure.',
    `- **SVM**: \`svmFolds\`, C from ${svm.grid[0]} to ${svm.grid.at(-1)} in decades, several classes one against one.`,
    `- **ridge**: regression of coded classes, λ from ${ridge.grid[0]} to ${ridge.grid.at(-1)} times the mean of the kernel's diagonal in decades,`,
    '  all λ from one eigendecomposition.',
    '',
    '**Published protocol.** Kernel and C (or λ) are those with the highest accuracy on the second half of one split after training',
    'on the first; the first of equals, in the order depth, fixed layers, C. The accuracy is the mean over the four folds of another split.',
    '',
    '> **Its flaws.** Features were standardised over all rows, test rows included: true of all 90 sets. And the half on which kernel',
    '> and C are chosen overlaps the test rows of the folds (wine: 22 of 45 in the first fold; pima: 96 of 192). Accuracies under',
    '> this protocol are comparable with the published ones and too high as estimates.',
    '',
    '**Nested protocol.** The same folds; kernel and C are chosen anew for each, inside its training rows: by four stratified folds,',
    `or, of more than ${fewRows} training rows, by training on one stratified half and testing on the other. Test rows decide nothing;`,
    'the standardisation over all rows is in the files and stays.',
    '',
    '**Accuracy** is the mean over sets ± the standard deviation between sets. **Friedman rank**: the mean place of a method on a set, 1 being',
    'best, shared by those that tie. **P90**, **P95**: the share of sets on which a method has at least 90 % (95 %) of the best accuracy',
    'on that set. **PMA**: the mean share of the best accuracy. All but the accuracy compare with the other rows of the same table, so',
    'they are not those of the paper, where other classifiers stood beside.',
    '',
    '## Where the data come from',
    '',
    'UCI sets as prepared by Fernández-Delgado et al. 2014 (*JMLR* 15), with their `conxuntos.dat` and `conxuntos_kfold.dat`: those without a',
    'separate test file and with 5000 rows at most, which are 90. The sets have licences of their own and are not part of this package. The',
    'run reads a `.tar.gz` with a folder a set; `RESGRAM_UCI` names it.',
    '',
    '## Libraries that were looked at',
    '',
    '`ml-random-forest` 2.1.0, the forest in wide use, had its last release in January 2022; `ydf-training` is kept up. There was no',
    'support vector machine to take: `libsvm-js` 0.2.1, of May 2018, does take kernel matrices, one training at a time as nested',
    'arrays; `ml-svm` 2.1.2 knows the labels 1 and −1 and evaluates kernels of its own. So the package has its own, `svm`.',
    '',
  ];
}

function perSet(tables, sets) {
  const columns = tables.flatMap(({ protocol, methods, table }) =>
    methods.map((method, m) => ({ head: `${method}, ${protocol}`, of: (s) => percent(table[s][m]) })),
  );
  return [
    '## Every set',
    '',
    `| Set | Rows | Features | Classes | ${columns.map(({ head }) => head).join(' | ')} |`,
    `|---|---|---|---|${columns.map(() => '---|').join('')}`,
    ...sets.map(
      ({ name, rows, columns: features, classes }, s) =>
        `| ${name} | ${rows} | ${features} | ${classes} | ${columns.map(({ of }) => of(s)).join(' | ')} |`,
    ),
    '',
  ];
}
