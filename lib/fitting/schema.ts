/**
 * report.json of `resgram fit`: what was asked, what was chosen, how good it is and on which rows that was seen. The same
 * inputs, binary, instruction set and thread count give the same bytes. Readers check `schema`.
 */

import type { ClassCalibration } from '../classify.js';
import type { DataSummary, RunProvenance } from '../compare/schema.js';
import type { KernelName } from '../evaluate.js';

export interface FitReport {
  readonly schema: 1;
  readonly kind: 'fit';
  readonly version: string;
  readonly data: DataSummary;
  readonly protocol: FitProtocol;
  /** Training rows that equal an earlier one in every feature, and those of them with another target. */
  readonly repeatedRows: { readonly rows: number; readonly conflicting: number };
  readonly candidates: readonly Candidate[];
  readonly model: ModelSummary;
  /** The ridge that was given beside the one that leave-one-out would choose; null where it was chosen. */
  readonly ridgeCheck: RidgeCheck | null;
  /** Each training row by the fit to all others. Network, depth and ridge were chosen with all of them. */
  readonly leftOut: Scores;
  /** Rows of a separate file, of which nothing was used. */
  readonly test: Scores | null;
  readonly learningCurve: LearningCurve | null;
  readonly provenance: RunProvenance;
}

export interface FitProtocol {
  readonly kernels: readonly KernelName[];
  /** Of presets that were named; null where a network was given as it is. */
  readonly convention: string | null;
  readonly activation: string | null;
  readonly bias: number | null;
  readonly scaling: 'none' | 'columns' | 'sphere';
  /** 'auto', or a number relative to the mean of the Gram matrix's diagonal. */
  readonly ridge: 'auto' | number;
  readonly ridgeGrid: readonly number[];
  readonly depths: readonly number[];
  readonly criterion: Criterion;
  readonly folds: number | null;
  /** Rows that chose network, depth and ridge: all, or a sample of them. */
  readonly searchRows: number;
  readonly metric: 'error rate' | 'rmse';
  readonly seed: number;
}

export type Criterion = 'leave-one-out' | 'folds' | 'likelihood';

/** One network at one depth with one kernel, at its best ridge. */
export interface Candidate {
  readonly id: string;
  readonly label: string;
  readonly family: 'mlp' | 'resnet';
  readonly depth: number | null;
  readonly kernel: KernelName;
  /** Less is better: a mean squared error, or −log likelihood. null where no ridge makes the matrix regular. */
  readonly score: number | null;
  readonly relativeRidge: number;
  /** Root mean squared error or error rate of the rows left out. */
  readonly error: number;
  /** The score at every ridge; null where the matrix is singular to rounding. */
  readonly path: { readonly ridges: readonly number[]; readonly scores: readonly (number | null)[] };
  readonly chosen: boolean;
}

export interface ModelSummary {
  readonly label: string;
  readonly kernel: KernelName;
  readonly depth: number | null;
  /** As JSON, for `--network`. */
  readonly network: unknown;
  /** In the unit of the Gram matrix, and relative to its mean diagonal. */
  readonly ridge: number;
  readonly relativeRidge: number;
  readonly backwardError: number;
  /** Of regression: σ² of the process and log p(y). */
  readonly amplitude: number | null;
  readonly logLikelihood: number | null;
  /** Of classification: β of softmax(β · scores). */
  readonly sharpness: number | null;
}

/** Squared errors of rows left out, summed over the columns of coded classes, mean over rows. */
export interface RidgeCheck {
  /** Those that took part: all, or the sample that chose network and depth. */
  readonly rows: number;
  /** What leave-one-out would choose. */
  readonly relativeRidge: number;
  readonly squaredError: number;
  /** With `relativeRidge`. */
  readonly leastSquaredError: number;
  /** Of the difference of the two, which are paired by rows. */
  readonly standardError: number;
  /** Of the mean of the other rows. */
  readonly plainSquaredError: number;
}

export type Scores = RegressionScores | ClassScores;

export interface RegressionScores {
  readonly task: 'regress';
  readonly rows: number;
  readonly rmse: number;
  readonly meanAbsoluteError: number;
  /** 1 − squared error / squared error of the mean. */
  readonly r2: number;
  /** Root mean squared error of the mean of the training rows. */
  readonly baseline: number;
  readonly negativeLogLikelihood: number;
  readonly crps: number;
  /** Mean of (miss / std)²: 1 for honest error bars, more where misses lie far outside them. */
  readonly meanSquaredDeviation: number;
  /** Median of the deviations that were promised. */
  readonly typicalStd: number;
  /** How often targets lay within the central interval of each level. */
  readonly coverage: readonly { readonly level: number; readonly observed: number }[];
  readonly predictions: NumberPredictions;
}

export interface NumberPredictions {
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  /** Of a new observation, noise included. */
  readonly std: readonly number[];
}

export interface ClassScores extends ClassCalibration {
  readonly task: 'classify';
  readonly rows: number;
  /** Error rate of the largest class of the training rows. */
  readonly baseline: number;
  /** Rows of class `actual` that were called `predicted`: confusion[actual][predicted], in the order of data.classes. */
  readonly confusion: readonly (readonly number[])[];
  readonly predictions: ClassPredictions;
}

/** Indices into data.classes. */
export interface ClassPredictions {
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  /** Probability of what was predicted. */
  readonly confidence: readonly number[];
}

/** Test error against the number of training rows: random splits, the chosen network, the ridge chosen anew each time. */
export interface LearningCurve {
  readonly repeats: number;
  readonly testRows: number;
  readonly sizes: readonly { readonly rows: number; readonly mean: number; readonly sd: number }[];
  readonly baseline: number;
}
