import { defineMetric, overAngle } from './metric.js';

export const spectralTail = defineMetric({
  name: 'spectralTail',
  title: 'Spectral tail',
  meaning:
    'The root of the summed squared amplitudes above frequency 20 in that interpolant; its target has none above 4.',
  smootherWhen: 'smaller',
  caution: 'An interpolant that misses its target has little of anything, tail included.',
  reference: 'spectral-tail',
  measure: overAngle((study, which) => study.circle(which).spectralTail),
});
