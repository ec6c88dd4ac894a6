/**
 * The one-matrix ResNet of great depth: x^l = x^{l−1} + (c/L) σ(W x^{l−1}). Its kernels are those of the two-layer network
 * that it begins with, plus what the means of σ add up to; what the weights of the branches add is of order c²/L.
 */

import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import { erfDual, geluDual } from './recursion.js';

/** Unit vectors at an angle. */
const pair = (angle: number) => [
  [1, 0],
  [Math.cos(angle), Math.sin(angle)],
];
const angles = [0.4, 1.3, 2.6];
const c = 1.5;

function kernels(activation: 'erf' | 'gelu', depth: number, angle: number): { nngp: number; ntk: number } {
  using kernel = compile({ preset: 'li', depth, activation, residualScale: c });
  const { nngp, ntk } = sync.gram(kernel, pair(angle), ['nngp', 'ntk']);
  return { nngp: nngp.values[1] as number, ntk: ntk.values[1] as number };
}

/** Behind the first layer, where variances are 1: its covariance and its tangent kernel. */
function firstLayer(dual: typeof erfDual, angle: number): { K: number; T: number } {
  const variance = dual(1, 1, 1).value;
  const { value, slope } = dual(1, 1, Math.cos(angle));
  return { K: value / variance, T: (slope / variance) * Math.cos(angle) };
}

/** Errors at 512 and 2048 layers, in which the first order must fall to a quarter. */
const depths = [512, 2048] as const;

describe('an odd σ', () => {
  test('leaves the kernels of two layers, plus c²S/L and c²(S + Ṡ(T + K))/L', () => {
    for (const angle of angles) {
      const { K, T } = firstLayer(erfDual, angle);
      const { value, slope } = erfDual(1, 1, K);
      // L − 1 blocks of (c/L)² each, at the covariance of the first layer.
      const orders = { nngp: [K, value], ntk: [K + T, value + slope * (T + K)] } as const;
      const found = depths.map((depth) => kernels('erf', depth, angle));
      for (const which of ['nngp', 'ntk'] as const) {
        const [limit, first] = orders[which];
        const rests = found.map((kernel, i) => (kernel[which] - limit) * (depths[i] as number) - c * c * first);
        const [at, next] = rests as [number, number];
        expect(Math.abs(at), `${which} at ${angle}`).toBeLessThan((10 * c ** 4) / depths[0]);
        expect(at / next, `${which} at ${angle}`).toBeCloseTo(4, 1);
      }
    }
  });
});

describe('a σ that has a mean', () => {
  /** E σ(√a t) for GELU. */
  const mean = (variance: number) => variance / Math.sqrt(2 * Math.PI * (1 + variance));

  /** dK = c(bμ′ + b′μ) dτ and db = cμ dτ for τ from 0 to 1, by the rule of Runge and Kutta; 400 steps leave 1e-12. */
  function carried(K: number, b: number): number {
    // The two inputs have the same length, so one variance and one mean do: dv = 2cbμ(v), dK = 2cbμ(v).
    let now = [1, K, b];
    const rate = ([variance, , b]: readonly number[]): number[] => {
      const mu = mean(variance as number);
      const growth = 2 * c * (b as number) * mu;
      return [growth, growth, c * mu];
    };
    const h = 1 / 400;
    const moved = (by: readonly number[], far: number) => now.map((value, k) => value + far * (by[k] as number));
    for (let step = 0; step < 400; step++) {
      const first = rate(now);
      const second = rate(moved(first, h / 2));
      const third = rate(moved(second, h / 2));
      const fourth = rate(moved(third, h));
      now = now.map(
        (value, k) =>
          value +
          (h / 6) *
            ((first[k] as number) + 2 * (second[k] as number) + 2 * (third[k] as number) + (fourth[k] as number)),
      );
    }
    return now[1] as number;
  }

  test('adds what its means add up to, with an error like 1/L', () => {
    for (const angle of angles) {
      const { K, T } = firstLayer(geluDual, angle);
      const last = carried(K, mean(1) / Math.sqrt(geluDual(1, 1, 1).value));
      const limits = { nngp: last, ntk: last + T };
      const found = [512, 1024, 2048].map((depth) => kernels('gelu', depth, angle));
      for (const which of ['nngp', 'ntk'] as const) {
        const [v1, v2, v3] = found.map((kernel) => kernel[which]) as [number, number, number];
        expect(Math.abs(v1 - limits[which]), `${which} at ${angle}`).toBeLessThan((10 * c ** 2 * limits[which]) / 512);
        // At 1/L, 1/2L and 1/4L the first two powers of 1/L cancel; c⁶/L³ is left, with a factor.
        const extrapolated = (v1 - 6 * v2 + 8 * v3) / 3;
        expect(Math.abs(extrapolated - limits[which]), `${which} at ${angle}`).toBeLessThan((10 * c ** 6) / 512 ** 3);
      }
    }
  });
});
