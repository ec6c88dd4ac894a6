/** The study of the tangent hierarchy: equations, values known from an independent program, and what does not hold. */

import { beforeAll, expect, test } from 'vitest';
import { runStudy } from '../../lib/studies/run.js';
import type { ItemReport, LineChart, StudyReport } from '../../lib/studies/schema.js';

let report: StudyReport;
const item = (id: string): ItemReport => {
  const found = report.parts[0]?.items.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no item ${id}`);
  return found;
};
const parameters = {
  ...{ hierarchyWidths: [32, 64, 256], seeds: 4, rateSeeds: 2, widths: [64, 256], networks: 16, time: 1 },
  ...{ requiredInputs: [4, 8], requiredDepths: [2, 6], requiredSeeds: 2 },
  ...{ skipDepths: [3, 9], skipWidth: 128, skipInputs: 3, skipSeeds: 3 },
};

beforeAll(async () => {
  report = await runStudy('li', { size: 'quick', parameters });
});

test('networks in training follow the equations of the hierarchy', () => {
  expect(item('L1').verdict).toBe('holds');
  expect(item('L1').measured).toHaveLength(9);
});

test('the bound of sizes holds, and that of K⁽³⁾ is reported as not attained', () => {
  expect(item('L2').verdict).toBe('holds');
  expect(item('L2-tight').verdict).not.toBe('holds');
  for (const { measured } of item('L2-tight').measured) expect(measured).toBeLessThan(-0.65);
});

test('every further kernel brings the prediction closer to the network in training', () => {
  const orders = item('L4').measured.filter(
    ({ what }) => what.includes('m = 256') && what.startsWith('error of order'),
  );
  expect(orders).toHaveLength(2);
  for (const { measured } of orders) expect(measured).toBeLessThan(1);
});

test('sampled networks agree with the kernel that carries means, 2.571, and not with 1.215', () => {
  expect(item('L8').verdict).toBe('holds');
  expect(item('L8').measured[0]?.what).toContain('closed form 2.571');
});

test('the width that convergence needs grows with depth in MLPs alone, and far slower than n³', () => {
  const { measured, charts } = item('L5');
  expect(item('L5').verdict).toBe('holds');
  const over = measured.find(({ what }) => what.startsWith('the ResNet’s width over the MLP’s, L = 6'));
  expect(over?.measured).toBeLessThan(0.7);
  const points = (charts[0] as LineChart).series.flatMap((series) => series.points);
  expect(points).toHaveLength(8);
  for (const { y } of points) expect(Number.isInteger(y) && y >= 2 && y < 200).toBe(true);
});

test('the loss falls at the rate of the least eigenvalue at the start', () => {
  const found = item('L7').measured;
  const rates = found.filter(({ what }) => /^(slowest|late) rate/.test(what));
  expect(rates).toHaveLength(8);
  for (const { what, measured } of rates) expect(measured, what).toBeGreaterThan(0.5);
  const widest = rates.filter(({ what }) => what.startsWith('late') && what.includes('m = 256'));
  // What two networks of width 256 scatter: λ of single ones moves by a few hundredths.
  for (const { measured } of widest) expect(Math.abs((measured as number) - 1)).toBeLessThan(0.25);
  const [chart] = item('L7').charts as LineChart[];
  expect(chart?.series.map(({ points }) => points.length)).toEqual([41, 41, 41]);
});

test('where no width suffices none is made up', async () => {
  const narrow = await runStudy('li', {
    size: 'quick',
    parameters: { ...parameters, requiredMost: 4, residualScale: 2 },
  });
  const found = narrow.parts[0]?.items.find(({ id }) => id === 'L5') as ItemReport;
  expect(found.measured.filter(({ measured }) => measured === null).length).toBeGreaterThan(0);
  expect(found.verdict).not.toBe('holds');
  expect(found.remarks.join(' ')).toMatch(/No width up to 4 suffices for the MLP with L = 6 and n = 8/);
  expect(found.outside).toEqual(['c_res = 2, where the claim is about 0 < c_res < 1']);
});

test('depth changes nothing with skips, and without them what closed forms say', () => {
  const found = item('L6').measured;
  const of = (begin: string, name: string) =>
    found.find(({ what }) => what.startsWith(begin) && what.endsWith(name))?.measured as number;
  for (const figure of ['Forward', 'Backward', 'Least']) expect(of(figure, 'ResNet')).toBeLessThan(1.6);
  expect(found.find(({ what }) => what.startsWith('slope'))?.holds).toBe(true);
  // E φ′²/E φ² = 1.178 for tanh of a standard normal number, once for each layer but the last: 1.178⁶ = 2.67, less two standard errors.
  const growth = of('Backward', 'MLP');
  expect(growth).toBeGreaterThan(1);
  expect(growth).toBeLessThan(2.67);
});

test('training a linearised network for ever is regression with its kernel', () => {
  expect(item('X2').verdict).toBe('holds');
  for (const { measured } of item('X2').measured) expect(measured).toBeLessThan(1e-12);
});

test('the same bytes twice', async () => {
  expect(JSON.stringify(await runStudy('li', { size: 'quick', parameters }))).toBe(JSON.stringify(report));
});
