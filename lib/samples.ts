/** What callers pass as numbers: checked, then copied out of reach, in slices where it is much. */

import { types } from 'node:util';
import { KernelError } from './errors.js';
import { breathe, type Steps } from './jobs.js';
import { requireMemory } from './memory.js';
import { called, type NativeMatrix, native } from './native.js';
import { notFinite } from './not-finite.js';
import { reading, show, unexpected } from './options.js';

/** A matrix of a caller, read but not yet copied. */
export interface Rows {
  readonly rows: number;
  readonly columns: number;
  /** Copies; refuses NaN and infinite numbers, ragged rows, and arrays that are detached meanwhile. */
  copy(): Steps<NativeMatrix>;
}

/** Up to here (4 MiB of doubles) a copy is made at once: the call returns with the caller's array free again. */
const atOnce = 2 ** 19;
/** Numbers per slice beyond: about half a millisecond each. */
const slice = 2 ** 17;

/** Points as [n, d]: a tensor or nested arrays. */
export function readSamples(what: string, value: unknown): Rows {
  return reading(what, () => {
    const rows = tensorRows(what, value, (shape) => {
      if (shape.length !== 2) throw shapeError(what, 'a shape [n, d]', shape);
      return shape as [number, number];
    });
    if (rows !== undefined) return rows;
    if (Array.isArray(value)) return nestedRows(what, value);
    throw unexpected(what, 'a tensor { data, shape: [n, d] } or an array of rows', value);
  });
}

/** Targets for `samples` rows: [n] or [n, c] as tensor or arrays, or a plain Float64Array. */
export function readTargets(what: string, value: unknown, samples: number): Rows {
  const targets = reading(what, () => {
    if (types.isFloat64Array(value)) return typedRows(what, value, lengthOf(value), 1);
    const rows = tensorRows(what, value, (shape) => {
      if (shape.length !== 1 && shape.length !== 2) throw shapeError(what, 'a shape [n] or [n, c]', shape);
      return [shape[0] as number, shape[1] ?? 1];
    });
    if (rows !== undefined) return rows;
    if (!Array.isArray(value))
      throw unexpected(what, 'an array of numbers or of rows, a Float64Array or a tensor', value);
    return isRow(value[0]) ? nestedRows(what, value) : flatRows(what, value);
  });
  if (targets.rows !== samples) {
    throw new KernelError('ERR_SHAPE', `${what}: expected ${samples} rows, one per sample, got ${targets.rows}`, {
      expected: samples,
      got: targets.rows,
    });
  }
  return targets;
}

/** Copies `inputs` in turn, runs `use` over the copies, and frees them however that ends. */
export function* withCopies<R>(inputs: readonly Rows[], use: (...copies: NativeMatrix[]) => Steps<R>): Steps<R> {
  const copies: NativeMatrix[] = [];
  try {
    for (const input of inputs) copies.push(yield* input.copy());
    return yield* use(...copies);
  } finally {
    for (const copy of copies) copy.dispose();
  }
}

/** A typed array that claims rows × columns numbers. `shape`: as messages locate them. */
export function typedRows(
  what: string,
  data: Float64Array | Float32Array,
  rows: number,
  columns: number,
  shape: readonly number[] = [rows, columns],
): Rows {
  const length = lengthOf(data);
  const total = rows * columns;
  if (length === 0 && total > 0 && unreachable(data)) throw detached(what);
  if (length !== total) {
    throw new KernelError('ERR_SHAPE', `${what}: expected ${rows} × ${columns} = ${total} numbers, got ${length}`, {
      expected: total,
      got: length,
    });
  }
  return { rows, columns, copy: () => copyTyped(what, data, rows, columns, shape) };
}

/** Rows and columns `chosen` of a typed matrix that has `width` columns. */
export function gatheredRows(
  what: string,
  data: Float64Array | Float32Array,
  width: number,
  rows: Float64Array,
  columns: Float64Array,
): Rows {
  return { rows: rows.length, columns: columns.length, copy: () => copyGathered(what, data, width, rows, columns) };
}

/** The rows of a tensor, which `layout` reads off its shape; undefined for what is no tensor. */
export function tensorRows(
  what: string,
  value: unknown,
  layout: (shape: number[]) => [number, number],
): Rows | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('shape' in value)) return undefined;
  const { data, shape } = value as { data?: unknown; shape?: unknown };
  if (!types.isFloat64Array(data) && !types.isFloat32Array(data)) {
    const whole = ArrayBuffer.isView(data) && !(data instanceof DataView);
    const remedy = whole || Array.isArray(data) ? '; Float64Array.from(data) makes one of it' : '';
    throw unexpected(`${what}.data`, 'a Float64Array or Float32Array', data, remedy);
  }
  if (!Array.isArray(shape) || shape.length > 8) throw unexpected(`${what}.shape`, 'an array of sizes', shape);
  const sizes: unknown[] = [...shape];
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || (size as number) < 1) {
      throw new KernelError('ERR_SHAPE', `${what}.shape: expected sizes of at least 1, got ${show(size)}`, {
        shape: sizes,
      });
    }
  }
  const [rows, columns] = layout(sizes as number[]);
  return typedRows(what, data, rows, columns, sizes as number[]);
}

