import type { SampleMatrix } from '../data/dataset.js';
import { inSlices, rowsPerSlice } from '../data/slices.js';

/**
 * Rows that repeat no earlier row, ascending; null where that is all of them. Looks at the rows as the kernels see
 * them, so two images that differ in brightness alone count as one after projection to the sphere.
 */
export async function distinctRows(
  { data, shape: [n, d] }: SampleMatrix,
  signal?: AbortSignal,
): Promise<number[] | null> {
  const words = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  const seen = new Map<number, number[]>();
  const distinct: number[] = [];
  await inSlices(
    n,
    rowsPerSlice(d),
    (from, to) => {
      for (let i = from; i < to; i++) {
        let hash = 0;
        for (let k = 2 * i * d; k < 2 * (i + 1) * d; k++) {
          hash = Math.imul(hash ^ (words[k] as number), 0x9e3779b1);
          hash ^= hash >>> 15;
        }
        const bucket = seen.get(hash) ?? [];
        if (bucket.some((earlier) => sameRow(data, earlier, i, d))) continue;
        bucket.push(i);
        seen.set(hash, bucket);
        distinct.push(i);
      }
    },
    signal,
  );
  return distinct.length === n ? null : distinct;
}

function sameRow(data: Float64Array, a: number, b: number, d: number): boolean {
  for (let j = 0; j < d; j++) if (data[a * d + j] !== data[b * d + j]) return false;
  return true;
}
