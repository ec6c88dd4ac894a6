import { takesImages } from '../fit-grid.js';
import { defineMetric } from './metric.js';

/** 2 s₀ |cᵢ| k(xᵢ, xᵢ), the root of summed squares over columns of targets.                             [derivative-jump] */
export const rowJump = defineMetric({
  name: 'rowJump',
  title: 'Largest derivative jump at a row',
  meaning:
    'By how much the slope of the fitted function, per radian, changes at most where one crosses one of your rows.',
  smootherWhen: 'smaller',
  caution:
    'With a large ridge corners are small because little is fitted; with biases it is exact for rows of unit variance only.',
  reference: 'derivative-jump',
  async measure(study, which) {
    const fit = await study.fit(which);
    if (fit === null || takesImages(study.kernel.network)) return null;
    const { values, size } = await study.gram(which);
    const columns = fit.coefficients.length / size;
    const { cuspSlope } = study.curve(which);
    let largest = 0;
    for (let i = 0; i < size; i++) {
      const own = Math.hypot(...fit.coefficients.subarray(i * columns, (i + 1) * columns));
      largest = Math.max(largest, 2 * cuspSlope * own * (values[i * (size + 1)] as number));
    }
    return largest;
  },
});
