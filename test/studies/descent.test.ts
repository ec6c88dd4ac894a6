import { expect, test } from 'vitest';
import { descend } from '../../lib/studies/descent.js';

const matrix = { values: Float64Array.of(1, 0, 0, 0.5), size: 2 };

test('steps are counted until the squared residual is the share that may be left', async () => {
  // The first direction is done at once, the second halves: 4^−k of half the square is at most 1/200 of it from k = 4 on.
  const asked = { rate: 1, left: 0.005, expected: 4 };
  expect(await descend(matrix, Float64Array.of(1, 1), asked, {})).toBe(4);
  expect(await descend(matrix, Float64Array.of(1, 0), asked, {})).toBe(1);
  expect(await descend(matrix, Float64Array.of(1, 1), { ...asked, left: 1 }, {})).toBe(0);
});

test('more steps than can be waited for are not begun, and a descent can be stopped', async () => {
  const asked = { rate: 1, left: 0.005, expected: Number.POSITIVE_INFINITY };
  expect(await descend(matrix, Float64Array.of(1, 1), asked, {})).toBeNull();
  const stopped = descend(
    matrix,
    Float64Array.of(0, 1),
    { ...asked, rate: 0, expected: 1 },
    { signal: AbortSignal.timeout(20) },
  );
  await expect(stopped).rejects.toThrow(/timeout|abort/i);
});
