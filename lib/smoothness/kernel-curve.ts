import { KernelError } from '../errors.js';
import { type Kernel, type KernelName, profile } from '../kernel.js';
import type { Curve } from './curve.js';

/**
 * The curve of a kernel. A division by the number of inputs is taken as one by 1: unit vectors then have a mean squared
 * feature of 1, as standardised data have, and biases keep the weight that they have there.
 */
export function kernelCurve(kernel: Kernel, which: KernelName): Curve {
  return (angles) => {
    // The value at angle 0 comes from the same call, so that both have one scale.
    const { values } = profile(kernel, Float64Array.of(0, ...angles), which, { dimension: 1 });
    const start = values[0] as number;
    if (!(start > 0)) {
      throw new KernelError(
        'ERR_NETWORK',
        `the ${which} of this network is 0 for all inputs: nothing that trains reaches its output; use a depth of at ` +
          'least 1 and an α above 0',
      );
    }
    return values.subarray(1).map((value) => value / start);
  };
}
