import type { Dataset, SampleMatrix } from '../data/dataset.js';
import type { Split } from '../data/split.js';
import { applyScaling, fitScaling } from '../data/standardize.js';
import { crossSweep, gramSweep } from '../depths.js';
import { KernelError } from '../errors.js';
import { conditionNumber } from '../extremes.js';
import type { JobOptions } from '../jobs.js';
import { type Cross, compile, type Gram } from '../kernel.js';
import { multiply } from '../multiply.js';
import { type MetricName, metrics, smoothness } from '../smoothness/index.js';
import { kernelCurve } from '../smoothness/kernel-curve.js';
import { study } from '../study.js';
import type { Coding } from './coding.js';
import { distinctRows } from './distinct.js';
import { type FitRequest, fitRows, predictRows, type RowsFit } from './fit.js';
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
  /** The normalised kernel at 45°, 90° and 135°. */
  readonly atAngles: readonly number[];
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
  /** Rows of the figures of all rows, ascending: all of them or a sample. */
  readonly allRows: readonly number[];
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
 * (images on the sphere) the splits are blocks of the Gram matrix of all rows; where it does, or where only a sample of
 * the rows has a Gram matrix, each split has its own.
 */
export async function measure(subject: Subject, run: Run): Promise<DepthFigures[][]> {
  const { settings, splits, data, allRows } = subject;
  const oneGram = settings.scaling !== 'columns' && allRows.length === data.x.shape[0];
  const figures = await onAllRows(
    subject,
    run,
    oneGram ? splits.map(({ train, test }) => ({ train, test, trainAt: train, testAt: test })) : [],
  );
  if (oneGram) return figures;
  const folds: FoldFigures[][][] = [];
  for (const split of splits) folds.push(await onOneSplit(subject, run, split));
  return figures.map((depths, network) =>
    depths.map(({ all }, depth) => ({ all, folds: folds.map((split) => split[network]?.[depth] as FoldFigures) })),
  );
}

/** A split, and where its rows are in a Gram matrix. */
interface Part {
  readonly train: readonly number[];
  readonly test: readonly number[];
  readonly trainAt: readonly number[];
  readonly testAt: readonly number[];
}

async function onAllRows(subject: Subject, run: Run, parts: readonly Part[]): Promise<DepthFigures[][]> {
  const { data, holdout, settings, coding, allRows } = subject;
  const { kernel, depths } = settings;
  const scaling = fitScaling(settings.scaling, data.x, allRows);
  const x = applyScaling(scaling, data.x, allRows);
  const z = holdout === undefined ? undefined : applyScaling(scaling, holdout.x);
  requireSomething(x, settings, data.name);
  const distinct = await distinctRows(x, run.job.signal);
  const targets = coding.encode(allRows);
  const figures: DepthFigures[][] = [];
  for (const contestant of settings.contestants) {
    const options = { ...jobOf(run), precision: settings.precision };
    const grams = await run.clock.time('Gram matrices', gramSweep(contestant.spec, depths, x, kernel, options));
    const crosses =
      z === undefined
        ? undefined
        : await run.clock.time('Gram matrices', crossSweep(contestant.spec, depths, z, x, kernel, options));
    // With splits to fit beside it, each depth keeps all threads busy; without, the depths go side by side.
    const together = parts.length === 0 ? await fitAll(grams.map((gram) => ({ gram, targets, check: true }))) : [];
    const row: DepthFigures[] = [];
    for (const [i, gram] of grams.entries()) {
      const depth = depths[i] as number;
      const [fit, ...partFits] =
        parts.length === 0
          ? [together[i] as RowsFit]
          : ((await fitAll([
              { gram, targets, check: true },
              ...parts.map(({ train, trainAt }) => ({ gram, rows: trainAt, targets: coding.encode(train) })),
            ])) as [RowsFit, ...RowsFit[]]);
      run.advance('all rows');
      const without = distinct === null ? undefined : await run.clock.time('fits', conditionOf(gram, distinct, run));
      const holdoutError =
        crosses === undefined || holdout === undefined
          ? null
          : await holdoutErrorOf(crosses[i] as Cross, gram, fit, targets.centre, coding, holdout, run);
      const all: AllRowsFigures = {
        squaredError: fit.squaredError,
        looError: coding.error(fit.predictions, targets.centre, data.y, allRows),
        ridge: fit.relativeRidge,
        dropped: fit.dropped,
        holdoutError,
        spectrum: summarise(fit.eigenvalues, fit.residual, without),
        ...(await run.clock.time(
          'smoothness',
          smoothnessOf(contestant, depth, x, gram, fit, targets.values, settings),
        )),
      };
      await run.job.onGram?.(contestant.id, depth, gram);
      const folds: FoldFigures[] = [];
      for (const [k, part] of parts.entries()) {
        folds.push(await foldFigures(subject, run, gram, part, partFits[k] as RowsFit));
      }
      row.push({ all, folds });
    }
    figures.push(row);
  }
  return figures;

  function fitAll(requests: readonly FitRequest[]): Promise<RowsFit[]> {
    return run.clock.time('fits', fitRows(requests, settings.ridges, jobOf(run)));
  }
}

