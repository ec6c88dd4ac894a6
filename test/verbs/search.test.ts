/** Searches: every figure in the table is that of explicit fits, and the choice is the least of them. */
import { describe, expect, test } from 'vitest';
import { repeatedKFold } from '../../lib/data/split.js';
import {
  classify,
  compile,
  gram,
  huang,
  type PresetFamily,
  regress,
  type SearchCandidate,
  search,
  vary,
} from '../../lib/index.js';
import { distance, nested, numbers, points, refusal } from './support.js';

const n = 26;
const x = points(n, 3, 5);
const rows = nested(x);
const y = rows.map(([a, b], i) => [
  Math.sin(6 * (a as number)) + 0.2 * (numbers(n, 11)[i] as number),
  (b as number) ** 2 + 5,
]);
const labels = rows.map(([a, b]) => ((a as number) > 0.1 ? 'right' : (b as number) > 0 ? 'left' : 'down'));
const networks = vary({ preset: 'huang' }, { alpha: [0.2, 1] });
const depths = [1, 4];
const ridges = [1e-3, 0.1, 10];

/** Predictions of the rows of a part by a fit to the others. */
async function heldOut(
  one: SearchCandidate,
  parts: readonly (readonly number[])[],
  ridge: number,
): Promise<number[][]> {
  const kernel = compile(one.network);
  const said: number[][] = new Array(n);
  for (const part of parts) {
    const others = rows.map((_, i) => i).filter((i) => !part.includes(i));
    const fit = await regress(
      kernel,
      others.map((i) => rows[i] as number[]),
      others.map((i) => y[i] as number[]),
      { which: one.kernel, ridge },
    );
    const { mean } = await fit.predict(part.map((i) => rows[i] as number[]));
    part.forEach((row, k) => {
      said[row] = [...mean.data.slice(2 * k, 2 * k + 2)];
    });
  }
  return said;
}

const squared = (said: readonly number[][]) =>
  said.reduce((sum, row, i) => sum + row.reduce((all, v, c) => all + (v - (y[i]?.[c] as number)) ** 2, 0), 0) / (2 * n);

