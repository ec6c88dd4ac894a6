import { defineMetric, overAngle } from './metric.js';

export const totalVariation = defineMetric({
  name: 'totalVariation',
  title: 'Total variation of the derivative',
  meaning: 'How much the slope of that interpolant changes in all around the circle, corners included: ∫|df′|.',
  smootherWhen: 'smaller',
  caution:
    'It misleads: an interpolant that falls short of the waves of its target turns less in all, corners and all, and passes for smooth.',
  reference: 'total-variation',
  measure: overAngle((study, which) => study.circle(which).totalVariation),
});
