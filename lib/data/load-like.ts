/** Samples that come after the training: read as the training data were, and refused where they differ. */

import { KernelError } from '../errors.js';
import { arrayFeatures, arrayTarget, imageSize } from './array-features.js';
import type { Column } from './column.js';
import { readTable } from './csv.js';
import type { Delimiter, SampleMatrix, Source } from './dataset.js';
import { type FeatureBlock, listed, rowCount, shortened, sizeWords, type TargetColumn, textAt } from './features.js';
import { type FileContent, sourceOf } from './files.js';
import { formatOf } from './format.js';
import { readIdx } from './idx.js';
import { withinMemory } from './load.js';
import { fillMissing } from './missing.js';
import { counted } from './notes.js';
import { readNpy } from './npy.js';
import { readNpz } from './npz.js';
import { checkPath, maxBytesOf } from './options.js';
import { type DataSource, readSource } from './png-folder.js';
import { vectorTarget } from './read-arrays.js';
import { readLabels } from './read-labels.js';
import { withoutEmptyColumns } from './read-table.js';
import type { ArrayLayout, DataSchema, TableLayout } from './schema.js';
import type { Table } from './table-builder.js';
import { placeInTable, tableFeatures } from './table-features.js';
import { takenMessages, takenRows } from './taken-rows.js';
import { codedTarget } from './task.js';

