import type { Dataset, SampleMatrix } from '../data/dataset.js';
import type { Split } from '../data/split.js';
import { applyScaling, fitScaling } from '../data/standardize.js';
import { crossSweep, gramSweep } from '../depths.js';
import { KernelError } from '../errors.js';
import type { JobOptions } from '../jobs.js';
import { type Cross, compile, type Gram, type GramOptions } from '../kernel.js';
import { ridgePath } from '../loo.js';
import { multiply } from '../multiply.js';
import { type MetricName, metrics, smoothness } from '../smoothness/index.js';
import { kernelCurve } from '../smoothness/kernel-curve.js';
import { study } from '../study.js';
import type { Coding } from './coding.js';
import { distinctRows } from './distinct.js';
import { fitRows, predictRows, type RowsFit } from './fit.js';
import type { Contestant } from './network-list.js';
import type { CompareJob } from './options.js';
import type { SpectrumSummary } from './schema.js';
import type { Settings } from './settings.js';
import { summarise } from './spectrum-summary.js';
import type { Stopwatch } from './stopwatch.js';

/** One network at one depth on one split. */
export interface FoldFigures {
  /** Mean squared leave-one-out error inside the training rows: what chooses the depth. */
  readonly squaredError: number;
  readonly error: number;
  readonly ridge: number;
  readonly dropped: number;
}

/** One network at one depth on all rows. */
export interface AllRowsFigures {
  readonly squaredError: number;
  readonly looError: number;
  readonly ridge: number;
  readonly dropped: number;
  readonly holdoutError: number | null;
  readonly spectrum: SpectrumSummary;
  readonly smoothness: Readonly<Record<MetricName, number | null>>;
  /** The normalised kernel of orthogonal inputs. */
  readonly atRightAngle: number;
}

export interface DepthFigures {
  readonly all: AllRowsFigures;
  readonly folds: readonly FoldFigures[];
}

export interface Subject {
  readonly data: Dataset;
  readonly holdout: Dataset | undefined;
  readonly settings: Settings;
  readonly coding: Coding;
  readonly splits: readonly Split[];
}

/** Bookkeeping of a run: how far it is, and what took how long. */
export interface Run {
  readonly job: CompareJob;
  readonly clock: Stopwatch;
  /** A fit on all rows or on one split is done. */
  readonly advance: (what: 'all rows' | 'split') => void;
}

/**
 * Every network at every depth: on all rows, and on each split. Where the scaling does not depend on the training rows
 * (images on the sphere) the splits are blocks of the Gram matrix of all rows; where it does, each split has its own.
 */
export async function measure(subject: Subject, run: Run): Promise<DepthFigures[][]> {
  const { settings, splits } = subject;
  const folds = settings.contestants.map(() => settings.depths.map((): FoldFigures[] => []));
  const oneScaling = settings.scaling !== 'columns';
  const inAll = oneScaling ? splits.map(({ train, test }) => ({ train, test, trainAt: train, testAt: test })) : [];
  const all = await onAllRows(subject, run, async (network, depth, gram) => {
    for (const part of inAll) folds[network]?.[depth]?.push(await fold(subject, run, gram, part));
  });
  if (!oneScaling) {
    for (const split of splits) {
      await onSplit(subject, run, split, (network, depth, figures) => folds[network]?.[depth]?.push(figures));
    }
  }
  return all.map((depths, network) =>
    depths.map((figures, depth) => ({ all: figures, folds: folds[network]?.[depth] ?? [] })),
  );
}

type Visit<T> = (network: number, depth: number, what: T) => Promise<void> | unknown;

async function onAllRows(subject: Subject, run: Run, visit: Visit<Gram>): Promise<AllRowsFigures[][]> {
  const { data, holdout, settings, coding } = subject;
  const { kernel, depths } = settings;
  const scaling = fitScaling(settings.scaling, data.x);
  const x = applyScaling(scaling, data.x);
  const z = holdout === undefined ? undefined : applyScaling(scaling, holdout.x);
  requireSomething(x, settings, data.name);
  const distinct = await distinctRows(x, run.job.signal);
  const everyRow = Array.from(data.y.keys());
  const targets = coding.encode(everyRow);
  const figures: AllRowsFigures[][] = [];
  for (const [network, contestant] of settings.contestants.entries()) {
    const options = gramOptions(settings, run.job);
    const grams = await run.clock.time('Gram matrices', gramSweep(contestant.spec, depths, x, kernel, options));
    const crosses =
      z === undefined
        ? undefined
        : await run.clock.time('Gram matrices', crossSweep(contestant.spec, depths, z, x, kernel, options));
    const row: AllRowsFigures[] = [];
    for (const [i, gram] of grams.entries()) {
      const depth = depths[i] as number;
      const fit = await run.clock.time(
        'fits on all rows',
        fitRows(gram, undefined, targets, settings.ridges, jobOf(run, gram.size)),
      );
      const without =
        distinct === null ? null : await run.clock.time('fits on all rows', spectrumOf(gram, distinct, run));
      const holdoutError =
        crosses === undefined || holdout === undefined
          ? null
          : await holdoutErrorOf(crosses[i] as Cross, gram, fit, targets.centre, coding, holdout, run);
      row.push({
        squaredError: fit.squaredError,
        looError: coding.error(fit.predictions, targets.centre, data.y, everyRow),
        ridge: fit.relativeRidge,
        dropped: fit.dropped,
        holdoutError,
        spectrum: summarise(fit.eigenvalues, fit.residual, without),
        ...(await run.clock.time(
          'smoothness',
          smoothnessOf(contestant, depth, x, gram, fit, targets.values, settings),
        )),
      });
      await run.job.onGram?.(contestant.id, depth, gram);
      run.advance('all rows');
      await visit(network, i, gram);
    }
    figures.push(row);
  }
  return figures;
}

