/** The main job: which of several infinitely wide networks suits these data? */

import type { Dataset } from '../data/dataset.js';
import { monteCarloSplits, type Split, sampleRows } from '../data/split.js';
import { info } from '../info.js';
import { jobConstraints } from '../jobs.js';
import { callback, readOptions } from '../options.js';
import { chooseFirst } from '../ridge-choice.js';
import { metrics } from '../smoothness/index.js';
import { mean, median, standardDeviation } from '../statistics.js';
import type { Circumstances } from './caveats.js';
import { checkDataset } from './check-dataset.js';
import { type Coding, codingOf } from './coding.js';
import { angleCurves, circleStudy } from './curves.js';
import { dataSummary } from './data-summary.js';
import { type DepthFigures, measure, type Subject } from './measure.js';
import type { Contestant } from './network-list.js';
import type { CompareJob, CompareOptions, CompareOutcome } from './options.js';
import { planComparison } from './plan.js';
import type {
  Baseline,
  CompareReport,
  ErrorOverSplits,
  MetricDescription,
  NetworkResult,
  Protocol,
  Provenance,
} from './schema.js';
import { type Settings, settingsOf } from './settings.js';
import { createStopwatch } from './stopwatch.js';
import { verdictOf } from './verdict.js';

/**
 * Compares networks on a data set: Gram matrices, spectra, smoothness, and test errors over random splits in which
 * depth and ridge are chosen on the training rows alone. Throws a KernelError before work starts where data or options
 * do not allow it.
 */
export async function compare(
  data: Dataset,
  options: CompareOptions = {},
  job: CompareJob = {},
): Promise<CompareOutcome> {
  checkDataset('data', data);
  readOptions('job', job, { ...jobConstraints, onGram: callback() });
  job.signal?.throwIfAborted();
  const clock = createStopwatch();
  const settings = settingsOf(data, options);
  const { holdout } = options;
  const plan = planComparison(data.x.shape[0], data.x.shape[1], holdout?.x.shape[0] ?? 0, settings);
  const splits = splitsOf(data, settings);
  const coding = codingOf(data.y, data.classes?.length ?? null);
  const allRows = sampleRows(data, settings.allRows, settings.seed);
  const subject: Subject = { data, holdout, settings, coding, splits, allRows };

  // Curves first: they are cheap, and a network without a kernel shows here.
  const curves = angleCurves(settings.contestants, settings.shownDepth, settings.kernel);
  const circle = circleStudy(settings.contestants, settings.shownDepth, settings.kernel);

  const phase = `comparing ${settings.contestants.length} networks at ${settings.depths.length} depths`;
  let done = 0;
  job.onProgress?.({ phase, done, total: plan.total });
  const figures = await measure(subject, {
    job,
    clock,
    advance(what) {
      done += what === 'all rows' ? plan.perFullFit : 1;
      job.onProgress?.({ phase, done, total: plan.total });
    },
  });

  const protocol = protocolOf(settings, splits, coding);
  const baseline = baselineOf(subject);
  const networks = settings.contestants.map((contestant, i) => networkResult(contestant, settings, figures[i] ?? []));
  const report: CompareReport = {
    schema: 1,
    kind: 'compare',
    version: info().version,
    data: dataSummary(data, holdout),
    protocol,
    baseline,
    networks,
    metrics: metrics.map(describeMetric),
    curves,
    circle,
    verdict: verdictOf({ rows: data.x.shape[0], protocol, baseline, networks }, circumstancesOf(subject, figures)),
    provenance: provenanceOf(settings, options, job),
  };
  return {
    report,
    splits: {
      seed: settings.seed,
      allRows: allRows.length < data.x.shape[0] ? allRows : null,
      splits: splits.map(({ train, test }) => ({ train, test })),
    },
    timings: clock.timings(),
  };
}

function splitsOf(data: Dataset, settings: Settings): Split[] {
  return monteCarloSplits(data, {
    repeats: settings.splits,
    testFraction: settings.testRows / data.x.shape[0],
    seed: settings.seed,
    maxTrain: settings.trainRows,
  });
}

