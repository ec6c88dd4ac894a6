import { defineMetric } from './metric.js';

export const totalJump = defineMetric({
  name: 'totalJump',
  title: 'Total derivative jump',
  meaning: 'All corners of that interpolant together: the sum of the jumps of its derivative.',
  smootherWhen: 'smaller',
  caution: 'One target and one sample; it shows the kernel, not your data.',
  reference: 'derivative-jump',
  measure: async (study, which) => study.circle(which).totalJump,
});
