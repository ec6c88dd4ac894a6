/** Gradients and Hessians of a kernel and of the fit, between the rows. */

import { takesImages } from '../fit-grid.js';
import { type Gradient, gradient, type Hessian, hessian } from '../gradient.js';
import type { KernelName } from '../kernel.js';
import { type Fit, meanDiagonal, type Study } from '../study.js';
import type { Tensor } from '../tensor.js';
import { probesOf } from './probes.js';

/** Root mean squares over the probes: of ∇k(p, z) over all rows z, with k in units of its mean diagonal, and of ∇f̂(p). */
export interface Norms {
  readonly kernel: number;
  /** null without targets. Over several columns of targets: the root of the summed squares. */
  readonly fit: number | null;
}

/** Hessians have the square of the columns in entries for every pair. */
const mostHessianColumns = 64;
/** Entries of derivatives that are held at a time. */
const mostEntries = 2 ** 23;

/** null where no two rows span a plane. Made once for a study and kernel.                                     [probe-norms] */
export function gradientNorms(study: Study, which: KernelName): Promise<Norms | null> {
  return study.once(which, 'gradient norms', () => normsOf(study, which, gradient));
}

/** As gradientNorms; null for networks on images, and for rows of more than 64 columns.                         [probe-norms] */
export function hessianNorms(study: Study, which: KernelName): Promise<Norms | null> {
  return study.once(which, 'Hessian norms', async () => {
    const columns = probesOf(study.x)?.shape.at(-1) ?? 0;
    if (takesImages(study.kernel.network) || columns > mostHessianColumns) return null;
    return normsOf(study, which, hessian);
  });
}

async function normsOf(
  study: Study,
  which: KernelName,
  derive: typeof gradient | typeof hessian,
): Promise<Norms | null> {
  const probes = probesOf(study.x);
  if (probes === null) return null;
  const [matrix, fit] = [await study.gram(which), await study.fit(which)];
  const [count = 0, ...row] = probes.shape;
  const width = row.reduce((product, axis) => product * axis, 1);
  const entries = derive === hessian ? width * width : width;
  const block = Math.max(1, Math.floor(mostEntries / (matrix.size * entries)));
  let [kernelSquares, fitSquares] = [0, 0];
  for (let from = 0; from < count; from += block) {
    const to = Math.min(count, from + block);
    const points: Tensor = { data: probes.data.subarray(from * width, to * width), shape: [to - from, ...row] };
    const derived: Gradient | Hessian = await derive(study.kernel, points, study.x, which, study.job);
    const unit = Math.exp(derived.logScale - matrix.logScale);
    for (let p = 0; p < to - from; p++) {
      const start = p * matrix.size * entries;
      const own = derived.data.subarray(start, start + matrix.size * entries);
      kernelSquares += unit * unit * squares(own);
      if (fit !== null) fitSquares += unit * unit * squares(weighted(own, fit, matrix.size, entries));
    }
  }
  return {
    kernel: Math.sqrt(kernelSquares / (count * matrix.size)) / meanDiagonal(matrix),
    fit: fit === null ? null : Math.sqrt(fitSquares / count),
  };
}

/** Σ_j c_j ∂k(p, z_j): as many numbers for every column of coefficients as a derivative has. */
function weighted(derived: Float64Array, { coefficients }: Fit, rows: number, entries: number): Float64Array {
  const columns = coefficients.length / rows;
  const sum = new Float64Array(columns * entries);
  for (let j = 0; j < rows; j++) {
    for (let c = 0; c < columns; c++) {
      const weight = coefficients[j * columns + c] as number;
      if (weight === 0) continue;
      for (let e = 0; e < entries; e++) {
        sum[c * entries + e] = (sum[c * entries + e] as number) + weight * (derived[j * entries + e] as number);
      }
    }
  }
  return sum;
}

function squares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
