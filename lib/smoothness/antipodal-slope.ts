import { defineMetric, overAngle } from './metric.js';

export const antipodalSlope = defineMetric({
  name: 'antipodalSlope',
  title: 'Antipodal slope',
  meaning: 'The size of the slope with which the normalised kernel arrives at opposite inputs: its second corner.',
  smootherWhen: 'smaller',
  caution:
    'Depth flattens it even in rough kernels, and it is of no consequence where no two inputs are nearly opposite.',
  reference: 'antipodal-slope',
  measure: overAngle((study, which) => Math.abs(study.curve(which).antipodalSlope)),
});
