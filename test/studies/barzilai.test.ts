/** The study of convolutional ResNets: values known from an independent program, and claims that fail. */

import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../lib/data/load.js';
import { runStudy } from '../../lib/studies/run.js';
import type { ChartPoint, ItemReport, StudyReport } from '../../lib/studies/schema.js';
import { seriesOf } from './charts.js';

let report: StudyReport;
const item = (id: string): ItemReport => {
  const found = report.parts[0]?.items.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
};
const draws = 12;

beforeAll(async () => {
  const photographs = (name: string) => new URL(`../fixtures/cifar10-8x8-${name}.idx.gz`, import.meta.url).pathname;
  const cifar10 = await loadDataset(photographs('images'), { labels: photographs('labels'), task: 'classify' });
  report = await runStudy('barzilai', {
    size: 'quick',
    cifar10,
    parameters: {
      ...{ draws, viewDepths: [8, 16], depths: [10, 50], widths: [8, 16], networks: 2 },
      ...{ viewSide: 9, mapDepths: [2], signals: 40, signalDepths: [3, 10, 20] },
      ...{ trainedPixels: 13, trainedDepth: 3, trainedWidth: 16, trainedNetworks: 12, trainedSteps: 40 },
      ...{ imageSide: 4, trainImages: 60, testImages: 40, imageSplits: 3, imageDepths: [1] },
    },
  });
});

/** The point of a chart's series at a depth. */
function point(id: string, chart: string, label: string, depth: number): ChartPoint {
  const series = seriesOf(item(id), chart).find((one) => one.label === label);
  const found = series?.points.find(({ x }) => x === depth);
  if (found === undefined) throw new Error(`${id} has no ${chart}, ${label}, ${depth}`);
  return found;
}

