/** Kernels of images, through the public verbs, against values that other programs computed. Nothing may be skipped. */

import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import { convCases } from '../golden/definition-cases.js';
import { type ImageCase, neuralTangentsImageCases, referenceConvCases } from '../golden/image-cases.js';
import { ledger } from './ledger.js';

const reference = ledger('reference.json, convolutional rows');
const definition = ledger('conv.json');
const tangents = ledger('neural_tangents.json, image networks');
const single = ledger('reference.json, convolutional rows in float32');
const names = ['nngp', 'ntk'] as const;

afterAll(() => {
  console.log([reference, definition, tangents, single].map((book) => book.line()).join('\n'));
});

/** Every entry of a case to `tolerance` of √(k(x,x) k(z,z)). */
function judge(
  { name, network, x, z, expected, exact }: ImageCase,
  book: ReturnType<typeof ledger>,
  tolerance: number,
  precision: 'float64' | 'float32' = 'float64',
): void {
  using kernel = compile(network);
  const left = sync.diagonal(kernel, x, names);
  const right = z === null ? left : sync.diagonal(kernel, z, names);
  for (const which of names) {
    const result =
      z === null ? sync.gram(kernel, x, which, { precision }) : sync.cross(kernel, x, z, which, { precision });
    expect(result.logScale, name).toBe(0);
    const values = 'data' in result ? result.data : result.values;
    const rows = expected[which];
    expect(values.length, name).toBe(rows.length * (rows[0]?.length ?? 0));
    for (const [i, row] of rows.entries()) {
      for (const [j, want] of row.entries()) {
        const at = `${name}, ${which}[${i}, ${j}]`;
        const size = Math.sqrt((left[which].values[i] as number) * (right[which].values[j] as number));
        const got = values[i * row.length + j] as number;
        const kind = `of √(k(x,x) k(z,z))${exact ? '' : ', plain values'}`;
        expect(book.note(kind, got, want, size, at), at).toBeLessThanOrEqual(tolerance);
      }
    }
  }
}

describe('reference.json: 30-digit values of the recursion on all pairs of pixels', () => {
  const cases = [...referenceConvCases()];
  test('all 108 rows are there, with three heads each', () => expect(cases.length).toBe(324));
  for (const family of ['rescntk', 'cntk']) {
    test(`${family}: 5e-15 of √(k(x,x) k(z,z)) per layer`, () => {
      for (const one of cases.filter((candidate) => candidate.family === family)) {
        judge(one, reference, 5e-15 * (one.depth + 1));
      }
    });
    test(`${family} in float32: 1e-6 per layer`, () => {
      for (const one of cases.filter((candidate) => candidate.family === family)) {
        judge(one, single, 1e-6 * (one.depth + 1), 'float32');
      }
    });
  }
});

test('conv.json: strides, valid filters, pooling, near and zero pixels, to 1e-14 of √(k(x,x) k(z,z))', () => {
  let count = 0;
  for (const { name, network, points, expected } of convCases()) {
    using kernel = compile(network);
    for (const which of names) {
      const [own, between, other] = expected[which];
      // sign has no tangent kernel.
      if (own == null || between == null || other == null) continue;
      const { values } = sync.gram(kernel, points, which);
      for (const [at, want] of [own, between, between, other].entries()) {
        const where = `${name}, ${which}[${at}]`;
        const off = definition.note('of √(k(x,x) k(z,z))', values[at] as number, want, Math.sqrt(own * other), where);
        expect(off, where).toBeLessThan(1e-14);
        count++;
      }
    }
  }
  expect(count).toBeGreaterThan(3700);
});

describe('neural_tangents.json: another library, and exact values beside its own', () => {
  const cases = [...neuralTangentsImageCases()];
  test('all 50 networks are there, 5 with cross matrices', () => expect(cases.length).toBe(55));
  for (const family of ['convresnet', 'convmlp']) {
    test(`${family}: exact values to 1e-11, its own to 1e-6`, () => {
      for (const one of cases.filter((candidate) => candidate.family === family)) {
        judge(one, tangents, one.exact ? 1e-11 : 1e-6);
      }
    });
  }
});
