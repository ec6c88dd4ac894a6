/** Gram matrices that callers hand back: checked like everything else that comes from outside. */

import { types } from 'node:util';
import { KernelError } from './errors.js';
import { type KernelName, kernelNames } from './evaluate.js';
import { reading, show, unexpected } from './options.js';
import { gatheredRows, lengthOf, type Rows, typedRows } from './samples.js';

interface GramInput {
  readonly kernel: KernelName;
  /** Samples taken part in: all of the Gram's, or those chosen. */
  readonly size: number;
  readonly logScale: number;
  /** The matrix of these samples. */
  readonly rows: Rows;
}

/** A Gram of `gram` or a record of that form. `chosen` takes the principal submatrix of some samples. */
export function readGram(what: string, value: unknown, chosen?: readonly number[]): GramInput {
  return reading(what, () => {
    if (typeof value !== 'object' || value === null)
      throw unexpected(what, 'a Gram matrix, as gram() returns it', value);
    if (types.isPromise(value)) throw unexpected(what, 'a Gram matrix, as gram() returns it', value);
    const { kernel, size, values, logScale } = value as Record<string, unknown>;
    const [own] = kernelNames.filter((name) => name in value);
    if (kernel === undefined && own !== undefined) {
      throw unexpected(what, 'one Gram matrix', value, ` of several; take .${own} of it`);
    }
    if (!kernelNames.includes(kernel as KernelName)) throw unexpected(`${what}.kernel`, "'nngp' or 'ntk'", kernel);
    if (!Number.isSafeInteger(size) || (size as number) < 1)
      throw unexpected(`${what}.size`, 'the number of samples, at least 1', size);
    if (typeof logScale !== 'number' || !Number.isFinite(logScale))
      throw unexpected(`${what}.logScale`, 'a finite number', logScale);
    if (!types.isFloat64Array(values) && !types.isFloat32Array(values)) {
      throw unexpected(`${what}.values`, 'a Float64Array or Float32Array', values);
    }
    const n = size as number;
    const all = typedRows(`${what}.values`, values, n, n);
    const picked = chosen === undefined ? undefined : readIndices('rows', chosen, n);
    return {
      kernel: kernel as KernelName,
      size: picked?.length ?? n,
      logScale,
      rows: picked === undefined ? all : gatheredRows(`${what}.values`, values, n, picked, picked),
    };
  });
}

/** A Gram, or any tensor [n, m], perhaps only some of its rows and columns; `width`: so many columns must be left. */
export function readProduct(
  what: string,
  value: unknown,
  rows?: readonly number[],
  columns?: readonly number[],
  width?: number,
): Rows {
  const product = readPart(what, value, rows, columns);
  if (width === undefined || product.columns === width) return product;
  throw new KernelError(
    'ERR_SHAPE',
    `${what}: expected ${width} columns, one per sample of the training, got ${product.columns}`,
    { expected: width, got: product.columns },
  );
}

function readPart(what: string, value: unknown, rows?: readonly number[], columns?: readonly number[]): Rows {
  return reading(what, () => {
    if (typeof value !== 'object' || value === null) throw unexpected(what, 'a tensor or a Gram matrix', value);
    const { data, shape, values, size } = value as Record<string, unknown>;
    const numbers = data ?? values;
    const sizes: unknown = shape ?? [size, size];
    if (!types.isFloat64Array(numbers) && !types.isFloat32Array(numbers)) {
      throw unexpected(what, 'a tensor { data, shape: [n, m] } or a Gram matrix', value);
    }
    if (!Array.isArray(sizes) || sizes.length !== 2 || !sizes.every((one) => Number.isSafeInteger(one) && one >= 1)) {
      throw new KernelError(
        'ERR_SHAPE',
        `${what}.shape: expected [n, m], got ${Array.isArray(sizes) ? `[${sizes.map(show).join(', ')}]` : show(sizes)}`,
      );
    }
    const [height, width] = sizes as [number, number];
    const all = typedRows(what, numbers, height, width);
    if (rows === undefined && columns === undefined) return all;
    const down = rows === undefined ? everyIndex(height) : readIndices('rows', rows, height);
    const across = columns === undefined ? everyIndex(width) : readIndices('columns', columns, width);
    return gatheredRows(what, numbers, width, down, across);
  });
}

function everyIndex(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => i);
}

/** Positions in a list of `length`, copied. */
export function readIndices(what: string, value: unknown, length: number): Float64Array {
  const typed = types.isTypedArray(value) && !types.isBigInt64Array(value) && !types.isBigUint64Array(value);
  if (!typed && !Array.isArray(value)) throw unexpected(what, `a list of integers from 0 to ${length - 1}`, value);
  const list = value as ArrayLike<unknown>;
  const count = typed ? lengthOf(value as Float64Array) : list.length;
  if (count < 1 || count > length) throw unexpected(what, `from 1 to ${length} indices`, value);
  const seen = new Uint8Array(length);
  const indices = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const index = list[i];
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= length) {
      throw unexpected(`${what}[${i}]`, `an integer from 0 to ${length - 1}`, index);
    }
    if (seen[index as number] === 1) {
      throw new KernelError('ERR_ARGUMENT', `${what}[${i}]: expected every index once, got ${index} again`);
    }
    seen[index as number] = 1;
    indices[i] = index as number;
  }
  return indices;
}
