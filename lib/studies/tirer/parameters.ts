import { integerParameter, integersParameter, numbersParameter, type Settings } from '../parameters.js';
import { widthParameters } from '../width.js';

export const tirerParameters = {
  ...widthParameters,
  depth: integerParameter('layers or blocks', { low: 1, high: 10_000 }, { quick: 5, usual: 5, full: 5 }),
  depths: integersParameter(
    'depths over which cusps are compared',
    { low: 1, high: 10_000 },
    {
      quick: [1, 2, 5, 10, 50],
      usual: [1, 2, 5, 10, 20, 50],
      full: [1, 2, 5, 10, 20, 50, 100],
    },
  ),
  alphas: numbersParameter(
    'scales of the residual branches',
    { low: 1e-6, high: 1e6 },
    {
      quick: [0.05, 0.1, 0.3, 0.5, 1, 2],
      usual: [0.05, 0.1, 0.3, 0.5, 1, 2],
      full: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2],
    },
  ),
  samples: integersParameter(
    'samples on the circle: 9, 15, or another divisor of 5760',
    { low: 3, high: 960 },
    {
      quick: [9, 15],
      usual: [9, 15],
      full: [9, 15],
    },
  ),
  draws: integerParameter('random targets', { low: 10, high: 10_000 }, { quick: 100, usual: 100, full: 1000 }),
  randomSamples: integersParameter(
    'samples of each random target: divisors of 5760',
    { low: 3, high: 960 },
    {
      quick: [5, 10, 20, 40],
      usual: [5, 10, 20, 40],
      full: [5, 8, 10, 12, 15, 20, 24, 30, 40],
    },
  ),
} as const;

export type TirerSettings = Settings<typeof tirerParameters>;
