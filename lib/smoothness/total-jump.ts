import { defineMetric, overAngle } from './metric.js';

export const totalJump = defineMetric({
  name: 'totalJump',
  title: 'Total derivative jump',
  meaning: 'All corners of that interpolant at its samples: the sum of the jumps of its derivative there.',
  smootherWhen: 'smaller',
  caution:
    'It shows the kernel, not your data; corners opposite to the samples, where a kernel has an antipodal slope, are not in it.',
  reference: 'derivative-jump',
  measure: overAngle((study, which) => study.circle(which).totalJump),
});
