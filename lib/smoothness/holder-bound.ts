import { featureHolder } from './feature-holder.js';
import { defineMetric } from './metric.js';
import { rkhsNorm } from './rkhs-norm.js';

/** |f(x) − f(z)| ≤ ‖f‖ ‖Φ(x) − Φ(z)‖ ≤ ‖f‖ C √θ.                                                    [holder-bound] */
export const holderBound = defineMetric({
  name: 'holderBound',
  title: 'Hölder bound of the fit',
  meaning: 'The C in |f(x) − f(z)| ≤ C √θ for the fitted function: its norm times the Hölder constant of the features.',
  smootherWhen: 'smaller',
  caution:
    'Few functions come near it; between kernels it follows the norm, which is small where a rough kernel has room for corners; for rows of one length only.',
  reference: 'holder-bound',
  async measure(study, which) {
    const [norm, constant] = [await rkhsNorm.measure(study, which), await featureHolder.measure(study, which)];
    return norm === null || constant === null ? null : norm * constant;
  },
});
