/** The presets on vectors against networks of finite width. */

import { type Activation, activationNames, activationRecord, type PlainActivationName } from '../../lib/activations.js';
import { imagePresetKeys } from '../../lib/image-presets.js';
import { activation } from '../../lib/layers.js';
import { presetNames } from '../../lib/presets.js';
import type { Case } from './finite-errors.js';
import { isFull, sampledSuite } from './finite-suite.js';

/** Lengths from 0.4 to 1.7; the first and the last are almost opposite. */
const inputs = {
  rows: [
    [1, 0.2, -0.3],
    [0.3, -0.2, 0.2],
    [-0.9, 1.2, 0.8],
    [-1.1, -0.35, 0.35],
  ],
};

const normal = { var: 0.3, init: 'normal', trainable: true } as const;
const zero = { var: 0.3, init: 'zero', trainable: true } as const;
const leaky = activation('leakyRelu', { slope: -0.4, scale: 1.2 });

/** The one-matrix ResNet, which carries the mean of σ, with every σ of the catalogue of that kind. */
function oneMatrix(isOfKind: (record: Activation) => boolean): Case[] {
  return activationNames
    .filter((name) => activationRecord(name).parameters.length === 0 && isOfKind(activationRecord(name)))
    .map((name) => ({
      name: `li, ${activationRecord(name).title}`,
      network: { preset: 'li', depth: 3, residualScale: 2, activation: name as PlainActivationName },
      inputs,
    }));
}

const cases: readonly Case[] = [
  { name: 'mlp', network: { preset: 'mlp', depth: 2 }, inputs },
  { name: 'mlp, huang convention', network: { preset: 'mlp', depth: 2, convention: 'huang' }, inputs },
  { name: 'mlp, tirer convention', network: { preset: 'mlp', depth: 2, convention: 'tirer' }, inputs },
  { name: 'mlp, normal bias', network: { preset: 'mlp', depth: 2, bias: normal }, inputs },
  { name: 'mlp, bias that starts at zero', network: { preset: 'mlp', depth: 2, bias: zero }, inputs },
  { name: 'mlp, erf', network: { preset: 'mlp', depth: 2, activation: 'erf' }, inputs },
  { name: 'mlp, GELU', network: { preset: 'mlp', depth: 2, activation: 'gelu' }, inputs },
  { name: 'mlp, leaky ReLU', network: { preset: 'mlp', depth: 2, activation: leaky }, inputs },
  { name: 'huang', network: { preset: 'huang', depth: 2, alpha: 0.6 }, inputs },
  ...oneMatrix(({ kinks }) => kinks.length === 0),
  { name: 'belfer', network: { preset: 'belfer', depth: 2, alpha: { gamma: 0.5 } }, inputs },
  { name: 'tirer', network: { preset: 'tirer', depth: 2, alpha: 0.8 }, inputs },
];

const inFull: readonly Case[] = [
  { name: 'mlp, four layers', network: { preset: 'mlp', depth: 4, bias: normal }, inputs },
  { name: 'huang, four blocks', network: { preset: 'huang', depth: 4, alpha: [0.9, 0.2, 0.5, 0.4] }, inputs },
  {
    name: 'huang, erf and biases',
    network: { preset: 'huang', depth: 2, alpha: 1, activation: 'erf', bias: zero },
    inputs,
  },
  ...oneMatrix(({ kinks, noTangent }) => kinks.length > 0 && noTangent === null),
];

sampledSuite(
  'presets on vectors',
  presetNames.filter((name) => !Object.hasOwn(imagePresetKeys, name)),
  isFull ? [...cases, ...inFull] : cases,
  isFull
    ? [
        { width: 64, seeds: 1024 },
        { width: 256, seeds: 256 },
        { width: 1024, seeds: 96 },
        { width: 2048, seeds: 48 },
      ]
    : [
        { width: 64, seeds: 256 },
        { width: 256, seeds: 64 },
        { width: 1024, seeds: 32 },
      ],
);
