import { featureModulus } from './feature-modulus.js';
import { defineMetric } from './metric.js';
import { rkhsNorm } from './rkhs-norm.js';

/** |f(x) − f(z)| ≤ ‖f‖ ‖Φ(x) − Φ(z)‖ ≈ ‖f‖ √(2 s₀) √θ.                                             [holder-bound] */
export const holderBound = defineMetric({
  name: 'holderBound',
  title: 'Hölder bound of the fit',
  meaning: 'The C in |f(x) − f(z)| ≤ C √θ for the fitted function: its norm times the modulus of the features.',
  smootherWhen: 'smaller',
  caution: 'A bound, reached by few functions, and exact in its constant only for rows of one length and small angles.',
  reference: 'holder-bound',
  async measure(study, which) {
    const [norm, modulus] = [await rkhsNorm.measure(study, which), await featureModulus.measure(study, which)];
    return norm === null || modulus === null ? null : norm * modulus;
  },
});
