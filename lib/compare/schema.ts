/**
 * report.json of `resgram compare`: what was asked, what was measured, what it means. The same inputs, binary,
 * instruction set and thread count give the same bytes; timings live in run.json. Readers check `schema`.
 */
export interface CompareReport {
  readonly schema: 1;
  readonly kind: 'compare';
  readonly version: string;
  readonly data: DataSummary;
  readonly protocol: Protocol;
  readonly baseline: Baseline;
  readonly networks: readonly NetworkResult[];
  readonly metrics: readonly MetricDescription[];
  readonly curves: AngleCurves;
  readonly circle: CircleStudy;
  readonly verdict: Verdict;
  readonly provenance: Provenance;
}

export interface DataSummary {
  readonly name: string;
  readonly kind: 'table' | 'images';
  readonly image: { readonly height: number; readonly width: number; readonly channels: number } | null;
  readonly task: 'classify' | 'regress';
  readonly target: string;
  readonly classes: readonly { readonly label: string; readonly count: number }[] | null;
  readonly rows: number;
  readonly features: number;
  readonly holdoutRows: number;
  readonly sources: readonly {
    readonly role: string;
    readonly name: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly licence: string | null;
  }[];
  /** Plain sentences: duplicates, constant columns, one-hot columns, dropped rows… */
  readonly notes: readonly string[];
}

export interface Protocol {
  /** The convention (constants and trained layers) that all compared networks share. */
  readonly convention: string;
  readonly kernel: 'ntk' | 'nngp';
  readonly precision: 'float64' | 'float32';
  readonly scaling: 'none' | 'columns' | 'sphere';
  readonly bias: number;
  readonly activation: string;
  readonly ridge: 'loo' | number;
  /** Ridges tried, relative to the mean of the training Gram's diagonal; empty when the ridge is fixed. */
  readonly ridgeGrid: readonly number[];
  readonly depths: readonly number[];
  readonly splits: {
    readonly count: number;
    readonly trainRows: number;
    readonly testRows: number;
    readonly seed: number;
  };
  /** Rows behind every figure said to be of all rows; fewer than data.rows where those are a stratified sample. */
  readonly allRows: number;
  readonly metric: 'error rate' | 'rmse';
  /** How depth and ridge were chosen inside the training rows, in one sentence. */
  readonly selection: string;
  /** The depth at which curves, interpolants and the smoothness table are shown. */
  readonly shownDepth: number;
}

/** What a predictor that ignores the features gets on the same splits: the yardstick of every error. */
export interface Baseline {
  /** "largest class" or "mean of the target". */
  readonly label: string;
  readonly error: ErrorOverSplits;
  readonly holdoutError: number | null;
}

export interface ErrorOverSplits {
  readonly mean: number;
  /** Sample standard deviation over the splits. */
  readonly sd: number;
  /** One figure per split; the same splits for all networks. */
  readonly perSplit: readonly number[];
}

export interface NetworkResult {
  /** Short, stable and safe as a file name: "mlp", "resnet-a0.1", "resnet-g0.5". */
  readonly id: string;
  readonly label: string;
  readonly family: 'mlp' | 'resnet';
  /** "α = 0.1", "α = 1/√L"; empty for an MLP. */
  readonly alpha: string;
  /** The network at its chosen depth as JSON, ready for `resgram gram --network`. */
  readonly spec: unknown;
  /**
   * The honest test error: in every split, depth and ridge were chosen on the training rows alone (lowest leave-one-out
   * squared error), so nothing was picked by looking at the rows that count. The verdict rests on these.
   */
  readonly nested: ErrorOverSplits & { readonly chosenDepths: readonly number[] };
  /** The depth that the same rule chooses on all rows: the one to use. */
  readonly chosenDepth: number;
  readonly depths: readonly DepthResult[];
}

