/** What must hold of every kernel, for every preset with every activation. */

import { describe, expect, test } from 'vitest';
import type { Cross, Diagonal, Gram } from '../../lib/evaluate.js';
import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import { type Conforming, everyPreset, pictures, vectors } from './catalogue.js';

const depth = 3;
const count = 12;

const inputs = ({ image, closed }: Conforming): Tensor =>
  image ? pictures(count, [4, 3], 2, 0, !closed) : vectors(count, 5, 0, !closed);

type Name = 'nngp' | 'ntk';
const kernelsOf = ({ tangent }: Conforming): Name[] => (tangent ? ['nngp', 'ntk'] : ['nngp']);

/** The samples in another order. */
function permuted({ data, shape }: Tensor, order: readonly number[]): Tensor {
  const size = data.length / (shape[0] as number);
  const moved = order.flatMap((i) => [...data.subarray(i * size, (i + 1) * size)]);
  return { data: Float64Array.from(moved), shape: [order.length, ...shape.slice(1)] };
}

/** Other points, or pixels, of the same lengths, so that the tables of one set serve the other: coordinates in reverse. */
function reversed({ data, shape }: Tensor): Tensor {
  const size = shape.at(-1) as number;
  const moved = data.map((_, at) => data[at - (at % size) + size - 1 - (at % size)] as number);
  return { data: moved, shape };
}

/** Eigenvalues of a symmetric matrix by the package's own solver, which has its own tests. */
function leastEigenvalue(gram: Gram): { least: number; trace: number } {
  const { values } = sync.spectrum(gram, { vectors: false } as never);
  const trace = Array.from({ length: gram.size }, (_, i) => gram.values[i * gram.size + i] as number);
  return { least: Math.min(...values), trace: trace.reduce((sum, value) => sum + value, 0) };
}

const order = [5, 0, 11, 3, 7, 6, 1, 10, 2, 9, 4, 8];
const chosen = [
  [3, 4],
  [0, 2],
  [6, 7],
  [8, 9],
] as const;

/** What one form of a preset is judged by; both kernels come from one job. */
describe.each(everyPreset(depth).map((one) => [one.name, one] as const))('%s', (_, one) => {
  test('symmetric, positive semidefinite, the same in any order and tiling, on any number of threads; float32 is near', () => {
    using kernel = compile(one.spec);
    expect(kernel.tangent).toBe(one.tangent);
    const [x, z] = [inputs(one), reversed(inputs(one))];
    const pooled = 'head' in one.spec && one.spec.head === 'pool';
    const names = kernelsOf(one);
    const grams = sync.gram(kernel, x, names, { threads: 1 }) as Record<Name, Gram>;
    const moved = sync.gram(kernel, permuted(x, order), names, { threads: 2 }) as Record<Name, Gram>;
    const diagonals = sync.diagonal(kernel, x, names) as Record<Name, Diagonal>;
    const pairs = chosen.map(
      ([i, j]) => sync.cross(kernel, permuted(x, [i]), permuted(x, [j]), names) as Record<Name, Cross>,
    );
    const double = sync.cross(kernel, x, z, names) as Record<Name, Cross>;
    const single = sync.cross(kernel, x, z, names, { precision: 'float32' }) as Record<Name, Cross>;
    const right = sync.diagonal(kernel, z, names) as Record<Name, Diagonal>;
    for (const which of names) {
      const { values, size } = grams[which];
      const at = (i: number, j: number) => values[i * size + j] as number;
      for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) expect(at(i, j)).toBe(at(j, i));

      const { least, trace } = leastEigenvalue(grams[which]);
      expect(least).toBeGreaterThanOrEqual(-size * 2 ** -52 * trace);

      const same = (value: number | undefined, i: number, j: number, label: string, rounding = 0) => {
        const room = (one.closed ? rounding : 3e-14 * depth) * Math.sqrt(at(i, i) * at(j, j));
        expect(Math.abs((value as number) - at(i, j)), label).toBeLessThanOrEqual(room);
      };
      for (const [i, p] of order.entries()) {
        for (const [j, q] of order.entries()) {
          // A pooled pair the other way round sums its displacements in the other direction.
          const turned = pooled && Math.sign(p - q) !== Math.sign(i - j);
          same(moved[which].values[i * size + j], p, q, `${which} ${p}, ${q}`, turned ? 16 * 2 ** -52 : 0);
        }
      }

      // One pair, in a batch of its own, and the diagonal without pairs.
      const diagonal = diagonals[which].values;
      for (const [k, [i, j]] of chosen.entries()) {
        same(pairs[k]?.[which].data[0], i, j, `${which} ${i}, ${j}`);
        expect(Math.abs((diagonal[i] as number) - at(i, i))).toBeLessThanOrEqual(4 * 2 ** -52 * at(i, i));
      }

      // Float32 is float64 to 1e-6 per layer.
      for (const [at, value] of single[which].data.entries()) {
        const room = Math.sqrt(
          (diagonal[Math.floor(at / count)] as number) * (right[which].values[at % count] as number),
        );
        const error = Math.abs(value - (double[which].data[at] as number));
        expect(error, `${which} ${at}`).toBeLessThanOrEqual(1e-6 * depth * room);
      }
    }
  });
});
