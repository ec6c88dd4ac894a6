/** What a model of `resgram fit` remembers of its data, so that predictions treat new rows alike. Kept as notes in its file. */

import type { Source } from '../data/dataset.js';
import type { DataSchema } from '../data/schema.js';
import type { Scaling } from '../data/standardize.js';
import { KernelError } from '../errors.js';
import { isRecord } from '../place.js';

export interface ModelRecord {
  readonly kind: 'resgram fit';
  /** Raised when an earlier release would misread it. */
  readonly schema: 1;
  readonly data: DataSchema;
  readonly scaling: Scaling;
  readonly provenance: {
    readonly version: string;
    readonly command: string;
    readonly rows: number;
    /** Index of the most frequent class of the training rows; 0 for regression. */
    readonly largestClass: number;
    readonly sources: readonly Source[];
  };
}

const kind = 'resgram fit';
const schema = 1;

/** As JSON holds it. */
export function recordNotes(record: Omit<ModelRecord, 'kind' | 'schema'>): object {
  const { scaling } = record;
  const { unit, origin, mean, sd } = scaling;
  return {
    kind,
    schema,
    ...record,
    scaling: { ...scaling, unit: [...unit], origin: [...origin], mean: [...mean], sd: [...sd] },
  };
}

/** Reads what `recordNotes` wrote; refuses (ERR_DATA) models that came otherwise, and records of a later version. */
export function readRecord(notes: unknown, name: string): ModelRecord {
  if (!isRecord(notes) || notes.kind !== kind) {
    throw new KernelError(
      'ERR_DATA',
      `${name}: expected a model that 'resgram fit' wrote, which says how its data were read, got one saved by a program; ` +
        'predict with the library (loadModel), or fit it again',
      { file: name },
    );
  }
  if (notes.schema !== schema) {
    throw new KernelError(
      'ERR_DATA',
      `${name}: expected a record of version ${schema}, got ${String(notes.schema).slice(0, 20)}; a later release of resgram ` +
        'wrote it, use that one',
      { file: name, schema: notes.schema },
    );
  }
  const damaged = (what: string): never => {
    throw new KernelError('ERR_DATA', `${name}: the model file is damaged: ${what}; fit it again`, { file: name });
  };
  const { data, scaling, provenance } = notes;
  if (!isData(data)) return damaged('it does not say which columns it was fitted to');
  if (!isScaling(scaling, data.features.length)) return damaged('it does not say how its features were scaled');
  if (!isRecord(provenance) || !Array.isArray(provenance.sources) || !Number.isSafeInteger(provenance.largestClass))
    return damaged('it does not say where it comes from');
  const numbers = (list: unknown) => Float64Array.from(list as number[]);
  const { unit, origin, mean, sd } = scaling as unknown as Record<string, unknown>;
  return {
    ...(notes as unknown as ModelRecord),
    scaling: { ...scaling, unit: numbers(unit), origin: numbers(origin), mean: numbers(mean), sd: numbers(sd) },
  };
}

function isData(value: unknown): value is DataSchema {
  if (!isRecord(value)) return false;
  const { kind: what, features, task, target, classes, means, image, table, array } = value;
  const shaped =
    (what === 'table' || what === 'images') &&
    isTexts(features) &&
    isNumbers(means, features.length) &&
    typeof target === 'string' &&
    (task === 'regress' || (task === 'classify' && isTexts(classes)));
  if (!shaped) return false;
  if (image !== undefined) {
    const { height, width, channels } = isRecord(image) ? image : {};
    return [height, width, channels].every(Number.isSafeInteger);
  }
  if (table !== undefined) return isTable(table);
  return isRecord(array) && Number.isSafeInteger(array.columns) && Array.isArray(array.ignored);
}

function isTable(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { hasHeader, columns, encodings, target, textColumns, ignored } = value;
  return (
    typeof hasHeader === 'boolean' &&
    [columns, textColumns, ignored].every(isTexts) &&
    (target === null || typeof target === 'string') &&
    Array.isArray(encodings) &&
    encodings.every(
      (one) => isRecord(one) && typeof one.name === 'string' && (one.levels === undefined || isTexts(one.levels)),
    )
  );
}

function isScaling(value: unknown, features: number): value is Scaling {
  if (!isRecord(value) || value.d !== features) return false;
  const length = value.kind === 'columns' ? features : 0;
  return (
    ['none', 'columns', 'sphere'].includes(value.kind as string) &&
    [value.unit, value.origin, value.mean, value.sd].every((list) => isNumbers(list, length))
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isNumbers(value: unknown, length: number): boolean {
  return Array.isArray(value) && value.length === length && value.every(Number.isFinite);
}
