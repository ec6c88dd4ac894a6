import { defineMetric, overAngle } from './metric.js';

export const cuspSlope = defineMetric({
  name: 'cuspSlope',
  title: 'Cusp slope',
  meaning:
    'How steeply the kernel, divided by its value at equal inputs, falls as two inputs part: its corner at angle 0.',
  smootherWhen: 'smaller',
  caution: 'A tiny α makes it tiny too: that kernel is nearly linear, smooth for want of anything else.',
  reference: 'cusp-slope',
  measure: overAngle((study, which) => study.curve(which).cuspSlope),
});
