/** What must hold of every kernel, for every preset with every activation. */

import { describe, expect, test } from 'vitest';
import { compile, type Kernel } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import { type Conforming, everyPreset, pictures, vectors } from './catalogue.js';

const depth = 3;
const count = 12;

const inputs = ({ image }: Conforming, stream = 0): Tensor =>
  image ? pictures(count, [4, 3], 2, stream) : vectors(count, 5, stream);

type Name = 'nngp' | 'ntk';
const kernelsOf = ({ tangent }: Conforming): Name[] => (tangent ? ['nngp', 'ntk'] : ['nngp']);

/** The samples in another order. */
function permuted({ data, shape }: Tensor, order: readonly number[]): Tensor {
  const size = data.length / (shape[0] as number);
  const moved = order.flatMap((i) => [...data.subarray(i * size, (i + 1) * size)]);
  return { data: Float64Array.from(moved), shape: [order.length, ...shape.slice(1)] };
}

/** Eigenvalues of a symmetric matrix by the package's own solver, which has its own tests. */
function leastEigenvalue(kernel: Kernel, x: Tensor, which: Name): { least: number; trace: number } {
  const gram = sync.gram(kernel, x, which);
  const { values } = sync.spectrum(gram, { vectors: false } as never);
  const trace = Array.from({ length: gram.size }, (_, i) => gram.values[i * gram.size + i] as number);
  return { least: Math.min(...values), trace: trace.reduce((sum, value) => sum + value, 0) };
}

describe.each(everyPreset(depth).map((one) => [one.name, one] as const))('%s', (_, one) => {
  test('symmetric, positive semidefinite, the same in any order and tiling, on any number of threads', () => {
    using kernel = compile(one.spec);
    expect(kernel.tangent).toBe(one.tangent);
    const x = inputs(one);
    const pooled = 'head' in one.spec && one.spec.head === 'pool';
    const order = [5, 0, 11, 3, 7, 6, 1, 10, 2, 9, 4, 8];
    for (const which of kernelsOf(one)) {
      const { values, size } = sync.gram(kernel, x, which, { threads: 1 });
      const at = (i: number, j: number) => values[i * size + j] as number;
      for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) expect(at(i, j)).toBe(at(j, i));

      const { least, trace } = leastEigenvalue(kernel, x, which);
      expect(least).toBeGreaterThanOrEqual(-size * 2 ** -52 * trace);

      const same = (value: number | undefined, i: number, j: number, label: string, rounding = 0) => {
        const room = (one.closed ? rounding : 3e-14 * depth) * Math.sqrt(at(i, i) * at(j, j));
        expect(Math.abs((value as number) - at(i, j)), label).toBeLessThanOrEqual(room);
      };
      const moved = sync.gram(kernel, permuted(x, order), which, { threads: 2 });
      for (const [i, p] of order.entries()) {
        for (const [j, q] of order.entries()) {
          // A pooled pair the other way round sums its displacements in the other direction.
          const turned = pooled && Math.sign(p - q) !== Math.sign(i - j);
          same(moved.values[i * size + j], p, q, `${which} ${p}, ${q}`, turned ? 16 * 2 ** -52 : 0);
        }
      }

      // One pair, in a batch of its own, and the diagonal without pairs.
      const diagonal = sync.diagonal(kernel, x, which).values;
      for (const [i, j] of [
        [3, 4],
        [0, 2],
        [6, 7],
        [8, 9],
      ] as const) {
        const pair = sync.cross(kernel, permuted(x, [i]), permuted(x, [j]), which);
        same(pair.data[0], i, j, `${which} ${i}, ${j}`);
        expect(Math.abs((diagonal[i] as number) - at(i, i))).toBeLessThanOrEqual(4 * 2 ** -52 * at(i, i));
      }
    }
  });

  test('float32 is float64 to 1e-6 per layer', () => {
    using kernel = compile(one.spec);
    const [x, z] = [inputs(one), inputs(one, 1)];
    for (const which of kernelsOf(one)) {
      const double = sync.cross(kernel, x, z, which);
      const single = sync.cross(kernel, x, z, which, { precision: 'float32' });
      const left = sync.diagonal(kernel, x, which).values;
      const right = sync.diagonal(kernel, z, which).values;
      for (const [at, value] of single.data.entries()) {
        const size = Math.sqrt((left[Math.floor(at / count)] as number) * (right[at % count] as number));
        const error = Math.abs(value - (double.data[at] as number));
        expect(error, `${which} ${at}`).toBeLessThanOrEqual(1e-6 * depth * size);
      }
    }
  });
});
