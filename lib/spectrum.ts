/** Eigenvalues and eigenvectors of Gram matrices. */

import type { Gram } from './evaluate.js';
import { readGram } from './gram-input.js';
import { background, type JobOptions, job, jobConstraints, type Task, threadsOf } from './jobs.js';
import { allocate, requireMemory } from './memory.js';
import { native } from './native.js';
import { flag, integer, readOptions } from './options.js';
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
   * How well the results fit the matrix, relative to the largest |λ|; near 1e-15 · size when all is well. The largest
   * ‖Kv − λv‖ over the returned pairs; of all eigenvalues without vectors, the larger of |tr K − Σλ| and
   * |‖K‖ − √Σλ²|.
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
  const plan = (): void => planDecomposition(size, top, wantVectors);
  plan();
  return {
    settings,
    steps: (function* () {
      const matrix = yield* rows.copy();
      try {
        let values = new Float64Array(0);
        let vectors: Float64Array | null = null;
        const residual = yield* job('spectrum', () => {
          plan();
          values = allocate(top, 'float64') as Float64Array<ArrayBuffer>;
          vectors = wantVectors ? allocate(top * size, 'float64') : null;
          return native().eigen(matrix, top, values, vectors, threads);
        });
        return Object.freeze({
          values,
          ...(vectors === null ? {} : { vectors: Object.freeze({ data: vectors, shape: Object.freeze([top, size]) }) }),
          residual,
          logScale,
        });
      } finally {
        matrix.dispose();
      }
    })(),
  };
}

/**
 * Refuses a decomposition that will not fit. Doubles: the copy that stays intact, the one that LAPACK works on (with all
 * vectors that is the result), and its workspace, which for divide and conquer holds two more matrices.
 */
export function planDecomposition(size: number, top: number, vectors: boolean): void {
  const all = top === size;
  const matrices = all && vectors ? 4 : 2;
  const doubles = matrices * size * size + (all ? 0 : 2 * top * size) + 64 * size;
  requireMemory(
    `the spectrum of ${size} samples`,
    doubles * 8,
    vectors ? 'use fewer rows, or leave the vectors out' : 'use fewer rows',
  );
}
