import { KernelError } from '../errors.js';
import { type Kernel, type KernelName, profile } from '../kernel.js';
import type { Curve } from './curve.js';

/**
 * The curve of a kernel. A division by the number of inputs is taken as one by 1: unit vectors then have a mean squared
 * feature of 1, as standardised data have, and biases keep the weight that they have there.
 */
export function kernelCurve(kernel: Kernel, which: KernelName): Curve {
  const { values, slopes } = profile(kernel, [0, Math.PI], which, { dimension: 1, derivatives: 1 });
  const [start = 0] = values;
  const [first = 0, last = 0] = slopes;
  if (!(start > 0)) {
    throw new KernelError(
      'ERR_NETWORK',
      `the ${which} of this network is 0 for all inputs: nothing that trains reaches its output; use a depth of at ` +
        'least 1 and an α above 0',
    );
  }
  return Object.freeze({
    at: (angles: Float64Array) => profile(kernel, angles, which, { dimension: 1 }).values.map((value) => value / start),
    cuspSlope: 0 - first / start,
    antipodalSlope: last / start,
  });
}
