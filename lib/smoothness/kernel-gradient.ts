import { gradientNorms } from './derivatives.js';
import { defineMetric } from './metric.js';

export const kernelGradient = defineMetric({
  name: 'kernelGradient',
  title: 'Gradient of the kernel',
  meaning:
    'The root mean square of ‖∇k(x, z)‖ over points x between your rows and all rows z, for the kernel with mean diagonal 1.',
  smootherWhen: 'smaller',
  caution:
    'Away from equal inputs a rough kernel is flat and a smooth one nearly linear: here the rough one has the smaller gradient.',
  reference: 'probe-norms',
  measure: async (study, which) => (await gradientNorms(study, which))?.kernel ?? null,
});
