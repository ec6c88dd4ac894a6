/** Listings of image networks, run by the plain recursion, against values that other programs computed. */

import { describe, expect, test } from 'vitest';
import { lower } from '../../lib/lower.js';
import { network } from '../../lib/presets.js';
import { type ImageCase, neuralTangentsImageCases, referenceConvCases } from '../golden/image-cases.js';
import { evaluateImages, type Image, imagesOf } from '../oracles/image-recursion.js';

/** The largest deviation, relative to √(k(x,x) k(z,z)). */
function deviation({ network: spec, x, z, expected }: ImageCase): number {
  const program = lower(network(spec));
  const left = imagesOf(x);
  const right = z === null ? left : imagesOf(z);
  const kernel = (a: Image, b: Image) => evaluateImages(program, a, b)[0] as { nngp: number; ntk: number };
  const own = [left, right].map((images) => images.map((image) => kernel(image, image)));
  let worst = 0;
  for (const [i, a] of left.entries()) {
    for (const [j, b] of right.entries()) {
      if (z === null && j < i) continue;
      const got = kernel(a, b);
      for (const which of ['nngp', 'ntk'] as const) {
        const size = Math.sqrt((own[0]?.[i]?.[which] as number) * (own[1]?.[j]?.[which] as number));
        worst = Math.max(worst, Math.abs(got[which] - (expected[which][i]?.[j] as number)) / size);
      }
    }
  }
  return worst;
}

describe('reference.json, convolutional rows (30-digit values)', () => {
  const cases = [...referenceConvCases()];
  test('all 108 rows are there, with three heads each', () => expect(cases.length).toBe(324));
  test.each(['rescntk', 'cntk'])('%s: to 1e-14 of √(k(x,x) k(z,z)) per layer', (family) => {
    for (const one of cases.filter((candidate) => candidate.family === family)) {
      expect(deviation(one), one.name).toBeLessThan(1e-14 * (one.depth + 1));
    }
  });
});

describe('neural_tangents.json, image networks', () => {
  const cases = [...neuralTangentsImageCases()];
  test('all 50 are there, 5 with cross matrices', () => expect(cases.length).toBe(55));
  test.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    // Equal pixels cost the plain recursion half of its digits.
    expect(deviation(one)).toBeLessThan(one.z !== null ? 1e-12 : 1e-7);
  });
});
