/** Normalised kernels over the angle, and the networks that several studies ask about. */

import { compile, type KernelName } from '../kernel.js';
import type { Alpha, PresetSpec } from '../presets.js';
import { sync } from '../sync.js';

/** κ(θ)/κ(0) at the given angles. */
export function normalised(spec: PresetSpec, angles: Float64Array, which: KernelName): Float64Array {
  const kernel = compile(spec);
  try {
    const { values } = sync.profile(kernel, Float64Array.from([0, ...angles]), which);
    const diagonal = values[0] as number;
    return values.subarray(1).map((value) => value / diagonal);
  } finally {
    kernel.dispose();
  }
}

/** κ(θ)/κ(0) of tangent kernels: −κ′(0⁺) and κ′(π⁻). */
export function endSlopes(spec: PresetSpec): { readonly cusp: number; readonly antipodal: number } {
  const kernel = compile(spec);
  try {
    const { values, slopes } = sync.profile(kernel, [0, Math.PI], 'ntk', { derivatives: 1 });
    const diagonal = values[0] as number;
    return { cusp: -(slopes[0] as number) / diagonal, antipodal: (slopes[1] as number) / diagonal };
  } finally {
    kernel.dispose();
  }
}

/** "FFNet" of the paper: all weights but the head are trained. */
export function mlp(depth: number): PresetSpec {
  return { preset: 'mlp', convention: 'huang', depth };
}

export function resnet(depth: number, alpha: Alpha): PresetSpec {
  return { preset: 'huang', depth, alpha };
}
