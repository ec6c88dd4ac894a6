import { defineMetric, overAngle } from './metric.js';

export const featureModulus = defineMetric({
  name: 'featureModulus',
  title: 'Feature-map modulus',
  meaning: 'The constant √(2 s₀) in ‖Φ(x) − Φ(z)‖ ≈ √(2 s₀ θ): how fast features of unit length move with the angle.',
  smootherWhen: 'smaller',
  caution: 'It is the cusp slope in another unit and misleads where that does.',
  reference: 'feature-modulus',
  measure: overAngle((study, which) => Math.sqrt(2 * Math.max(0, study.curve(which).cuspSlope))),
});
