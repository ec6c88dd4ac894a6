import { defineStudy } from '../definition.js';
import { consequence } from './consequence.js';
import { degeneration } from './degeneration.js';
import { depthOde } from './depth-ode.js';
import { imageDepth } from './image-depth.js';
import { limit, slowBranches } from './limit.js';
import { huangParameters } from './parameters.js';

export const huangStudy = defineStudy({
  name: 'huang',
  title: 'Depth: MLPs degenerate, ResNets do not',
  paper:
    'K. Huang, Y. Wang, M. Tao, T. Zhao: Why do deep residual networks generalize better than deep feedforward networks? arXiv 2002.06262.',
  parameters: huangParameters,
  items: [degeneration, limit, slowBranches, depthOde, consequence, imageDepth],
});
