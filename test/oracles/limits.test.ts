/**
 * What theory says of great depth, against the package: limits with their leading correction, which follows from the
 * recursions by expansion, and not only orders of magnitude. Angles of unit vectors; ReLU with c = 2; A = α².
 */

import { describe, expect, test } from 'vitest';
import { compile, type KernelName, profile } from '../../lib/kernel.js';
import type { PresetSpec } from '../../lib/presets.js';

const angles = [0.3, 1, 2, 2.8];

/** κ(θ)/κ(0). */
function normalised(spec: PresetSpec, which: KernelName, at: readonly number[] = angles): number[] {
  using kernel = compile(spec);
  const { values } = profile(kernel, [0, ...at], which);
  return [...values.subarray(1)].map((value) => value / (values[0] as number));
}

const kappa0 = (angle: number) => 1 - angle / Math.PI;
const kappa1 = (angle: number) => (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle)) / Math.PI;
/** Twice the normalised kernel of two layers without biases. */
const twoLayer = (angle: number) => kappa1(angle) + Math.cos(angle) * kappa0(angle);

describe('ResNets whose effective depth Lα² vanishes', () => {
  test('one block and a network of two layers are (κ₁ + ρκ₀)/2', () => {
    for (const spec of [{ preset: 'mlp', depth: 1 } as const, { preset: 'huang', depth: 1, alpha: 0.7 } as const]) {
      for (const [i, value] of normalised(spec, 'ntk').entries()) {
        expect(value).toBeCloseTo(twoLayer(angles[i] as number) / 2, 14);
      }
    }
  });

  /**
   * (1 + A) t′ = t (1 + Aκ₀) + A f(ρ) and (1 + A) ρ′ = ρ + Aκ₁, f = κ₁ + ρκ₀. With s = LA a block meets
   * ρ + lA(κ₁ − ρ), and what it adds loses (L − l)A(1 − κ₀) until the end; on average l = L/2. So the normalised kernel
   * is f/2 + (s/4)((κ₁ − ρ) f′ − (1 − κ₀) f) + O(s²), f′ = 2κ₀ + ρ/(π sin θ).
   */
  function correction(angle: number): number {
    const rho = Math.cos(angle);
    const derivative = 2 * kappa0(angle) + rho / (Math.PI * Math.sin(angle));
    return ((kappa1(angle) - rho) * derivative - (1 - kappa0(angle)) * twoLayer(angle)) / 4;
  }

  /** Of (kernel − limit)/s: what the correction leaves. */
  function remainders(depth: number, gamma: number): number[] {
    const s = depth ** (1 - 2 * gamma);
    const values = normalised({ preset: 'huang', depth, alpha: { gamma } }, 'ntk');
    return values.map((value, i) => {
      const angle = angles[i] as number;
      return (value - twoLayer(angle) / 2) / s - correction(angle);
    });
  }

  test('α = 1/L: the kernel of two layers is reached like 1/L, with the factor of the expansion', () => {
    const remainder = remainders(1024, 1);
    const next = remainders(4096, 1);
    for (const [i, value] of remainder.entries()) {
      // Of second order: a quarter at four times the depth, up to the third order, which is 1/1024 of it times O(1).
      expect(Math.abs(value)).toBeLessThan(4 / 1024);
      expect(value / (next[i] as number)).toBeCloseTo(4, 1);
    }
  });

  test('α = L^-3/4: like L^-1/2', () => {
    const remainder = remainders(2 ** 15, 0.75);
    const next = remainders(2 ** 19, 0.75);
    for (const [i, value] of remainder.entries()) {
      // s is 1/181 and then 1/724, of which the third order is a share that opposite inputs, at the corner of f, magnify.
      expect(Math.abs(value)).toBeLessThan(1);
      expect(Math.abs(value / (next[i] as number) - 4)).toBeLessThan(0.5);
    }
  });

  test('opposite inputs: like L^(1/2 − γ) only, because f has a corner there', () => {
    // 1 + ρ_l = lA, so the co-angle is √(2lA), f = −√(2lA)/π, and the mean of √l over l < L is (2/3)√L.
    const limit = -Math.SQRT2 / (3 * Math.PI);
    for (const gamma of [0.75, 1]) {
      const deviation = [2 ** 14, 2 ** 18].map((depth) => {
        const [value] = normalised({ preset: 'huang', depth, alpha: { gamma } }, 'ntk', [Math.PI]);
        return (value as number) / depth ** (1 / 2 - gamma) - limit;
      });
      const [at, next] = deviation as [number, number];
      expect(Math.abs(next)).toBeLessThan(1e-3);
      // The next order is √s smaller or, where that is less, the 1/L of a sum taken for an integral.
      expect(Math.abs(at / next)).toBeGreaterThan(3.5);
    }
  });
});

