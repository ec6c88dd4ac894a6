/** Where eigendirections come from: a Gram matrix, or a spectrum that was computed before. */

import { types } from 'node:util';
import { KernelError } from '../errors.js';
import type { Gram, KernelName } from '../evaluate.js';
import { readGram, readProduct } from '../gram-input.js';
import { job, type Steps } from '../jobs.js';
import { allocate } from '../memory.js';
import { called, type NativeMatrix, native } from '../native.js';
import { reading, show, unexpected } from '../options.js';
import { typedRows } from '../samples.js';
import { planDecomposition, type Spectrum } from '../spectrum.js';
import type { Tensor } from '../tensor.js';
import { requireOrthonormal } from './orthonormal.js';

export interface Decomposed {
  /** Descending. */
  readonly eigenvalues: Float64Array;
  /** n × n, eigenvectors as rows. */
  readonly vectors: NativeMatrix;
}

/** A training matrix, read but not yet decomposed. */
export interface Source {
  /** In messages. */
  readonly name: string;
  readonly kernel: KernelName | undefined;
  readonly size: number;
  readonly logScale: number;
  readonly precision: 'float64' | 'float32';
  decompose(threads: number): Steps<Decomposed>;
}

export function readSource(what: string, value: unknown): Source {
  const vectors = reading(what, () => (value as { vectors?: unknown } | null | undefined)?.vectors);
  return vectors === undefined ? gramSource(what, value) : spectrumSource(what, value);
}

export function gramSource(what: string, value: unknown): Source {
  const { kernel, size, logScale, rows } = readGram(what, value);
  planDecomposition(size, size, true);
  return {
    name: `${kernel} Gram`,
    kernel,
    size,
    logScale,
    precision: reading(what, () => types.isFloat32Array((value as Gram).values)) ? 'float32' : 'float64',
    *decompose(threads) {
      const matrix = yield* rows.copy();
      try {
        return yield* decomposition(matrix, threads);
      } finally {
        matrix.dispose();
      }
    },
  };
}

/** Works in `matrix`. */
function* decomposition(matrix: NativeMatrix, threads: number): Steps<Decomposed> {
  const { rows: n } = matrix;
  const eigenvalues = allocate(n, 'float64');
  const { Matrix } = native();
  const vectors = called(() => new Matrix(n, n));
  try {
    yield* job('spectrum', () => {
      planDecomposition(n, n, true, true);
      return native().eigen(matrix, n, eigenvalues, vectors, false, threads);
    });
    return { eigenvalues, vectors };
  } catch (error) {
    vectors.dispose();
    throw error;
  }
}

function spectrumSource(what: string, value: unknown): Source {
  return reading(what, () => {
    const { values, vectors, logScale } = value as Partial<Record<keyof Spectrum, unknown>>;
    if (!types.isFloat64Array(values)) throw unexpected(`${what}.values`, 'a Float64Array', values);
    if (typeof logScale !== 'number' || !Number.isFinite(logScale)) {
      throw unexpected(`${what}.logScale`, 'a finite number', logScale);
    }
    const n = values.length;
    const rows = readProduct(`${what}.vectors`, vectors);
    if (n === 0 || rows.rows !== n || rows.columns !== n) {
      throw new KernelError(
        'ERR_SHAPE',
        `${what}.vectors: expected one for each sample, [${rows.columns}, ${rows.columns}], got [${rows.rows}, ` +
          `${rows.columns}] and ${n} values; all directions train, so leave \`top\` out`,
      );
    }
    const epsilon = types.isFloat32Array((vectors as Tensor).data) ? 2 ** -23 : Number.EPSILON;
    const eigenvalues = Float64Array.from(values);
    for (let k = 0; k < n; k++) {
      const given = eigenvalues[k] as number;
      if (Number.isFinite(given) && (k === 0 || given <= (eigenvalues[k - 1] as number))) continue;
      throw new KernelError(
        Number.isFinite(given) ? 'ERR_ARGUMENT' : 'ERR_NOT_FINITE',
        `${what}.values: expected finite numbers in descending order, number ${k} is ${show(given)}`,
        { index: k },
      );
    }
    return {
      name: 'spectrum',
      kernel: undefined,
      size: n,
      logScale,
      precision: 'float64',
      *decompose(threads) {
        const own = yield* rows.copy();
        try {
          yield* requireOrthonormal(`${what}.vectors`, own, epsilon, threads);
          return { eigenvalues, vectors: own };
        } catch (error) {
          own.dispose();
          throw error;
        }
      },
    };
  });
}

/** Numbers of ours as a native matrix. */
export function* nativeOf(data: Float64Array, rows: number, columns: number): Steps<NativeMatrix> {
  return yield* typedRows('values', data, rows, columns).copy();
}
