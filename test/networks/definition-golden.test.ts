/** Listings of image networks, run by the plain recursion over all pairs of pixels, against conv.json. */

import { expect, test } from 'vitest';
import { lower } from '../../lib/lower.js';
import { network } from '../../lib/presets.js';
import { convCases } from '../golden/definition-cases.js';
import { evaluateImages, type Image, imagesOf } from '../oracles/image-recursion.js';
import { activationsIn } from '../oracles/network-parts.js';

// The plain recursion knows closed forms only, and the arccosine costs it half the digits of almost equal pixels.
const known = new Set(['relu', 'leakyRelu', 'abs', 'erf', 'gelu']);

test('conv.json means the networks that lib lowers', () => {
  let count = 0;
  for (const one of convCases()) {
    const layers = network(one.network);
    const plain = activationsIn(layers).every((phi) => phi.kind === 'activation' && known.has(phi.name));
    if (!plain) continue;
    const program = lower(layers);
    const images = imagesOf(one.points) as [Image, Image];
    const kernel = (i: 0 | 1, j: 0 | 1) => evaluateImages(program, images[i], images[j])[0];
    const got = [kernel(0, 0), kernel(0, 1), kernel(1, 1)] as const;
    for (const which of ['nngp', 'ntk'] as const) {
      const want = one.expected[which] as readonly number[];
      const size = Math.sqrt((want[0] as number) * (want[2] as number));
      for (const [at, pair] of got.entries()) {
        const difference = Math.abs((pair?.[which] as number) - (want[at] as number));
        // A pixel that is zero has a kernel that is zero.
        const error = difference === 0 ? 0 : difference / size;
        expect(error, `${one.name}, ${which}`).toBeLessThan(2e-7);
        count++;
      }
    }
  }
  expect(count).toBeGreaterThan(2800);
});
