import { defineMetric, overAngle } from './metric.js';

export const largestJump = defineMetric({
  name: 'largestJump',
  title: 'Largest derivative jump',
  meaning:
    'The sharpest corner, among those at the samples, of the interpolant of 0.5 cos t + sin 4t through 9 points of the circle.',
  smootherWhen: 'smaller',
  caution: 'One target and one sample; it shows the kernel, not your data.',
  reference: 'derivative-jump',
  measure: overAngle((study, which) => study.circle(which).largestJump),
});
