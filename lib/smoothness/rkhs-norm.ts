import { defineMetric } from './metric.js';

/** cᵀKc from (K + λI)c = y without a pass over K, with K in units of its mean diagonal.              [rkhs-norm] */
export const rkhsNorm = defineMetric({
  name: 'rkhsNorm',
  title: 'RKHS norm of the fit',
  meaning:
    'The norm, in the space of the kernel with mean diagonal 1, of the function fitted to your targets with the chosen ridge.',
  smootherWhen: 'smaller',
  caution:
    'For one kernel only: a rough kernel has room for corners and gives them a small norm; ridges that differ disturb too.',
  reference: 'rkhs-norm',
  async measure(study, which) {
    const fit = await study.fit(which);
    if (fit === null) return null;
    const { values } = await study.spectrum(which);
    const { coefficients, targets, ridge } = fit;
    const square = sumOfProducts(coefficients, targets) - ridge * sumOfProducts(coefficients, coefficients);
    const meanDiagonal = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(Math.max(0, square) * meanDiagonal);
  },
});

function sumOfProducts(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
