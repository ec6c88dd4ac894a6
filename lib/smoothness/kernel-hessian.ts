import { hessianNorms } from './derivatives.js';
import { defineMetric } from './metric.js';

export const kernelHessian = defineMetric({
  name: 'kernelHessian',
  title: 'Hessian of the kernel',
  meaning:
    'The root mean square of the Frobenius norm of the second derivatives of k(x, z) by x, at points x between your rows, for the kernel with mean diagonal 1.',
  smootherWhen: 'smaller',
  caution:
    'It grows without bound towards a row where the kernel has a corner, so that single points near rows decide; up to 64 columns, not of images.',
  reference: 'probe-norms',
  measure: async (study, which) => (await hessianNorms(study, which))?.kernel ?? null,
});
