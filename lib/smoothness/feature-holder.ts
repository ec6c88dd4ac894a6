import type { Curve } from './curve.js';
import { defineMetric, overAngle } from './metric.js';

/** Angles at which the supremum is looked for: evenly in √θ, and finer about the best of them. */
const first = 512;
const rounds = 4;

/** sup √(2(1 − κ(θ))/θ); its limit at 0 is the modulus √(2 s₀).                                          [feature-holder] */
export const featureHolder = defineMetric({
  name: 'featureHolder',
  title: 'Hölder constant of the features',
  meaning: 'The least C with ‖Φ(x) − Φ(z)‖ ≤ C √θ for features of unit length at all angles θ, not only small ones.',
  smootherWhen: 'smaller',
  caution:
    'Features that come to opposite inputs as opposites, as those of a nearly linear kernel, have a large one however smooth they are.',
  reference: 'feature-holder',
  measure: overAngle((study, which) => holderConstant(study.curve(which))),
});

export function holderConstant(curve: Curve): number {
  let best = { at: 0, value: Math.max(0, 2 * curve.cuspSlope) };
  let [low, high] = [0, Math.sqrt(Math.PI)];
  for (let round = 0; round < rounds; round++) {
    const step = (high - low) / first;
    const roots = Float64Array.from({ length: first }, (_, i) => low + (i + 1) * step);
    const angles = roots.map((root) => Math.min(Math.PI, root * root));
    curve.at(angles).forEach((value, i) => {
      const ratio = (2 * (1 - value)) / (angles[i] as number);
      if (ratio > best.value) best = { at: roots[i] as number, value: ratio };
    });
    // Up to here angles were coarse; where 1 − κ is all rounding there is nothing to look for.
    if (best.at === 0) break;
    [low, high] = [Math.max(1e-3, best.at - step), Math.min(Math.sqrt(Math.PI), best.at + step)];
  }
  return Math.sqrt(best.value);
}
