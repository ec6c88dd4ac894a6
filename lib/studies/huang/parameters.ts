import type { Settings } from '../parameters.js';
import { integerParameter, integersParameter, numbersParameter, sized } from '../parameters.js';
import { widthParameters } from '../width.js';

const depths = { low: 2, high: 1_000_000 };

export const huangParameters = {
  ...widthParameters,
  depths: integersParameter(
    'depths of the MLP whose kernel degenerates',
    { ...depths, least: 2 },
    sized(
      [10, 30, 100, 300, 1000, 3000, 10_000],
      [10, 30, 100, 300, 1000, 3000, 10_000, 100_000],
      [10, 30, 100, 300, 1000, 10_000],
    ),
  ),
  gammas: numbersParameter(
    'γ of branches scaled by α = depth^−γ',
    { low: 0, high: 4 },
    sized([0.25, 0.5, 0.6, 0.75, 0.9, 1], [0.25, 0.5, 0.6, 0.75, 0.9, 1], [0.25, 0.5, 0.75, 0.9, 1]),
  ),
  resnetDepths: integersParameter(
    'depths of the ResNets',
    { ...depths, least: 2 },
    sized([16, 64, 256, 1024, 4096, 16_384], [16, 64, 256, 1024, 4096, 16_384, 65_536]),
  ),
  points: integerParameter('points on the sphere that are regressed', { low: 4, high: 2000 }, sized(50, 200, 30)),
  dimension: integerParameter('dimension of that sphere', { low: 2, high: 10_000 }, sized(10)),
  imageDepths: integersParameter(
    'depths at which images are classified',
    { low: 1, high: 1_000_000, least: 2 },
    sized([1, 5, 20, 100, 500, 2000], [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]),
  ),
  trainRows: integersParameter(
    'rows of each training set of images',
    { low: 4, high: 20_000 },
    sized([100, 1000], [100, 1000], [100]),
  ),
  variances: numbersParameter(
    'variances of the preactivations at which GELU and ELU are looked at',
    { low: 0.01, high: 8 },
    sized([0.2, 0.5, 1, 2, 5], [0.1, 0.2, 0.5, 1, 2, 5], [0.5, 1, 2]),
  ),
  cifarClasses: integersParameter(
    'two labels of CIFAR-10; 0 is airplane, 1 automobile',
    { low: 0, high: 9, least: 2 },
    sized([0, 1]),
  ),
  splits: integerParameter('random splits into training and test rows', { low: 2, high: 1000 }, sized(10, 20)),
} as const;

export type HuangSettings = Settings<typeof huangParameters>;
