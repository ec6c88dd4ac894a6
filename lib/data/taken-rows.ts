/** Which rows of a file are taken, and what is said of it: the same for training rows, rows without targets and new rows. */

import { KernelError } from '../errors.js';
import type { LoadOptions } from './dataset.js';
import { type FeatureBlock, listed } from './features.js';
import { counted } from './notes.js';

/** Rows of a file that are used, from 0, of so many without gaps of so many at all. */
export interface TakenRows {
  readonly rows: Uint32Array;
  readonly complete: number;
  readonly all: number;
}

/** The first rows of the file up to the limit; with drop-rows those that are whole. Throws ERR_DATA where none is left. */
export function takenRows(
  { file, rows: all }: Pick<FeatureBlock, 'file' | 'rows'>,
  isWhole: (row: number) => boolean,
  { limit, missing }: { readonly limit: number | undefined; readonly missing: LoadOptions['missing'] },
): TakenRows {
  const every = Uint32Array.from({ length: all }, (_, row) => row);
  const complete = missing === 'drop-rows' ? every.filter(isWhole) : every;
  const rows = complete.subarray(0, limit ?? complete.length);
  if (rows.length === 0) throw noRows(file, all - complete.length);
  return { rows, complete: complete.length, all };
}

export function noRows(file: string, dropped: number): KernelError {
  const why =
    dropped === 0
      ? ''
      : `: ${counted(dropped, 'row lacks', 'rows lack')} a value; have missing features set to the mean (missing=mean), or ` +
        'leave out the columns that lack them (ignore)';
  return new KernelError('ERR_DATA', `${file}: no rows are left to work with${why}`, { file, dropped });
}

/** What was left out, taken and filled in, in the order in which it happened; nothing of what did not. */
export function takenMessages(
  { ignored }: Pick<FeatureBlock, 'ignored'>,
  { rows, complete, all }: TakenRows,
  filledCells: number,
  means: 'column' | 'training rows',
): readonly string[] {
  return [
    ...ignoredMessages(ignored),
    ...droppedMessages(all - complete),
    ...(rows.length === complete ? [] : [`the first ${rows.length} of ${complete} rows were taken`]),
    ...filledMessages(filledCells, means),
  ];
}

export function ignoredMessages(ignored: readonly string[]): readonly string[] {
  return ignored.length === 0 ? [] : [`columns left out: ${listed(ignored)}`];
}

export function droppedMessages(dropped: number): readonly string[] {
  return dropped === 0 ? [] : [`${counted(dropped, 'row', 'rows')} with missing values were left out`];
}

export function filledMessages(cells: number, means: 'column' | 'training rows'): readonly string[] {
  if (cells === 0) return [];
  return [`${counted(cells, 'missing value was', 'missing values were')} set to the mean of the ${means}`];
}
