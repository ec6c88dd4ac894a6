import { expect, test } from 'vitest';
import { bytesOfRidgePaths } from '../../lib/ridge-batch.js';
import { chooseFirst, chooseRidge, leastOf, ridgeGrid } from '../../lib/ridge-choice.js';

test('the grid runs from 1e-10 to 100 by half decades, exact at whole decades', () => {
  expect(ridgeGrid).toHaveLength(25);
  expect(ridgeGrid[0]).toBe(1e-10);
  expect(ridgeGrid[20]).toBe(1);
  expect(ridgeGrid[24]).toBe(100);
  ridgeGrid.slice(1).forEach((ridge, i) => {
    expect(ridge / (ridgeGrid[i] as number)).toBeCloseTo(Math.sqrt(10), 12);
  });
});

const targets = Float64Array.of(1, -1, 1, -1);
const withError = (e: number) => [...targets].map((y) => y + e);

test('the ridge of least squared error wins; of equal ones the largest', () => {
  const loo = Float64Array.from([withError(0.5), withError(0.1), withError(-0.1), withError(0.2)].flat());
  const choice = chooseRidge(loo, targets, 4, [0, 0, 0, 0]);
  expect(choice.index).toBe(2);
  expect(choice.squaredError).toBeCloseTo(0.01, 15);
});

test('a ridge at which the matrix is singular is passed over, unless all are', () => {
  const loo = Float64Array.from([withError(0), withError(0.3)].flat());
  expect(chooseRidge(loo, targets, 2, [1, 0]).index).toBe(1);
  expect(chooseRidge(loo, targets, 2, [2, 1]).index).toBe(0);
});

test('predictions that are not finite never win', () => {
  const loo = Float64Array.from([withError(Number.NaN), withError(9)].flat());
  expect(chooseRidge(loo, targets, 2, [0, 0]).index).toBe(1);
});

test('of equally good depths the shallowest is taken', () => {
  expect(chooseFirst([0.3, 0.1, 0.1, 0.2])).toBe(1);
  expect(chooseFirst([0.3, 0.1, 0.1 * (1 - 1e-9)])).toBe(1);
  expect(chooseFirst([0.3, 0.1, 0.0999])).toBe(2);
});

test('lists may be longer than a call has room for arguments', () => {
  const many = Array.from({ length: 300_000 }, (_, i) => (i === 200_000 ? 1 : 2));
  expect(leastOf(many)).toBe(1);
  expect(leastOf([3, Number.NaN, 1])).toBeNaN();
  expect(chooseFirst(many)).toBe(200_000);
  // Every matrix, and for the one thread three of the largest.
  expect(bytesOfRidgePaths(many, 1)).toBe(8 * (299_999 * 4 + 1 + 3 * 4));
});
