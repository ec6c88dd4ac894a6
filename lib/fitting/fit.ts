/** From a data set to a model that says how good it is. */

import { type Classifier, classify } from '../classify.js';
import { dataSummary } from '../compare/data-summary.js';
import { compile } from '../compile.js';
import type { Dataset } from '../data/dataset.js';
import type { LikeSamples } from '../data/load-like.js';
import type { DataSchema } from '../data/schema.js';
import { sampleRows } from '../data/split.js';
import { applyScaling, fitScaling } from '../data/standardize.js';
import { info } from '../info.js';
import type { JobOptions } from '../jobs.js';
import { type Regressor, regress } from '../regress.js';
import { ridgeGrid } from '../ridge-choice.js';
import { type SearchCandidate, type SearchResult, search } from '../search.js';
import { mean } from '../statistics.js';
import type { Tensor } from '../tensor.js';
import { largestClass, learningCurve } from './learning-curve.js';
import { defaultSearchRows, type FitPlan, type FitSettings, planOf } from './plan.js';
import { recordNotes } from './record.js';
import { ridgeCheck } from './ridge-check.js';
import type { Candidate, FitReport, ModelSummary, RidgeCheck, Scores } from './schema.js';
import { classScores, regressionScores } from './scores.js';

export interface FitOutcome {
  readonly model: Regressor | Classifier;
  /** For `save`: what `predict` needs to know. */
  readonly notes: object;
  readonly report: FitReport;
}

/**
 * Chooses network, depth and ridge, fits all rows, and scores each row by the fit to the others and the rows of a test set, if
 * there is one. Throws a KernelError where data or settings do not allow it.
 */
export async function fitModel(
  data: Dataset,
  schema: DataSchema,
  settings: FitSettings,
  job: JobOptions,
  test?: LikeSamples,
): Promise<FitOutcome> {
  const plan = planOf(data, settings);
  const { searchRows = defaultSearchRows, ridge = 'auto', seed = 0, maxHours, command = '' } = settings;
  const work = { ...job, ...(maxHours === undefined ? {} : { maxHours }) };
  const scaling = fitScaling(plan.scaling, data.x);
  const chosenBy = sampleRows(data, Math.min(searchRows, data.x.shape[0]), seed);
  const found = await search(plan.inputs(applyScaling(scaling, data.x, chosenBy)), targetsOf(data, chosenBy), {
    ...work,
    networks: plan.entries.map(({ network }) => network),
    ...(plan.depths === undefined ? {} : { depths: plan.depths }),
    which: plan.kernels,
    task: data.task,
    centre: true,
    seed,
    ...(ridge === 'auto' ? {} : { ridges: [ridge] }),
    ...(settings.criterion === undefined ? {} : { criterion: settings.criterion }),
    ...(settings.folds === undefined ? {} : { folds: settings.folds }),
  });
  const { best } = found;
  const kernel = compile(best.network);
  const x = plan.inputs(applyScaling(scaling, data.x));
  const all = Array.from(data.y.keys());
  const wanted = { ...work, which: best.kernel, ridge: best.ridge, centre: true };
  const fitTo = (inputs: Tensor, targets: Float64Array | string[]): Promise<Regressor | Classifier> =>
    data.task === 'classify'
      ? classify(kernel, inputs, targets as string[], wanted)
      : regress(kernel, inputs, targets as Float64Array, { ...wanted, amplitude: 'auto' });
  const model = await fitTo(x, targetsOf(data, all));
  try {
    const z = test === undefined ? undefined : plan.inputs(applyScaling(scaling, test.x));
    const leftOut = await leftOutScores(model, data, job);
    const tested = z === undefined || test?.y === undefined ? null : await testScores(model, data, z, test.y, work);
    const check = ridge === 'auto' ? null : await checked();
    const curve =
      settings.learningCurve === false
        ? null
        : await learningCurve(
            data,
            {
              kernel,
              which: best.kernel,
              scaling: plan.scaling,
              inputs: plan.inputs,
              ridge: ridge === 'auto' ? 'auto' : best.ridge,
            },
            seed,
            job,
          );
    const { version, blas, simd, platform, node, threads } = info();
    const summary = dataSummary(data, test);
    const report: FitReport = {
      schema: 1,
      kind: 'fit',
      version,
      data: summary,
      protocol: {
        kernels: plan.kernels,
        convention: plan.convention,
        activation: plan.activation,
        bias: plan.bias,
        scaling: plan.scaling,
        ridge,
        ridgeGrid: ridge === 'auto' ? ridgeGrid : [],
        depths: plan.depths ?? [],
        criterion: found.criterion,
        folds: found.criterion === 'folds' ? (settings.folds ?? 5) : null,
        searchRows: chosenBy.length,
        metric: data.task === 'classify' ? 'error rate' : 'rmse',
        seed,
      },
      repeatedRows: { rows: data.notes.duplicateRows, conflicting: data.notes.conflictingRows },
      candidates: candidatesOf(found, plan),
      model: summaryOf(model, best, found, plan),
      ridgeCheck: check,
      leftOut,
      test: tested,
      learningCurve: curve,
      provenance: { blas, simd, threads: job.threads ?? threads, platform, node, command },
    };
    const provenance = {
      version,
      command,
      rows: data.x.shape[0],
      largestClass: data.task === 'classify' ? largestClass(data.y) : 0,
      sources: data.sources,
    };
    return { model, notes: recordNotes({ data: schema, scaling, provenance }), report };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    kernel.dispose();
  }

  /** On the rows that chose network and depth: a decomposition of more of them would cost more than the model. */
  async function checked(): Promise<RidgeCheck> {
    const targets = targetsOf(data, chosenBy);
    if (chosenBy.length === model.size) return ridgeCheck(model, targets, work);
    using small = await fitTo(plan.inputs(applyScaling(scaling, data.x, chosenBy)), targets);
    return await ridgeCheck(small, targets, work);
  }
}

