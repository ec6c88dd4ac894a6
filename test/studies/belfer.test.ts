/** The study of spectra: values known from an independent program. */

import { beforeAll, expect, test } from 'vitest';
import { logSlope } from '../../lib/studies/measure.js';
import { runStudy } from '../../lib/studies/run.js';
import type { ItemReport, StudyReport } from '../../lib/studies/schema.js';
import { zonalCoefficients, zonalRule } from '../../lib/studies/zonal.js';
import { objections } from '../helpers/schemas.js';
import { seriesOf } from './charts.js';

let report: StudyReport;
const item = (id: string): ItemReport => {
  const found = report.parts[0]?.items.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
};

beforeAll(async () => {
  report = await runStudy('belfer', { size: 'quick' });
});

test('verdicts follow from measurements', () => {
  const items = report.parts.flatMap((part) => part.items);
  expect(items.map(({ id, verdict }) => [id, verdict])).toEqual([
    ['B1', 'holds'],
    ['B2', 'holds'],
    ['B2-laplace', 'holds'],
    ['B3', 'holds'],
    ['B4', 'holds'],
    ['X3', 'in part'],
    ['X4', 'holds'],
  ]);
  for (const { measured } of items) expect(measured.length).toBeGreaterThan(0);
});

test('eigenvalues on the circle, L = 50, to the digits that are known', () => {
  const known = { 'α = 1/L': [7.8e-2, 1.2e-3, 7.9e-3, 6.2e-4], 'α = 1/√L': [6.8e-2, 1.7e-2, 8.5e-3, 4.7e-3] };
  for (const [label, values] of Object.entries(known)) {
    const points = seriesOf(item('B3')).find((series) => series.label === label)?.points ?? [];
    for (const [i, value] of values.entries()) {
      const half = 0.5 * 10 ** (Math.floor(Math.log10(value)) - 1);
      expect(Math.abs((points[i + 1]?.y ?? Number.NaN) - value), `${label}, k = ${i + 2}`).toBeLessThanOrEqual(half);
    }
  }
});

test('the same bytes twice', async () => {
  expect(JSON.stringify(await runStudy('belfer', { size: 'quick' }))).toBe(JSON.stringify(report));
  expect(objections('report', JSON.parse(JSON.stringify(report)))).toEqual([]);
});

test('a Laplace kernel has eigenvalues of the rate of the NTK; on the circle they are known in closed form', () => {
  const slopes = item('X3').measured.filter(({ what }) => what.startsWith('slope'));
  expect(slopes).toHaveLength(4);
  for (const { holds } of slopes) expect(holds).toBe(true);
  // Of 1 − θ/π on the circle: 1/2 for k = 0, 2/(πk)² for odd k, 0 for even k.
  const rule = zonalRule(200, 2);
  const values = zonalCoefficients(
    rule.angles.map((angle) => 1 - angle / Math.PI),
    rule,
    2,
    9,
  );
  for (const [k, value] of values.entries()) {
    const known = k === 0 ? 0.5 : k % 2 === 0 ? 0 : 2 / (Math.PI * k) ** 2;
    expect(Math.abs(value - known)).toBeLessThan(1e-14);
  }
  // Of cos θ in five dimensions: 1/5 for k = 1.
  const five = zonalRule(50, 5);
  const linear = zonalCoefficients(five.angles.map(Math.cos), five, 5, 3);
  for (const [k, value] of linear.entries()) expect(Math.abs(value - (k === 1 ? 1 / 5 : 0))).toBeLessThan(1e-14);
});

test.each([
  [2, -2.0],
  [3, -2.98],
])('slopes from k = 20 to 120 over k itself: d = %d, %d', (d, known) => {
  for (const { points } of seriesOf(item('B1'), `belfer-decay-${d}`)) {
    const even = points.filter(({ x }) => x >= 20 && x <= 120);
    const slope = logSlope(
      even.map(({ x }) => x),
      even.map(({ y }) => y),
    );
    expect(Math.abs(slope - known)).toBeLessThanOrEqual(5e-3);
  }
});

test('at the highest frequencies eigenvalues are their asymptotes within 6e-4', () => {
  const ratios = item('B1').measured.filter(({ what }) => what.startsWith('λ over its asymptote'));
  expect(ratios).toHaveLength(8);
  for (const { measured } of ratios) expect(Math.abs((measured ?? Number.NaN) - 1)).toBeLessThanOrEqual(6e-4);
});