describe('condition numbers of one draw by another program lie within three standard deviations of the mean', () => {
  test.each([
    ['C4', 'barzilai-actual-nngp', 'MLP', 10, 2270],
    ['C4', 'barzilai-actual-nngp', 'ResNet, α = 1', 10, 1820],
    ['C4', 'barzilai-actual-nngp', 'MLP', 50, 11600],
    ['C4', 'barzilai-actual-nngp', 'ResNet, α = 1', 50, 4760],
    ['C4-ntk', 'barzilai-actual-ntk', 'MLP', 10, 75],
    ['C4-ntk', 'barzilai-actual-ntk', 'ResNet, α = 1', 10, 96],
    ['C4-ntk', 'barzilai-actual-ntk', 'ResNet, α = 1/√L', 10, 191],
    ['C4-bound', 'barzilai-bound-nngp', 'MLP', 10, 699],
    ['C4-bound', 'barzilai-bound-nngp', 'ResNet, α = 1', 10, 253],
    ['C4-bound', 'barzilai-bound-nngp', 'ResNet, α = 1', 50, 2420],
    ['C4', 'barzilai-actual-nngp', 'ResNet, α = 1/√L', 10, 2210],
    ['C4', 'barzilai-actual-nngp', 'ResNet, α = 1/√L', 50, 2210],
    ['C4-bound', 'barzilai-bound-nngp', 'MLP', 50, 8220],
    ['C4-bound', 'barzilai-bound-nngp', 'ResNet, α = 1/√L', 50, 37],
    ['C4-conv', 'barzilai-signals-nngp', 'no skips', 3, 205],
    ['C4-conv', 'barzilai-signals-nngp', 'skips, α = 1', 3, 264],
    ['C4-conv', 'barzilai-signals-ntk', 'no skips', 3, 31],
    ['C4-conv', 'barzilai-signals-ntk', 'skips, α = 1', 3, 48],
    ['C4-conv', 'barzilai-signals-nngp', 'no skips', 10, 469],
    ['C4-conv', 'barzilai-signals-nngp', 'skips, α = 1', 10, 307],
    ['C4-conv', 'barzilai-signals-ntk', 'no skips', 10, 24],
    ['C4-conv', 'barzilai-signals-ntk', 'skips, α = 1', 10, 28],
    ['C4-conv', 'barzilai-signals-nngp', 'no skips', 20, 1010],
    ['C4-conv', 'barzilai-signals-nngp', 'skips, α = 1', 20, 487],
    ['C4-conv', 'barzilai-signals-ntk', 'no skips', 20, 20.7],
    ['C4-conv', 'barzilai-signals-ntk', 'skips, α = 1', 20, 23.3],
    ['C4-conv', 'barzilai-signals-bound-nngp', 'no skips', 3, 65],
    ['C4-conv', 'barzilai-signals-bound-nngp', 'skips, α = 1', 3, 28],
    ['C4-conv', 'barzilai-signals-bound-ntk', 'no skips', 3, 16.7],
    ['C4-conv', 'barzilai-signals-bound-ntk', 'skips, α = 1', 3, 14.0],
    ['C4-conv', 'barzilai-signals-bound-nngp', 'no skips', 10, 278],
    ['C4-conv', 'barzilai-signals-bound-nngp', 'skips, α = 1', 10, 104],
    ['C4-conv', 'barzilai-signals-bound-ntk', 'no skips', 10, 19.9],
    ['C4-conv', 'barzilai-signals-bound-ntk', 'skips, α = 1', 10, 18.2],
    ['C4-conv', 'barzilai-signals-bound-nngp', 'no skips', 20, 745],
    ['C4-conv', 'barzilai-signals-bound-nngp', 'skips, α = 1', 20, 251],
    ['C4-conv', 'barzilai-signals-bound-ntk', 'no skips', 20, 19.1],
    ['C4-conv', 'barzilai-signals-bound-ntk', 'skips, α = 1', 20, 18.8],
  ])('%s %s, %s, L = %d: %d', (id, chart, label, depth, known) => {
    const { y, spread = Number.NaN } = point(id, chart, label, depth);
    // `spread` is two standard errors of the mean over the draws.
    const deviation = (spread / 2) * Math.sqrt(draws);
    expect(Math.abs(known - y)).toBeLessThanOrEqual(3 * deviation * Math.sqrt(1 + 1 / draws) + 0.005 * known);
  });
});

test('views are narrower with skips than those of the same blocks in a chain', () => {
  for (const depth of [8, 16]) {
    const series = seriesOf(item('C3'), `barzilai-view-${depth}`);
    expect(series.map(({ label }) => label)).toEqual(['no skips', 'skips, α = 1', 'skips, α = 0.3']);
    for (const { points } of series) expect(points.reduce((sum, { y }) => sum + y, 0)).toBeCloseTo(1, 12);
    const centres = series.map(({ points }) => points.find(({ x }) => x === 0)?.y ?? Number.NaN);
    expect(centres).toEqual([...centres].sort((a, b) => a - b));
  }
  expect(item('C3').verdict).toBe('holds');
  expect(item('C3').remarks).toEqual([]);
});

test('trained networks: narrower views with skips, training done, and what it changed said', () => {
  expect(item('C3-trained').verdict).toBe('holds');
  expect(item('C3-trained').measured).toHaveLength(7);
  expect(item('C3-trained').remarks).toHaveLength(3);
  for (const { points } of seriesOf(item('C3-trained'))) {
    expect(points.reduce((sum, { y }) => sum + y, 0)).toBeCloseTo(1, 12);
    expect(points[6]).toEqual({ x: 0, y: Math.max(...points.map(({ y }) => y)) });
  }
});

test('the map of a view has its largest share in the middle and nothing beyond the reach of the filters', () => {
  const map = item('C3-map').charts[0];
  if (map?.kind !== 'map') throw new Error('no map');
  expect(map.panels.map(({ title }) => title)).toEqual(['no skips', 'skips, α = 1', 'skips, α = 0.3']);
  for (const { values } of map.panels) {
    expect(Math.max(...values.flat())).toBe(values[4]?.[4]);
    // Shares of all pixels add up to 1: two blocks of two filters of 3 × 3 reach all of 9 × 9.
    expect(values.flat().reduce((sum, value) => sum + 10 ** value, 0)).toBeCloseTo(1, 1);
  }
  expect(item('C3-map').verdict).toBe('holds');
});

