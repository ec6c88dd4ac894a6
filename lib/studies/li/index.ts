import { defineStudy } from '../definition.js';
import { convergence } from './convergence.js';
import { drift } from './drift.js';
import { equations } from './equations.js';
import { linearised } from './linearised.js';
import { meanTracking } from './means.js';
import { liParameters } from './parameters.js';
import { requiredWidth } from './required-width.js';
import { sizes, tightness } from './sizes.js';
import { skips } from './skips.js';
import { truncation } from './truncation.js';

export const liStudy = defineStudy({
  name: 'li',
  title: 'Finite width: the tangent hierarchy of ResNets',
  paper:
    'Y. Li, T. Luo, N. K. Yip: Towards an understanding of residual networks using neural tangent hierarchy. arXiv 2007.03714.',
  parameters: liParameters,
  items: [equations, sizes, tightness, drift, truncation, requiredWidth, skips, convergence, meanTracking, linearised],
});
