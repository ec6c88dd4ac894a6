import { decayExponent } from './decay.js';
import { defineMetric } from './metric.js';

export const eigenvalueDecay = defineMetric({
  name: 'eigenvalueDecay',
  title: 'Eigenvalue decay',
  meaning:
    'The exponent a of the power law rank^−a that the middle eigenvalues of the Gram matrix of your rows follow.',
  smootherWhen: 'larger',
  caution: 'In many dimensions it is near 1 for every kernel; with few rows it is a rough figure.',
  reference: 'decay-exponent',
  measure: async (study, which) => decayExponent((await study.spectrum(which)).values)?.exponent ?? null,
  interval: async (study, which) => decayExponent((await study.spectrum(which)).values)?.interval ?? null,
});