test('frequencies of a pixel: the rates of a single sphere, with skips and without', () => {
  expect(item('C2').verdict).toBe('holds');
  const difference = item('C2').measured.filter(({ what }) => what.startsWith('slope with skips less'));
  for (const { measured } of difference) expect(Math.abs(measured ?? Number.NaN)).toBeLessThan(0.02);
  const slopes = item('C2').measured.filter(({ what }) => /^slope, .*skips, NTK/.test(what));
  expect(slopes).toHaveLength(8);
  for (const { measured } of slopes) expect(measured).toBeCloseTo(-3, 1);
});

test('frequencies of the pixel at the head have larger eigenvalues than those of the pixel opposite; than spread ones with small filters alone', () => {
  const { verdict, measured, remarks } = item('C3-eigen');
  expect(verdict).toBe('in part');
  const far = measured.filter(({ what }) => what.startsWith('eigenvalue of the pixel at the head'));
  expect(far.map((one) => Number(one.measured?.toFixed(2)))).toEqual([1.19, 2.54, 1.2, 2.37, 1.01, 1.24, 1.01, 1.23]);
  const failing = measured.filter(({ holds }) => !holds);
  expect(failing).toHaveLength(4);
  for (const { what } of failing)
    expect(what).toMatch(/^eigenvalue of one pixel over that of degrees spread.*filters of 3 and 3/);
  expect(remarks.at(-1)).toBe('With filters of 3 and 3, 4 of 12 quotients are below 1.');
});

test('kernels of ResNets are sums over the depth of the last block, and over chains to the order α⁴', () => {
  expect(item('C3-depths').verdict).toBe('holds');
  const exact = item('C3-depths').measured.filter(({ what }) => what.startsWith('sum over the depth'));
  expect(exact).toHaveLength(8);
  for (const { measured } of exact) expect(measured).toBeLessThan(1e-14);
  for (const { points } of seriesOf(item('C3-depths'), 'barzilai-sub-depths'))
    expect(points[0]?.y).toBeGreaterThan(1e-10);
});

test('photographs: every head with and without skips, better than guessing, differences judged', () => {
  const series = seriesOf(item('C6'));
  expect(series).toHaveLength(6);
  const best = Math.max(...series.flatMap(({ points }) => points.map(({ y }) => y)));
  expect(best).toBeGreaterThan(10);
  expect(item('C6').measured).toHaveLength(14);
  expect(item('C6').remarks[0]).toMatch(/of these 14 differences are larger than their 95 % interval/);
});

test('gradient descent follows the condition number, and takes the steps that eigenvalues say', () => {
  expect(item('C7').verdict).toBe('holds');
  const counted = item('C7').measured.filter(({ what }) => what.startsWith('steps counted'));
  expect(counted).toHaveLength(6);
});

test('verdicts: skips help the NNGP of deep networks and the bounds, not the NTK', () => {
  expect(item('C4').verdict).toBe('holds');
  expect(item('C4-conv').verdict).toBe('holds');
  expect(item('C4-ntk').verdict).toBe('does not hold');
  expect(item('C4-ntk').remarks.join(' ')).toMatch(/larger at L = 10, 50: .*That of the MLP falls with depth, from 7/);
  expect(item('C5').verdict).toBe('holds');
});

test('remarks say where skips make the NNGP of shallow networks worse', () => {
  expect(item('C4').remarks).toEqual([]);
  expect(item('C4-conv').remarks).toEqual([
    'By two standard errors larger at L = 3: condition number of the NNGP, skips, α = 1 against no skips.',
  ]);
});
