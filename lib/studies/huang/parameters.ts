import type { Settings } from '../parameters.js';
import { integerParameter, integersParameter, numbersParameter } from '../parameters.js';
import { widthParameters } from '../width.js';

const depths = { low: 2, high: 1_000_000 };

export const huangParameters = {
  ...widthParameters,
  depths: integersParameter(
    'depths of the MLP whose kernel degenerates',
    { ...depths, least: 2 },
    {
      quick: [10, 30, 100, 300, 1000, 10_000],
      usual: [10, 30, 100, 300, 1000, 3000, 10_000],
      full: [10, 30, 100, 300, 1000, 3000, 10_000, 100_000],
    },
  ),
  gammas: numbersParameter(
    'γ of branches scaled by α = depth^−γ',
    { low: 0, high: 4 },
    {
      quick: [0.25, 0.5, 0.75, 0.9, 1],
      usual: [0.25, 0.5, 0.6, 0.75, 0.9, 1],
      full: [0.25, 0.5, 0.6, 0.75, 0.9, 1],
    },
  ),
  resnetDepths: integersParameter(
    'depths of the ResNets',
    { ...depths, least: 2 },
    {
      quick: [16, 64, 256, 1024, 4096, 16_384],
      usual: [16, 64, 256, 1024, 4096, 16_384],
      full: [16, 64, 256, 1024, 4096, 16_384, 65_536],
    },
  ),
  points: integerParameter(
    'points on the sphere that are regressed',
    { low: 4, high: 2000 },
    {
      quick: 30,
      usual: 50,
      full: 200,
    },
  ),
  dimension: integerParameter('dimension of that sphere', { low: 2, high: 10_000 }, { quick: 10, usual: 10, full: 10 }),
  imageDepths: integersParameter(
    'depths at which images are classified',
    { low: 1, high: 1_000_000, least: 2 },
    {
      quick: [1, 5, 20, 100, 500, 2000],
      usual: [1, 5, 20, 100, 500, 2000],
      full: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
    },
  ),
  trainRows: integersParameter(
    'rows of each training set of images',
    { low: 4, high: 20_000 },
    {
      quick: [100],
      usual: [100, 1000],
      full: [100, 1000],
    },
  ),
  variances: numbersParameter(
    'variances of the preactivations at which GELU and ELU are looked at',
    { low: 0.01, high: 8 },
    { quick: [0.5, 1, 2], usual: [0.2, 0.5, 1, 2, 5], full: [0.1, 0.2, 0.5, 1, 2, 5] },
  ),
  cifarClasses: integersParameter(
    'two labels of CIFAR-10; 0 is airplane, 1 automobile',
    { low: 0, high: 9, least: 2 },
    {
      quick: [0, 1],
      usual: [0, 1],
      full: [0, 1],
    },
  ),
  splits: integerParameter(
    'random splits into training and test rows',
    { low: 2, high: 1000 },
    {
      quick: 10,
      usual: 10,
      full: 20,
    },
  ),
} as const;

export type HuangSettings = Settings<typeof huangParameters>;
