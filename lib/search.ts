/** The network, depth, kernel and ridge that suit some data best. */

import { classesOf, encoded, indicesOf, type Label, type Labels, readLabels } from './classification/labels.js';
import { compile } from './compile.js';
import { repeatedKFold } from './data/split.js';
import { gramSweepTask } from './depths.js';
import { KernelError } from './errors.js';
import { type Gram, gramConstraints, gramTask, type KernelName, readWhich } from './evaluate.js';
import { background, jobConstraints, type Settings, type Task, threadsOf } from './jobs.js';
import { readRidges } from './loo.js';
import { requireMemory } from './memory.js';
import { numbersOf } from './native-numbers.js';
import { type Constraint, flag, integer, oneOf, readOptions, unexpected } from './options.js';
import { isRecord } from './place.js';
import { readPoints } from './points.js';
import { atDepth, type Network, network, type PresetFamily } from './presets.js';
import { regressConstraints } from './regress.js';
import { chooseFirst, leastOf, ridgeGrid } from './ridge-choice.js';
import { readTargets } from './samples.js';
import { type Question, scored } from './search/score.js';
import type { SearchCandidate, SearchOptions, SearchResult } from './search/types.js';
import { bytesOfDecomposition } from './spectrum.js';
import { requireSquares } from './squares.js';
import { centred } from './targets.js';
import type { Samples, Targets, Tensor } from './tensor.js';

export type { Criterion, SearchCandidate, SearchOptions, SearchResult } from './search/types.js';
export { type Variations, vary } from './search/vary.js';

type Entry = SearchOptions['networks'][number];

const anything: Constraint<unknown> = { expected: 'anything', accepts: (_value): _value is unknown => true };
const entries: Constraint<readonly Entry[]> = {
  expected: 'a list of networks and presets, at least one',
  accepts: (value): value is readonly Entry[] => Array.isArray(value) && value.length > 0 && value.every(isRecord),
};

const constraints = {
  ...jobConstraints,
  networks: entries,
  depths: anything,
  which: anything,
  ridges: anything,
  criterion: oneOf('leave-one-out', 'folds', 'likelihood'),
  folds: integer(2, 2 ** 31),
  seed: integer(0, Number.MAX_SAFE_INTEGER),
  task: oneOf('regress', 'classify'),
  coding: oneOf('centred', 'signs'),
  centre: flag,
  amplitude: regressConstraints.amplitude,
  maxHours: gramConstraints.maxHours,
};

/**
 * Tries every network at every depth with every kernel: one Gram matrix each, all depths of a preset from one sweep where
 * that can be, and one eigendecomposition for all ridges and criteria. The Gram matrices of one entry are held at once.
 * Deterministic, ties and folds included. `regress(compile(best.network), x, y, { which: best.kernel, ridge: best.ridge })`
 * is then the fit.
 */
export function search(x: Samples, y: Targets | Labels, options: SearchOptions): Promise<SearchResult> {
  return background(search, () => searchTask(x, y, options));
}

export function searchTask(x: Samples, y: Targets | Labels, options: SearchOptions): Task<SearchResult> {
  const settings = readOptions('options', options, constraints);
  const { networks, criterion = 'leave-one-out', maxHours, seed = 0, folds = 5 } = settings;
  if (networks === undefined) throw unexpected('networks', entries.expected, undefined);
  const threads = threadsOf(settings);
  const { names } = readWhich(settings.which ?? 'ntk');
  const depths = settings.depths as readonly number[] | undefined;
  const relative = settings.ridges === undefined ? ridgeGrid : [...readRidges(settings.ridges)].sort((a, b) => a - b);
  const job: Settings & { readonly maxHours?: number } = { threads, ...(maxHours === undefined ? {} : { maxHours }) };
  // Everything that is wrong with a network, or does not fit into memory, is said before anything is computed.
  const plans = networks.map((entry) => planOf(entry, depths));
  for (const plan of plans) plan.grams(x, names, job);
  const points = readPoints('x', x, (plans[0] as Plan).deepest);
  const task = settings.task ?? (Array.isArray(y) && typeof y[0] === 'string' ? 'classify' : 'regress');
  const coded = task === 'classify' ? codedLabels(y as Labels, settings.coding ?? 'centred', points.rows) : undefined;
  const targets = readTargets(coded === undefined ? 'y' : 'labels', coded?.targets ?? y, points.rows);
  if (criterion === 'folds' && folds > points.rows) {
    throw unexpected('folds', `at most ${points.rows} (the number of samples)`, folds);
  }
  planSearch(plans, names.length, points.rows, targets.columns, relative.length);
  return {
    settings,
    steps: (function* () {
      const copy = yield* points.copy();
      const right = yield* targets.copy();
      const shape = points.grid === undefined ? [copy.rows, copy.columns] : [copy.rows, ...points.axes, points.grid[2]];
      const samples: Tensor = { data: numbersOf(copy), shape };
      const raw = numbersOf(right);
      const { columns } = right;
      for (const matrix of [copy, right]) matrix.dispose();
      requireSquares('y', columns, raw);
      if (criterion === 'likelihood' && (settings.amplitude ?? 'auto') === 'auto') {
        requireVaried(raw, columns, settings.centre === true);
      }
      const shifted = settings.centre === true ? centred({ data: raw, shape: [points.rows, columns] }) : undefined;
      const question: Question = {
        criterion,
        y: shifted?.values ?? raw,
        columns,
        truth: coded?.indices,
        centre: shifted?.centre ?? new Float64Array(columns),
        relativeRidges: relative,
        part: criterion === 'folds' ? partsOf(coded?.indices, points.rows, folds, seed) : undefined,
        amplitude: settings.amplitude ?? 'auto',
        threads,
      };
      const candidates: SearchCandidate[] = [];
      for (const plan of plans) {
        const byDepth = yield* plan.grams(samples, names, job).steps;
        for (const [i, grams] of byDepth.entries()) {
          for (const name of names) {
            const found = yield* scored(grams[name] as Gram, question);
            candidates.push(Object.freeze({ ...(plan.members[i] as Member), kernel: name, ...found }));
          }
        }
      }
      return result(candidates, criterion, task, coded?.classes);
    })(),
  };
}