function protocolOf(settings: Settings, splits: readonly Split[], coding: Coding): Protocol {
  const { convention, kernel, precision, scaling, bias, activation, ridge, ridges, depths, seed, shownDepth } =
    settings;
  const [first] = splits as readonly [Split];
  return {
    convention,
    kernel,
    precision,
    scaling,
    bias,
    activation,
    ridge,
    ridgeGrid: ridge === 'loo' ? ridges : [],
    depths,
    splits: { count: splits.length, trainRows: first.train.length, testRows: first.test.length, seed },
    allRows: settings.allRows,
    metric: coding.metric,
    selection:
      ridge === 'loo'
        ? 'In each split depth and ridge have the lowest exact leave-one-out squared error on the training rows; of equal ones the smaller depth and the larger ridge'
        : 'In each split the depth has the lowest exact leave-one-out squared error on the training rows; of equal ones the smaller; the ridge is fixed',
    shownDepth,
  };
}

function networkResult(
  { id, label, family, alpha, spec }: Contestant,
  settings: Settings,
  figures: readonly DepthFigures[],
): NetworkResult {
  const chosenIn = Array.from({ length: settings.splits }, (_, split) =>
    chooseFirst(figures.map(({ folds }) => folds[split]?.squaredError as number)),
  );
  const chosen = chooseFirst(figures.map(({ all }) => all.squaredError));
  const nested = chosenIn.map((depth, split) => figures[depth]?.folds[split]?.error as number);
  return {
    id,
    label,
    family,
    alpha,
    spec: { ...spec, depth: settings.depths[chosen] as number },
    nested: { ...overSplits(nested), chosenDepths: chosenIn.map((depth) => settings.depths[depth] as number) },
    chosenDepth: settings.depths[chosen] as number,
    depths: figures.map(({ all, folds }, i) => ({
      depth: settings.depths[i] as number,
      error: overSplits(folds.map(({ error }) => error)),
      holdoutError: all.holdoutError,
      looError: all.looError,
      ridge: median(folds.map(({ ridge }) => ridge)),
      ridgeAllRows: all.ridge,
      spectrum: all.spectrum,
      smoothness: all.smoothness,
    })),
  };
}

function overSplits(perSplit: readonly number[]): ErrorOverSplits {
  return { mean: mean(perSplit), sd: standardDeviation(perSplit), perSplit };
}

/** A prediction of 0 of the centred targets is the mean, or the largest class. */
function baselineOf({ data, holdout, coding, splits, allRows }: Subject): Baseline {
  const errorOf = (train: readonly number[], y: Float64Array, rows: readonly number[]) =>
    coding.error(new Float64Array(rows.length * coding.columns), coding.encode(train).centre, y, rows);
  return {
    label: data.task === 'classify' ? 'largest class' : 'mean of the target',
    error: overSplits(splits.map(({ train, test }) => errorOf(train, data.y, test))),
    holdoutError: holdout === undefined ? null : errorOf(allRows, holdout.y, [...holdout.y.keys()]),
  };
}

function describeMetric({
  name,
  title,
  meaning,
  smootherWhen,
  caution,
  reference,
}: MetricDescription): MetricDescription {
  return { name, title, meaning, smootherWhen, caution, reference };
}

function circumstancesOf(
  { data, holdout, settings, splits }: Subject,
  figures: readonly (readonly DepthFigures[])[],
): Circumstances {
  const { notes } = data;
  const last = figures.map((depths) => depths.at(-1)?.all.atAngles ?? []);
  return {
    kind: data.kind,
    holdoutRows: holdout?.x.shape[0] ?? 0,
    duplicateRows: notes.duplicateRows,
    conflictingRows: notes.conflictingRows,
    zeroRows: notes.zeroRows,
    filledCells: notes.filledCells,
    rowsLeftForTraining: data.x.shape[0] - (splits[0]?.test.length ?? 0),
    deepestKernel: Object.fromEntries(settings.contestants.map(({ id }, i) => [id, last[i] ?? []])),
    singular: settings.contestants
      .filter((_, i) =>
        figures[i]?.some(({ all, folds }) => all.dropped > 0 || folds.some(({ dropped }) => dropped > 0)),
      )
      .map(({ label }) => label),
  };
}

function provenanceOf(settings: Settings, options: CompareOptions, job: CompareJob): Provenance {
  const { blas, simd, platform, node, threads } = info();
  return {
    seed: settings.seed,
    blas,
    simd,
    threads: job.threads ?? threads,
    platform,
    node,
    command: options.command ?? '',
  };
}
