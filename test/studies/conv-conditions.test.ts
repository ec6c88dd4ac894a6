/** Condition numbers of convolutional kernels with filters of three pixels everywhere: one draw of another program. */

import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/data/rng.js';
import type { PresetSpec } from '../../lib/presets.js';
import { Conditions } from '../../lib/studies/barzilai/condition.js';
import { normalPoints } from '../../lib/studies/points.js';

const draws = 12;
const [signals, pixels, channels] = [40, 8, 3];
const depths = [1, 3, 10, 20];
const found = new Map<string, Conditions>();

beforeAll(async () => {
  const sets = Array.from({ length: draws }, (_, draw) => {
    const all = normalPoints(createRandom(5, draw), signals * pixels, channels);
    return { data: Float64Array.from(all.flatMap((pixel) => [...pixel])), shape: [signals, pixels, channels] };
  });
  for (const head of ['trace', 'pool'] as const) {
    const plain = (depth: number): PresetSpec => ({ preset: 'cntk', depth, head });
    const skips = (depth: number): PresetSpec => ({ ...{ preset: 'barzilai', depth, head, alpha: 1 }, innerSize: 3 });
    const contenders = [
      { id: 'plain', label: 'plain', family: 'mlp', spec: plain },
      { id: 'skips', label: 'skips', family: 'resnet', spec: skips },
    ] as const;
    found.set(head, await Conditions.of(contenders, depths, sets, {}));
  }
});

describe('lie within three standard deviations of the mean over twelve draws', () => {
  test.each([
    ['trace', 'plain', 10, 'nngp', 508],
    ['trace', 'skips', 10, 'nngp', 292],
    ['trace', 'plain', 20, 'nngp', 1070],
    ['trace', 'skips', 20, 'nngp', 490],
    ['trace', 'plain', 10, 'ntk', 24.9],
    ['trace', 'skips', 10, 'ntk', 27.2],
    ['pool', 'plain', 10, 'ntk', 206],
    ['pool', 'skips', 10, 'ntk', 244],
  ] as const)('%s, %s, L = %d, %s: %d', (head, id, depth, which, known) => {
    const values =
      found
        .get(head)
        ?.at(id, depth, which)
        .map(({ actual }) => actual) ?? [];
    const mean = values.reduce((sum, value) => sum + value, 0) / draws;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
    expect(Math.abs(known - mean)).toBeLessThanOrEqual(3 * Math.sqrt(variance * (1 + 1 / draws)) + 0.005 * known);
  });
});

test('of the NNGP of shallow networks the order is mixed: it depends on depth and head', () => {
  const { mean, error } = found.get('trace')?.against('skips', 1, 'nngp', 'actual') ?? { mean: 0, error: 0 };
  expect(mean - 3 * error).toBeGreaterThan(1);
  const deeper = found.get('trace')?.against('skips', 3, 'nngp', 'actual') ?? { mean: 2, error: 0 };
  expect(deeper.mean + 3 * deeper.error).toBeLessThan(1);
  const pooled = found.get('pool')?.against('skips', 3, 'nngp', 'actual') ?? { mean: 0, error: 0 };
  expect(pooled.mean - 3 * pooled.error).toBeGreaterThan(1);
});