/**
 * Refuses (ERR_OUT_OF_MEMORY) what the steps will hold at once: the Gram matrices of one entry, and beside them one
 * decomposition with its copy, and the predictions of every ridge.
 */
function planSearch(plans: readonly Plan[], kernels: number, n: number, columns: number, ridges: number): void {
  const grams = kernels * Math.max(...plans.map(({ members }) => members.length));
  const bytes = 8 * n * (grams * n + ridges * columns) + bytesOfDecomposition(n, n, true);
  requireMemory(
    `a search of ${grams} Gram matrices of ${n} samples at once, and ${ridges} ridges × ${columns} columns`,
    bytes,
    'use fewer rows, fewer depths or kernels at a time, or fewer ridges',
  );
}

/** Refuses (ERR_DATA) columns that are zero once centred: no amplitude is the most likely one. [gp-amplitude] */
function requireVaried(y: Float64Array, columns: number, centre: boolean): void {
  for (let column = 0; column < columns; column++) {
    const same = centre ? y[column] : 0;
    if (y.some((value, i) => i % columns === column && value !== same)) continue;
    throw new KernelError(
      'ERR_DATA',
      `y: column ${column} is constant${centre ? '' : ', 0'}, so that no amplitude can be estimated from it; give one, leave the ` +
        'column out, or search by another criterion',
      { column },
    );
  }
}

interface Member {
  readonly network: Network;
  readonly depth?: number;
}

type ByKernel = { readonly [Name in KernelName]?: Gram };

interface Plan {
  readonly members: readonly Member[];
  readonly deepest: ReturnType<typeof network>;
  /** The Gram matrices of the members, in their order. */
  grams(x: Samples, names: readonly KernelName[], job: object): Task<readonly ByKernel[]>;
}

function planOf(entry: Entry, depths: readonly number[] | undefined): Plan {
  if (!('kind' in entry) && depths !== undefined) {
    const family = entry as PresetFamily;
    const members = Array.isArray(depths)
      ? depths.map((depth) => Object.freeze({ network: Object.freeze(atDepth(family, depth)), depth }))
      : [];
    const grams: Plan['grams'] = (x, names, job) =>
      gramSweepTask(family, depths, x, names, job) as Task<readonly ByKernel[]>;
    // Sweeps check the depths; of none there is no network to read the samples for.
    const deepest = members.at(-1)?.network ?? atDepth(family, 1);
    return { members, deepest: network(deepest), grams };
  }
  const single = entry as Network;
  const kernel = compile(single);
  const depth = 'depth' in single ? { depth: single.depth } : {};
  return {
    members: [Object.freeze({ network: single, ...depth })],
    deepest: kernel.network,
    grams: (x, names, job) => {
      const { settings, steps } = gramTask(kernel, x, names, job);
      return {
        settings,
        steps: (function* () {
          return [(yield* steps) as ByKernel];
        })(),
      };
    },
  };
}

function codedLabels(y: Labels, coding: 'centred' | 'signs', rows: number) {
  const labels = readLabels(y);
  const classes = classesOf(labels);
  const indices = indicesOf(labels, classes);
  if (labels.length !== rows) {
    throw new KernelError('ERR_SHAPE', `labels: expected ${rows} rows, one per sample, got ${labels.length}`, {
      expected: rows,
      got: labels.length,
    });
  }
  const targets: Tensor = { data: encoded(indices, classes.length, coding), shape: [rows, classes.length] };
  return { classes, indices, targets };
}

/** The number of the fold of each sample. */
function partsOf(indices: Uint32Array | undefined, n: number, folds: number, seed: number): Float64Array {
  const part = new Float64Array(n);
  const y = Float64Array.from(indices ?? { length: n }, (index) => (index as number | undefined) ?? 0);
  const task = indices === undefined ? 'regress' : 'classify';
  for (const { fold, test } of repeatedKFold({ task, y }, { folds, repeats: 1, seed })) {
    for (const row of test) part[row] = fold;
  }
  return part;
}

function result(
  candidates: readonly SearchCandidate[],
  criterion: SearchResult['criterion'],
  task: SearchResult['task'],
  classes: readonly Label[] | undefined,
): SearchResult {
  const scores = candidates.map(({ score }) => score);
  const least = leastOf(scores);
  if (!Number.isFinite(least)) {
    const paths = candidates.map(({ path }) => path.scores);
    if (paths.some((all) => all.some((score) => Math.abs(score) === Number.POSITIVE_INFINITY))) {
      throw new KernelError(
        'ERR_RANGE',
        'every score leaves the range of doubles: targets and kernels are of too different magnitudes; use other units for x or y',
      );
    }
    throw new KernelError(
      'ERR_NOT_POSITIVE_DEFINITE',
      'every Gram matrix is singular to rounding under every ridge tried: equal samples? take larger ridges or have them chosen ' +
        '(ridge), or leave out samples that equal others',
    );
  }
  const index = criterion === 'likelihood' ? scores.indexOf(least) : chooseFirst(scores);
  return Object.freeze({
    criterion,
    candidates: Object.freeze([...candidates]),
    best: candidates[index] as SearchCandidate,
    task,
    ...(classes === undefined ? {} : { classes }),
  });
}
