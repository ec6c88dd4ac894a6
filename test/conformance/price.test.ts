/** ∂S/∂k = Ṡ at fixed variances [Price58], for every activation that has an Ṡ. */

import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { dense, serial } from '../../lib/layers.js';
import { sync } from '../../lib/sync.js';
import { everyActivation } from './catalogue.js';

const variances = [
  [1, 1],
  [0.2, 5],
  [4, 0.04],
] as const;
const step = 1e-3;

for (const { name, layer } of everyActivation().filter(({ tangent }) => tangent)) {
  describe(name, () => {
    test('∂S/∂k = Ṡ', () => {
      using kernel = compile(serial(dense({ inputScale: '1' }), layer, dense({ trainable: false })));
      for (const [a, b] of variances) {
        const points = (rho: number) => [[Math.sqrt(b) * rho, Math.sqrt(b * (1 - rho) * (1 + rho))]];
        const x = [[Math.sqrt(a), 0]];
        const value = (rho: number) => sync.cross(kernel, x, points(rho), 'nngp').data[0] as number;
        const root = Math.sqrt(a * b);
        const [sx, sz] = [...sync.diagonal(kernel, [...x, ...points(0)], 'ntk').values] as [number, number];
        // Ṡ(a, a) and Ṡ(b, b), for scale: the NTK is k Ṡ.
        const size = Math.sqrt((sx / a) * (sz / b));
        for (const rho of [-0.8, -0.3, 0.2, 0.7]) {
          const h = step;
          const rise = 8 * (value(rho + h) - value(rho - h)) - (value(rho + 2 * h) - value(rho - 2 * h));
          const slope = rise / (12 * h * root);
          const want = (sync.cross(kernel, x, points(rho), 'ntk').data[0] as number) / (rho * root);
          // h⁴ times a fifth derivative of at most some hundred, and rounding of S over h.
          expect(Math.abs(slope - want) / size, `variances ${a}, ${b}, ρ = ${rho}`).toBeLessThan(1e-9);
        }
      }
    });
  });
}
