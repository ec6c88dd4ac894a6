/** Rows of a program for a model of `resgram fit`: taken as `resgram predict` takes those of a file. */

import type { Classifier } from '../classify.js';
import { allocate } from '../data/allocate.js';
import type { SampleMatrix } from '../data/dataset.js';
import { listed, shortened } from '../data/features.js';
import { imagesOf } from '../data/images.js';
import { columnsOf } from '../data/load-like.js';
import { applyScaling } from '../data/standardize.js';
import { unknownLevel } from '../data/table-features.js';
import { KernelError } from '../errors.js';
import { takesImages } from '../fit-grid.js';
import { oneOf, reading, readOptions, show, unexpected } from '../options.js';
import { isRecord } from '../place.js';
import type { Regressor } from '../regress.js';
import type { Tensor } from '../tensor.js';
import { type ModelRecord, readRecord } from './record.js';

type Model = Regressor | Classifier;

/** A column of the table that a model was fitted to. */
export interface ModelColumn {
  readonly name: string;
  /** The texts that it may hold; absent for numbers. */
  readonly levels?: readonly string[];
}

/** What `encodeRows` takes as one row of a model. */
export type RowFormat =
  /** An object with a value for each column; those of `ignored`, such as the target, may be there and are not looked at. */
  | { readonly kind: 'columns'; readonly columns: readonly ModelColumn[]; readonly ignored: readonly string[] }
  /** An array with the numbers of all columns of the training matrix, or of all but the target, counted from 0. */
  | { readonly kind: 'numbers'; readonly columns: number; readonly target: number | null }
  /** The pixels row by row, channels fastest: one array, or one inside the other. */
  | { readonly kind: 'image'; readonly height: number; readonly width: number; readonly channels: number };

export interface EncodeOptions {
  /** A value that is null: 'refuse' (default) or 'mean', that of its column in the training rows. */
  readonly missing?: 'refuse' | 'mean';
}

const records = new WeakMap<Model, ModelRecord>();

function recordOf(model: Model): ModelRecord {
  const known = records.get(model);
  if (known !== undefined) return known;
  requireModel(model);
  const record = readRecord(model.notes, 'the model');
  records.set(model, record);
  return record;
}

function requireModel(model: Model): void {
  if (isRecord(model) && (model.task === 'regress' || model.task === 'classify')) return;
  throw unexpected('model', 'a model, as loadModel returns it', model);
}

/**
 * How rows of a model of `resgram fit` look; undefined for a model that a program saved. Throws ERR_DATA where the model's
 * notes are damaged or of a later version.
 */
export function rowFormat(model: Model): RowFormat | undefined {
  requireModel(model);
  if (!isRecord(model.notes) || model.notes.kind !== 'resgram fit') return undefined;
  const { table, array, image } = recordOf(model).data;
  if (table !== undefined) {
    const { encodings, ignored, target } = table;
    return { kind: 'columns', columns: encodings, ignored: target === null ? ignored : [...ignored, target] };
  }
  if (array !== undefined) return { kind: 'numbers', columns: array.columns, target: array.target };
  return { kind: 'image', ...(image as NonNullable<typeof image>) };
}

/**
 * Rows as `model.predict` takes them, encoded and scaled as the training data were: what `resgram predict` makes of the rows of a
 * file, to the last bit. Throws ERR_DATA for a model that `resgram fit` did not write, and, with row and column, for columns
 * that are missing or unknown, values that are missing or of another kind, and levels that the training data lack; ERR_SHAPE
 * for other numbers of numbers, ERR_NOT_FINITE for NaN and infinities.
 */
export function encodeRows(model: Model, rows: readonly unknown[], options?: EncodeOptions): Tensor {
  const { missing = 'refuse' } = readOptions('options', options, { missing: oneOf('refuse', 'mean') });
  const record = recordOf(model);
  if (!Array.isArray(rows) || rows.length === 0) throw unexpected('rows', 'an array of at least one row', rows);
  const { data } = record;
  const d = data.features.length;
  const out = allocate(rows.length * d, `${rows.length} rows of ${d} features`);
  const write = writerOf(record, missing);
  reading('rows', () => {
    // By index: a hole is a row that is not there, which forEach would pass over.
    for (let i = 0; i < rows.length; i++) write(rows[i], i, out.subarray(i * d, (i + 1) * d));
  });
  return inputsOf(model, record, { name: 'rows', x: { data: out, shape: [rows.length, d] } });
}

/** The features of rows as inputs of the network. */
export function inputsOf(
  model: Model,
  { scaling, data }: ModelRecord,
  { name, x }: { readonly name: string; readonly x: SampleMatrix },
): Tensor {
  const scaled = applyScaling(scaling, x);
  requireScaled(scaled, name);
  if (!takesImages(model.network)) return scaled;
  return imagesOf({ name, x: scaled, ...(data.image === undefined ? {} : { image: data.image }) });
}

/** A number far beyond those of the training data may leave the range of doubles when it is divided by their deviation. */
function requireScaled({ data, shape: [, d] }: SampleMatrix, name: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const [row, feature] = [Math.floor(at / d), at % d];
  throw new KernelError(
    'ERR_RANGE',
    `${name}: row ${row}, feature ${feature} leaves the range of doubles when it is scaled as the training data were; bring it to ` +
      'their size',
    { row, feature },
  );
}