describe('search', () => {
  test('by leave-one-out: the table is that of refits, each network, depth and kernel in turn', async () => {
    const { candidates, best, criterion } = await search(x, y, { networks, depths, which: ['nngp', 'ntk'], ridges });
    expect(criterion).toBe('leave-one-out');
    expect(candidates.map(({ depth, kernel }) => `${depth} ${kernel}`)).toEqual(
      [...depths, ...depths].flatMap((depth) => [`${depth} nngp`, `${depth} ntk`]),
    );
    expect(candidates.map(({ network }) => (network as { alpha: number }).alpha)).toEqual([
      0.2, 0.2, 0.2, 0.2, 1, 1, 1, 1,
    ]);
    for (const one of [candidates[1], candidates[6]] as SearchCandidate[]) {
      const { values } = await gram(compile(one.network), x, one.kernel);
      const mean = rows.reduce((sum, _, i) => sum + (values[i * (n + 1)] as number), 0) / n;
      expect(
        distance(
          one.path.ridges,
          ridges.map((r) => r * mean),
        ),
      ).toBeLessThan(1e-12 * mean);
      for (const [r, ridge] of one.path.ridges.entries()) {
        const refits = squared(
          await heldOut(
            one,
            rows.map((_, i) => [i]),
            ridge,
          ),
        );
        expect(Math.abs((one.path.scores[r] as number) / refits - 1)).toBeLessThan(1e-9);
      }
      expect(one.score).toBe(Math.min(...one.path.scores));
      expect(one.ridge).toBe(one.path.ridges[one.path.scores.indexOf(one.score)]);
      expect(one.squaredError).toBe(one.score);
    }
    expect(best.score).toBe(Math.min(...candidates.map(({ score }) => score)));
  });

  test('by folds: those of the seed, refitted', async () => {
    const options = { networks, depths, ridges, criterion: 'folds', folds: 4, seed: 7 } as const;
    const { candidates } = await search(x, y, options);
    const parts = repeatedKFold({ task: 'regress', y: new Float64Array(n) }, { folds: 4, repeats: 1, seed: 7 });
    const one = candidates[2] as SearchCandidate;
    for (const [r, ridge] of one.path.ridges.entries()) {
      const refits = squared(
        await heldOut(
          one,
          parts.map(({ test: part }) => part),
          ridge,
        ),
      );
      expect(Math.abs((one.path.scores[r] as number) / refits - 1)).toBeLessThan(1e-9);
    }
    const again = await search(x, y, options);
    expect(again.candidates.map(({ score }) => score)).toEqual(candidates.map(({ score }) => score));
    const other = await search(x, y, { ...options, seed: 8 });
    expect(other.candidates[2]?.score).not.toBe(one.score);
  });

  test('by likelihood: that of the fits', async () => {
    for (const amplitude of ['auto', 2] as const) {
      const { best, candidates } = await search(x, y, {
        networks,
        depths,
        which: 'nngp',
        ridges,
        criterion: 'likelihood',
        amplitude,
        centre: true,
      });
      for (const one of candidates) {
        const fit = await regress(compile(one.network), x, y, {
          which: 'nngp',
          ridge: one.ridge,
          centre: true,
          amplitude,
        });
        expect(Math.abs(one.logLikelihood - fit.logLikelihood)).toBeLessThan(1e-8 * Math.abs(fit.logLikelihood));
        expect(one.score).toBe(-one.logLikelihood);
      }
      expect(best.score).toBe(Math.min(...candidates.map(({ score }) => score)));
      expect(best.logLikelihood).toBeGreaterThan(Math.min(...candidates.map(({ logLikelihood }) => logLikelihood)));
    }
  });

  test('for labels: error rates of the same left-out predictions as those of the classifier', async () => {
    const { best, candidates, classes, task } = await search(x, labels, { networks, depths, which: 'ntk' });
    expect([task, classes]).toEqual(['classify', ['down', 'left', 'right']]);
    for (const one of candidates) {
      const model = await classify(compile(one.network), x, labels, { which: 'ntk', ridge: one.ridge });
      expect(one.errorRate).toBeCloseTo(1 - model.calibration.accuracy, 12);
    }
    // A fit with its ridge by itself comes to the same.
    const model = await classify(compile(best.network), x, labels, { ridge: 'auto' });
    expect(model.ridge / best.ridge).toBeCloseTo(1, 9);
    const folds = await search(x, labels, { networks, depths, criterion: 'folds', folds: 3 });
    expect(folds.best.errorRate).toBeLessThan(0.6);
  });

  test('of equal candidates the first is taken', async () => {
    const layer = huang({ depth: 2, alpha: 0.5 });
    const same = [layer, { preset: 'huang', alpha: 0.5, depth: 2 } as const, layer];
    for (const criterion of ['leave-one-out', 'folds', 'likelihood'] as const) {
      const { best, candidates } = await search(x, y, { networks: same, criterion });
      expect(new Set(candidates.map(({ score }) => score)).size).toBe(1);
      expect(best).toBe(candidates[0]);
    }
  });

  test('ridges under which equal samples are singular are no candidates', async () => {
    const twins = [...rows.slice(0, 10), rows[4] as number[]];
    const right = numbers(11, 2);
    for (const criterion of ['leave-one-out', 'folds', 'likelihood'] as const) {
      const { best } = await search(twins, right, { networks, depths, ridges: [0, 1e-30, 0.1], criterion });
      expect(best.relativeRidge).toBe(0.1);
      expect([...best.path.scores].map(Number.isNaN)).toEqual([true, true, false]);
      const { message } = await refusal(
        () => search(twins, right, { networks, depths, ridges: [0], criterion }),
        'ERR_NOT_POSITIVE_DEFINITE',
      );
      expect(message).toContain('equal samples?');
    }
  });

  test('what is wrong is said before anything is computed', async () => {
    const wrong = async (
      change: object,
      code: 'ERR_ARGUMENT' | 'ERR_NETWORK' | 'ERR_SHAPE' | 'ERR_DATA' = 'ERR_ARGUMENT',
    ) => (await refusal(() => search(x, y, { networks, depths, ...change }), code)).message;
    expect(await wrong({ networks: [] })).toContain('at least one');
    expect(await wrong({ networks: undefined })).toContain('networks');
    await wrong({ networks: [...networks, { preset: 'nope' }] }, 'ERR_NETWORK');
    await wrong({ depths: [] }, 'ERR_NETWORK');
    await wrong({ depths: [3, 1] }, 'ERR_NETWORK');
    await wrong({ depths: undefined }, 'ERR_NETWORK');
    await wrong({ ridges: [-1] });
    await wrong({ criterion: 'luck' });
    await wrong({ criterion: 'folds', folds: 27 });
    await wrong({ wich: 'ntk' });
    expect(await wrong({ criterion: 'folds', folds: 27 })).toBe(
      'folds: expected at most 26 (the number of samples), got 27',
    );
    await refusal(() => search(x, y.slice(1), { networks, depths }), 'ERR_SHAPE');
    await refusal(() => search(x, labels.slice(1), { networks, depths }), 'ERR_SHAPE');
    await refusal(
      () =>
        search(
          x,
          labels.map(() => 'one'),
          { networks, depths },
        ),
      'ERR_DATA',
    );
    await refusal(
      () =>
        search(
          [
            [1, 2],
            [Number.NaN, 3],
          ],
          [1, 2],
          { networks, depths },
        ),
      'ERR_NOT_FINITE',
    );
  });
});

