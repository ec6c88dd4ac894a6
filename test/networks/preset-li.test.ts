import { describe, expect, test } from 'vitest';
import { activationNames, activationRecord } from '../../lib/activations.js';
import { describe as inWords, networkId } from '../../lib/describe.js';
import { type ActivationLayer, activation, dense, type Layer, repeat, residual, serial } from '../../lib/layers.js';
import { lower } from '../../lib/lower.js';
import { parseNetworkText } from '../../lib/parse-network.js';
import { type LiOptions, li, mlp, type Network, network } from '../../lib/presets.js';
import { sweep } from '../../lib/sweep.js';
import { tabulate } from '../../lib/tabulate.js';
import { unitVarianceScale } from '../../lib/unit-variance.js';
import { evaluate, type KernelPair } from '../oracles/recursion.js';
import { refusal } from './refusals.js';

const x = [0.6, -0.3, 1.1];
const z = [-0.2, 0.8, 0.5];
const unit = [0.6, 0.8];
const only = (spec: Network, a: readonly number[], b: readonly number[]) =>
  evaluate(lower(network(spec)), a, b)[0] as KernelPair;

describe('the scale of unit variance', () => {
  // 1/√E σ², from closed forms: E erf² = (2/π) asin(2/3), E sin² = (1 − e⁻²)/2.
  const known: [name: 'erf' | 'sine' | 'sign' | 'relu' | 'abs', moment: number][] = [
    ['erf', (2 / Math.PI) * Math.asin(2 / 3)],
    ['sine', -Math.expm1(-2) / 2],
    ['sign', 1],
    ['relu', 0.5],
    ['abs', 1],
  ];
  test.each(known)('%s', (name, moment) => {
    expect(Math.abs(unitVarianceScale(activation(name)) * Math.sqrt(moment) - 1)).toBeLessThan(1e-15);
    expect(Math.abs(3 * unitVarianceScale(activation(name, { scale: -3 })) * Math.sqrt(moment) - 1)).toBeLessThan(
      1e-15,
    );
  });
  test('GELU', () => {
    // 1/E (uΦ(u))² = 1/(1/3 + 1/(2π√3)), from the closed form of the dual at variance 1.
    const moment = 1 / 4 + Math.asin(1 / 2) / (2 * Math.PI) + 1 / (2 * Math.PI * Math.sqrt(3));
    expect(Math.abs(unitVarianceScale(activation('gelu')) ** 2 * moment - 1)).toBeLessThan(2e-15);
  });
  test('a φ of one’s own has that of the function it came from', () => {
    for (const name of ['tanh', 'softplus', 'elu'] as const) {
      const { phi, kinks } = activationRecord(name);
      const { layer } = tabulate((u) => phi(u, {}), { kinks });
      expect(Math.abs(unitVarianceScale(layer) / unitVarianceScale(activation(name)) - 1)).toBeLessThan(1e-14);
    }
  });
  test('a moment that is no number is refused', () => {
    const tiny = activation('erf', { scale: 1e-149 });
    expect(refusal(() => unitVarianceScale(tiny)).message).toMatch(/expected a second moment .*change its scale/);
  });
});