function targetsOf({ y, classes }: Dataset, rows: readonly number[]): Float64Array | string[] {
  if (classes === undefined) return Float64Array.from(rows, (row) => y[row] as number);
  return rows.map((row) => classes[y[row] as number] as string);
}

async function leftOutScores(model: Regressor | Classifier, data: Dataset, job: JobOptions): Promise<Scores> {
  const { y, classes = [] } = data;
  if (model.task === 'classify') return classScores(await model.leaveOneOut(job), y, classes, largestClass(y));
  // The mean of the others.
  const [n, sum] = [y.length, mean(y) * y.length];
  const baseline = y.map((value) => (sum - value) / (n - 1));
  return regressionScores(await model.leaveOneOut(job), y, baseline);
}

async function testScores(
  model: Regressor | Classifier,
  data: Dataset,
  z: Tensor,
  y: Float64Array,
  job: JobOptions & { readonly maxHours?: number },
): Promise<Scores> {
  const { classes = [] } = data;
  if (model.task === 'classify') return classScores(await model.predict(z, job), y, classes, largestClass(data.y));
  const prediction = await model.predict(z, { ...job, std: true, noise: true });
  return regressionScores(prediction, y, new Float64Array(y.length).fill(mean(data.y)));
}

function entryOf({ candidates }: SearchResult, plan: FitPlan, index: number) {
  const each = candidates.length / plan.entries.length;
  return plan.entries[Math.floor(index / each)] as FitPlan['entries'][number];
}

function candidatesOf(found: SearchResult, plan: FitPlan): Candidate[] {
  return found.candidates.map((candidate, i) => {
    const { depth, kernel, score, relativeRidge, squaredError, errorRate, path } = candidate;
    const { id, label, family } = entryOf(found, plan, i);
    const unit = candidate.ridge > 0 ? relativeRidge / candidate.ridge : 1;
    return {
      id,
      label,
      family,
      depth: depth ?? null,
      kernel,
      score: Number.isFinite(score) ? score : null,
      relativeRidge,
      error: errorRate ?? Math.sqrt(squaredError),
      path: {
        ridges: Array.from(path.ridges, (value) => value * unit),
        scores: Array.from(path.scores, (value) => (Number.isFinite(value) ? value : null)),
      },
      chosen: candidate === found.best,
    };
  });
}

function summaryOf(
  model: Regressor | Classifier,
  best: SearchCandidate,
  found: SearchResult,
  plan: FitPlan,
): ModelSummary {
  const regression = model.task === 'regress' ? model : null;
  return {
    label: entryOf(found, plan, found.candidates.indexOf(best)).label,
    kernel: best.kernel,
    depth: best.depth ?? null,
    network: best.network,
    ridge: model.ridge,
    relativeRidge: best.relativeRidge,
    backwardError: model.backwardError,
    amplitude: regression?.amplitude[0] ?? null,
    logLikelihood: regression?.logLikelihood ?? null,
    sharpness: model.task === 'classify' ? model.sharpness : null,
  };
}