describe('ResNets of effective depth s = Lα²', () => {
  test('follow dθ/dτ = −(1 − θ cot θ)/π, dt/dτ = −θt/π + κ₁ + ρκ₀, with an error like 1/L', () => {
    for (const s of [0.3, 2]) {
      const [shallow, deep] = [2048, 8192].map((depth) => {
        const alpha = Math.sqrt(s / depth);
        return [
          normalised({ preset: 'huang', depth, alpha }, 'ntk'),
          normalised({ preset: 'huang', depth, alpha }, 'nngp'),
        ];
      }) as [number[][], number[][]];
      for (const [i, angle] of angles.entries()) {
        const [theta, t] = flow(angle, s);
        for (const [which, limit] of [t / (2 * s), Math.cos(theta)].entries()) {
          const error = (shallow[which]?.[i] as number) - limit;
          expect(Math.abs(error)).toBeLessThan((4 * s) / 2048);
          expect(error / ((deep[which]?.[i] as number) - limit)).toBeCloseTo(4, 1);
        }
      }
    }
  });

  /** Runge and Kutta's fourth order; 2000 steps leave 1e-12. */
  function flow(angle: number, s: number): [theta: number, t: number] {
    const rate = ([theta, t]: readonly [number, number]): [number, number] => [
      -(1 - theta / Math.tan(theta)) / Math.PI,
      (-theta / Math.PI) * t + twoLayer(theta),
    ];
    const steps = 2000;
    const h = s / steps;
    const moved = (from: readonly [number, number], by: readonly [number, number], far: number): [number, number] => [
      from[0] + far * by[0],
      from[1] + far * by[1],
    ];
    let now: [number, number] = [angle, 0];
    for (let step = 0; step < steps; step++) {
      const a = rate(now);
      const b = rate(moved(now, a, h / 2));
      const c = rate(moved(now, b, h / 2));
      const d = rate(moved(now, c, h));
      now = [0, 1].map((k) => {
        const [ka, kb, kc, kd] = [a, b, c, d].map((r) => r[k] as number) as [number, number, number, number];
        return (now[k] as number) + (h / 6) * (ka + 2 * kb + 2 * kc + kd);
      }) as [number, number];
    }
    return now;
  }
});

/**
 * θ′ = θ − aθ² − a²θ³/2 + …, a = B/(3π), with B = 1 for an MLP and A/(1 + A) for a ResNet. Then 1/θ grows by
 * a + (3/2)a²θ per layer: 1/θ_L = a(L + (3/2) log L + O(1)), so 1 − ρ_L ≈ 9π²/(2B²L²). The tangent kernel loses its share
 * Bθ/π = (3/L)(1 − (3/2) log L/L) per layer and gains at a constant rate; per layer it is 1/4 + (3/8) log L/L + O(1/L)
 * of the diagonal's, whatever the angle and B.
 */
describe('networks whose effective depth grows', () => {
  const networks = [
    { name: 'mlp', B: 1, at: (depth: number): PresetSpec => ({ preset: 'mlp', convention: 'huang', depth }) },
    ...[1, 0.3].map((alpha) => ({
      name: `huang, α = ${alpha}`,
      B: alpha ** 2 / (1 + alpha ** 2),
      at: (depth: number): PresetSpec => ({ preset: 'huang', alpha, depth }),
    })),
  ];
  const depths = [3e4, 3e5] as const;
  /** Of terms log L/L times the O(1) constants above and the angle's, at the lesser depth, in layers of an MLP. */
  const small = (B: number) => (4 * Math.log(B * depths[0])) / (B * depths[0]);

  /** Of the order after: log² L/L. */
  const next = (B: number) => (2 * Math.log(B * depths[0]) ** 2) / (B * depths[0]);

  for (const { name, B, at } of networks) {
    test(`${name}: inputs become equal to the GPK like 9π²/(2B²L²)`, () => {
      const excess = depths.map((depth) =>
        normalised(at(depth), 'nngp').map((rho) => (3 * Math.PI) / (B * Math.sqrt(2 * (1 - rho))) - depth),
      );
      for (const i of angles.keys()) {
        const [less, more] = excess.map((row) => row[i] as number) as [number, number];
        expect((more - less) / Math.log(10)).toBeCloseTo(1.5, 1);
        expect(Math.abs(more) / depths[1]).toBeLessThan(small(B));
      }
    });

    test(`${name}: to the NTK they become equally unlike, 1/4 of the diagonal, with an error like log L/L`, () => {
      const excess = depths.map((depth) => normalised(at(depth), 'ntk').map((value) => (value - 1 / 4) * depth));
      for (const i of angles.keys()) {
        const [less, more] = excess.map((row) => row[i] as number) as [number, number];
        expect(Math.abs((more - less) / Math.log(10) - 3 / 8)).toBeLessThan(next(B));
      }
    });
  }
});
