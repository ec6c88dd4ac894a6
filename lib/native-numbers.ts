/** Numbers out of native matrices, and into them. */

import { allocate } from './memory.js';
import { called, type NativeMatrix, native } from './native.js';

/** All numbers of a native matrix. */
export function numbersOf(matrix: NativeMatrix): Float64Array {
  const copy = allocate(matrix.rows * matrix.columns, 'float64');
  called(() => matrix.copyTo(copy));
  return copy;
}

/** A native matrix of `data`, which is finite. */
export function nativeCopy(data: Float64Array, rows: number, columns: number): NativeMatrix {
  const { Matrix } = native();
  return called(() => {
    const matrix = new Matrix(rows, columns);
    matrix.write(data, 0, 0, data.length);
    return matrix;
  });
}