/** A split with Gram matrices of its own: they hold the training rows first, then the test rows. */
async function onOneSplit(subject: Subject, run: Run, { train, test }: Split): Promise<FoldFigures[][]> {
  const { data, settings, coding } = subject;
  const x = applyScaling(fitScaling(settings.scaling, data.x, train), data.x, [...train, ...test]);
  const trainAt = Array.from(train.keys());
  const part: Part = { train, test, trainAt, testAt: Array.from(test.keys(), (k) => k + train.length) };
  const targets = coding.encode(train);
  const options = { ...jobOf(run), precision: settings.precision };
  const figures: FoldFigures[][] = [];
  for (const { spec } of settings.contestants) {
    const sweep = gramSweep(spec, settings.depths, x, settings.kernel, options);
    const grams = await run.clock.time('Gram matrices', sweep);
    const requests = grams.map((gram) => ({ gram, rows: trainAt, targets }));
    const fits = await run.clock.time('fits', fitRows(requests, settings.ridges, jobOf(run)));
    const row: FoldFigures[] = [];
    for (const [i, gram] of grams.entries()) {
      row.push(await foldFigures(subject, run, gram, part, fits[i] as RowsFit));
    }
    figures.push(row);
  }
  return figures;
}

async function foldFigures(
  { coding, data }: Subject,
  run: Run,
  gram: Gram,
  part: Part,
  fit: RowsFit,
): Promise<FoldFigures> {
  const { centre, columns } = coding.encode(part.train);
  const predicting = predictRows(gram, part.testAt, part.trainAt, fit, columns, onOneThread(run));
  const predictions = await run.clock.time('predictions', predicting);
  run.advance('split');
  return {
    squaredError: fit.squaredError,
    error: coding.error(predictions, centre, data.y, part.test),
    ridge: fit.relativeRidge,
    dropped: fit.dropped,
  };
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
  const { data } = await run.clock.time('predictions', multiply(cross, coefficients, onOneThread(run)));
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
): Promise<Pick<AllRowsFigures, 'smoothness' | 'atAngles'>> {
  const compiled = compile({ ...spec, depth });
  try {
    const known = {
      gram,
      spectrum: { values: fit.eigenvalues, residual: fit.residual },
      fit: { ridge: fit.ridge, coefficients: fit.coefficients, targets },
    };
    const notebook = study(compiled, x, { known: { [settings.kernel]: known } });
    const figures = await smoothness(notebook, settings.kernel, metrics);
    const quarters = Float64Array.of(Math.PI / 4, Math.PI / 2, (3 * Math.PI) / 4);
    const atAngles = kernelCurve(compiled, settings.kernel).at(quarters);
    return { smoothness: figures, atAngles: Array.from(atAngles) };
  } finally {
    compiled.dispose();
  }
}

async function conditionOf(gram: Gram, rows: readonly number[], run: Run): Promise<number | null> {
  return (await conditionNumber(gram, { ...jobOf(run), rows })).value;
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

/** Products with a few columns are over before BLAS' threads have woken up. */
function onOneThread(run: Run): JobOptions {
  return { ...jobOf(run), threads: 1 };
}

function jobOf({ job: { signal, threads } }: Run): JobOptions {
  return { ...(signal === undefined ? {} : { signal }), ...(threads === undefined ? {} : { threads }) };
}
