import { integerParameter, integersParameter, numberParameter, type Settings } from '../parameters.js';
import { widthParameters } from '../width.js';

export const liParameters = {
  ...widthParameters,
  depth: integerParameter('layers', { low: 1, high: 100 }, { quick: 3, usual: 3, full: 3 }),
  residualScale: numberParameter(
    'c_res, the scale of all branches together',
    { low: 0.01, high: 10 },
    {
      quick: 0.9,
      usual: 0.9,
      full: 0.9,
    },
  ),
  inputs: integerParameter('inputs n that are trained on', { low: 2, high: 32 }, { quick: 4, usual: 4, full: 8 }),
  dimension: integerParameter('numbers of each input', { low: 2, high: 1000 }, { quick: 3, usual: 3, full: 3 }),
  hierarchyWidths: integersParameter(
    'widths of the networks whose hierarchy is computed',
    { low: 16, high: 8192, least: 2 },
    {
      quick: [48, 96, 192, 384],
      usual: [64, 128, 256, 512, 1024],
      full: [64, 128, 256, 512, 1024, 2048],
    },
  ),
  seeds: integerParameter('networks of every width', { low: 2, high: 1000 }, { quick: 14, usual: 12, full: 40 }),
  time: numberParameter(
    'time of gradient flow up to which predictions are followed',
    { low: 0.1, high: 100 },
    {
      quick: 4,
      usual: 4,
      full: 4,
    },
  ),
  requiredInputs: integersParameter(
    'inputs n for which the least width is sought',
    { low: 2, high: 512, least: 2 },
    { quick: [8, 16, 32], usual: [8, 16, 32, 64], full: [8, 16, 32, 64, 128] },
  ),
  requiredDepths: integersParameter(
    'depths for which the least width is sought',
    { low: 1, high: 100 },
    { quick: [2, 8], usual: [2, 4, 8], full: [2, 4, 8, 16] },
  ),
  requiredDimension: integerParameter(
    'numbers of each input where the least width is sought, of those of the linearised network and of linear convergence',
    { low: 2, high: 1000 },
    { quick: 16, usual: 16, full: 16 },
  ),
  requiredSeeds: integerParameter(
    'networks that must all converge at the least width',
    { low: 1, high: 1000 },
    { quick: 4, usual: 10, full: 20 },
  ),
  requiredMost: integerParameter(
    'widest network that is tried for it',
    { low: 2, high: 65_536 },
    { quick: 4096, usual: 4096, full: 16_384 },
  ),
  rateSeeds: integerParameter(
    'networks whose loss is followed to its end',
    { low: 2, high: 1000 },
    { quick: 10, usual: 12, full: 40 },
  ),
  skipDepths: integersParameter(
    'depths over which the role of skips is seen',
    { low: 1, high: 1000, least: 2 },
    { quick: [2, 4, 8, 16], usual: [2, 4, 8, 16, 32, 64], full: [2, 4, 8, 16, 32, 64] },
  ),
  skipWidth: integerParameter(
    'width of the networks with and without skips',
    { low: 8, high: 8192 },
    { quick: 256, usual: 256, full: 512 },
  ),
  skipInputs: integerParameter(
    'inputs of the networks with and without skips, and numbers of each',
    { low: 2, high: 64 },
    { quick: 8, usual: 8, full: 8 },
  ),
  skipSeeds: integerParameter(
    'networks of every depth, with and without skips',
    { low: 2, high: 1000 },
    { quick: 3, usual: 10, full: 20 },
  ),
} as const;

export type LiSettings = Settings<typeof liParameters>;
