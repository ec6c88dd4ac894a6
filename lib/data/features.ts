import { type ErrorDetails, KernelError } from '../errors.js';
import type { Column } from './column.js';
import type { OneHotColumn } from './dataset.js';

/** Where a value stands in its file: in words, and as details with `row` and numbered columns counted from 0. */
export interface Place {
  readonly text: string;
  readonly details: ErrorDetails;
  /** For an array, whose NaN is a number that went wrong and not an empty cell: the place in words. */
  readonly inArray?: string;
}

/** The features of every sample of a file, turned into numbers only for the samples that are used. */
export interface FeatureBlock {
  /** Base name of the file. */
  readonly file: string;
  readonly kind: 'table' | 'images';
  readonly names: readonly string[];
  readonly rows: number;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly oneHot: readonly OneHotColumn[];
  readonly ignored: readonly string[];
  readonly messages: readonly string[];
  /** [rows.length, names.length]; NaN stands for a missing value. */
  readonly fill: (rows: Uint32Array, signal?: AbortSignal) => Promise<Float64Array>;
  readonly isComplete: (row: number) => boolean;
  /** Column of the file from which a feature comes; several features share one after one-hot encoding. */
  readonly columnOf: (feature: number) => number;
  readonly place: (row: number, feature: number) => Place;
}

/** The targets of every sample of a file, as found there. */
export interface TargetColumn {
  readonly file: string;
  readonly column: Column;
  readonly place: (row: number) => Place;
  readonly messages: readonly string[];
}

/** A NaN of an array, told as the number it is; `remedy` is what else can be done with it. */
export function notANumber({ text, details, inArray }: Place, remedy: string): KernelError {
  return new KernelError(
    'ERR_NOT_FINITE',
    `${text}: expected finite numbers, got NaN in ${inArray} (counted from 0); ${remedy}`,
    details,
  );
}

/** Reads the labels of so many samples, if there is a file of labels. */
export type LabelsReader = (samples: number) => Promise<TargetColumn | undefined>;

export function isMissingAt(column: Column, row: number): boolean {
  return column.kind === 'number' ? Number.isNaN(column.values[row]) : (column.codes[row] as number) < 0;
}

/** The text of a cell; numbers in their shortest form. */
export function textAt(column: Column, row: number): string {
  return column.kind === 'number' ? String(column.values[row]) : (column.levels[column.codes[row] as number] as string);
}

export function rowCount(column: Column): number {
  return column.kind === 'number' ? column.values.length : column.codes.length;
}

/** The size of an image where samples are images; of other samples `otherwise`. */
export function sizeWords(image: FeatureBlock['image'], otherwise: string): string {
  return image === undefined ? otherwise : `images of ${image.height} × ${image.width} × ${image.channels}`;
}

/** Names in quotes, at most `most` of them. */
export function listed(names: readonly string[], most = 6): string {
  const shown = names.slice(0, most).map((name) => `'${shortened(name)}'`);
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ');
}

/** A cell may hold a novel; a message need not. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
