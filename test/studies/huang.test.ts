/** The study of depth: known values, verdicts that can fail, what is absent, and the same bytes twice. */

import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../lib/data/load.js';
import { compile } from '../../lib/kernel.js';
import { activation, dense, repeat, serial } from '../../lib/layers.js';
import { runStudy } from '../../lib/studies/run.js';
import type { ItemReport, StudyReport } from '../../lib/studies/schema.js';
import { sync } from '../../lib/sync.js';
import { seriesOf } from './charts.js';

const fixture = (name: string) => new URL(`../fixtures/mnist2-200-${name}.idx.gz`, import.meta.url).pathname;

const photographs = (name: string) => new URL(`../fixtures/cifar10-8x8-${name}.idx.gz`, import.meta.url).pathname;

/** Sampled networks that are no burden. */
const narrow = { widths: [8, 16], networks: 2, variances: [1] };

let report: StudyReport;
const item = (id: string): ItemReport => {
  const found = report.parts[0]?.items.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
};
const measured = (id: string, what: string): number => {
  const found = item(id).measured.find((one) => one.what === what);
  if (found === undefined) throw new Error(`${id} has no '${what}'`);
  return found.measured ?? Number.NaN;
};

beforeAll(async () => {
  const data = await loadDataset(fixture('images'), { labels: fixture('labels') });
  const cifar10 = await loadDataset(photographs('images'), { labels: photographs('labels'), task: 'classify' });
  const parameters = { imageDepths: [1, 20], trainRows: [16], splits: 3, variances: [1] };
  report = await runStudy('huang', { size: 'quick', data, cifar10, parameters });
});

describe('values known from an independent program', () => {
  // To the digits that are known of them.
  test.each([
    ['slope for angles from 0.3 to π − 0.3, γ = 0.75', -0.465, 5e-4],
    ['slope for angles from 0.3 to π − 0.3, γ = 0.9', -0.796, 5e-4],
    ['slope for angles from 0.3 to π − 0.3, γ = 1', -0.999, 5e-4],
    ['slope over the whole sphere, γ = 0.75', -0.24, 5e-3],
    ['slope over the whole sphere, γ = 1', -0.5, 5e-3],
  ])('%s', (what, known, half) => {
    expect(Math.abs(measured(what.includes('sphere') ? 'H3-sphere' : 'H3', what) - known)).toBeLessThanOrEqual(half);
  });

  test.each([
    ['θ = π', 0.3447, 5e-5],
    ['θ = 0.1', 2.6281, 5e-5],
  ])('the normalised tangent kernel at depth 10,000: L(Ω̄ − ¼)/log L at %s is %d', (label, known, digits) => {
    const series = seriesOf(item('H2'), 'huang-degeneration').find((one) => one.label === label);
    const last = series?.points.at(-1);
    expect(last?.x).toBe(10_000);
    const rate = (1e4 * ((last?.y ?? Number.NaN) - 0.25)) / Math.log(1e4);
    expect(Math.abs(rate - known)).toBeLessThanOrEqual(digits);
  });
});

test('verdicts follow from measurements', () => {
  for (const one of report.parts.flatMap(({ items }) => items)) {
    const holding = one.measured.filter(({ holds }) => holds).length;
    expect(one.measured.length).toBeGreaterThan(0);
    const verdict = holding === one.measured.length ? 'holds' : holding === 0 ? 'does not hold' : 'in part';
    expect(one.verdict, one.id).toBe(verdict);
  }
  expect(item('H2').verdict).toBe('holds');
  expect(item('H4').verdict).toBe('holds');
  expect(item('H1').verdict).toBe('holds');
  expect(item('H3').verdict).toBe('holds');
  // At opposite inputs the rate is half of what is claimed for the sphere.
  expect(item('H3-sphere').verdict).toBe('does not hold');
  expect(item('H3-sphere').remarks.join(' ')).toMatch(/^For γ = 0.75, 0.9, 1 the slope is ½ − γ/);
});

test('parameters outside the range of a claim are computed and marked', async () => {
  const shallow = await runStudy('huang', {
    size: 'quick',
    parameters: { ...narrow, depths: [3, 5], resnetDepths: [2, 4] },
  });
  const h2 = shallow.parts[0]?.items.find(({ id }) => id === 'H2');
  expect(h2?.outside).toHaveLength(1);
  expect(h2?.measured.length).toBeGreaterThan(0);
});

