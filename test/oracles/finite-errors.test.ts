/** The statistics of sampled networks on errors whose law is known. */

import { describe, expect, test } from 'vitest';
import { type Errors, entryName, joint, logRms, means, slope } from './finite-errors.js';
import { normals } from './normals.js';

const rows = [
  { width: 64, seeds: 256 },
  { width: 256, seeds: 64 },
  { width: 1024, seeds: 24 },
];
const entries = 20;

/** Independent normal errors around `offset` that shrink like width^−power. */
function errors(width: number, seeds: number, power: number, offset = 0): Errors {
  const draw = normals(3, width).rewound();
  return Array.from({ length: seeds }, () =>
    [...draw(entries, { starts: 'normal', trains: false })].map((value) => offset + 2 * value * width ** -power),
  );
}

describe('statistics of sampled networks', () => {
  test('the slope is that of the law, with a standard error that tells laws apart', () => {
    for (const power of [0.25, 0.5, 1]) {
      const found = slope(rows.map(({ width, seeds }) => ({ width, rms: logRms(errors(width, seeds, power)) })));
      expect(Math.abs(found.mean + power)).toBeLessThan(4 * found.standardError);
      expect(found.standardError).toBeLessThan(0.02);
    }
  });

  test('means and their standard errors are those of the law, for one width and for several together', () => {
    const offset = 0.05;
    const found = rows.map((row) => ({ ...row, means: means(errors(row.width, row.seeds, 0.5, offset)) }));
    const work = rows.reduce((sum, { width, seeds }) => sum + width * seeds, 0);
    for (const [estimates, size] of [
      [found[0]?.means, 64 * 256],
      [joint(found), work],
    ] as const) {
      expect(estimates).toHaveLength(entries);
      for (const { mean, standardError } of estimates ?? []) {
        expect(Math.abs(mean - offset)).toBeLessThan(4 * standardError);
        // Estimated from 24 networks or more: within half of 2/√(width · networks).
        expect(Math.abs((standardError * Math.sqrt(size)) / 2 - 1)).toBeLessThan(0.5);
      }
    }
  });

  test('entries are named as they are counted', () => {
    const names = Array.from({ length: 6 }, (_, entry) => entryName(entry, 2));
    expect(names).toEqual(['nngp[0, 0]', 'nngp[1, 0]', 'nngp[1, 1]', 'ntk[0, 0]', 'ntk[1, 0]', 'ntk[1, 1]']);
  });

  test('numbers are standard normal, the same for every network of a seed, others for another', () => {
    const source = normals(1, 2);
    const drawn = source.rewound()(100_001, { starts: 'normal', trains: true });
    const moment = (power: number) => drawn.reduce((sum, value) => sum + value ** power, 0) / drawn.length;
    // Four standard errors of moments of 100,001 numbers: 4 √(E t^2p − (E t^p)²)/316.
    expect(Math.abs(moment(1))).toBeLessThan(4 / 316);
    expect(Math.abs(moment(2) - 1)).toBeLessThan((4 * Math.sqrt(2)) / 316);
    expect(Math.abs(moment(3))).toBeLessThan((4 * Math.sqrt(15)) / 316);
    expect(Math.abs(moment(4) - 3)).toBeLessThan((4 * Math.sqrt(96)) / 316);
    const again = source.rewound();
    expect(again(7, { starts: 'zero', trains: true }).every((value) => value === 0)).toBe(true);
    expect(again(100_001, { starts: 'normal', trains: true })).toEqual(drawn);
    expect(normals(2, 2).rewound()(3, { starts: 'normal', trains: true })).not.toEqual(drawn.subarray(0, 3));
  });
});
