/** Lines that must not compile: each carries the directive that makes the compiler fail if they do. */

import {
  activation,
  conv,
  dense,
  head,
  type Layer,
  pool,
  repeat,
  residual,
  serial,
  tabulated,
} from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { barzilai, cntk, huang, li, mlp, network, type PresetSpec, tirer } from '../../lib/presets.js';
import { sweep } from '../../lib/sweep.js';

// What is right compiles.
export const right: Layer[] = [
  mlp({ depth: 3 }),
  mlp({ depth: 3, convention: 'huang', activation: 'gelu', weightVar: 1.5 }),
  mlp({ depth: 3, activation: activation('leakyRelu', { slope: 0.1 }) }),
  huang({ depth: 3, alpha: { gamma: 0.5 } }),
  tirer({ depth: 3, alpha: [0.1, 0.2, 0.3], inputScale: '1', bias: { var: 1, init: 'zero', trainable: true } }),
  network({ preset: 'belfer', depth: 2, alpha: 0.1 }),
  huang({ depth: 3, alpha: 1, weightVar: 1.5, activation: 'tanh' }),
  li({ depth: 3 }),
  li({ depth: 3, residualScale: [0.5, 1], activation: tabulated([{ from: -1, to: 1, coefficients: [0, 1] }]) }),
  barzilai({ depth: 3, alpha: { gamma: 0.5 }, head: 'pixel', at: [1, 2], innerSize: 3, frozenEnds: true }),
  cntk({ depth: 3, head: 'pool', padding: 'same', weightVar: 2 }),
  serial(conv(3, { inputScale: '1/d', stride: 2, padding: 'valid' }), pool(2), head('pixel', [0, 1]), dense()),
  activation('relu'),
  activation('erf', { scale: 2 }),
];
sweep({ preset: 'tirer', alpha: 0.1 }, [1, 2, 5]);

// Presets.
// @ts-expect-error depth is missing
mlp({});
// @ts-expect-error an MLP has no alpha
mlp({ depth: 3, alpha: 0.1 });
// @ts-expect-error misspelt convention
mlp({ depth: 3, convention: 'hunag' });
// @ts-expect-error misspelt activation
mlp({ depth: 3, activation: 'rleu' });
// @ts-expect-error a leaky ReLU needs its slope, so the name alone says too little
mlp({ depth: 3, activation: 'leakyRelu' });
// @ts-expect-error only activations
mlp({ depth: 3, activation: dense() });
// @ts-expect-error alpha is missing
huang({ depth: 3 });
// @ts-expect-error alpha is a number or a rule, not both
huang({ depth: 3, alpha: { gamma: 0.5, value: 0.1 } });
// @ts-expect-error misspelt rule
tirer({ depth: 3, alpha: { gama: 0.5 } });
// @ts-expect-error a one-matrix ResNet has no alpha but a residualScale
li({ depth: 3, alpha: 0.1 });
// @ts-expect-error a bias says how it starts
tirer({ depth: 3, alpha: 0.1, bias: { var: 1, trainable: true } });
// @ts-expect-error input scales are '1' and '1/d'
tirer({ depth: 3, alpha: 0.1, inputScale: 'd' });
// @ts-expect-error a preset of a network has a depth
network({ preset: 'mlp' });
// @ts-expect-error unknown preset
network({ preset: 'resnet', depth: 3, alpha: 0.1 });
// @ts-expect-error an MLP has no alpha, in JSON form either
export const spec: PresetSpec = { preset: 'mlp', depth: 3, alpha: 0.1 };
// @ts-expect-error several depths are asked of a preset, not of layers
sweep(mlp({ depth: 3 }), [1, 2]);
// @ts-expect-error a network on images has a head
cntk({ depth: 3 });
// @ts-expect-error alpha is missing
barzilai({ depth: 3, head: 'pool' });
// @ts-expect-error without skips there is no alpha
cntk({ depth: 3, head: 'pool', alpha: 0.1 });
// @ts-expect-error presets keep the image's size
cntk({ depth: 3, head: 'pool', padding: 'valid' });

// Layers.
// @ts-expect-error the size comes first
conv({ size: 3 });
// @ts-expect-error misspelt padding
conv(3, { padding: 'zero' });
// @ts-expect-error unknown head
head('max');
// @ts-expect-error a pooling window has one size
pool([2, 2]);
// @ts-expect-error misspelt option
dense({ weightVariance: 1 });
// @ts-expect-error misspelt activation
activation('tahn');
// @ts-expect-error a function is sampled first: tabulate(Math.tanh).layer
mlp({ depth: 3, activation: Math.tanh });
// @ts-expect-error leaky ReLU without its slope
activation('leakyRelu');
// @ts-expect-error leaky ReLU without its slope
activation('leakyRelu', { scale: 1 });
// @ts-expect-error ReLU has no slope
activation('relu', { slope: 0.1 });
// @ts-expect-error the count comes first
repeat(dense(), 3);
// @ts-expect-error a residual needs a body
residual({ bodyScale: 0.1 });
// @ts-expect-error the shortcut is a layer or 'identity'
residual(dense(), { shortcut: 'identify' });
// @ts-expect-error layers, not arrays of layers
serial([dense(), dense()]);
// @ts-expect-error networks are frozen
dense().weightVar = 2;
// @ts-expect-error a preset is no layer yet; network() makes it one
lower({ preset: 'mlp', depth: 3 });
