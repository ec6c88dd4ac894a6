import { defineStudy } from '../definition.js';
import { fieldOfView } from './field-of-view.js';
import { barzilaiParameters } from './parameters.js';
import { signalCondition } from './signals.js';
import { condition, conditionBound, conditionLimits } from './sphere.js';

export const barzilaiStudy = defineStudy({
  name: 'barzilai',
  title: 'Convolutional ResNets: condition numbers and local bias',
  paper:
    'D. Barzilai, A. Geifman, M. Galun, R. Basri: A kernel perspective of skip connections in convolutional networks. arXiv 2211.14810.',
  parameters: barzilaiParameters,
  items: [fieldOfView, conditionBound, condition, signalCondition, conditionLimits],
});
