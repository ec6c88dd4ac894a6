/**
 * Kernels against sampled networks: catches a formula that is wrong in the same way in the package, in the plain
 * recursions of these tests and in the references. A mean that agrees can still be an accident of a wide tolerance; that
 * single networks come closer by width^−1/2, down to the widest, cannot.
 */

import { beforeAll, describe, expect, test } from 'vitest';
import { studentTwoSided } from '../../lib/statistics.js';
import { type Case, type Errors, entryName, joint, logRms, means, sampleErrors, slope } from './finite-errors.js';

/** Set RESGRAM_SAMPLED=all for four times as many networks, twice the width and the cases that tell least. */
export const isFull = process.env.RESGRAM_SAMPLED === 'all';

export interface Row {
  readonly width: number;
  readonly seeds: number;
}

/** Every case at every width; the networks of one seed share their random numbers. `presets` must be among the cases. */
export function sampledSuite(
  title: string,
  presets: readonly string[],
  cases: readonly Case[],
  rows: readonly Row[],
): void {
  describe(title, () => {
    test('every preset is sampled', () => {
      const sampledPresets = new Set(cases.map(({ network }) => ('preset' in network ? network.preset : '')));
      expect(presets.filter((preset) => !sampledPresets.has(preset as never))).toEqual([]);
    });

    const sampled: Errors[][] = [];
    beforeAll(() => {
      for (const { width, seeds } of rows) sampled.push(sampleErrors(cases, width, seeds));
    }, 1_000_000);
    const errors = (row: number, at: number): Errors => (sampled.at(row) as Errors[])[at] as Errors;
    const narrow = rows[0] as Row;
    /** Infinitely wide networks are judged by all that come near. */
    const wide = rows.filter(({ width }) => width >= 1024);

    test('four standard errors are enough for all comparisons together', () => {
      expect(wide.length).toBeGreaterThan(0);
      const comparisons = cases.reduce((sum, { inputs: { rows: n } }) => sum + n.length * (n.length + 1), 0);
      // However the comparisons depend on each other, this bounds the chance that right kernels fail one of them.
      const chance = comparisons * studentTwoSided(4, Math.min(...wide.map(({ seeds }) => seeds)) - 1);
      expect(chance, `${comparisons} comparisons`).toBeLessThan(0.2);
    });

    for (const [at, { name, inputs }] of cases.entries()) {
      test(`${name}: the mean of networks at least 1024 wide is within four standard errors`, () => {
        const found = joint(wide.map((row) => ({ ...row, means: means(errors(rows.indexOf(row), at)) })));
        const narrowMeans = means(errors(0, at));
        for (const [entry, { mean, standardError }] of found.entries()) {
          const where = `${entryName(entry, inputs.rows.length)}, standard error ${standardError}`;
          // Rounding in sums of a million terms, for an entry without chance in it.
          expect(Math.abs(mean), where).toBeLessThan(4 * standardError + 1e-12);
          // Four of them must be able to tell: a term left out of a kernel is tens of percent.
          expect(standardError, where).toBeLessThan(0.03);
          // The expectation is off by a multiple of 1/width. What is seen of it in narrow networks says how much in wide.
          const bias = ((narrowMeans[entry] as { mean: number }).mean * narrow.width) / 1024;
          expect(Math.abs(bias), where).toBeLessThan(standardError);
        }
      });

      test(`${name}: the error falls like width^-1/2`, () => {
        const points = rows.map(({ width }, row) => ({ width, rms: logRms(errors(row, at)) }));
        const { mean, standardError } = slope(points);
        // A product of L averages, each of variance c/m, has (1 + c/m)^L − 1 = (σ²/m)(1 + (L − 1)/(2L) σ²/m + …) with
        // σ² = Lc: by less than σ²/2m more than a power law; twice that, for the bias. In the slope, at the narrowest:
        const { width } = rows.at(-1) as Row;
        const squared = width * Math.exp(2 * (points.at(-1)?.rms.mean as number));
        const curvature = squared / narrow.width / 2 / Math.log(width / narrow.width);
        const room = 4 * standardError + curvature;
        expect(Math.abs(mean + 1 / 2), `slope ${mean}`).toBeLessThan(room);
        // Neither width^-1/4 nor width^-1 nor an error that stays would pass.
        expect(room).toBeLessThan(0.25);
      });
    }
  });
}
