/** Gradients and Hessians against differences of 30-digit kernels: activations without a closed form, and images. */

import { expect, test } from 'vitest';
import { compile, type KernelName, sync } from '../../lib/index.js';
import { inputDerivativeCases } from '../golden/input-derivative-cases.js';

const names: readonly KernelName[] = ['nngp', 'ntk'];

for (const { name, network, x, z, expected } of inputDerivativeCases()) {
  test(name, () => {
    using kernel = compile(network);
    for (const which of names) {
      const { value, gradient, hessian } = expected[which];
      const check = (got: Float64Array, wanted: readonly number[]) => {
        expect(got.length).toBe(wanted.length);
        // Quadrature is good to some 1e-15 of φ's size in every sum; a layer and its derivatives take a dozen of them.
        const size = Math.max(...wanted.map(Math.abs), Math.abs(value));
        wanted.forEach((number, k) => {
          expect(Math.abs((got[k] as number) - number), `${which}, entry ${k}`).toBeLessThan(2e-14 * size);
        });
      };
      check(sync.gradient(kernel, x, z, which).data, gradient);
      if (hessian !== undefined) check(sync.hessian(kernel, x, z, which).data, hessian);
    }
  });
}
