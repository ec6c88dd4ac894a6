import {
  integerParameter,
  integersParameter,
  numberParameter,
  numbersParameter,
  type Settings,
  sized,
} from '../parameters.js';
import { widthParameters } from '../width.js';

export const tirerParameters = {
  ...widthParameters,
  meanNetworks: integerParameter(
    'networks of width 1024 whose mean kernel is compared with the closed form',
    { low: 2, high: 100_000 },
    sized(256, 1024, 64),
  ),
  presetWidths: integersParameter(
    'widths of the sampled networks of every preset',
    { low: 8, high: 65_536, least: 2 },
    sized([64, 128, 256, 512, 1024], [64, 128, 256, 512, 1024, 2048], [64, 128, 256]),
  ),
  presetNetworks: integerParameter('networks of every width and preset', { low: 2, high: 10_000 }, sized(48, 128, 32)),
  depth: integerParameter('layers or blocks', { low: 1, high: 10_000 }, sized(5)),
  depths: integersParameter(
    'depths over which cusps are compared',
    { low: 1, high: 10_000, least: 2 },
    sized([1, 2, 5, 10, 20, 50], [1, 2, 5, 10, 20, 50, 100], [1, 2, 5, 10, 50]),
  ),
  alphas: numbersParameter(
    'scales of the residual branches',
    { low: 1e-6, high: 1e6 },
    sized([0.05, 0.1, 0.3, 0.5, 1, 2], [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2]),
  ),
  attenuationSamples: integersParameter(
    'samples in the sweep of the scale: divisors of 5760',
    { low: 3, high: 960 },
    sized([9, 15, 20]),
  ),
  attenuations: numbersParameter(
    'scales of the branches from next to nothing to those of an MLP',
    { low: 1e-6, high: 1e6, least: 2 },
    sized([1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]),
  ),
  samples: integersParameter(
    'samples on the circle: 9, 15, or another divisor of 5760',
    { low: 3, high: 960 },
    sized([9, 15]),
  ),
  endSamples: integerParameter('samples from −π to π with both ends', { low: 4, high: 1000 }, sized(6)),
  endAlpha: numberParameter('scale of the branches of the ResNet beside them', { low: 1e-6, high: 1e6 }, sized(0.1)),
  draws: integerParameter('random targets', { low: 10, high: 10_000 }, sized(100, 1000)),
  randomBand: integerParameter('highest frequency of random targets', { low: 1, high: 100 }, sized(4)),
  randomSamples: integersParameter(
    'samples of each random target: divisors of 5760',
    { low: 3, high: 960 },
    sized([5, 10, 15, 20, 40], [5, 8, 10, 12, 15, 20, 24, 30, 40], [5, 15, 40]),
  ),
  surfaceSamples: integerParameter('samples on the sphere and in the plane', { low: 4, high: 1000 }, sized(40, 100)),
  surfaceAlphas: numbersParameter(
    'scales of the residual branches on the sphere and in the plane',
    { low: 1e-6, high: 1e6 },
    sized([0.1, 1], [0.1, 0.3, 1, 3]),
  ),
  surfaceProbes: integerParameter(
    'points of the sphere and of the plane in means of second derivatives',
    { low: 10, high: 100_000 },
    sized(2000, 10_000, 500),
  ),
  pathRows: integerParameter(
    'images that are trained on, for paths between others',
    { low: 4, high: 20_000 },
    sized(500, 1000, 100),
  ),
  pathPoints: integerParameter('points of every path, both ends included', { low: 3, high: 10_000 }, sized(65)),
  paths: integerParameter('paths between images', { low: 10, high: 2000 }, sized(100, 200, 20)),
  pathDepths: integersParameter(
    'depths on paths between images',
    { low: 1, high: 10_000 },
    sized([1, 5, 20], [1, 2, 5, 10, 20, 50]),
  ),
  pathAlphas: numbersParameter(
    'scales of the residual branches on paths between images',
    { low: 1e-6, high: 1e6 },
    sized([0.05, 0.1, 0.3, 1, 3], [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3], [0.1, 0.3, 1]),
  ),
  trainedWidths: integersParameter(
    'widths of the networks that are trained',
    { low: 8, high: 16_384, least: 2 },
    sized([64, 128, 256, 512], [64, 128, 256, 512, 1024, 2048], [32, 64, 128, 256]),
  ),
  trainedNetworks: integerParameter(
    'networks of every width that are trained',
    { low: 2, high: 1000 },
    sized(16, 20, 12),
  ),
  trainedDepth: integerParameter(
    'layers or blocks of the networks that are trained',
    { low: 1, high: 100 },
    sized(3, 5, 2),
  ),
  trainedAlpha: numberParameter(
    'scale of the branches of the ResNets that are trained',
    { low: 1e-3, high: 100 },
    sized(0.5),
  ),
  driftWidths: integersParameter(
    'widths of the networks whose kernels drift',
    { low: 8, high: 16_384, least: 2 },
    sized([64, 128, 256, 512], [64, 128, 256, 512, 1024, 2048, 4096], [64, 128, 256]),
  ),
  driftInputs: integerParameter(
    'points that the networks are trained on while the drift of their kernels is measured',
    { low: 2, high: 1000 },
    sized(20),
  ),
  driftDimension: integerParameter('dimension of the sphere that they lie on', { low: 2, high: 1000 }, sized(10)),
  driftSteps: integerParameter(
    'steps of gradient descent after which the drift of kernels is measured',
    { low: 1, high: 1e6 },
    sized(50),
  ),
  curveSamples: integerParameter(
    'samples on the circle that networks are trained on',
    { low: 3, high: 1000 },
    sized(9),
  ),
  curveSteps: integerParameter('steps of gradient descent on the circle', { low: 1, high: 1e7 }, sized(600, 2000)),
} as const;

export type TirerSettings = Settings<typeof tirerParameters>;
