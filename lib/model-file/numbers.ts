/** Native matrices as the numbers of a file: whole, or a lower triangle without the zeros above it. */

import zlib from 'node:zlib';
import { breathe } from '../data/slices.js';
import { called, type NativeMatrix } from '../native.js';

/** Numbers of one slice: 1 MiB. */
const sliceNumbers = 2 ** 17;

export interface Part {
  readonly shape: readonly number[];
  readonly matrix: NativeMatrix;
  /** Only the rows up to the diagonal: n(n + 1)/2 numbers. */
  readonly triangle: boolean;
}

/** Consecutive runs [from, from + count) of the matrix that go into the file. */
function* runs({ matrix, triangle }: Part): Generator<readonly [from: number, count: number]> {
  const { rows, columns } = matrix;
  if (triangle) {
    for (let i = 0; i < rows; i++) yield [i * columns, i + 1];
    return;
  }
  const total = rows * columns;
  for (let from = 0; from < total; from += sliceNumbers) yield [from, Math.min(sliceNumbers, total - from)];
}

/** The bytes of a part, a slice at a time, with room for other events between slices. A slice is good until the next. */
export async function* slicesOf(part: Part, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const { rows } = part.matrix;
  const buffer = new Float64Array(part.triangle ? Math.max(sliceNumbers, rows) : sliceNumbers);
  let filled = 0;
  const bytes = (): Uint8Array => new Uint8Array(buffer.buffer, 0, 8 * filled);
  for (const [from, count] of runs(part)) {
    if (filled + count > buffer.length) {
      yield bytes();
      await breathe(signal);
      filled = 0;
    }
    called(() => part.matrix.read(buffer, filled, from, count));
    filled += count;
  }
  if (filled > 0) yield bytes();
}

/** CRC-32 of a part's bytes. */
export async function checksumOf(part: Part, signal?: AbortSignal): Promise<number> {
  let sum = 0;
  for await (const slice of slicesOf(part, signal)) sum = zlib.crc32(slice, sum);
  return sum;
}

/** Puts numbers that arrive in the order of a file into a matrix; −1, or the index of one that is not finite. */
export class Filler {
  private readonly list: Iterator<readonly [from: number, count: number]>;
  private readonly matrix: NativeMatrix;
  private readonly triangle: boolean;
  private readonly zeros: Float64Array;
  private run: readonly [from: number, count: number];
  private row = 0;

  constructor(part: Part) {
    this.matrix = part.matrix;
    this.triangle = part.triangle;
    this.zeros = new Float64Array(part.triangle ? part.matrix.columns : 0);
    this.list = runs(part);
    this.run = this.list.next().value as readonly [number, number];
  }

  /** True unless a number was NaN or infinite. */
  take(numbers: Float64Array): boolean {
    let at = 0;
    while (at < numbers.length) {
      const [from, count] = this.run;
      const amount = Math.min(count, numbers.length - at);
      if (called(() => this.matrix.write(numbers, at, from, amount)) >= 0) return false;
      at += amount;
      if (amount < count) this.run = [from + amount, count - amount];
      else this.next(from + amount);
    }
    return true;
  }

  private next(end: number): void {
    if (this.triangle) {
      const above = this.matrix.columns - 1 - this.row;
      called(() => this.matrix.write(this.zeros, 0, end, above));
      this.row += 1;
    }
    const { value } = this.list.next();
    this.run = (value as readonly [number, number] | undefined) ?? [0, 0];
  }
}
