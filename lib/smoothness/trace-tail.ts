import { defineMetric } from './metric.js';

/** Σ_{r > n/10} λ_r / Σ λ_r.                                                                          [trace-tail] */
export const traceTail = defineMetric({
  name: 'traceTail',
  title: 'Trace beyond the first tenth',
  meaning: 'The share of the trace of the Gram matrix of your rows beyond the first tenth of its eigenvalues.',
  smootherWhen: 'smaller',
  caution: 'It is small for every kernel where the data themselves have few directions.',
  reference: 'trace-tail',
  async measure(study, which) {
    const { values } = await study.spectrum(which);
    if (values.length < 10) return null;
    const all = values.reduce((sum, value) => sum + value, 0);
    const tail = values.subarray(Math.ceil(values.length / 10)).reduce((sum, value) => sum + value, 0);
    return Math.max(0, tail / all);
  },
});
