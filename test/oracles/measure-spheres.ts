/** Deviations of eigenvalues on spheres from sphere.json. */

import { compile } from '../../lib/kernel.js';
import { sync } from '../../lib/sync.js';
import { sphereCases } from '../golden/sphere-cases.js';
import { described, type Measurement, quantities, ratio } from './measurement.js';

/** Where fewer digits are stated than these, an eigenvalue is measured by the error that is stated. */
const digits = 1e13;

export function* ofSpheres(): Generator<Measurement> {
  for (const { name, network, spectra } of sphereCases()) {
    using kernel = compile(network);
    const what = described(network);
    for (const { dimension, kernel: which, values: wanted } of spectra) {
      const degrees = Math.max(...wanted.keys());
      const { values, errors } = sync.sphereSpectrum(kernel, which, { dimension, degrees });
      const [unit = 0] = sync.diagonal(kernel, [unitVector(dimension)], which).values;
      for (const [k, want] of wanted) {
        const size = Math.max(Math.abs(want), (digits * (errors[k] as number)) / unit);
        const deviation = ratio((values[k] as number) / unit, want, size);
        const place = `${name}, degree ${k} in ${dimension} dimensions`;
        yield { file: 'sphere.json', ...what, quantity: `λ ${quantities[which]}`, deviation, place };
      }
    }
  }
}

function unitVector(dimension: number): number[] {
  return Array.from({ length: dimension }, (_, i) => (i === 0 ? 1 : 0));
}
