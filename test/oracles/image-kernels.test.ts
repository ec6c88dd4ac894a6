/** Kernels of images through the package against values that other programs computed. Nothing here may be skipped. */

import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import { convCases } from '../golden/definition-cases.js';
import { type ImageCase, neuralTangentsImageCases, referenceConvCases } from '../golden/image-cases.js';

const names = ['nngp', 'ntk'] as const;

const size = (a: number, b: number) => Math.sqrt(a * b);
/** A pixel that is zero has a kernel that is zero. */
const relative = (got: number, expected: number, scale: number) =>
  got === expected ? 0 : Math.abs(got - expected) / scale;

/** The largest deviation, relative to √(k(x,x) k(z,z)). */
function deviation({ network: spec, x, z, expected }: ImageCase): number {
  using kernel = compile(spec);
  const left = sync.diagonal(kernel, x, names);
  const right = z === null ? left : sync.diagonal(kernel, z, names);
  let worst = 0;
  for (const which of names) {
    const result = z === null ? sync.gram(kernel, x, which) : sync.cross(kernel, x, z, which);
    const values = 'data' in result ? result.data : result.values;
    const columns = right[which].values.length;
    for (const [i, row] of expected[which].entries()) {
      for (const [j, value] of row.entries()) {
        const scale = size(left[which].values[i] as number, right[which].values[j] as number);
        worst = Math.max(worst, relative(values[i * columns + j] as number, value, scale));
      }
    }
  }
  return worst;
}

describe('reference.json, convolutional rows (30-digit values)', () => {
  const cases = [...referenceConvCases()];
  test('all 108 rows are there, with three heads each', () => expect(cases.length).toBe(324));
  test.each(['rescntk', 'cntk'])('%s: to 5e-15 of √(k(x,x) k(z,z)) per layer', (family) => {
    for (const one of cases.filter((candidate) => candidate.family === family)) {
      expect(deviation(one), one.name).toBeLessThan(5e-15 * (one.depth + 1));
    }
  });
});

describe('neural_tangents.json, image networks', () => {
  test.each([...neuralTangentsImageCases()].map((one) => [one.name, one] as const))('%s', (_, one) => {
    expect(deviation(one)).toBeLessThan(one.exact ? 1e-11 : 1e-6);
  });
});

test('conv.json: strides, valid filters, pooling, near and zero pixels, to 1e-14 of √(k(x,x) k(z,z))', () => {
  let count = 0;
  for (const { name, network, points, expected } of convCases()) {
    using kernel = compile(network);
    for (const which of names) {
      const { values } = sync.gram(kernel, points, which);
      const [own, between, other] = expected[which];
      if (own == null || between == null || other == null) continue;
      for (const [at, value] of [own, between, between, other].entries()) {
        expect(relative(values[at] as number, value, size(own, other)), `${name}, ${which}`).toBeLessThan(1e-14);
        count++;
      }
    }
  }
  expect(count).toBeGreaterThan(3700);
});
