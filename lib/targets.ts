import { KernelError } from './errors.js';
import { requireSquares } from './squares.js';
import type { Targets } from './tensor.js';

export interface CentredTargets {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns, every column with mean 0. */
  readonly values: Float64Array;
  readonly centre: Float64Array;
}

/** Targets in any accepted form as one row-major array, centred column by column. */
export function centred(y: Targets): CentredTargets {
  const { rows, columns, values } = flattened(y);
  requireSquares('y', columns, values);
  const centre = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * columns + c] as number;
    const mean = sum / rows;
    centre[c] = mean;
    for (let i = 0; i < rows; i++) values[i * columns + c] = (values[i * columns + c] as number) - mean;
  }
  return { rows, columns, values, centre };
}

function flattened(y: Targets): { rows: number; columns: number; values: Float64Array } {
  if (y instanceof Float64Array) return { rows: y.length, columns: 1, values: Float64Array.from(y) };
  if ('shape' in y) {
    const [rows = 0, columns = 1] = y.shape;
    if (y.data.length !== rows * columns || rows === 0) {
      throw new KernelError('ERR_SHAPE', `y: expected ${rows} × ${columns} numbers, got ${y.data.length}`);
    }
    return { rows, columns, values: Float64Array.from(y.data) };
  }
  const nested = y.map((row) => (typeof row === 'number' ? [row] : Array.from(row)));
  const columns = nested[0]?.length ?? 0;
  const ragged = nested.findIndex((row) => row.length !== columns);
  if (columns === 0 || ragged >= 0) {
    throw new KernelError('ERR_SHAPE', `y: expected rows of equal length, got row ${Math.max(0, ragged)} of another`);
  }
  return { rows: nested.length, columns, values: Float64Array.from(nested.flat()) };
}
