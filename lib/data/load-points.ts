import { KernelError } from '../errors.js';
import type { StoredArray } from './array.js';
import { arrayFeatures } from './array-features.js';
import { readTable } from './csv.js';
import type { PointOptions, SampleMatrix, Source } from './dataset.js';
import { type FeatureBlock, listed, sizeWords } from './features.js';
import { type FileContent, sourceOf } from './files.js';
import { type Format, formatOf } from './format.js';
import { readIdx } from './idx.js';
import { toUnitPixels } from './images.js';
import { fillMissing } from './missing.js';
import { counted, findings, inspectRows, type RowNotes } from './notes.js';
import { readNpy } from './npy.js';
import { readNpz } from './npz.js';
import { checkOptions, checkPath, maxBytesOf } from './options.js';
import { type DataSource, readSource } from './png-folder.js';
import { columnIndex, refuseNoFeatures } from './read-arrays.js';
import { findColumn, withoutEmptyColumns } from './read-table.js';
import { type Encoding, planEncodings, tableFeatures } from './table-features.js';
import { takenMessages, takenRows } from './taken-rows.js';

/** Samples without targets: all that a Gram matrix needs. */
export interface Points {
  /** Base name of the file. */
  readonly name: string;
  readonly kind: 'table' | 'images';
  readonly x: SampleMatrix;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly features: readonly string[];
  readonly source: Source;
  readonly notes: Omit<RowNotes, 'conflictingRows'> & { readonly messages: readonly string[] };
}

/**
 * Reads samples without targets from CSV or TSV, .npy, .npz or IDX, each also gzipped, or from a folder of PNG images (the
 * names of its subfolders are not read). Every column is a feature unless it is ignored. `imagesOf` gives images their grid.
 * Throws as `loadDataset` does.
 */
export async function loadPoints(path: string, options: PointOptions = {}): Promise<Points> {
  checkPath('path', path);
  checkOptions(options, 'points');
  const file = await readSource(path, maxBytesOf(options), options.signal);
  const { features } = await blockOf(file, options);
  return pointsOf(file, features, options);
}

/** Two sets of samples with the same features; text columns are encoded, and means filled in, as in the first. */
export async function loadPointsPair(
  path: string,
  otherPath: string,
  options: PointOptions = {},
): Promise<readonly [Points, Points]> {
  checkPath('path', path);
  checkPath('otherPath', otherPath);
  checkOptions(options, 'points');
  const file = await readSource(path, maxBytesOf(options), options.signal);
  const first = await blockOf(file, options);
  const points = await pointsOf(file, first.features, options);
  const other = await readSource(otherPath, maxBytesOf(options), options.signal);
  const { features } = await blockOf(other, options, first);
  refuseOtherFeatures(features, first.features);
  return [points, await pointsOf(other, features, options, points)];
}

interface Block {
  readonly features: FeatureBlock;
  /** How the columns of a table were read; undefined for arrays. */
  readonly encodings?: readonly Encoding[];
  readonly hasHeader?: boolean;
}

async function blockOf(file: DataSource, options: PointOptions, like?: Block): Promise<Block> {
  if (file.folder !== undefined) {
    const { array, messages } = file.folder;
    for (const column of options.ignore ?? []) columnIndex(array, column, 'ignore');
    return { features: arrayFeatures(array, [], messages) };
  }
  const format = formatOf(file.content, file.name);
  if (format === 'table') return tableBlock(file, options, like);
  const array = await arrayOf(file, format, options);
  const ignored = (options.ignore ?? []).map((column) => columnIndex(array, column, 'ignore'));
  const features = { ...arrayFeatures(array, ignored, []), file: file.name };
  refuseNoFeatures(features.names.length, file.name);
  return { features };
}

async function arrayOf(
  { content, name }: FileContent,
  format: Exclude<Format, 'table'>,
  options: PointOptions,
): Promise<StoredArray> {
  if (format === 'idx') return readIdx(content, name);
  if (format === 'npy') return readNpy(content, name);
  return (await readNpz(content, name, options, maxBytesOf(options))).x;
}

