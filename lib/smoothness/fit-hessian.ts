import { hessianNorms } from './derivatives.js';
import { defineMetric } from './metric.js';

export const fitHessian = defineMetric({
  name: 'fitHessian',
  title: 'Hessian of the fit',
  meaning:
    'The root mean square of the Frobenius norm of the second derivatives of the fitted function, at points between your rows.',
  smootherWhen: 'smaller',
  caution:
    'It sees what lies between the corners, not the corners: a function of straight pieces has none of it; up to 64 columns, not of images.',
  reference: 'probe-norms',
  measure: async (study, which) => (await hessianNorms(study, which))?.fit ?? null,
});
