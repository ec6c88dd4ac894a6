import { integerParameter, integersParameter, type Settings } from '../parameters.js';
import { widthParameters } from '../width.js';

export const barzilaiParameters = {
  ...widthParameters,
  dimension: integerParameter(
    'number of inputs of the points on the sphere',
    { low: 2, high: 10_000 },
    {
      quick: 10,
      usual: 10,
      full: 10,
    },
  ),
  points: integerParameter('points on the sphere', { low: 4, high: 5000 }, { quick: 100, usual: 100, full: 100 }),
  depths: integersParameter(
    'layers of the MLP, blocks of the ResNets',
    { low: 1, high: 100_000 },
    {
      quick: [1, 3, 10, 50],
      usual: [1, 2, 3, 5, 10, 20, 50, 100],
      full: [1, 2, 3, 5, 10, 20, 50, 100, 300],
    },
  ),
  limitDepths: integersParameter(
    'two large depths between which growth is measured',
    { low: 10, high: 1_000_000, least: 2 },
    {
      quick: [1000, 10_000],
      usual: [1000, 10_000],
      full: [10_000, 100_000],
    },
  ),
  draws: integerParameter(
    'random sets of points, of signals, or pairs of signals',
    { low: 2, high: 1000 },
    {
      quick: 10,
      usual: 10,
      full: 30,
    },
  ),
  pixels: integerParameter(
    'pixels of the signals whose field of view is measured',
    { low: 5, high: 1001 },
    {
      quick: 33,
      usual: 33,
      full: 65,
    },
  ),
  viewDepths: integersParameter(
    'depths at which it is measured',
    { low: 1, high: 1000 },
    {
      quick: [8, 16],
      usual: [4, 8, 16],
      full: [4, 8, 16, 32],
    },
  ),
  viewSide: integerParameter(
    'pixels of a side of the images whose field of view is mapped',
    { low: 3, high: 101 },
    { quick: 11, usual: 17, full: 33 },
  ),
  mapDepths: integersParameter(
    'depths at which it is mapped',
    { low: 1, high: 1000 },
    { quick: [4], usual: [4, 8], full: [4, 8, 16] },
  ),
  trainedPixels: integerParameter(
    'pixels of the signals that networks are trained on',
    { low: 5, high: 1001 },
    { quick: 17, usual: 17, full: 33 },
  ),
  trainedDepth: integerParameter('their blocks', { low: 1, high: 100 }, { quick: 4, usual: 4, full: 8 }),
  trainedWidth: integerParameter('their channels', { low: 4, high: 4096 }, { quick: 32, usual: 64, full: 128 }),
  trainedNetworks: integerParameter(
    'such networks with each kind of blocks',
    { low: 2, high: 1000 },
    { quick: 16, usual: 20, full: 20 },
  ),
  trainedSteps: integerParameter(
    'steps of gradient descent that they are trained for',
    { low: 1, high: 1_000_000 },
    { quick: 100, usual: 100, full: 200 },
  ),
  sphereChannels: integersParameter(
    'channels C₀ of the pixels whose frequencies are looked at',
    { low: 2, high: 10 },
    { quick: [3], usual: [2, 3], full: [2, 3, 5] },
  ),
  sphereDepth: integerParameter(
    'blocks of the networks whose frequencies are looked at',
    { low: 1, high: 100 },
    { quick: 3, usual: 3, full: 3 },
  ),
  signals: integerParameter(
    'signals of 8 pixels and 3 channels in each convolutional Gram matrix',
    { low: 4, high: 2000 },
    {
      quick: 40,
      usual: 40,
      full: 100,
    },
  ),
  signalDepths: integersParameter(
    'depths of the convolutional networks',
    { low: 1, high: 10_000 },
    {
      quick: [3, 10, 20],
      usual: [1, 3, 6, 10, 20],
      full: [1, 3, 6, 10, 20, 50],
    },
  ),
  imageSide: integerParameter(
    'pixels of a side to which photographs are averaged; it divides 32',
    { low: 2, high: 32 },
    { quick: 8, usual: 16, full: 32 },
  ),
  trainImages: integerParameter(
    'photographs to train on',
    { low: 10, high: 20_000 },
    { quick: 200, usual: 200, full: 500 },
  ),
  testImages: integerParameter(
    'photographs to test on',
    { low: 10, high: 20_000 },
    { quick: 100, usual: 100, full: 100 },
  ),
  imageSplits: integerParameter('random splits of them', { low: 2, high: 1000 }, { quick: 10, usual: 10, full: 20 }),
  imageDepths: integersParameter(
    'depths at which they are classified',
    { low: 1, high: 100 },
    { quick: [2, 3], usual: [3, 5], full: [3, 10] },
  ),
} as const;

export type BarzilaiSettings = Settings<typeof barzilaiParameters>;
