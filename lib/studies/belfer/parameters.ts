import { integerParameter, integersParameter, type Settings } from '../parameters.js';

export const belferParameters = {
  dimensions: integersParameter(
    'numbers of inputs d; the sphere has d − 1 dimensions',
    { low: 2, high: 100 },
    {
      quick: [2, 3],
      usual: [2, 3, 5],
      full: [2, 3, 5, 10],
    },
  ),
  degrees: integerParameter(
    'highest frequency of the spectra',
    { low: 40, high: 2000 },
    {
      quick: 120,
      usual: 120,
      full: 1000,
    },
  ),
  depth: integerParameter('blocks of the deep ResNets', { low: 2, high: 100_000 }, { quick: 50, usual: 50, full: 50 }),
  shallowDepths: integersParameter(
    'depths of the MLPs that are compared with one hidden layer',
    { low: 1, high: 100 },
    { quick: [2, 5], usual: [2, 3, 5, 10], full: [2, 3, 5, 10, 20] },
  ),
  samples: integerParameter(
    'points of the sphere from which targets are learnt beside a Laplace kernel',
    { low: 4, high: 5000 },
    { quick: 100, usual: 200, full: 1000 },
  ),
  slopeDepths: integersParameter(
    'depths over which cusp slopes are followed',
    { low: 1, high: 1_000_000, least: 2 },
    {
      quick: [10, 100, 1000, 10_000],
      usual: [10, 100, 1000, 10_000],
      full: [10, 100, 1000, 10_000, 100_000],
    },
  ),
  frequencies: integersParameter(
    'frequencies of the sinusoids that gradient descent learns',
    { low: 1, high: 40, least: 2 },
    {
      quick: [1, 2, 3, 4, 5, 6, 7, 8],
      usual: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      full: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    },
  ),
  points: integerParameter(
    'points on the circle that they are learnt from',
    { low: 100, high: 1000 },
    {
      quick: 128,
      usual: 128,
      full: 256,
    },
  ),
} as const;

export type BelferSettings = Settings<typeof belferParameters>;
