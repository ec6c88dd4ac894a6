import { defineStudy } from '../definition.js';
import { spherePoints, widthItem } from '../width.js';
import { consequence } from './consequence.js';
import { degeneration } from './degeneration.js';
import { depthOde } from './depth-ode.js';
import { fixedPoints } from './fixed-points.js';
import { imageDepth, photographDepth } from './image-depth.js';
import { limit, limitOnSphere, slowBranches } from './limit.js';
import { huangParameters } from './parameters.js';
import { residualDepth } from './residual-depth.js';

const width = widthItem<typeof huangParameters>({
  study: 'huang',
  id: 'H1',
  paper: 'Huang20',
  cases: [
    { label: 'ResNet, L = 3, α = 0.5', spec: { preset: 'huang', depth: 3, alpha: 0.5 }, inputs: spherePoints(10, 10) },
    { label: 'MLP, L = 3', spec: { preset: 'mlp', convention: 'huang', depth: 3 }, inputs: spherePoints(10, 10) },
  ],
});

export const huangStudy = defineStudy({
  name: 'huang',
  title: 'Depth: MLPs degenerate, ResNets do not',
  paper:
    'K. Huang, Y. Wang, M. Tao, T. Zhao: Why do deep residual networks generalize better than deep feedforward networks? arXiv 2002.06262.',
  parameters: huangParameters,
  items: [
    width,
    degeneration,
    limit,
    limitOnSphere,
    slowBranches,
    depthOde,
    consequence,
    imageDepth,
    photographDepth,
    residualDepth,
    fixedPoints,
  ],
});
