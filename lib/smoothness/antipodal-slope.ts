import { antipodalSlope as slopeAtPi } from './curve.js';
import { defineMetric } from './metric.js';

export const antipodalSlope = defineMetric({
  name: 'antipodalSlope',
  title: 'Antipodal slope',
  meaning: 'The size of the slope with which the normalised kernel arrives at opposite inputs: its second corner.',
  smootherWhen: 'smaller',
  caution: 'Of no consequence where no two inputs are nearly opposite, as with images of non-negative pixels.',
  reference: 'antipodal-slope',
  measure: async (study, which) => Math.abs(slopeAtPi(study.curve(which))),
});
