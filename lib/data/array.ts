import { KernelError } from '../errors.js';
import { allocate } from './allocate.js';
import { inSlices, rowsPerSlice } from './slices.js';

/** How one number is stored. */
export interface ElementType {
  readonly name: string;
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number;
}

/** Every storage type of .npy and IDX that the reader takes, by NumPy's letter and width. */
export const elementTypes = {
  f2: { name: 'float16', bytes: 2, read: (v, o, le) => halfToNumber(v.getUint16(o, le)) },
  f4: { name: 'float32', bytes: 4, read: (v, o, le) => v.getFloat32(o, le) },
  f8: { name: 'float64', bytes: 8, read: (v, o, le) => v.getFloat64(o, le) },
  i1: { name: 'int8', bytes: 1, read: (v, o) => v.getInt8(o) },
  i2: { name: 'int16', bytes: 2, read: (v, o, le) => v.getInt16(o, le) },
  i4: { name: 'int32', bytes: 4, read: (v, o, le) => v.getInt32(o, le) },
  i8: { name: 'int64', bytes: 8, read: (v, o, le) => wide(v.getInt32(o + (le ? 4 : 0), le), v, o, le) },
  u1: { name: 'uint8', bytes: 1, read: (v, o) => v.getUint8(o) },
  u2: { name: 'uint16', bytes: 2, read: (v, o, le) => v.getUint16(o, le) },
  u4: { name: 'uint32', bytes: 4, read: (v, o, le) => v.getUint32(o, le) },
  u8: { name: 'uint64', bytes: 8, read: (v, o, le) => wide(v.getUint32(o + (le ? 4 : 0), le), v, o, le) },
  b1: { name: 'bool', bytes: 1, read: (v, o) => (v.getUint8(o) === 0 ? 0 : 1) },
} as const satisfies Record<string, ElementType>;

/** An array as it lies in a file: its numbers are converted only when, and as far as, they are asked for. */
export interface StoredArray {
  /** For messages: the file, or the file and the key inside it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** Column-major order: the first index runs fastest. */
  readonly fortranOrder: boolean;
  /** Exactly the elements. */
  readonly payload: Uint8Array;
  /** What is divided by, so that white is 1; by default 255 for images of bytes, and 1 for everything else. */
  readonly white?: number;
}

/** Number of elements in one entry of the first axis. */
export function rowSize(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, length) => product * length, 1);
}

/** The chosen entries of the first axis, each flattened in row-major order, as one matrix. */
export async function gatherRows(array: StoredArray, rows: Uint32Array, signal?: AbortSignal): Promise<Float64Array> {
  const { shape, type, littleEndian, payload } = array;
  const d = rowSize(shape);
  if (rows.length === 0) return new Float64Array(0);
  const out = allocate(rows.length * d, `${rows.length} rows of ${d} numbers from ${array.name}`);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const plainBytes = type === elementTypes.u1 && !array.fortranOrder;
  const offsets = array.fortranOrder ? columnOffsets(shape) : undefined;
  const rowStride = array.fortranOrder ? 1 : d;
  await inSlices(
    rows.length,
    rowsPerSlice(d),
    (from, to) => {
      for (let k = from; k < to; k++) {
        const row = rows[k] as number;
        if (plainBytes) {
          out.set(payload.subarray(row * d, (row + 1) * d), k * d);
          continue;
        }
        const start = row * rowStride;
        for (let j = 0; j < d; j++) {
          const offset = offsets === undefined ? j : (offsets[j] as number);
          out[k * d + j] = type.read(view, (start + offset) * type.bytes, littleEndian);
        }
      }
    },
    signal,
  );
  return out;
}

/** One column of a matrix, or a vector as its only column. */
export async function gatherColumn(array: StoredArray, column: number, signal?: AbortSignal): Promise<Float64Array> {
  const { name, shape, type, littleEndian, fortranOrder, payload } = array;
  const n = shape[0] as number;
  const d = rowSize(shape);
  const out = allocate(n, `${n} numbers from ${name}`);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  await inSlices(
    n,
    rowsPerSlice(1),
    (from, to) => {
      for (let i = from; i < to; i++) {
        out[i] = type.read(view, (fortranOrder ? i + column * n : i * d + column) * type.bytes, littleEndian);
      }
    },
    signal,
  );
  return out;
}

/** Where element j of a flattened row lies in a column-major array, in elements after the first of the row. */
function columnOffsets(shape: readonly number[]): Float64Array {
  const d = rowSize(shape);
  const offsets = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    // Peel the indices off the row-major position, last axis first, and weigh them with the column-major strides.
    let rest = j;
    let offset = 0;
    for (let axis = shape.length - 1; axis >= 1; axis--) {
      const length = shape[axis] as number;
      const stride = shape.slice(0, axis).reduce((product, n) => product * n, 1);
      offset += (rest % length) * stride;
      rest = Math.floor(rest / length);
    }
    offsets[j] = offset;
  }
  return offsets;
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A 64-bit integer from its high half; refused where a double cannot hold it exactly. */
function wide(high: number, view: DataView, offset: number, littleEndian: boolean): number {
  const low = view.getUint32(offset + (littleEndian ? 0 : 4), littleEndian);
  const value = high * 2 ** 32 + low;
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER && (BigInt(high) << 32n) + BigInt(low) !== BigInt(value)) {
    throw new KernelError(
      'ERR_DATA',
      `the 64-bit integer ${(BigInt(high) << 32n) + BigInt(low)} has no exact float64 value; ` +
        'save the array as float64 if rounding is meant',
    );
  }
  return value;
}