describe('what no candidate can be scored by', () => {
  const why = async (
    targets: number[],
    options: object,
    code: 'ERR_RANGE' | 'ERR_DATA' | 'ERR_NOT_POSITIVE_DEFINITE',
  ) => (await refusal(() => search(x, targets, { networks, depths, ...options }), code)).message;
  const first = y.map(([a]) => a as number);

  test('is said as it is: magnitudes, constant columns, equal samples', async () => {
    for (const criterion of ['leave-one-out', 'folds', 'likelihood'] as const) {
      for (const factor of [1e-200, 1e200]) {
        const scaled = first.map((value) => value * factor);
        expect(await why(scaled, { criterion }, 'ERR_RANGE')).toMatch(/^y: expected the largest number of each column/);
      }
    }
    const criterion = 'likelihood';
    const zeros = first.map(() => 0);
    expect(await why(zeros, { criterion }, 'ERR_DATA')).toMatch(/^y: column 0 is constant, 0, so that no amplitude/);
    // 0.1 is no double: the mean of equal ones is off by a rounding.
    const equal = first.map(() => 0.1);
    expect(await why(equal, { criterion, centre: true }, 'ERR_DATA')).toMatch(/^y: column 0 is constant, so that no/);
    expect((await search(x, equal, { networks, depths, criterion })).best.score).toBeLessThan(Number.POSITIVE_INFINITY);
    const silent = await search(x, zeros, { networks, depths });
    expect(silent.best.score).toBe(0);
    expect(silent.best.logLikelihood).toBeNaN();
    const given = await search(x, zeros, { networks, depths, criterion, amplitude: 2 });
    expect(given.best.score).toBeLessThan(Number.POSITIVE_INFINITY);
    const twice = { data: new Float64Array(3 * n).fill(1), shape: [n, 3] };
    const alike = () => search(twice, first, { networks, depths, ridges: [0] });
    expect((await refusal(alike, 'ERR_NOT_POSITIVE_DEFINITE')).message).toContain('equal samples');
  });

  test('memory for decompositions and for all ridges is asked for before any work', async () => {
    const phases: string[] = [];
    const onProgress = ({ phase }: { phase: string }) => phases.push(phase);
    // 10,000 ridges × 100 samples × 30,000 columns are 240 GB of predictions.
    const wide = { data: new Float64Array(100 * 30_000).fill(1), shape: [100, 30_000] };
    const ridges = Array.from({ length: 10_000 }, (_, i) => i + 1);
    const tall = points(100, 3, 5);
    const call = () => search(tall, wide, { networks, depths, ridges, onProgress });
    expect((await refusal(call, 'ERR_OUT_OF_MEMORY')).message).toMatch(
      /^a search of 2 Gram matrices of 100 samples at once/,
    );
    expect(phases).toEqual([]);
  });
});

describe('vary', () => {
  test('makes every combination, the last option fastest', () => {
    const made = vary(
      { preset: 'mlp' },
      { bias: [null, { var: 1, init: 'normal', trainable: true }], convention: ['jacot', 'tirer'] },
    );
    expect(made.map((one: PresetFamily) => [one.preset, (one as { convention: string }).convention])).toEqual([
      ['mlp', 'jacot'],
      ['mlp', 'tirer'],
      ['mlp', 'jacot'],
      ['mlp', 'tirer'],
    ]);
    expect(made[0]).toMatchObject({ bias: null });
  });

  test('refuses options that the preset does not have', async () => {
    await refusal(() => vary({ preset: 'mlp' }, { alpha: [1] } as never), 'ERR_NETWORK');
    await refusal(() => vary({ preset: 'mlp' }, { bias: [] }), 'ERR_ARGUMENT');
  });
});
