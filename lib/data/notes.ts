import type { DataNotes, Dataset } from './dataset.js';
import { inSlices, rowsPerSlice } from './slices.js';

export interface RowNotes {
  readonly constantColumns: readonly string[];
  readonly duplicateRows: number;
  readonly conflictingRows: number;
  readonly zeroRows: number;
}

/** What can be seen of the samples in one pass: constant columns, repeated rows, rows of zeros. Costs O(n d). */
export async function inspectRows(
  { x, y, features }: Pick<Dataset, 'x' | 'y' | 'features'>,
  signal?: AbortSignal,
): Promise<RowNotes> {
  const { data } = x;
  const [n, d] = x.shape;
  const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  const varies = new Uint8Array(d);
  const seen = new Map<number, number[]>();
  let [duplicateRows, conflictingRows, zeroRows] = [0, 0, 0];
  await inSlices(
    n,
    rowsPerSlice(d),
    (from, to) => {
      for (let i = from; i < to; i++) {
        const at = i * d;
        let zero = true;
        for (let j = 0; j < d; j++) {
          const value = data[at + j] as number;
          if (value !== data[j]) varies[j] = 1;
          if (value !== 0) zero = false;
        }
        if (zero) zeroRows++;
        const hash = hashOf(words, 2 * at, 2 * (at + d));
        const bucket = seen.get(hash);
        const earlier = bucket?.find((k) => equalRows(words, k, i, 2 * d));
        if (earlier !== undefined) {
          duplicateRows++;
          if (y[earlier] !== y[i]) conflictingRows++;
        } else if (bucket === undefined) {
          seen.set(hash, [i]);
        } else {
          bucket.push(i);
        }
      }
    },
    signal,
  );
  const constantColumns = n < 2 ? [] : features.filter((_, j) => varies[j] === 0);
  return { constantColumns, duplicateRows, conflictingRows, zeroRows };
}

/** Multiplicative hash of 32-bit words; equal rows have equal bytes because −0 was made 0 on loading. */
function hashOf(words: Uint32Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let k = from; k < to; k++) {
    hash = Math.imul(hash ^ (words[k] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function equalRows(words: Uint32Array, a: number, b: number, length: number): boolean {
  for (let k = 0; k < length; k++) if (words[a * length + k] !== words[b * length + k]) return false;
  return true;
}

/** Samples of each class. */
export function classCounts(y: Float64Array, classes: readonly string[] | undefined): number[] {
  const counts = (classes ?? []).map(() => 0);
  if (classes !== undefined) for (const label of y) counts[label] = (counts[label] as number) + 1;
  return counts;
}

/** The findings that matter for a kernel, in words. */
export function findings(notes: Pick<DataNotes, keyof RowNotes>): string[] {
  const { constantColumns, duplicateRows, conflictingRows, zeroRows } = notes;
  const messages: string[] = [];
  if (constantColumns.length > 0) {
    messages.push(`${counted(constantColumns.length, 'feature has', 'features have')} one value in all rows`);
  }
  if (duplicateRows > 0) {
    const conflicts = conflictingRows === 0 ? '' : ` (${conflictingRows} with another target)`;
    const rows = counted(duplicateRows, 'row repeats an earlier row', 'rows repeat earlier rows');
    messages.push(`${rows}${conflicts}; the Gram matrix is singular without a ridge`);
  }
  if (zeroRows > 0) {
    messages.push(
      `${counted(zeroRows, 'row is', 'rows are')} zero in every feature; the angle to other rows is undefined`,
    );
  }
  return messages;
}

export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