async function tableBlock({ content, name }: FileContent, options: PointOptions, like?: Block): Promise<Block> {
  const { delimiter, header, oneHot = false, signal } = options;
  const textColumns = new Set(like?.encodings?.filter(({ levels }) => levels !== undefined).map((one) => one.name));
  const table = withoutEmptyColumns(
    await readTable(content, name, { delimiter, header: like?.hasHeader ?? header, textColumns, signal }),
  );
  if (like?.encodings !== undefined) {
    const known = table.columns.map((column) => column.name);
    const absent = like.encodings.map((one) => one.name).filter((column) => !known.includes(column));
    if (absent.length > 0) throw lacking(name, absent, known);
    const extra = known.filter((column) => !like.encodings?.some((one) => one.name === column));
    return { ...like, features: tableFeatures(table, like.encodings, extra, table.messages) };
  }
  const ignored = (options.ignore ?? []).map((wanted) => findColumn(table, wanted, 'ignore'));
  const columns = table.columns.filter((column) => !ignored.includes(column));
  refuseNoFeatures(columns.length, name);
  const { encodings, messages } = planEncodings(table, columns, oneHot);
  const names = ignored.map((column) => column.name);
  const features = tableFeatures(table, encodings, names, [...table.messages, ...messages]);
  return { features, encodings, hasHeader: table.hasHeader };
}

async function pointsOf(
  file: FileContent,
  features: FeatureBlock,
  { limit, missing = 'refuse', licence, signal, unitPixels = false }: PointOptions,
  like?: Points,
): Promise<Points> {
  const taken = takenRows(features, features.isComplete, { limit, missing });
  const { rows } = taken;
  const data = await features.fill(rows, signal);
  const { filledCells } = await fillMissing(data, rows, features, missing, like?.x, signal);
  const pixels = unitPixels ? unitPixelNotes(data, features) : [];
  const x = { data, shape: [rows.length, features.names.length] as const };
  const { constantColumns, duplicateRows, zeroRows } = await inspectRows(
    { x, y: new Float64Array(rows.length), features: features.names },
    signal,
  );
  const seen = { constantColumns, duplicateRows, zeroRows };
  return {
    name: file.name,
    kind: features.kind,
    x,
    ...(features.image === undefined ? {} : { image: features.image }),
    features: features.names,
    source: sourceOf(file, 'data', licence),
    notes: {
      ...seen,
      messages: [
        ...features.messages,
        ...takenMessages(features, taken, filledCells, 'column'),
        ...pixels,
        ...findings({ ...seen, conflictingRows: 0 }),
      ],
    },
  };
}

/** Divides every pixel by its length, and says so. */
function unitPixelNotes(data: Float64Array, { image, file }: FeatureBlock): string[] {
  if (image === undefined) {
    throw new KernelError(
      'ERR_ARGUMENT',
      `unitPixels: expected images, but ${file} holds rows of numbers; leave it out`,
      {
        option: 'unitPixels',
      },
    );
  }
  const zeros = toUnitPixels(data, image.channels);
  const kept = zeros === 0 ? '' : `; ${counted(zeros, 'pixel is', 'pixels are')} zero and stayed so`;
  return [`every pixel was divided by the length of its ${image.channels} channels${kept}`];
}

function refuseOtherFeatures(other: FeatureBlock, first: FeatureBlock): void {
  const [expected, got] = [first.names, other.names];
  const sameImages = JSON.stringify(first.image) === JSON.stringify(other.image);
  if (first.kind === other.kind && sameImages && expected.length === got.length) return;
  const size = ({ image, names }: FeatureBlock) => sizeWords(image, `${names.length} features`);
  throw new KernelError(
    'ERR_SHAPE',
    `${other.file} has ${size(other)}, ${first.file} has ${size(first)}; both must have the same`,
    { expected: expected.length, got: got.length },
  );
}

function lacking(name: string, absent: readonly string[], known: readonly string[]): KernelError {
  const columns = absent.length === 1 ? 'the column' : 'the columns';
  return new KernelError('ERR_DATA', `${name} lacks ${columns} ${listed(absent)}; it has ${listed(known)}`, {
    file: name,
    absent,
  });
}
