import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KernelError } from '../errors.js';
import type { Column } from './column.js';
import { readTable } from './csv.js';
import type { LoadOptions } from './dataset.js';
import type { TargetColumn } from './features.js';
import { type FileContent, readDataFile } from './files.js';
import { formatOf } from './format.js';
import { readIdx } from './idx.js';
import { readNpy } from './npy.js';
import { readNpz } from './npz.js';
import { maxBytesOf } from './options.js';
import { vectorTarget } from './read-arrays.js';
import { placeInTable } from './table-features.js';

export interface Labels {
  readonly file: FileContent;
  readonly target: TargetColumn;
}

/** One label for each of `samples` samples, from IDX, .npy, .npz or a table of one column. */
export async function readLabels(path: string, samples: number, options: LoadOptions): Promise<Labels> {
  const file = await readDataFile(path, maxBytesOf(options), options.signal);
  const { name, content } = file;
  const format = formatOf(content, name);
  if (format === 'table') return { file, target: await tableLabels(content, name, samples, options) };
  const array =
    format === 'idx'
      ? readIdx(content, name)
      : format === 'npy'
        ? readNpy(content, name)
        : (await readNpz(content, name, { xKey: options.yKey }, maxBytesOf(options))).x;
  return { file, target: await vectorTarget(array, options) };
}

/** Only the number of samples tells a first line 'yes' that is a label from one that is a name. */
async function tableLabels(
  content: Uint8Array,
  name: string,
  samples: number,
  { delimiter, signal }: LoadOptions,
): Promise<TargetColumn> {
  const read = (header: boolean) => readTable(content, name, { delimiter, header, signal });
  const plain = await read(false);
  const table = plain.rows === samples + 1 ? await read(true) : plain;
  const [column] = table.columns;
  if (column === undefined || table.columns.length > 1) {
    throw new KernelError('ERR_SHAPE', `${name} has ${table.columns.length} columns; expected one column of labels`, {
      file: name,
    });
  }
  const named: Column = table.hasHeader ? column : { ...column, name: 'label' };
  return { file: name, column: named, place: (row) => placeInTable(table, row, column.name), messages: [] };
}

/** The labels that belong to `train-images-idx3-ubyte`: `train-labels-idx1-ubyte` beside it, gzipped or not. */
export async function findLabelsFile(imagesPath: string): Promise<string | undefined> {
  const name = basename(imagesPath);
  if (!name.includes('images')) return undefined;
  const plain = name.replace('images', 'labels').replace('idx3', 'idx1').replace(/\.gz$/, '');
  for (const candidate of [plain, `${plain}.gz`]) {
    const path = join(dirname(imagesPath), candidate);
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
  }
  return undefined;
}
