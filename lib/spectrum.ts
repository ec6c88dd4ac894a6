/** Eigenvalues and eigenvectors of Gram matrices. */

import type { Gram } from './evaluate.js';
import { readGram } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { allocate, requireMemory } from './memory.js';
import { native } from './native.js';
import { flag, integer, readOptions } from './options.js';
import { withCopies } from './samples.js';
import type { Tensor } from './tensor.js';

export interface SpectrumOptions extends JobOptions {
  /** Only the `top` largest eigenvalues. Default: all. */
  readonly top?: number;
  /** Eigenvectors, too. Default false. */
  readonly vectors?: boolean;
}

/** Of gram.values: where the Gram has a logScale, the kernel's eigenvalues are values · exp(logScale). */
export interface Spectrum {
  /** Descending. */
  readonly values: Float64Array;
  /** Row i is the eigenvector of values[i]; absent unless asked for. */
  readonly vectors?: Tensor;
  /**
   * How well the results fit the matrix, relative to the largest |λ|; near 1e-15 · size when all is well. Of up to 64
   * pairs the largest ‖Kv − λv‖; of more of them √Σ‖Kv − λv‖², from 16 random combinations, of which less than a quarter is
   * reported once in two million matrices [residual-probes]. Where no eigenvectors were computed, the larger of
   * |tr K − Σλ| and |‖K‖ − √Σλ²| over all eigenvalues [invariants].
   */
  readonly residual: number;
  readonly logScale: number;
}

/**
 * The spectrum of a Gram matrix; float32 matrices are decomposed in float64. A decomposition cannot be interrupted:
 * on abort the promise rejects at once while the thread finishes.
 */
export function spectrum(
  gram: Gram,
  options: SpectrumOptions & { readonly vectors: true },
): Promise<Required<Spectrum>>;
export function spectrum(gram: Gram, options?: SpectrumOptions): Promise<Spectrum>;
export function spectrum(gram: Gram, options?: SpectrumOptions): Promise<Spectrum> {
  return background(spectrum, () => spectrumTask(gram, options));
}

export function spectrumTask(gram: Gram, options?: SpectrumOptions): Task<Spectrum> {
  const { size, logScale, rows } = readGram('gram', gram);
  const settings = readOptions('options', options, {
    ...jobConstraints,
    top: integer(1, size, 'the number of samples'),
    vectors: flag,
  });
  const { top = size, vectors: wantVectors = false } = settings;
  const threads = threadsOf(settings);
  planDecomposition(size, top, wantVectors);
  return {
    settings,
    steps: withCopies([rows], function* (matrix) {
      let values = new Float64Array(0);
      let vectors: Float64Array | null = null;
      const residual = yield* job('spectrum', () => {
        planDecomposition(size, top, wantVectors, true);
        values = allocate(top, 'float64') as Float64Array<ArrayBuffer>;
        vectors = wantVectors ? allocate(top * size, 'float64') : null;
        return native().eigen(matrix, top, values, vectors, false, threads);
      });
      return Object.freeze({
        values,
        ...(vectors === null ? {} : { vectors: Object.freeze({ data: vectors, shape: Object.freeze([top, size]) }) }),
        residual,
        logScale,
      });
    }),
  };
}

/**
 * Refuses a decomposition that will not fit. Doubles: the copy, in which LAPACK works. With vectors divide and conquer
 * holds a matrix of vectors and a workspace of that size; of a few values a Krylov basis (n²/3) with its projected problems
 * (four of n²/9) comes before that. `copied`: the copy exists by now.
 */
export function planDecomposition(size: number, top: number, vectors: boolean, copied = false): void {
  requireMemory(
    `the spectrum of ${size} samples`,
    bytesOfDecomposition(size, top, vectors) - (copied ? 8 * size * size : 0),
    vectors ? 'use fewer rows, or leave the vectors out' : 'use fewer rows',
  );
}

export function bytesOfDecomposition(size: number, top: number, vectors: boolean): number {
  const all = top === size;
  const matrices = vectors ? 3 : all ? 1 : 2;
  const results = vectors && !all ? top * size : 0;
  // Rows of workspace: panels of reflectors, and the bands of the reduction in two stages.
  const panels = 512 * size;
  return 8 * (matrices * size * size + results + panels);
}