function nestedRows(what: string, value: readonly unknown[]): Rows {
  const rows = value.length;
  const first: unknown = value[0];
  if (rows === 0) throw shapeError(what, 'at least one row', []);
  if (!isRow(first)) throw unexpected(`${what}: row 0`, 'an array of numbers', first);
  const columns = first.length;
  if (columns === 0) throw shapeError(what, 'at least one number per row', [rows, 0]);
  const fill = (into: Float64Array, at: number, row: number): void => {
    const numbers: unknown = value[row];
    if (!isRow(numbers)) throw unexpected(`${what}: row ${row}`, 'an array of numbers', numbers);
    if (numbers.length !== columns) {
      throw new KernelError('ERR_SHAPE', `${what}: row ${row} has ${numbers.length} numbers, row 0 has ${columns}`, {
        row,
      });
    }
    for (let j = 0; j < columns; j++) into[at + j] = numberAt(what, numbers[j], row, j);
  };
  return { rows, columns, copy: () => copyFilled(what, rows, columns, fill) };
}

/** An array, or a typed array of numbers. */
function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || types.isFloat64Array(value) || types.isFloat32Array(value);
}

function flatRows(what: string, value: readonly unknown[]): Rows {
  if (value.length === 0) throw shapeError(what, 'at least one number', []);
  const fill = (into: Float64Array, at: number, row: number): void => {
    into[at] = numberAt(what, value[row], row, 0);
  };
  return { rows: value.length, columns: 1, copy: () => copyFilled(what, value.length, 1, fill) };
}

function numberAt(what: string, value: unknown, row: number, column: number): number {
  if (typeof value !== 'number') throw unexpected(`${what}: row ${row}, column ${column}`, 'a number', value);
  return value;
}

function* copyTyped(
  what: string,
  data: Float64Array | Float32Array,
  rows: number,
  columns: number,
  shape: readonly number[],
): Steps<NativeMatrix> {
  const total = rows * columns;
  return yield* filled(what, rows, columns, function* (matrix) {
    const step = total <= atOnce ? total : slice;
    for (let at = 0; at < total; at += step) {
      if (at > 0) yield* breathe();
      const count = Math.min(step, total - at);
      if (lengthOf(data) < at + count) throw detached(what);
      const bad = called(() => matrix.write(data, at, at, count));
      if (bad >= 0) throw notFinite(what, at + bad, shape, data[at + bad]);
    }
  });
}

function* copyGathered(
  what: string,
  data: Float64Array | Float32Array,
  width: number,
  rows: Float64Array,
  columns: Float64Array,
): Steps<NativeMatrix> {
  return yield* filled(what, rows.length, columns.length, function* (matrix) {
    const length = lengthOf(data);
    const step = Math.max(1, Math.floor(slice / columns.length));
    for (let at = 0; at < rows.length; at += step) {
      if (at > 0) yield* breathe();
      if (lengthOf(data) !== length) throw detached(what);
      const bad = called(() => matrix.gather(data, width, rows, columns, at, Math.min(step, rows.length - at)));
      if (bad < 0) continue;
      const from = at * columns.length + bad;
      const row = rows[Math.floor(from / columns.length)] as number;
      const index = row * width + (columns[from % columns.length] as number);
      throw notFinite(what, index, [length / width, width], data[index]);
    }
  });
}

/** `fill` writes one row of numbers; it may run the caller's code (arrays can be proxies). */
function* copyFilled(
  what: string,
  rows: number,
  columns: number,
  fill: (into: Float64Array, at: number, row: number) => void,
): Steps<NativeMatrix> {
  return yield* filled(what, rows, columns, function* (matrix) {
    const perSlice = Math.max(1, Math.floor(slice / 4 / columns));
    const buffer = new Float64Array(Math.min(perSlice, rows) * columns);
    for (let row = 0; row < rows; row += perSlice) {
      if (row > 0 && rows * columns > atOnce) yield* breathe();
      const count = Math.min(perSlice, rows - row);
      reading(what, () => {
        for (let i = 0; i < count; i++) fill(buffer, i * columns, row + i);
      });
      const bad = called(() => matrix.write(buffer, 0, row * columns, count * columns));
      if (bad >= 0) throw notFinite(what, row * columns + bad, [rows, columns], buffer[bad]);
    }
  });
}

/** A new native matrix, filled; freed again if that fails or is abandoned. */
function* filled(
  what: string,
  rows: number,
  columns: number,
  fill: (matrix: NativeMatrix) => Steps<void>,
): Steps<NativeMatrix> {
  requireMemory(`${what}: a copy of ${rows} × ${columns} numbers`, rows * columns * 8, 'use fewer rows');
  const { Matrix } = native();
  const matrix = called(() => new Matrix(rows, columns));
  try {
    yield* fill(matrix);
    return matrix;
  } catch (error) {
    matrix.dispose();
    throw error;
  }
}

/** The engine's own length, which a subclass cannot falsify; 0 once detached or out of bounds. */
export function lengthOf(array: Float64Array | Float32Array): number {
  return trueLength.call(array);
}

const trueLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float64Array.prototype), 'length')?.get as (
  this: Float64Array | Float32Array,
) => number;

/** Is an array of length 0 so because its buffer is gone, or has shrunk below its offset? */
function unreachable(data: Float64Array | Float32Array): boolean {
  const buffer = data.buffer as ArrayBuffer & { readonly detached?: boolean; readonly resizable?: boolean };
  if (buffer.resizable === true || buffer.detached === true) return true;
  try {
    new Uint8Array(buffer, 0, 0);
    return false;
  } catch {
    return true;
  }
}

function detached(what: string): KernelError {
  return new KernelError(
    'ERR_DETACHED',
    `${what}: its buffer was detached or shrunk; pass a copy, or leave the array alone until the call has taken its own`,
  );
}

function shapeError(what: string, expected: string, shape: readonly unknown[]): KernelError {
  return new KernelError('ERR_SHAPE', `${what}: expected ${expected}, got [${shape.map(show).join(', ')}]`, { shape });
}
