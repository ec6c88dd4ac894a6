import type { Dataset } from '../data/dataset.js';
import type { Gram, GramOptions, KernelName } from '../kernel.js';
import type { VectorFamily } from '../presets.js';
import type { CompareReport } from './schema.js';

/** What to compare and how; every field has a default that suits the data. */
export interface CompareOptions {
  /** As on the command line ("mlp,resnet:0.1,resnet:gamma=0.5") or preset specifications; default: an MLP and four ResNets. */
  readonly networks?: string | readonly VectorFamily[];
  /** The paper whose constants and trained layers all networks share. Default 'huang'. */
  readonly convention?: string;
  /** Hidden layers or residual blocks. Default 1, 2, 3, 5, 10, 20, 50. */
  readonly depths?: readonly number[];
  readonly kernel?: KernelName;
  readonly precision?: 'float64' | 'float32';
  /** Default: 'sphere' for images, 'columns' (standardised on the training rows of each split) for tables. */
  readonly scaling?: 'none' | 'columns' | 'sphere';
  /** Variance β² of a bias that starts at zero and trains. Default: 1 for tables, 0 for images. */
  readonly bias?: number;
  /** Default 'relu'; 'gelu' with the convention 'li'. */
  readonly activation?: string;
  /** 'loo' (default) chooses by exact leave-one-out; a number is fixed, relative to the mean diagonal of the Gram. */
  readonly ridge?: 'loo' | number;
  /** How many random splits. Default 10. */
  readonly splits?: number;
  /** Training rows of each split. Default: four fifths of the rows, at most 1000. */
  readonly trainRows?: number;
  /**
   * Rows behind the figures that no split has a part in: spectra, smoothness, the depth to use, the fit for the holdout.
   * Where there are more they are sampled, classes in proportion. Default 2000; time grows with the cube.
   */
  readonly allRows?: number;
  readonly seed?: number;
  /** A separate test set with the same features, task and classes. */
  readonly holdout?: Dataset;
  /** The command that repeats the report, for its provenance. */
  readonly command?: string;
}

export interface CompareJob extends Omit<GramOptions, 'precision'> {
  /** Called with each Gram matrix of all rows (or of the sample, see allRows) as it is made, before the next is; for writing them to files. */
  readonly onGram?: (id: string, depth: number, gram: Gram) => Promise<void> | void;
}

/** The rows of every split, for splits.json: numbers of rows of the data as loaded, from 0. */
export interface SplitRecord {
  readonly seed: number;
  /** The rows of the figures of all rows where those are a sample; null where they are all. */
  readonly allRows: readonly number[] | null;
  readonly splits: readonly { readonly train: readonly number[]; readonly test: readonly number[] }[];
}

export interface CompareOutcome {
  /** The same bytes for the same inputs, binary, instruction set and threads. */
  readonly report: CompareReport;
  readonly splits: SplitRecord;
  /** Seconds of each phase, for run.json. */
  readonly timings: readonly { readonly phase: string; readonly seconds: number }[];
}
