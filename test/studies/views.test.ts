/** How far kernels see: figures that another program found for three pairs of signals, and what tells them apart. */

import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import type { PresetSpec } from '../../lib/presets.js';
import { extentOf, middleOf, pairOf, sensitivityOf, sharesOf } from '../../lib/studies/barzilai/views.js';

const grid = [33];
const at = middleOf(grid);
/** So many times three pairs, as there. */
const groups = 12;
const pairs = Array.from({ length: 3 * groups }, (_, draw) => pairOf(createRandom(11, draw), 33));

const plain = (depth: number): PresetSpec => ({ preset: 'cntk', depth, head: 'pixel', at });
const skips = (depth: number, alpha: number): PresetSpec => ({
  ...{ preset: 'barzilai', depth, alpha, innerSize: 3, outerSize: 3, head: 'pixel', at },
});

describe('sensitivities summed over three pairs lie within three standard errors of such sums over twelve times three', () => {
  test.each([
    ['no skips, one filter per layer, L = 8', plain(8), 0.147, 2.28],
    ['skips, α = 1, L = 8', skips(8, 1), 0.229, 2.14],
    ['skips, α = 0.3, L = 8', skips(8, 0.3), 0.651, 0.93],
    ['no skips, one filter per layer, L = 16', plain(16), 0.082, 3.32],
    ['skips, α = 1, L = 16', skips(16, 1), 0.152, 3.16],
    ['skips, α = 0.3, L = 16', skips(16, 0.3), 0.381, 1.39],
  ])('%s', async (_, network, centre, radius) => {
    const all = await sensitivityOf(network, pairs, grid, { job: () => ({}) }, '');
    const extents = Array.from({ length: groups }, (_, group) => {
      const three = all.slice(3 * group, 3 * group + 3);
      const sum = (three[0] as Float64Array).map((_, i) => three.reduce((total, one) => total + (one[i] as number), 0));
      return extentOf(sharesOf(sum), grid);
    });
    for (const [of, known, half] of [
      ['centre', centre, 0.0005],
      ['radius', radius, 0.005],
    ] as const) {
      const values = extents.map((one) => one[of]);
      const mean = values.reduce((sum, value) => sum + value, 0) / groups;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (groups - 1);
      // The known one is a draw itself; it is written to so many digits.
      expect(Math.abs(known - mean)).toBeLessThanOrEqual(3 * Math.sqrt(variance * (1 + 1 / groups)) + half);
      // Else anything would lie within them.
      expect(Math.sqrt(variance) / mean).toBeLessThan(0.3);
    }
  });
});

test('extents on a grid whose edges meet', () => {
  const all = new Float64Array(25);
  all[12] = 0.5;
  all[0] = 0.5;
  const { centre, radius } = extentOf(all, [5, 5]);
  expect(centre).toBe(0.5);
  expect(radius).toBeCloseTo(Math.sqrt(0.5 * 8), 14);
  expect(extentOf(Float64Array.of(0.25, 0, 0.75, 0), [4]).radius).toBeCloseTo(Math.sqrt(0.25 * 4), 14);
});