export interface DepthResult {
  readonly depth: number;
  /** Test error over the splits at this depth, the ridge chosen inside the training rows. */
  readonly error: ErrorOverSplits;
  /** Error on the separate test file, trained on all rows; null without one. */
  readonly holdoutError: number | null;
  /** Leave-one-out error on all rows with the ridge chosen there. */
  readonly looError: number;
  /** Median over splits of the ridge used, relative to the mean diagonal of the training Gram. */
  readonly ridge: number;
  /** The ridge that all rows choose, relative in the same way. */
  readonly ridgeAllRows: number;
  readonly spectrum: SpectrumSummary;
  /** By metric name; null where the metric is not defined for this network. */
  readonly smoothness: Readonly<Record<string, number | null>>;
}

export interface SpectrumSummary {
  /** Eigenvalues of the Gram matrix divided by the mean of its diagonal, at the given 1-based ranks. */
  readonly ranks: readonly number[];
  readonly values: readonly number[];
  /** λ_max / λ_min of the Gram matrix; null when λ_min is not positive beyond rounding (equal rows, say). */
  readonly conditionNumber: number | null;
  /** Condition number after rows that repeat another row are left out; equals conditionNumber when there are none. */
  readonly conditionNumberDistinct: number | null;
  readonly smallest: number;
  /** a of the fit λ ~ rank^-a over the middle ranks, and its standard error; null where too few are above rounding. */
  readonly decayExponent: number | null;
  readonly decayStandardError: number | null;
  /** How well the eigenpairs fit the matrix, as in Spectrum: a check of the numbers above. */
  readonly residual: number;
}

export interface MetricDescription {
  readonly name: string;
  readonly title: string;
  /** One sentence: what it measures. */
  readonly meaning: string;
  readonly smootherWhen: 'smaller' | 'larger';
  /** One sentence: when the figure misleads. */
  readonly caution: string;
  /** Key in docs/equations.md. */
  readonly reference: string;
}

/** Kernels over the angle between two unit vectors, divided by their value at angle 0. */
export interface AngleCurves {
  readonly depth: number;
  readonly angles: readonly number[];
  readonly series: readonly { readonly id: string; readonly values: readonly number[]; readonly cuspSlope: number }[];
}

/** Kernel interpolants of one target on the circle: where the corners show. */
export interface CircleStudy {
  readonly depth: number;
  readonly target: string;
  readonly sampleAngles: readonly number[];
  readonly sampleValues: readonly number[];
  readonly angles: readonly number[];
  readonly truth: readonly number[];
  readonly series: readonly {
    readonly id: string;
    readonly values: readonly number[];
    readonly largestJump: number;
    readonly totalJump: number;
    readonly spectralTail: number;
    readonly rmsError: number;
  }[];
}

export interface Verdict {
  /** One sentence. */
  readonly headline: string;
  /** The network of lowest nested error, the depth that all rows choose for it, and that error. */
  readonly best: { readonly id: string; readonly depth: number; readonly error: number };
  /** Networks that the test cannot tell from the best at the 5 % level. */
  readonly ties: readonly string[];
  /** Answers to: MLP or ResNet? how deep? which alpha? how smooth? */
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  readonly caveats: readonly string[];
  /**
   * Corrected paired tests of every pair of networks, over the nested errors of the splits; those with the best network
   * come first. All pairs are one family, so it does no harm that the best was picked by looking.
   */
  readonly tests: readonly PairedTest[];
}

export interface PairedTest {
  readonly a: string;
  readonly b: string;
  /** The depths that all rows choose. */
  readonly depthA: number;
  readonly depthB: number;
  /** Mean of error(b) − error(a), where a has the lower error, with its 95 % interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  readonly p: number;
  /** Holm-adjusted over the tests of this report. */
  readonly pAdjusted: number;
}

/** What wrote a report, and how to have it written again; the same for every kind of report. */
export interface RunProvenance {
  readonly blas: string;
  readonly simd: string;
  readonly threads: number;
  readonly platform: string;
  readonly node: string;
  /** The command that repeats this report; a program that calls the function leaves it empty. */
  readonly command: string;
}

export interface Provenance extends RunProvenance {
  readonly seed: number;
}
