/** report.json of `resgram study`. Plain JSON, the same bytes for the same seed, binary, CPU path and threads. Readers check `schema`. */

import type { DataSummary, RunProvenance } from '../compare/schema.js';

/** Which numbers an item expects of what it measured. */
export type Expectation =
  | { readonly kind: 'near'; readonly value: number; readonly within: number }
  | { readonly kind: 'at most'; readonly value: number }
  | { readonly kind: 'at least'; readonly value: number };

export interface Measurement {
  readonly what: string;
  /** null where there is no finite number, as of a quotient by 0; it does not hold then. */
  readonly measured: number | null;
  readonly expected: Expectation;
  readonly holds: boolean;
}

/** Of all measurements: every one as expected, some, or none. */
export type Verdict = 'holds' | 'in part' | 'does not hold';

/** One curve of a chart; `family` and `id` give it its colour, the same in every chart of a report. */
export interface ChartSeries {
  readonly id: string;
  readonly label: string;
  /** 'reference' is what networks are held against: another kernel, a bound, a rate. */
  readonly family: 'mlp' | 'resnet' | 'reference';
  readonly points: readonly ChartPoint[];
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Half the length of an error bar. */
  readonly spread?: number;
}

export interface ChartAxis {
  readonly label: string;
  readonly scale: 'linear' | 'log' | 'depth';
  /** Of a y axis: a value with a line across, such as 1 of quotients, where there is no difference. */
  readonly rule?: number;
}

/** A figure as data: the report draws it, and nothing else is drawn. */
export type Chart = LineChart | MapChart;

interface ChartHead {
  /** File name without its ending; unique in a report. */
  readonly name: string;
  readonly title: string;
  /** What it shows, with the parameters of the study that it depends on. */
  readonly caption: string;
}

/** Curves over a common axis. */
export interface LineChart extends ChartHead {
  /** Left out in charts of lines, which most are. */
  readonly kind?: 'lines';
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly series: readonly ChartSeries[];
  /** What the curves are after: a broad pale line behind them. The caption says so. */
  readonly target?: readonly ChartPoint[];
  /** Points that the curves were given: open circles over them. The caption says so. */
  readonly samples?: readonly ChartPoint[];
}

/** Values over a grid in the plane, one panel beside the other, all in one scale of colours. */
export interface MapChart extends ChartHead {
  readonly kind: 'map';
  /**
   * 'cells': the grid divides the plane from end to end of its axes into cells of one value each, as pixels do. 'surface': a
   * function sampled at points from end to end, both ends included; it is drawn by its levels.
   */
  readonly grid: 'cells' | 'surface';
  readonly x: MapAxis;
  readonly y: MapAxis;
  readonly colour: {
    /** What the values are, with their unit. */
    readonly label: string;
    /** 'diverging': 0 has a colour of its own, and the signs are told apart. 'sequential': from the least to the largest. */
    readonly scale: 'sequential' | 'diverging';
  };
  readonly panels: readonly MapPanel[];
}

export interface MapAxis {
  readonly label: string;
  /** Where the grid begins and ends; row 0 and column 0 lie at `low`. */
  readonly low: number;
  readonly high: number;
  /** For a y axis whose values grow downwards, as rows of an image do. */
  readonly reversed?: boolean;
  /** Which values are named; by default some round ones. */
  readonly ticks?: readonly number[];
}

export interface MapPanel {
  readonly title: string;
  /** Row after row, all of one length. */
  readonly values: readonly (readonly number[])[];
  /** Marked over the map, such as the samples of an interpolant. */
  readonly points?: readonly ChartPoint[];
}

export interface ItemReport {
  readonly id: string;
  readonly title: string;
  /** What the paper says. */
  readonly claim: string;
  /** What is computed to see whether that is so. */
  readonly check: string;
  /** In words, what `measured` would be if the claim were true. */
  readonly expected: string;
  readonly measured: readonly Measurement[];
  /** null where nothing was measured; `absent` says why. */
  readonly verdict: Verdict | null;
  /** What was not there, and how to get it. */
  readonly absent: { readonly what: string; readonly remedy: string } | null;
  /** Parameters outside the range that the claim is about. */
  readonly outside: readonly string[];
  readonly reference: ItemReference;
  readonly remarks: readonly string[];
  readonly charts: readonly Chart[];
}

export interface ItemReference {
  readonly paper: string;
  /** Keys of docs/equations.md. */
  readonly equations: readonly string[];
}

export type ParameterValue = number | string | readonly number[];

export interface PartReport {
  readonly study: string;
  readonly title: string;
  readonly paper: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly items: readonly ItemReport[];
}

export const studySizes = ['quick', 'usual', 'full'] as const;
export type StudySize = (typeof studySizes)[number];

export interface StudyReport {
  readonly schema: 1;
  readonly kind: 'study';
  readonly version: string;
  /** The name that was asked for; an overview has several parts. */
  readonly name: string;
  readonly title: string;
  readonly size: StudySize;
  readonly seed: number;
  readonly parts: readonly PartReport[];
  /** null where none was given and none found. */
  readonly data: DataSummary | null;
  /** CIFAR-10, for the items on photographs; null where it was not given. */
  readonly cifar10: DataSummary | null;
  readonly provenance: RunProvenance;
}
