import { expect, test } from 'vitest';
import { alphaText, describe, familyName, networkId } from '../../lib/describe.js';
import { activation, dense, repeat, residual, scale, serial } from '../../lib/layers.js';
import { type Alpha, mlp, type PresetFamily } from '../../lib/presets.js';

const presets: [PresetFamily & { depth?: number }, string][] = [
  [{ preset: 'mlp', depth: 10 }, 'MLP, depth 10 (jacot)'],
  [{ preset: 'mlp', depth: 3, convention: 'huang', activation: 'gelu' }, 'MLP, GELU, depth 3 (huang)'],
  [{ preset: 'huang', depth: 10, alpha: { gamma: 0.5 } }, 'ResNet α = 1/√L, depth 10 (huang)'],
  [{ preset: 'belfer', depth: 10, alpha: 0.1 }, 'ResNet α = 0.1, depth 10 (huang)'],
  [{ preset: 'tirer', alpha: 0.1 }, 'ResNet α = 0.1 (tirer)'],
  [{ preset: 'tirer', depth: 2, alpha: 0.1, activation: 'relu' }, 'ResNet α = 0.1, depth 2 (tirer)'],
  [
    { preset: 'mlp', depth: 2, activation: activation('relu'), weightVar: 1.5 },
    'MLP, ReLU × 1, weight variance 1.5, depth 2 (jacot)',
  ],
  [
    { preset: 'mlp', depth: 2, activation: activation('leakyRelu', { slope: 0.1, scale: 3 }) },
    'MLP, leaky ReLU 0.1 × 3, depth 2 (jacot)',
  ],
  [
    { preset: 'tirer', depth: 2, alpha: 1, bias: { var: 0.1, init: 'zero', trainable: true } },
    'ResNet α = 1, trained bias 0.1 from zero, depth 2 (tirer)',
  ],
  [
    { preset: 'tirer', depth: 2, alpha: 1, bias: { var: 0.1, init: 'normal', trainable: false } },
    'ResNet α = 1, frozen bias N(0, 0.1), depth 2 (tirer)',
  ],
];
test.each(presets)('%j', (preset, text) => expect(describe(preset)).toBe(text));

const alphas: [Alpha, string, string][] = [
  [0.1, 'α = 0.1', 'resnet-a0.1'],
  [{ gamma: 0.5 }, 'α = 1/√L', 'resnet-g0.5'],
  [{ gamma: 2 / 3 }, 'α = L^-2/3', 'resnet-g0.6666666666666666'],
  [{ gamma: 1 }, 'α = 1/L', 'resnet-g1'],
  [{ gamma: 0.7 }, 'α = L^-0.7', 'resnet-g0.7'],
  [{ gamma: 0 }, 'α = 1', 'resnet-g0'],
  [[0.1, 0.2], 'α = 0.1, 0.2', 'resnet-a0.1to0.2x2'],
  [[0.1, 0.2, 0.3, 0.4, 0.5], 'α = 0.1, …, 0.5 (5 blocks)', 'resnet-a0.1to0.5x5'],
];
test.each(alphas)('α %j', (alpha, text, id) => {
  expect(alphaText(alpha)).toBe(text);
  expect(networkId({ preset: 'huang', alpha })).toBe(id);
  expect(familyName({ preset: 'huang', alpha })).toBe(`ResNet ${text}`);
});

test('an MLP has a short name too', () =>
  expect([networkId({ preset: 'mlp' }), familyName({ preset: 'mlp' })]).toEqual(['mlp', 'MLP']));

test('layers are described by what they do', () => {
  expect(describe(mlp({ depth: 3 }))).toBe('dense, ReLU × 1.414, 2 × [dense, ReLU × 1.414], dense');
  const bias = { var: 1, init: 'normal', trainable: true } as const;
  const block = residual(serial(dense(), activation('erf'), dense()), { bodyScale: 0.1 });
  expect(describe(serial(dense({ inputScale: '1', bias }), scale(2), repeat(5, block), dense()))).toBe(
    'dense + bias, × 2, 5 × [(h + 0.1 · [dense, erf, dense])], dense',
  );
  const own = residual(dense(), { shortcut: dense(), shortcutScale: 2, bodyScale: [1, 2] });
  expect(describe(own)).toBe('(2 · [dense] + {1, 2} · [dense])');
});
