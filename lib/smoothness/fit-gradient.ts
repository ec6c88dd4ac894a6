import { gradientNorms } from './derivatives.js';
import { defineMetric } from './metric.js';

export const fitGradient = defineMetric({
  name: 'fitGradient',
  title: 'Gradient of the fit',
  meaning: 'The root mean square of ‖∇f(x)‖ of the function fitted to your targets, at points x between your rows.',
  smootherWhen: 'smaller',
  caution: 'A fit that falls back to 0 between the rows is flat where it has forgotten them.',
  reference: 'probe-norms',
  measure: async (study, which) => (await gradientNorms(study, which))?.fit ?? null,
});