describe('li: the one-matrix ResNet', () => {
  test('is made of layers, spelt out', () => {
    const sigma = activation('erf');
    const first = activation('erf', { scale: unitVarianceScale(sigma) });
    expect(li({ depth: 5, activation: 'erf', residualScale: 0.9 })).toEqual(
      serial(
        dense({ inputScale: '1' }),
        first,
        repeat(4, residual(serial(dense(), sigma), { bodyScale: 0.9 / 5 })),
        dense(),
      ),
    );
  });
  test('depth 1 is one hidden layer: the MLP of the same convention', () => {
    expect(only({ preset: 'li', depth: 1 }, x, z)).toEqual(only({ preset: 'mlp', depth: 1, convention: 'li' }, x, z));
    expect(only(li({ depth: 1, activation: 'erf' }), unit, unit).nngp).toBeCloseTo(1, 14);
  });
  test('the MLP of its convention keeps the variance of unit inputs', () => {
    for (const name of ['gelu', 'erf', 'relu'] as const) {
      expect(only(mlp({ depth: 6, convention: 'li', activation: name }), unit, unit).nngp).toBeCloseTo(1, 13);
    }
  });
  test('an odd σ has no mean to carry: variances add', () => {
    const [depth, c] = [4, 0.8];
    let variance = 1;
    const second = (v: number) => (2 / Math.PI) * Math.asin((2 * v) / (1 + 2 * v));
    for (let l = 2; l <= depth; l++) variance += (c / depth) ** 2 * second(variance);
    expect(only(li({ depth, residualScale: c, activation: 'erf' }), unit, unit).nngp).toBeCloseTo(variance, 14);
  });
  test('the mean of ReLU is carried', () => {
    // b¹ = √(2/2π), K¹ = 1; one block of scale s: K² = 1 + 2 s b¹ √(1/2π) + s²/2.
    const s = 0.7 / 2;
    const expected = 1 + 2 * s * Math.sqrt(1 / Math.PI) * Math.sqrt(1 / (2 * Math.PI)) + s * s * 0.5;
    expect(only(li({ depth: 2, residualScale: 0.7, activation: 'relu' }), unit, unit).nngp).toBeCloseTo(expected, 14);
  });
  test('one scale for each residual layer', () => {
    const whole = li({ depth: 3, residualScale: 0.6, activation: 'erf' });
    expect(only(li({ depth: 3, residualScale: [0.6, 0.6], activation: 'erf' }), x, z)).toEqual(only(whole, x, z));
    expect(only(li({ depth: 3, residualScale: [0, 0] }), x, z)).toEqual(only(li({ depth: 1 }), x, z));
  });
  test('in a sweep every depth is a program of its own', () => {
    const depths = [1, 2, 5];
    for (const family of [
      { preset: 'li', activation: 'erf' },
      {
        preset: 'li',
        residualScale: [1, 2, 3, 4],
        activation: 'erf',
        bias: { var: 0.1, init: 'normal', trainable: true },
      },
    ] as const) {
      const { programs } = sweep(family, depths);
      expect(programs.map((one) => one.depths)).toEqual([[1], [2], [5]]);
      const swept = programs.map(({ program }) => evaluate(program, x, z)[0]);
      const list = 'residualScale' in family ? family.residualScale : null;
      const singles = depths.map((depth) =>
        only({ ...family, depth, ...(list && { residualScale: list.slice(0, depth - 1) }) } as Network, x, z),
      );
      expect(swept).toEqual(singles);
    }
  });
  test('options of all presets: bias, input scale, weight variance', () => {
    const affines = (layer: Layer) => lower(layer).steps.filter(([op]) => op === 'affine' || op === 'input');
    const bias = { var: 0.5, init: 'zero', trainable: true } as const;
    expect(affines(li({ depth: 2, bias, inputScale: '1/d', weightVar: 1.5 }))).toEqual([
      ['input', 1],
      ...new Array(3).fill(['affine', 1.5, 1, 0.5, 0, 1]),
    ]);
  });
  test('in words', () => {
    expect(inWords({ preset: 'li', depth: 5 })).toBe('one-matrix ResNet α = 1/L, GELU, depth 5 (li)');
    expect(inWords({ preset: 'li', residualScale: 0.3, activation: 'tanh' })).toBe(
      'one-matrix ResNet α = 0.3/L, tanh (li)',
    );
    expect(inWords({ preset: 'li', residualScale: [1, 2], activation: activation('erf', { scale: 2 }) })).toBe(
      'one-matrix ResNet α = (1, 2)/L, erf × 2 (li)',
    );
    expect(inWords({ preset: 'mlp', convention: 'li', depth: 3, activation: 'erf' })).toBe('MLP, erf, depth 3 (li)');
    expect(networkId({ preset: 'li' })).toBe('li-c1');
    expect(networkId({ preset: 'li', residualScale: [1, 2] })).toBe('li-c1to2x2');
  });
  test('as JSON, with a φ of one’s own', () => {
    const { layer } = tabulate(Math.tanh);
    const spec = { preset: 'li', depth: 3, activation: layer };
    expect(parseNetworkText(JSON.stringify(spec))).toEqual(spec);
  });
  const wrong: [what: string, options: unknown, message: RegExp][] = [
    ['depth 0', { depth: 0 }, /^li: depth: expected an integer from 1 to 1000000, got 0$/],
    ['alpha', { depth: 2, alpha: 1 }, /unknown key 'alpha'/],
    ['text', { depth: 2, residualScale: '1' }, /residualScale: expected a number ≥ 0, or a list .*, got '1'/],
    ['negative', { depth: 2, residualScale: -1 }, /residualScale: expected a number ≥ 0, got -1/],
    [
      'NaN in a list',
      { depth: 2, residualScale: [Number.NaN] },
      /residualScale\[0\]: expected a finite number, got NaN/,
    ],
    [
      'a list of another length',
      { depth: 2, residualScale: [1, 2] },
      /residualScale: expected 1 numbers, one for each residual layer of depth 2, got 2/,
    ],
    ['another kind of layer', { depth: 2, activation: dense() }, /expected an activation, got a layer of kind 'dense'/],
  ];
  test.each(wrong)('refuses %s', (_what, options, message) => {
    expect(refusal(() => li(options as LiOptions)).message).toMatch(message);
  });
  test('refuses a sweep from depth 0', () => {
    expect(refusal(() => sweep({ preset: 'li' }, [0, 1])).message).toMatch(/^depths: expected depths from 1 for 'li'/);
  });
});

describe('every preset for vectors', () => {
  const presets = [
    { preset: 'mlp', depth: 2 },
    { preset: 'huang', depth: 2, alpha: [0.3, 0.6] },
    { preset: 'tirer', depth: 2, alpha: 0.5 },
    { preset: 'li', depth: 2 },
  ] as const;
  test('takes every activation by name, or a φ of one’s own', () => {
    const own = tabulate(Math.tanh).layer;
    for (const preset of presets) {
      for (const name of activationNames) {
        if (name === 'leakyRelu') continue;
        expect(lower(network({ ...preset, activation: name })).steps.length).toBeGreaterThan(4);
      }
      expect(lower(network({ ...preset, activation: own })).steps.some(([op]) => op === 'tabulated')).toBe(true);
    }
  });
  test('takes weight variances, both kinds of bias and the input scale', () => {
    const base = { activation: activation('erf') as ActivationLayer };
    for (const preset of presets) {
      const plain = only({ ...preset, ...base, inputScale: '1' }, x, z);
      const normal = { var: 0.5, init: 'normal', trainable: true } as const;
      const zero = { var: 0.5, init: 'zero', trainable: true } as const;
      const changed = [
        only({ ...preset, ...base, inputScale: '1', weightVar: 1.5 }, x, z),
        only({ ...preset, ...base, inputScale: '1/d' }, x, z),
        only({ ...preset, ...base, inputScale: '1', bias: normal }, x, z),
      ];
      for (const { nngp } of changed) expect(Math.abs(nngp / plain.nngp - 1)).toBeGreaterThan(1e-3);
      const trained = only({ ...preset, ...base, inputScale: '1', bias: zero }, x, z);
      expect(trained.nngp).toBe(plain.nngp);
      expect(trained.ntk).toBeGreaterThan(plain.ntk);
    }
  });
});