export interface LikeOptions {
  /** A file of labels, one per sample. */
  readonly labels?: string;
  /** Take the columns of a table by their names, whatever their order, and leave others out. Default: refuse. */
  readonly byName?: boolean;
  /** 'none' does not look at targets, 'required' refuses data without. Default: they are read where they are there. */
  readonly targets?: 'none' | 'optional' | 'required';
  readonly limit?: number;
  readonly missing?: 'refuse' | 'drop-rows' | 'mean';
  readonly delimiter?: Delimiter;
  readonly xKey?: string;
  readonly yKey?: string;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface LikeSamples {
  readonly name: string;
  readonly x: SampleMatrix;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  /** Row of the file, from 0, of each sample. */
  readonly rows: Uint32Array;
  /** As in `Dataset.y`; undefined where there are no targets. */
  readonly y?: Float64Array;
  readonly sources: readonly Source[];
  readonly notes: { readonly messages: readonly string[] };
}

/** Reads samples that fit the schema. Throws as `loadDataset` does, and ERR_DATA or ERR_SHAPE for other columns. */
export async function loadLike(path: string, schema: DataSchema, options: LikeOptions = {}): Promise<LikeSamples> {
  checkPath('path', path);
  return withinMemory(path, async () => {
    const file = await readSource(path, maxBytesOf(options), options.signal);
    const found = await foundIn(file, schema, options);
    const sources: Source[] = [sourceOf(file, 'test')];
    let { target } = found;
    if (options.labels !== undefined && options.targets !== 'none') {
      const labels = await readLabels(options.labels, found.features.rows, options);
      sources.push(sourceOf(labels.file, 'test-labels'));
      target = labels.target;
    }
    if (target !== undefined && rowCount(target.column) !== found.features.rows) {
      throw new KernelError(
        'ERR_SHAPE',
        `${target.file} has ${counted(rowCount(target.column), 'label', 'labels')} for the ${found.features.rows} ` +
          `samples of ${file.name}`,
      );
    }
    return chosenRows(found, options.targets === 'none' ? undefined : target, schema, sources, options);
  });
}

interface Found {
  readonly features: FeatureBlock;
  readonly target: TargetColumn | undefined;
}

async function foundIn(file: DataSource, schema: DataSchema, options: LikeOptions): Promise<Found> {
  if (file.folder !== undefined) {
    const features = arrayFeatures(file.folder.array, [], file.folder.messages);
    requireSame(features, schema);
    return { features, target: file.folder.target };
  }
  const format = formatOf(file.content, file.name);
  if (format === 'table') {
    if (schema.table === undefined) throw otherKind(file.name, schema);
    return inTable(file, schema.table, options);
  }
  const { x, y } =
    format === 'idx'
      ? { x: readIdx(file.content, file.name) }
      : format === 'npy'
        ? { x: readNpy(file.content, file.name) }
        : await readNpz(file.content, file.name, options, maxBytesOf(options));
  const beside = y === undefined ? undefined : await vectorTarget(y, options);
  if (imageSize(x) !== undefined) {
    const features = { ...arrayFeatures(x, [], []), file: file.name };
    requireSame(features, schema);
    return { features, target: beside };
  }
  if (schema.array === undefined) throw otherKind(file.name, schema);
  const { ignored, target } = columnsOf(file.name, x.shape[1] ?? 1, schema.array);
  const left = target === null ? ignored : [...ignored, target];
  const features = { ...arrayFeatures(x, left, []), file: file.name };
  return { features, target: beside ?? (target === null ? undefined : await arrayTarget(x, target, options.signal)) };
}

/** A matrix has the columns of the training, or all of them but the target. */
export function columnsOf(name: string, columns: number, layout: ArrayLayout): Pick<ArrayLayout, 'ignored' | 'target'> {
  const { target, ignored } = layout;
  if (columns === layout.columns) return layout;
  if (target !== null && columns === layout.columns - 1) {
    return { target: null, ignored: ignored.map((column) => (column > target ? column - 1 : column)) };
  }
  const without = target === null ? '' : `, or ${layout.columns - 1} without the target`;
  throw new KernelError(
    'ERR_SHAPE',
    `${name}: expected ${counted(layout.columns, 'column', 'columns')} as in the training data${without}, got ${columns}`,
    { file: name, expected: layout.columns, got: columns },
  );
}

async function inTable({ content, name }: FileContent, layout: TableLayout, options: LikeOptions): Promise<Found> {
  const { hasHeader, encodings, target, ignored } = layout;
  const { delimiter, signal } = options;
  const read = async (textColumns: ReadonlySet<string>): Promise<Table> =>
    withoutEmptyColumns(await readTable(content, name, { delimiter, header: hasHeader, textColumns, signal }));
  const needed = encodings.map((encoding) => encoding.name);
  const text = new Set(layout.textColumns);
  const table = hasHeader ? await read(text) : await withNames(read, layout, needed, name);
  const names = table.columns.map((column) => column.name);
  const absent = needed.filter((column) => !names.includes(column));
  if (absent.length > 0) {
    // Only a file whose first line is taken for names has other names than numbers.
    const line = hasHeader && names.every((column) => column.trim() !== '' && Number.isFinite(Number(column)));
    const help = line ? 'begin it with a line of names, as the training data do' : 'add what is missing';
    throw new KernelError(
      'ERR_DATA',
      `${name} lacks ${absent.length === 1 ? 'a column' : 'columns'} of the training data: ${listed(absent)}; it has ` +
        `${listed(names)}; ${help}, or fit without (--ignore where the model is fitted)`,
      { file: name, absent },
    );
  }
  const known = new Set([...ignored, ...(target === null ? [] : [target])]);
  const own = names.filter((column) => needed.includes(column) || !known.has(column));
  const messages = options.byName === true ? byNameMessages(own, needed) : [];
  if (options.byName !== true) refuseOtherOrder(name, own, needed);
  const extra = names.filter((column) => !needed.includes(column) && column !== target);
  const column = target === null ? undefined : table.columns.find((one) => one.name === target);
  return {
    features: tableFeatures(table, encodings, extra, messages, elsewhere),
    target: column === undefined ? undefined : tableTarget(table, column),
  };
}

/** The model is there; it can do without a column only if it is fitted anew. */
function elsewhere(column: string): string {
  return `fit without the column: --ignore '${shortened(column)}' where the model is fitted`;
}

function tableTarget(table: Table, column: Column): TargetColumn {
  return { file: table.name, column, place: (row) => placeInTable(table, row, column.name), messages: [] };
}

/** Columns without names are those of the training by their number: all of them, or the features alone. */
async function withNames(
  read: (textColumns: ReadonlySet<string>) => Promise<Table>,
  { columns, target, textColumns }: TableLayout,
  needed: readonly string[],
  file: string,
): Promise<Table> {
  const first = await read(new Set());
  const got = first.columns.length;
  const names = [columns, columns.filter((column) => column !== target), needed].find((list) => list.length === got);
  if (names === undefined) {
    throw new KernelError(
      'ERR_SHAPE',
      `${file}: expected ${columns.length} columns as in the training data, or its ${needed.length} features, got ` +
        `${got}`,
      { file, expected: columns.length, got },
    );
  }
  // Which of the places hold text is known only now.
  const asText = first.columns.flatMap(({ name }, j) => (textColumns.includes(names[j] as string) ? [name] : []));
  const table = asText.length === 0 ? first : await read(new Set(asText));
  return { ...table, columns: table.columns.map((column, j) => ({ ...column, name: names[j] as string })) };
}

function refuseOtherOrder(file: string, own: readonly string[], needed: readonly string[]): void {
  const extra = own.filter((column) => !needed.includes(column));
  if (extra.length > 0) {
    throw new KernelError(
      'ERR_DATA',
      `${file} has ${extra.length === 1 ? 'a column' : 'columns'} that the training data lack: ${listed(extra)}; leave ` +
        `${extra.length === 1 ? 'it' : 'them'} out of the file, or take the columns of the model alone (byName)`,
      { file, extra },
    );
  }
  const at = own.findIndex((column, j) => column !== needed[j]);
  if (at < 0) return;
  throw new KernelError(
    'ERR_DATA',
    `${file}: expected the columns in the order of the training data, feature ${at + 1} is ` +
      `'${shortened(own[at] as string)}' and not '${shortened(needed[at] as string)}'; put them into order, or have them ` +
      'taken by their names (byName)',
    { file, expected: needed, got: own },
  );
}

function byNameMessages(own: readonly string[], needed: readonly string[]): string[] {
  const taken = own.filter((column) => needed.includes(column));
  return taken.some((column, j) => column !== needed[j])
    ? ['columns stand in another order than in the training data and were taken by their names']
    : [];
}

function requireSame({ names, image, file }: FeatureBlock, schema: DataSchema): void {
  if (names.length === schema.features.length && JSON.stringify(image) === JSON.stringify(schema.image)) return;
  throw new KernelError(
    'ERR_SHAPE',
    `${file} holds ${sizeOf(image, names.length)}, the model was fitted to ${expectedSize(schema)}`,
    {
      file,
      expected: schema.features.length,
      got: names.length,
    },
  );
}

function otherKind(file: string, schema: DataSchema): KernelError {
  const what = schema.table === undefined ? expectedSize(schema) : 'a table with names of columns (CSV, TSV)';
  return new KernelError('ERR_DATA', `${file}: expected ${what}, as the model was fitted to`, { file });
}

function expectedSize({ image, features }: DataSchema): string {
  return sizeOf(image, features.length);
}

function sizeOf(image: DataSchema['image'], d: number): string {
  return sizeWords(image, `rows of ${d} numbers`);
}

async function chosenRows(
  { features }: Found,
  target: TargetColumn | undefined,
  schema: DataSchema,
  sources: readonly Source[],
  { limit, missing = 'refuse', targets = 'optional', signal }: LikeOptions,
): Promise<LikeSamples> {
  const coded =
    target === undefined ? undefined : codedTarget(target.column, { task: schema.task, classes: schema.classes });
  // A target column without a value is one to be predicted.
  const blank = coded?.every(Number.isNaN) ?? true;
  if (blank && targets === 'required') {
    throw new KernelError(
      'ERR_DATA',
      `${features.file} has no targets ('${shortened(schema.target)}'); give its labels (labels), or leave it out`,
      { file: features.file },
    );
  }
  const truth = blank ? undefined : coded;
  const isWhole = (row: number) => features.isComplete(row) && !Number.isNaN(truth?.[row] ?? 0);
  const taken = takenRows(features, isWhole, { limit, missing });
  const { rows } = taken;
  if (truth !== undefined && target !== undefined) {
    const remedy = targets === 'required' ? '' : ', or only predict (score)';
    for (const row of rows) requireTruth(target, truth, row, schema, remedy);
  }
  const data = await features.fill(rows, signal);
  const d = features.names.length;
  const means = { data: Float64Array.from(schema.means), shape: [1, d] as const };
  const { filledCells } = await fillMissing(data, rows, features, missing, means, signal);
  return {
    name: features.file,
    x: { data, shape: [rows.length, d] },
    ...(features.image === undefined ? {} : { image: features.image }),
    rows,
    ...(truth === undefined ? {} : { y: Float64Array.from(rows, (row) => truth[row] as number) }),
    sources,
    notes: {
      messages: [...features.messages, ...takenMessages(features, taken, filledCells, 'training rows')],
    },
  };
}

function requireTruth(
  target: TargetColumn,
  truth: Float64Array,
  row: number,
  { classes }: DataSchema,
  remedy: string,
): void {
  const value = truth[row] as number;
  const { text, details } = target.place(row);
  if (value === -1 && classes !== undefined) {
    throw new KernelError(
      'ERR_DATA',
      `${text}: the label '${shortened(textAt(target.column, row))}' is none of the training data (${listed(classes)}); ` +
        `leave such rows out${remedy}`,
      details,
    );
  }
  if (Number.isFinite(value)) return;
  throw new KernelError(
    Number.isNaN(value) ? 'ERR_DATA' : 'ERR_NOT_FINITE',
    `${text}: the target is ${Number.isNaN(value) ? 'missing' : `${value}, no finite number`}; leave such rows out ` +
      `(missing=drop-rows)${remedy}`,
    details,
  );
}
