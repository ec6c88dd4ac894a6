import { defineStudy } from '../definition.js';
import { attenuation } from './attenuation.js';
import { constants } from './constants.js';
import { interpolation, variation } from './interpolation.js';
import { tirerParameters } from './parameters.js';
import { randomTargets } from './random-targets.js';
import { shapes } from './shapes.js';

export const tirerStudy = defineStudy({
  name: 'tirer',
  title: 'Smoothness: ResNets interpolate more smoothly than MLPs',
  paper: 'T. Tirer, J. Bruna, R. Giryes: Kernel-based smoothness analysis of residual networks. arXiv 2009.10008.',
  parameters: tirerParameters,
  items: [shapes, interpolation, variation, constants, randomTargets, attenuation],
});
