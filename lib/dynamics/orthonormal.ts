/** Whether a caller's eigenvectors are such: a matrix that is not orthogonal changes the length of almost every vector. */

import { KernelError } from '../errors.js';
import { job, type Steps } from '../jobs.js';
import { allocate } from '../memory.js';
import { type NativeMatrix, native } from '../native.js';
import { typedRows } from '../samples.js';

const probes = 4;

/** Refuses (ERR_ARGUMENT) n × n rows that are not orthonormal to the rounding `epsilon` of their numbers. [orthonormal-probes] */
export function* requireOrthonormal(
  what: string,
  vectors: NativeMatrix,
  epsilon: number,
  threads: number,
): Steps<void> {
  const { rows: n } = vectors;
  const random = numbersOf(n * probes);
  const given = lengths(random);
  const out = allocate(n * probes, 'float64');
  const right = yield* typedRows('values', random, n, probes).copy();
  try {
    yield* job('spectrum', () => native().multiply(vectors, right, out, threads));
  } finally {
    right.dispose();
  }
  const allowed = n * epsilon * (30 + Math.sqrt(n));
  for (const [k, length] of lengths(out).entries()) {
    const ratio = length / (given[k] as number);
    if (Math.abs(ratio ** 2 - 1) <= allowed) continue;
    throw new KernelError(
      'ERR_ARGUMENT',
      `${what}: expected orthonormal rows, as spectrum(gram, { vectors: true }) returns them; they change the length of a ` +
        `random vector by the factor ${Number(ratio.toPrecision(10))}`,
      { ratio },
    );
  }
}

/** Of the columns. */
function lengths(values: Float64Array): Float64Array {
  const squares = new Float64Array(probes);
  for (let i = 0; i < values.length; i++) {
    squares[i % probes] = (squares[i % probes] as number) + (values[i] as number) ** 2;
  }
  return squares.map(Math.sqrt);
}

/** From (−1, 1), the same for every matrix: the minimal standard generator. */
function numbersOf(count: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}
