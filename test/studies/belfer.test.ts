/** The study of spectra: values known from an independent program. */

import { beforeAll, expect, test } from 'vitest';
import { runStudy } from '../../lib/studies/run.js';
import type { ItemReport, StudyReport } from '../../lib/studies/schema.js';
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

test('all four claims hold, each by measurements', () => {
  const items = report.parts.flatMap((part) => part.items);
  expect(items.map(({ id, verdict }) => [id, verdict])).toEqual([
    ['B1', 'holds'],
    ['B2', 'holds'],
    ['B3', 'holds'],
    ['B4', 'holds'],
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
});
