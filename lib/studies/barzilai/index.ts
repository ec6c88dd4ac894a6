import { defineStudy } from '../definition.js';
import { unitSignals, widthItem } from '../width.js';
import { classification } from './classification.js';
import { fieldMap, fieldOfView } from './field-of-view.js';
import { gradientSteps } from './gradient-steps.js';
import { multiSphere } from './multi-sphere.js';
import { barzilaiParameters } from './parameters.js';
import { pixelFrequencies } from './pixel-frequencies.js';
import { signalCondition } from './signals.js';
import { condition, conditionBound, conditionLimits, tangentCondition } from './sphere.js';
import { subDepths } from './sub-depths.js';
import { trainedView } from './trained-view.js';

const width = widthItem<typeof barzilaiParameters>({
  study: 'barzilai',
  id: 'C1',
  paper: 'ResCNTK',
  cases: [
    {
      label: 'trace, L = 2, α = 1',
      spec: { preset: 'barzilai', depth: 2, alpha: 1, head: 'trace' },
      inputs: unitSignals(6, 6, 3),
    },
    {
      label: 'pooled, L = 2, α = 1',
      spec: { preset: 'barzilai', depth: 2, alpha: 1, head: 'pool' },
      inputs: unitSignals(6, 6, 3),
    },
  ],
});

export const barzilaiStudy = defineStudy({
  name: 'barzilai',
  title: 'Convolutional ResNets: condition numbers and local bias',
  paper:
    'D. Barzilai, A. Geifman, M. Galun, R. Basri: A kernel perspective of skip connections in convolutional networks. arXiv 2211.14810.',
  parameters: barzilaiParameters,
  items: [
    width,
    multiSphere,
    fieldOfView,
    fieldMap,
    trainedView,
    subDepths,
    pixelFrequencies,
    conditionBound,
    condition,
    tangentCondition,
    signalCondition,
    conditionLimits,
    classification,
    gradientSteps,
  ],
});
