/** Kernels of signals of unit pixels as functions of the angles of the pixels, and their integrals.          [multi-sphere] */

import { compile, cross, type KernelName } from '../../kernel.js';
import type { Network } from '../../presets.js';
import type { StudyContext } from '../definition.js';
import { type ZonalRule, zonalCoefficients } from '../zonal.js';

/** Of a signal of equal pixels with one at the rules' angles from it, pixel by pixel; the last pixel's angle varies fastest. */
export async function onProduct(
  network: Network,
  rules: readonly ZonalRule[],
  channels: number,
  context: StudyContext,
): Promise<Record<KernelName, Float64Array>> {
  const pixels = rules.length;
  const count = rules.reduce((product, { angles }) => product * angles.length, 1);
  const z = new Float64Array(count * pixels * channels);
  for (let i = 0; i < count; i++) {
    let rest = i;
    for (let p = pixels - 1; p >= 0; p--) {
      const { angles } = rules[p] as ZonalRule;
      const angle = angles[rest % angles.length] as number;
      const at = (i * pixels + p) * channels;
      z[at] = Math.cos(angle);
      z[at + 1] = Math.sin(angle);
      rest = Math.floor(rest / angles.length);
    }
  }
  const x = new Float64Array(pixels * channels);
  for (let p = 0; p < pixels; p++) x[p * channels] = 1;
  const kernel = compile(network);
  try {
    const both = await cross(
      kernel,
      { data: x, shape: [1, pixels, channels] },
      { data: z, shape: [count, pixels, channels] },
      ['nngp', 'ntk'],
      context.job(`C₀ = ${channels}`),
    );
    return { nngp: both.nngp.data as Float64Array, ntk: both.ntk.data as Float64Array };
  } finally {
    kernel.dispose();
  }
}

/** Integrated over the angles of the last pixels against their zonal harmonics of these degrees. */
export function integrated(
  values: Float64Array,
  rules: readonly ZonalRule[],
  degrees: readonly number[],
  channels: number,
): Float64Array {
  return degrees.reduceRight((left, degree, p) => {
    const rule = rules[rules.length - degrees.length + p] as ZonalRule;
    const size = rule.angles.length;
    return Float64Array.from(
      { length: left.length / size },
      (_, i) => zonalCoefficients(left.subarray(i * size, (i + 1) * size), rule, channels, degree)[degree] as number,
    );
  }, values);
}
