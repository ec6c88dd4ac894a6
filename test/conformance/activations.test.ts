// Every activation of the catalogue against its own record: an activation is tested by being listed.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { activationNames, activationRecord, type ParameterValues } from '../../lib/activations.js';
import { info } from '../../lib/info.js';
import { compile } from '../../lib/kernel.js';
import { type ActivationLayer, dense, serial } from '../../lib/layers.js';
import { sync } from '../../lib/sync.js';
import { mean, product } from '../oracles/quadrature.js';

/** Values that any parameter is tried with. */
const grid = [0.3, -0.7, 1.5];
const variances = [
  [1, 1],
  [0.2, 5],
  [3, 0.7],
] as const;
const rhos = [-0.95, -0.4, 0.1, 0.6, 0.97];

function settings(parameters: readonly { readonly name: string }[]): ParameterValues[] {
  if (parameters.length === 0) return [{}];
  return grid.map((value) => Object.fromEntries(parameters.map(({ name }, i) => [name, value + i / 10])));
}

/** As `activation` makes it, for any name. */
const layer = (name: string, params: ParameterValues, scale = 1) =>
  ({ kind: 'activation', name, scale, params }) as unknown as ActivationLayer;

/** E φφ and E φ′φ′ as the package computes them, through a network whose first layer alone trains; NaN without tangent. */
function duals(phi: ActivationLayer, a: number, b: number, rho: number) {
  using kernel = compile(serial(dense({ inputScale: '1' }), phi, dense({ trainable: false })));
  const x = [[Math.sqrt(a), 0]];
  const z = [[Math.sqrt(b) * rho, Math.sqrt(b * (1 - rho * rho))]];
  const value = sync.cross(kernel, x, z, 'nngp').data[0] as number;
  if (!kernel.tangent) return { value, slope: Number.NaN };
  const ntk = sync.cross(kernel, x, z, 'ntk').data[0] as number;
  return { value, slope: ntk / (rho * Math.sqrt(a * b)) };
}

for (const name of activationNames) {
  const record = activationRecord(name);
  describe(record.title, () => {
    for (const values of settings(record.parameters)) {
      const label = JSON.stringify(values);
      const phi = (u: number) => record.phi(u, values as never);
      const slope = (u: number) => record.slope(u, values as never);

      test(`duals are those of φ and φ′ ${label}`, () => {
        for (const [a, b] of variances) {
          const dual = (g: (u: number) => number, p: number, q: number, rho: number) =>
            product(g, p, q, rho, record.kinks);
          const size = Math.sqrt(dual(phi, a, a, 1) * dual(phi, b, b, 1));
          const slopes = Math.sqrt(dual(slope, a, a, 1) * dual(slope, b, b, 1));
          for (const rho of rhos) {
            const got = duals(layer(name, values), a, b, rho);
            const at = `variances ${a}, ${b}, ρ = ${rho}`;
            expect(Math.abs(got.value - dual(phi, a, b, rho)) / size, at).toBeLessThan(1e-12);
            if (record.noTangent !== null) continue;
            expect(Math.abs(got.slope - dual(slope, a, b, rho)) / slopes, at).toBeLessThan(1e-11);
          }
        }
      });

      test(`φ′ is the derivative of φ ${label}`, () => {
        const h = 1e-4;
        for (const u of [-6.1, -2.3, -0.7, -0.01, 0.02, 0.4, 1.9, 5.7]) {
          const difference = (8 * (phi(u + h) - phi(u - h)) - (phi(u + 2 * h) - phi(u - 2 * h))) / (12 * h);
          expect(Math.abs(difference - slope(u)), `at ${u}`).toBeLessThan(1e-9);
        }
      });

      test(`is as smooth and as homogeneous as its record says ${label}`, () => {
        expect(record.continuity === Number.POSITIVE_INFINITY).toBe(record.kinks.length === 0);
        // One-sided derivatives of the order that jumps first, and of those below.
        for (const kink of record.kinks) {
          const h = 1e-3;
          const below = Array.from({ length: record.continuity + 1 }, (_, order) => jumpOf(order));
          expect(Math.max(0, ...below.map(Math.abs))).toBeLessThan(1e-6);
          expect(Math.abs(jumpOf(record.continuity + 1))).toBeGreaterThan(1e-3);

          function jumpOf(order: number): number {
            return order === 0 ? phi(kink + 1e-12) - phi(kink - 1e-12) : oneSided(order, h) - oneSided(order, -h);
          }
          /** Of φ′ (order 1) or φ″ (order 2) at the kink, to h⁴. */
          function oneSided(order: number, step: number): number {
            const at = (k: number) => slope(kink + (k === 0 ? 1e-14 * Math.sign(step) : k * step));
            if (order === 1) return at(0);
            return (-25 * at(0) + 48 * at(1) - 36 * at(2) + 16 * at(3) - 3 * at(4)) / (12 * step);
          }
        }
        const stretch = [-3, -0.4, 0.2, 2].map((u) => Math.abs(phi(2.5 * u) - 2.5 * phi(u)));
        if (record.homogeneous) expect(Math.max(...stretch)).toBeLessThan(1e-14);
        else expect(Math.max(...stretch)).toBeGreaterThan(1e-3);
      });

      test(`its scale keeps every variance ${label}`, () => {
        if (record.preservingScale === null) {
          expect(record.homogeneous).toBe(false);
          return;
        }
        const c = record.preservingScale(values as never) ** 2;
        for (const variance of [0.3, 1, 7]) {
          const second = mean((t) => phi(Math.sqrt(variance) * t) ** 2, [0], Math.sqrt(variance));
          expect(Math.abs((c * second) / variance - 1)).toBeLessThan(1e-13);
        }
      });

      test(`a scale multiplies φ ${label}`, () => {
        const one = duals(layer(name, values), 1.3, 0.4, 0.5);
        const two = duals(layer(name, values, -1.5), 1.3, 0.4, 0.5);
        expect(two.value / one.value).toBeCloseTo(2.25, 13);
        if (record.noTangent === null) expect(two.slope / one.slope).toBeCloseTo(2.25, 13);
      });

      test(`is a step that the core knows ${label}`, () => {
        expect(info().steps).toContain(record.step(1, values as never)[0]);
      });
    }

    test('its formula is in docs/equations.md', () => {
      const equations = readFileSync(new URL('../../docs/equations.md', import.meta.url), 'utf8');
      expect(equations).toContain(`[${record.reference}]`);
    });
  });
}
