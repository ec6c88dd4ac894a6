/** The study of convolutional ResNets: values known from an independent program, and claims that fail. */

import { beforeAll, describe, expect, test } from 'vitest';
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
  report = await runStudy('barzilai', {
    size: 'quick',
    parameters: { draws, viewDepths: [8], depths: [10, 50], widths: [8, 16], networks: 2 },
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
    ['C4', 'barzilai-actual-ntk', 'MLP', 10, 75],
    ['C4', 'barzilai-actual-ntk', 'ResNet, α = 1', 10, 96],
    ['C4', 'barzilai-actual-ntk', 'ResNet, α = 1/√L', 10, 191],
    ['C4-bound', 'barzilai-bound-nngp', 'MLP', 10, 699],
    ['C4-bound', 'barzilai-bound-nngp', 'ResNet, α = 1', 10, 253],
    ['C4-bound', 'barzilai-bound-nngp', 'ResNet, α = 1', 50, 2420],
  ])('%s %s, %s, L = %d: %d', (id, chart, label, depth, known) => {
    const { y, spread = Number.NaN } = point(id, chart, label, depth);
    // `spread` is two standard errors of the mean over the draws.
    const deviation = (spread / 2) * Math.sqrt(draws);
    expect(Math.abs(known - y)).toBeLessThanOrEqual(3 * deviation * Math.sqrt(1 + 1 / draws) + 0.005 * known);
  });
});

test('the field of view at depth 8: shares of the centre near .147, .229 and .651', () => {
  const series = seriesOf(item('C3'));
  const centre = series.map(({ points }) => points.find(({ x }) => x === 0)?.y ?? Number.NaN);
  for (const [i, known] of [0.147, 0.229, 0.651].entries()) {
    // Means over three pairs there and twelve here, whose single values scatter by less than a fifth.
    expect(Math.abs((centre[i] as number) - known)).toBeLessThanOrEqual(3 * 0.2 * known * Math.sqrt(1 / 3 + 1 / draws));
  }
  for (const { points } of series) expect(points.reduce((sum, { y }) => sum + y, 0)).toBeCloseTo(1, 12);
});

test('verdicts: the view stays local, and the NTK is not better conditioned', () => {
  expect(item('C3').verdict).toBe('holds');
  expect(item('C4').verdict).toBe('in part');
  expect(item('C5').verdict).toBe('holds');
  const failing = item('C4').measured.filter(({ holds }) => !holds);
  expect(failing.length).toBeGreaterThan(0);
  for (const { what } of failing) expect(what).toContain('NTK');
});
