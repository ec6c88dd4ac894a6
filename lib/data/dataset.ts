/** Row-major float64 samples: `data[i * d + j]` is feature j of sample i. */
export interface SampleMatrix {
  readonly data: Float64Array;
  readonly shape: readonly [n: number, d: number];
}

export type Task = 'classify' | 'regress';

export type SourceRole = 'data' | 'labels' | 'test' | 'test-labels';

/** One input file, named so that a report can say exactly what was read. */
export interface Source {
  /** Base name of the file; never a full path. */
  readonly name: string;
  /** Size on disk, before any decompression. */
  readonly bytes: number;
  /** SHA-256 of those bytes, lower-case hexadecimal. */
  readonly sha256: string;
  readonly role: SourceRole;
  /** The licence line given by the caller; the reader cannot know it. */
  readonly licence?: string;
}

/** A column of strings and the indicator columns `column=level` that stand for it. */
export interface OneHotColumn {
  readonly column: string;
  readonly levels: readonly string[];
}

/** What a reader should know about the data before any kernel is computed. */
export interface DataNotes {
  readonly n: number;
  readonly d: number;
  /** Samples of each class, in the order of `Dataset.classes`; empty for regression. */
  readonly classCounts: readonly number[];
  /** Names of the features that have one value in all rows. */
  readonly constantColumns: readonly string[];
  /** Rows equal to an earlier row in every feature; each makes the Gram matrix singular. */
  readonly duplicateRows: number;
  /** Those of the duplicate rows whose target differs from that of the earlier row. */
  readonly conflictingRows: number;
  /** Rows of zeros, whose angle to other rows is undefined. */
  readonly zeroRows: number;
  /** Rows left out because a value was missing. */
  readonly droppedRows: number;
  /** Cells filled with the mean of their column. */
  readonly filledCells: number;
  readonly oneHot: readonly OneHotColumn[];
  readonly ignoredColumns: readonly string[];
  /** Every choice the reader made for the user, one sentence each, in the order of work. */
  readonly messages: readonly string[];
}

/** Samples with their targets, ready for a kernel. Plain data, never changed after loading. */
export interface Dataset {
  /** Base name of the data file. */
  readonly name: string;
  readonly kind: 'table' | 'images';
  /** Images are flattened (row, column, channel) and, when stored as bytes, divided by 255. */
  readonly x: SampleMatrix;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  /** One name per feature, after one-hot encoding. */
  readonly features: readonly string[];
  readonly task: Task;
  readonly targetName: string;
  /** The regression target, or the index into `classes`. */
  readonly y: Float64Array;
  /** Class labels as text; present when the task is 'classify'. */
  readonly classes?: readonly string[];
  readonly sources: readonly Source[];
  readonly notes: DataNotes;
}

export type Delimiter = ',' | ';' | '\t' | '|';

export interface LoadOptions {
  /** Column to predict: a name, or a number counted from 1. Default: the last column. */
  readonly target?: string | number;
  /** File of labels, one per sample: IDX, .npy, or a table of one column. */
  readonly labels?: string;
  /** Labels to keep, in the order of their class index. Implies classification. */
  readonly classes?: readonly (string | number)[];
  /**
   * At most so many samples, the first in file order. With `classes`, each class gets an equal share of them
   * (a class that is too small leaves its share to the others).
   */
  readonly limit?: number;
  /** At most so many samples of each class, the first in file order. Classification only. */
  readonly perClassLimit?: number;
  /** 'file' (default) takes samples in file order; 'random' shuffles them with `seed` before any limit. */
  readonly order?: 'file' | 'random';
  /** Seed of `order: 'random'`; default 0. */
  readonly seed?: number;
  /** Default 'auto': strings, or whole numbers with few distinct values, are classes. */
  readonly task?: 'auto' | Task;
  /** What to do about empty cells, NA, NaN, ? and null. Default 'refuse'. */
  readonly missing?: 'refuse' | 'drop-rows' | 'mean';
  /** Default: found from the first lines. */
  readonly delimiter?: Delimiter;
  /** Is the first line of a table a line of names? Default 'auto'. */
  readonly header?: 'auto' | boolean;
  /** Default 'auto': columns of strings with at most 20 levels become indicators. true lifts the limit. */
  readonly oneHot?: 'auto' | boolean;
  /** Columns left out: names, or numbers counted from 1. */
  readonly ignore?: readonly (string | number)[];
  /** Names of the two arrays in an .npz file. Default: the usual ones (x, X, data…; y, labels, target…). */
  readonly xKey?: string;
  readonly yKey?: string;
  /** Largest size of one file in bytes, before and after decompression. Default 2 GiB. */
  readonly maxBytes?: number;
  /** Licence line to be quoted with the sources. */
  readonly licence?: string;
  readonly signal?: AbortSignal;
}

export interface PairOptions extends LoadOptions {
  /** Labels of the test samples, where the training samples have theirs in a file. */
  readonly testLabels?: string;
  /** Like `limit`, for the test samples. Default: all of them. */
  readonly testLimit?: number;
}

/** A training and a test set with the same features, task and classes. */
export interface DatasetPair {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** As for data sets; columns of text are refused unless one-hot encoding is asked for. */
export type PointOptions = Pick<
  LoadOptions,
  'limit' | 'ignore' | 'missing' | 'delimiter' | 'header' | 'oneHot' | 'xKey' | 'maxBytes' | 'licence' | 'signal'
> & {
  /** Of images: every pixel's channels divided by their length. Default false. */
  readonly unitPixels?: boolean;
};
