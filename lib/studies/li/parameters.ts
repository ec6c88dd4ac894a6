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
    { low: 16, high: 8192 },
    {
      quick: [64, 128, 256, 512],
      usual: [64, 128, 256, 512, 1024],
      full: [64, 128, 256, 512, 1024, 2048],
    },
  ),
  seeds: integerParameter('networks of every width', { low: 2, high: 1000 }, { quick: 10, usual: 20, full: 40 }),
  time: numberParameter(
    'time of gradient flow up to which predictions are followed',
    { low: 0.1, high: 100 },
    {
      quick: 4,
      usual: 4,
      full: 4,
    },
  ),
} as const;

export type LiSettings = Settings<typeof liParameters>;