/** The splits of which each has a scaling of its own: training rows first, then test rows. */
async function onSplit(subject: Subject, run: Run, split: Split, visit: Visit<FoldFigures>): Promise<void> {
  const { data, settings } = subject;
  const { train, test } = split;
  const x = applyScaling(fitScaling(settings.scaling, data.x, train), data.x, [...train, ...test]);
  const part = {
    train,
    test,
    trainAt: Array.from(train.keys()),
    testAt: Array.from(test.keys(), (k) => k + train.length),
  };
  for (const [network, { spec }] of settings.contestants.entries()) {
    const sweep = gramSweep(spec, settings.depths, x, settings.kernel, gramOptions(settings, run.job));
    const grams = await run.clock.time('Gram matrices', sweep);
    for (const [depth, gram] of grams.entries()) visit(network, depth, await fold(subject, run, gram, part));
  }
}

interface Part {
  /** Rows of the data. */
  readonly train: readonly number[];
  readonly test: readonly number[];
  /** The same rows in the Gram matrix. */
  readonly trainAt: readonly number[];
  readonly testAt: readonly number[];
}

async function fold(subject: Subject, run: Run, gram: Gram, part: Part): Promise<FoldFigures> {
  const { coding, settings, data } = subject;
  const targets = coding.encode(part.train);
  const job = jobOf(run, part.train.length);
  return run.clock.time('cross-validation', async () => {
    const fit = await fitRows(gram, part.trainAt, targets, settings.ridges, job);
    const predictions = await predictRows(gram, part.testAt, part.trainAt, fit, targets.columns, job);
    run.advance('split');
    return {
      squaredError: fit.squaredError,
      error: coding.error(predictions, targets.centre, data.y, part.test),
      ridge: fit.relativeRidge,
      dropped: fit.dropped,
    };
  });
}

async function holdoutErrorOf(
  cross: Cross,
  gram: Gram,
  fit: RowsFit,
  centre: Float64Array,
  coding: Coding,
  holdout: Dataset,
  run: Run,
): Promise<number> {
  const coefficients = { data: fit.coefficients, shape: [gram.size, coding.columns] };
  const { data } = await run.clock.time('fits on all rows', multiply(cross, coefficients, jobOf(run, gram.size)));
  // Coefficients are in the unit of the Gram matrix, which need not be that of the cross matrix.
  const unit = Math.exp(cross.logScale - gram.logScale);
  const predictions = Float64Array.from(data, (value) => value * unit);
  return coding.error(predictions, centre, holdout.y, Array.from(holdout.y.keys()));
}

async function smoothnessOf(
  { spec }: Contestant,
  depth: number,
  x: SampleMatrix,
  gram: Gram,
  fit: RowsFit,
  targets: Float64Array,
  settings: Settings,
): Promise<Pick<AllRowsFigures, 'smoothness' | 'atRightAngle'>> {
  const compiled = compile({ ...spec, depth });
  try {
    const known = {
      gram,
      spectrum: { values: fit.eigenvalues, residual: fit.residual },
      fit: { ridge: fit.ridge, coefficients: fit.coefficients, targets },
    };
    const notebook = study(compiled, x, { known: { [settings.kernel]: known } });
    const figures = await smoothness(notebook, settings.kernel, metrics);
    const [atRightAngle] = kernelCurve(compiled, settings.kernel)(Float64Array.of(Math.PI / 2));
    return { smoothness: figures, atRightAngle: atRightAngle as number };
  } finally {
    compiled.dispose();
  }
}

async function spectrumOf(gram: Gram, rows: readonly number[], run: Run): Promise<Float64Array> {
  const nothing = { data: new Float64Array(rows.length), shape: [rows.length] };
  return (await ridgePath(gram, nothing, [1], { ...jobOf(run, rows.length), rows })).eigenvalues;
}

/** Without biases the kernel of rows of zeros is 0, and nothing can be said. */
function requireSomething(x: SampleMatrix, { scaling, bias }: Settings, name: string): void {
  if (bias > 0 || x.data.some((value) => value !== 0)) return;
  const why = scaling === 'columns' ? 'every column is constant' : 'all features are 0';
  throw new KernelError(
    'ERR_DATA',
    `${name}: expected features that vary, got zeros in every row (${why}); is it the right file?`,
  );
}

/**
 * Up to this many rows a decomposition runs on one thread. BLAS' own threads spin while they wait for each other: on a
 * machine that is busy with something else they make small matrices ten times slower, on an idle one faster by less
 * than half. On one thread the report's bytes do not depend on the number of threads, either.
 */
const singleThreadRows = 2000;

function jobOf({ job: { signal, threads } }: Run, rows: number): JobOptions {
  const count = rows <= singleThreadRows ? 1 : threads;
  return { ...(signal === undefined ? {} : { signal }), ...(count === undefined ? {} : { threads: count }) };
}

function gramOptions({ precision }: Settings, { signal, threads }: CompareJob): GramOptions {
  return { precision, ...(signal === undefined ? {} : { signal }), ...(threads === undefined ? {} : { threads }) };
}