test('without data the items on data say what brings them, and the others are there', async () => {
  const settings = {
    size: 'quick',
    dataRemedy: 'bring data',
    cifar10Remedy: 'bring photographs',
    parameters: { ...narrow, depths: [3, 1000], resnetDepths: [16, 64] },
  } as const;
  const without = await runStudy('huang', settings);
  const items = without.parts.flatMap((part) => part.items);
  expect(items.find(({ id }) => id === 'H5')).toMatchObject({
    verdict: null,
    measured: [],
    absent: { what: 'two classes of images', remedy: 'bring data' },
  });
  expect(items.find(({ id }) => id === 'H5-cifar')?.absent).toEqual({ what: 'CIFAR-10', remedy: 'bring photographs' });
  expect(items.filter(({ verdict }) => verdict === null).map(({ id }) => id)).toEqual(['H5', 'H5-cifar', 'H6']);
  expect(without.data).toBeNull();
  expect(JSON.stringify(await runStudy('huang', settings))).toBe(JSON.stringify(without));
});

test('an item that a store has is not computed again, and one of other parameters is', async () => {
  const kept = new Map<string, ItemReport>();
  let written = 0;
  const store = {
    read: async (key: string) => kept.get(key) ?? null,
    write: async (key: string, one: ItemReport) => {
      written++;
      kept.set(key, one);
    },
  };
  const parameters = { ...narrow, depths: [3, 10], resnetDepths: [16, 64], points: 8 };
  const first = await runStudy('huang', { size: 'quick', parameters, store });
  const items = written;
  expect(items).toBe(first.parts[0]?.items.length);
  expect(await runStudy('huang', { size: 'quick', parameters, store })).toEqual(first);
  expect(written).toBe(items);
  await runStudy('huang', { size: 'quick', parameters: { ...parameters, points: 9 }, store });
  expect(written).toBe(2 * items);
});

describe('refused', () => {
  test.each([
    ['hunag', {}, /unknown study 'hunag'; did you mean 'huang'/],
    ['huang', { parameters: { depth: [3] } }, /depth/],
    ['huang', { parameters: { depths: [5, 3] } }, /depths: expected at least 2 ascending integers from 2 to 1000000/],
    ['huang', { parameters: { splits: 1 } }, /splits: expected an integer from 2 to 1000/],
    ['overview', { parameters: { splits: 3 } }, /those of a single study/],
    ['huang', { size: 'huge' }, /size: expected 'quick' or 'usual' or 'full'/],
  ])('%s %j', async (name, options, message) => {
    await expect(runStudy(name, options as never)).rejects.toThrow(message);
    await expect(runStudy(name, options as never)).rejects.toMatchObject({ code: 'ERR_ARGUMENT' });
  });

  test('data of more than two classes', async () => {
    const iris = await loadDataset(new URL('../fixtures/iris.csv', import.meta.url).pathname);
    const parameters = { ...narrow, depths: [3, 10], resnetDepths: [16, 64], points: 8 };
    await expect(runStudy('huang', { size: 'quick', parameters, data: iris })).rejects.toThrow(
      /expected two classes, got 3 classes; choose two of them \(--classes 3,8\)/,
    );
  });

  test('an aborted signal ends it', async () => {
    await expect(runStudy('huang', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('the fixed points of GELU and ELU, and that of ELU in a network of 300 layers', () => {
  expect(item('X5').verdict).toBe('holds');
  const point = measured('X5', 'fixed point below 1, ELU, q = 1');
  const weights = Number(/ELU: .*?([\d.]+) at q = 1[,.]/.exec(item('X5').remarks[1] ?? '')?.[1]);
  expect(weights).toBeCloseTo(1.5505, 3);
  // E φ² at q = 1 by the rule of Simpson, independent of the tables.
  const elu = (u: number) => (u > 0 ? u : Math.expm1(u));
  const steps = 4000;
  const square = Array.from({ length: steps + 1 }, (_, i) => {
    const u = -10 + (20 * i) / steps;
    const weight = i === 0 || i === steps ? 1 : i % 2 === 0 ? 2 : 4;
    return ((weight * 20) / steps / 3) * elu(u) ** 2 * (Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI));
  }).reduce((sum, value) => sum + value, 0);
  const layer = serial(activation('elu'), dense({ weightVar: 1 / square }));
  const kernel = compile(serial(dense({ inputScale: '1' }), repeat(300, layer)));
  const { values } = sync.gram(
    kernel,
    [
      [1, 0],
      [-0.6, 0.8],
    ],
    'nngp',
  );
  kernel.dispose();
  expect(values[0]).toBeCloseTo(1, 6);
  // What was 1.2 apart is nearer by the slope 0.97 in every layer: 2e-4.
  expect(Math.abs((values[1] as number) / (values[0] as number) - point)).toBeLessThan(2e-4);
});
