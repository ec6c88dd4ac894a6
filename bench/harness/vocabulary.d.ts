/** The words of the benches. A suite is data: cases, who takes part in each, and which figures are formed from their times. */

/** A process that contestants run in; `steps` are the native vector steps, through Google Benchmark. */
export type CrewName = 'resgram' | 'limits' | 'numpy' | 'tangents' | 'npm' | 'plain' | 'steps';

/** `limit`: what the machine allows; `peer`: what else one could use. */
export type Role = 'resgram' | 'limit' | 'peer';

/** Seconds (`wall`, `cpu` of all threads, `late`: the 99th percentile by which timers come late) or bytes (`peak`). */
export type Measure = 'wall' | 'cpu' | 'late' | 'peak';

/** Of one call. What cannot be measured here is absent. */
export type Sample = { readonly [M in Measure]?: number };

export interface Contestant {
  /** Unique in its case; what figures and tables call it. */
  readonly name: string;
  readonly role: Role;
  readonly crew: CrewName;
  /** A row of the crew's table of operations, and its arguments. */
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Takes part in the first so many rounds only; for those that take long. */
  readonly rounds?: number;
  /** A process of its own for every round, with nothing warm: for memory. */
  readonly isolated?: boolean;
  /** Calls per sample where it is not calibrated. */
  readonly times?: number;
  /** Left out, and said so, if one call is predicted, from a quarter of the rows, to take longer. */
  readonly atMost?: number;
}

/** A number formed from the samples of each round: ((of − minus) / over − less) / per; then the median over the rounds. */
export interface FigureRule {
  readonly id: string;
  /** What it says, as the head of a row. */
  readonly says: string;
  readonly measure: Measure;
  readonly of: string;
  readonly minus?: string;
  readonly over?: string;
  readonly less?: number;
  readonly per?: number;
  /** '×' for figures without a unit, which the guard compares. */
  readonly unit: '×' | 'ns' | 'µs' | 'ms' | 's' | 'MiB';
  readonly better: 'lower' | 'higher';
  readonly target?: number;
  /** How much worse the guard lets it become; default 1.25. */
  readonly slack?: number;
}

export interface Case {
  /** Unique in its suite. */
  readonly name: string;
  /** Part of a quick run, and so of the regression guard; a full run has these too. */
  readonly quick: boolean;
  /** Cases of one group that differ in `x` make a plot. */
  readonly group?: string;
  readonly x?: number;
  readonly contestants: readonly Contestant[];
  readonly figures: readonly FigureRule[];
  /** The relative difference allowed between what contestants computed; absent where there is nothing to compare. */
  readonly agreement?: number;
  readonly rounds?: number;
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** What is compared and why that is the limit, in a sentence or two. */
  readonly about: string;
  /** The label of `x` in plots. */
  readonly x?: string;
  readonly cases: readonly Case[];
}

export interface Summary {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  readonly count: number;
}

export interface ContestantResult {
  readonly name: string;
  readonly role: Role;
  readonly crew: CrewName;
  /** Seconds before the first timed call (reading, warming up), and the part of it that was compilation. */
  readonly prepare: number;
  readonly compile?: number;
  readonly note?: string;
  readonly measures: { readonly [M in Measure]?: Summary };
}

export interface FigureResult extends Summary {
  readonly id: string;
  readonly says: string;
  readonly measure: Measure;
  readonly unit: FigureRule['unit'];
  readonly better: FigureRule['better'];
  readonly target?: number;
  readonly met?: boolean;
  readonly slack?: number;
}

/** Who or what is missing, and why. */
export interface Absence {
  readonly what: string;
  readonly why: string;
}

export interface CaseResult {
  readonly name: string;
  readonly quick: boolean;
  readonly group?: string;
  readonly x?: number;
  readonly contestants: readonly ContestantResult[];
  readonly figures: readonly FigureResult[];
  readonly absent: readonly Absence[];
  /** The largest relative difference between what contestants computed, where they computed the same. */
  readonly difference?: number;
  /** Who computed something else; a run with any fails. */
  readonly disagreements?: readonly Absence[];
}

export interface SuiteResult {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly x?: string;
  readonly cases: readonly CaseResult[];
}

export interface Results {
  readonly schema: 1;
  readonly made: string;
  readonly mode: 'quick' | 'full';
  readonly seconds: number;
  readonly machine: {
    readonly cpu: string;
    readonly cpus: number;
    readonly memoryGiB: number;
    readonly platform: string;
    readonly simd: string;
    /** The load average when the run began; its own work comes on top of it at the end. */
    readonly load: number;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly absent: readonly Absence[];
  readonly suites: readonly SuiteResult[];
}