type Writer = (row: unknown, index: number, to: Float64Array) => void;

function writerOf({ data }: ModelRecord, missing: 'refuse' | 'mean'): Writer {
  const { table, array, image, means } = data;
  if (table !== undefined) {
    const { encodings, ignored, target } = table;
    const slots = encodings.map(({ name, levels }) => ({ name, levels, width: levels?.length ?? 1 }));
    const known = new Set([...encodings.map(({ name }) => name), ...ignored, ...(target === null ? [] : [target])]);
    return (row, index, to) => {
      if (!isRecord(row) || Array.isArray(row)) throw unexpected(`rows[${index}]`, 'an object by column', row);
      requireColumns(row, index, slots, known);
      let at = 0;
      for (const { name, levels, width } of slots) {
        const value = row[name];
        if (value === null && missing === 'mean') to.set(means.slice(at, at + width), at);
        else if (levels === undefined) to[at] = numberAt(value, index, name);
        else to[at + levelAt(value, levels, index, name)] = 1;
        at += width;
      }
    };
  }
  if (array !== undefined) {
    return (row, index, to) => {
      if (!Array.isArray(row)) throw unexpected(`rows[${index}]`, 'an array of numbers', row);
      const { ignored, target } = columnsOf(`rows[${index}]`, row.length, array);
      let at = 0;
      for (let column = 0; column < row.length; column++) {
        if (column === target || ignored.includes(column)) continue;
        const value: unknown = row[column];
        to[at] = value === null && missing === 'mean' ? (means[at] as number) : numberAt(value, index, column);
        at += 1;
      }
    };
  }
  const { height, width, channels } = image as NonNullable<typeof image>;
  return (row, index, to) => {
    const sizes = Array.isArray(row) && Array.isArray(row[0]) ? [height, width, channels] : [to.length];
    let at = 0;
    const take = (part: unknown, axis: number): void => {
      if (axis === sizes.length) {
        to[at] = numberAt(part, index, at);
        at += 1;
        return;
      }
      if (!Array.isArray(part) || part.length !== sizes[axis]) {
        throw new KernelError(
          'ERR_SHAPE',
          `rows[${index}]: expected the pixels of an image of ${height} × ${width} × ${channels}, as in the training data, ` +
            `got ${Array.isArray(part) ? `${part.length} in place of ${sizes[axis]}` : show(part)}`,
          { row: index },
        );
      }
      for (const one of part) take(one, axis + 1);
    };
    take(row, 0);
  };
}

function requireColumns(
  row: Readonly<Record<string, unknown>>,
  index: number,
  slots: readonly { readonly name: string }[],
  known: ReadonlySet<string>,
): void {
  const absent = slots.filter(({ name }) => !Object.hasOwn(row, name)).map(({ name }) => name);
  if (absent.length > 0) {
    throw new KernelError(
      'ERR_DATA',
      `rows[${index}] lacks ${absent.length === 1 ? 'a column' : 'columns'} of the training data: ${listed(absent)}; it has ` +
        listed(Object.keys(row)),
      { row: index, absent },
    );
  }
  const extra = Object.keys(row).filter((name) => !known.has(name));
  if (extra.length === 0) return;
  throw new KernelError(
    'ERR_DATA',
    `rows[${index}] has ${extra.length === 1 ? 'a column' : 'columns'} that the training data lack: ${listed(extra)}; leave ` +
      `${extra.length === 1 ? 'it' : 'them'} out`,
    { row: index, extra },
  );
}

function placeOf(
  index: number,
  column: string | number,
): { text: string; details: { row: number; column: string | number } } {
  const text =
    typeof column === 'number' ? `rows[${index}][${column}]` : `rows[${index}], column '${shortened(column)}'`;
  return { text, details: { row: index, column } };
}

function requireThere(value: unknown, index: number, column: string | number): void {
  if (value !== null && value !== undefined) return;
  const { text, details } = placeOf(index, column);
  // What is null can be set to the mean; what is not there at all was forgotten.
  const remedy =
    value === null && typeof column === 'string'
      ? "leave out such rows, or have null set to the mean of the column (missing: 'mean')"
      : 'leave out such rows';
  throw new KernelError('ERR_DATA', `${text}: the value is missing; ${remedy}`, details);
}

function numberAt(value: unknown, index: number, column: string | number): number {
  // As a file's: without a negative zero.
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0;
  requireThere(value, index, column);
  const { text, details } = placeOf(index, column);
  if (typeof value !== 'number') {
    throw new KernelError('ERR_DATA', `${text}: expected a number, got ${show(value)}`, details);
  }
  throw new KernelError('ERR_NOT_FINITE', `${text}: expected finite numbers, got ${value}`, details);
}

/** Texts are compared as those of a file: without spaces around them. */
function levelAt(value: unknown, levels: readonly string[], index: number, column: string): number {
  requireThere(value, index, column);
  const place = placeOf(index, column);
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    throw new KernelError('ERR_DATA', `${place.text}: expected a text, got ${show(value)}`, place.details);
  }
  const level = String(value).trim();
  const found = levels.indexOf(level);
  if (found < 0) throw unknownLevel(place, level, levels, 'leave such rows out');
  return found;
}
