/** Two classes of digits over depth: what an independent program measured with ten splits of its own. */

import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../lib/data/load.js';
import { runStudy } from '../../lib/studies/run.js';
import type { ItemReport } from '../../lib/studies/schema.js';
import { seriesOf } from './charts.js';

const splits = 12;
const theirSplits = 10;
const depths = [1, 20, 100, 500, 2000];
let item: ItemReport;
let small: ItemReport;

beforeAll(async () => {
  const data = await loadDataset(new URL('../fixtures/digits-3-8.csv.gz', import.meta.url).pathname, {
    task: 'classify',
  });
  const others = {
    widths: [8, 16],
    networks: 2,
    depths: [3, 5],
    resnetDepths: [2, 4],
    points: 4,
    variances: [1],
    trainRows: [100],
  };
  const parameters = { ...others, imageDepths: depths, splits };
  const { parts } = await runStudy('huang', { size: 'quick', data, parameters });
  const items = parts.flatMap((part) => part.items);
  [item, small] = ['H5', 'H6'].map((id) => items.find((one) => one.id === id)) as [ItemReport, ItemReport];
});

describe.each([
  ['MLP', [0.991, 0.983, 0.967, 0.714, 0.515], [0.1, 0.179, 0.471, 0.836, 0.969]],
  ['ResNet, α = 1/L', [0.993, 0.993, 0.993, 0.993, 0.993], [0.102, 0.102, 0.102, 0.102, 0.102]],
  ['ResNet, α = 1/√L', [null, 0.992, 0.992, 0.992, 0.992], [null, 0.099, 0.099, 0.099, 0.099]],
  ['ResNet, α = 1', [null, null, 0.977, null, 0.581], [null, null, 0.301, null, 0.916]],
] as const)('%s', (label, accuracy, squares) => {
  test.each(
    depths
      .flatMap((depth, k) => [[depth, 100, accuracy[k]] as const, [depth, 1, squares[k]] as const])
      .filter(([, , known]) => known !== null),
  )('L = %d, unit %d: %d within three standard errors of both', (depth, unit, known) => {
    const series = seriesOf(item, `huang-images-100${unit === 100 ? '' : '-squares'}`);
    const point = series.find((one) => one.label === label)?.points.find(({ x }) => x === depth);
    const { y, spread = Number.NaN } = point ?? { y: Number.NaN };
    // `spread` is the deviation of a single split; the known value has three digits.
    const error = spread * Math.sqrt(1 / splits + 1 / theirSplits);
    expect(Math.abs(y / unit - (known ?? Number.NaN))).toBeLessThanOrEqual((3 * error) / unit + 5e-4);
  });
});

test('the verdicts: the MLP comes to nothing, and a ResNet changes by less than a point', () => {
  expect(item.verdict).toBe('holds');
  expect(small.verdict).toBe('holds');
  expect(item.remarks[0]).toMatch(/balanced: 9\d\.\d % right at L = 1, [89]\d\.\d % at L = 2000/);
});
