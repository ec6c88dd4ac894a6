import { defineStudy } from '../definition.js';
import { cusps } from './cusps.js';
import { decay } from './decay.js';
import { deepLaplace } from './deep-laplace.js';
import { deepShallow } from './deep-shallow.js';
import { laplace } from './laplace.js';
import { learningTime } from './learning-time.js';
import { belferParameters } from './parameters.js';
import { parity } from './parity.js';

export const belferStudy = defineStudy({
  name: 'belfer',
  title: 'Spectra: what ResNets learn, and how slowly',
  paper:
    'Y. Belfer, A. Geifman, M. Galun, R. Basri: Spectral analysis of the neural tangent kernel for deep residual networks. arXiv 2104.03093.',
  parameters: belferParameters,
  items: [decay, cusps, deepLaplace, parity, learningTime, laplace, deepShallow],
});
