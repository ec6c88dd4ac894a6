import { defineStudy } from '../definition.js';
import { attenuation } from './attenuation.js';
import { bounds } from './bounds.js';
import { constants } from './constants.js';
import { demonstration } from './demonstration.js';
import { depthInterpolation } from './depth-interpolation.js';
import { imagePaths } from './image-paths.js';
import { interpolation, variation } from './interpolation.js';
import { kernelDrift } from './kernel-drift.js';
import { tirerParameters } from './parameters.js';
import { randomTargets } from './random-targets.js';
import { shapes } from './shapes.js';
import { surfaces } from './surfaces.js';
import { trainedNetworks } from './trained-networks.js';
import { presetWidths, width } from './width.js';

export const tirerStudy = defineStudy({
  name: 'tirer',
  title: 'Smoothness: ResNets interpolate more smoothly than MLPs',
  paper: 'T. Tirer, J. Bruna, R. Giryes: Kernel-based smoothness analysis of residual networks. arXiv 2009.10008.',
  parameters: tirerParameters,
  items: [
    width,
    presetWidths,
    kernelDrift,
    shapes,
    interpolation,
    demonstration,
    variation,
    depthInterpolation,
    constants,
    bounds,
    randomTargets,
    surfaces,
    trainedNetworks,
    imagePaths,
    attenuation,
  ],
});
