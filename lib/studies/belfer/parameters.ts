import { integerParameter, integersParameter, type Settings, sized } from '../parameters.js';

export const belferParameters = {
  dimensions: integersParameter(
    'numbers of inputs d; the sphere has d − 1 dimensions',
    { low: 2, high: 100 },
    sized([2, 3, 5], [2, 3, 5, 10], [2, 3]),
  ),
  degrees: integerParameter('highest frequency of the spectra', { low: 40, high: 2000 }, sized(120, 1000)),
  depth: integerParameter('blocks of the deep ResNets', { low: 2, high: 100_000 }, sized(50)),
  shallowDepths: integersParameter(
    'depths of the MLPs that are compared with one hidden layer',
    { low: 1, high: 100 },
    sized([2, 3, 5, 10], [2, 3, 5, 10, 20], [2, 5]),
  ),
  samples: integerParameter(
    'points of the sphere from which targets are learnt beside a Laplace kernel',
    { low: 4, high: 5000 },
    sized(200, 1000, 100),
  ),
  slopeDepths: integersParameter(
    'depths over which cusp slopes are followed',
    { low: 1, high: 1_000_000, least: 2 },
    sized([10, 100, 1000, 10_000], [10, 100, 1000, 10_000, 100_000]),
  ),
  frequencies: integersParameter(
    'frequencies of the sinusoids that gradient descent learns',
    { low: 1, high: 40, least: 2 },
    sized(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ),
  ),
  points: integerParameter('points on the circle that they are learnt from', { low: 100, high: 1000 }, sized(128, 256)),
} as const;

export type BelferSettings = Settings<typeof belferParameters>;
