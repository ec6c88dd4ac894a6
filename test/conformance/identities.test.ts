/** Identities that theory gives, for every activation of the catalogue: two networks, one kernel. */

import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import { dense, type Layer, type Nonlinearity, repeat, residual, scale, serial } from '../../lib/layers.js';
import { type Network, network } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import { everyActivation, vectors } from './catalogue.js';

const wide = vectors(12, 4);
/** For tables, whose cost grows with the range that they cover. */
const even = vectors(12, 4, 0, true);
const names = ['nngp', 'ntk'] as const;

interface Values {
  readonly values: ArrayLike<number>;
  readonly logScale: number;
}

function kernel(spec: Network, which: (typeof names)[number], x: Tensor): Values {
  using compiled = compile(spec);
  return sync.gram(compiled, x, which);
}

/** Equal to `ulps` of √(k(x,x) k(z,z)), up to `factor`. */
function expectEqualOn(
  x: Tensor,
  one: Network,
  other: Network,
  which: (typeof names)[number],
  ulps: number,
  factor = 1,
): void {
  const [a, b] = [kernel(one, which, x), kernel(other, which, x)];
  const n = 12;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const size = Math.sqrt((a.values[i * n + i] as number) * (a.values[j * n + j] as number));
      const error = Math.abs((a.values[i * n + j] as number) - factor * (b.values[i * n + j] as number));
      expect(error, `${which} ${i}, ${j}`).toBeLessThanOrEqual(ulps * 2 ** -52 * size);
    }
  }
}

for (const { name, layer: phi, tangent, closed } of everyActivation()) {
  const expectEqual = expectEqualOn.bind(null, closed ? wide : even);
  const kernels = tangent ? names : (['nngp'] as const);
  const block = (body: Layer, alpha: number): Layer => residual(body, { bodyScale: alpha });

  describe(name, () => {
    test('alpha = 0: every ResNet is linear, and its blocks train nothing', () => {
      for (const preset of ['huang', 'tirer'] as const) {
        const spec = { preset, depth: 4, alpha: 0, activation: phi } as const;
        const ends = { trainable: preset === 'tirer' };
        const linear = serial(dense({ ...ends, inputScale: preset === 'tirer' ? '1/d' : '1' }), dense(ends));
        expectEqual(spec, linear, 'nngp', 4);
        if (preset === 'tirer') expectEqual(spec, linear, 'ntk', 4);
      }
    });

    test('depth 1: the one-matrix ResNet is a network of one hidden layer', () => {
      const [, first] = (network({ preset: 'li', depth: 1, activation: phi }) as { layers: readonly Layer[] }).layers;
      const plain = serial(dense({ inputScale: '1' }), first as Nonlinearity, dense());
      for (const which of kernels) expectEqual({ preset: 'li', depth: 1, activation: phi }, plain, which, 4);
    });

    test('a frozen one-block ResNet is α² times the network of two layers that it is', () => {
      if (!tangent) return;
      const one = { preset: 'belfer', depth: 1, alpha: 0.5, activation: phi } as const;
      const two = serial(dense({ inputScale: '1' }), phi, dense());
      expectEqual(one, two, 'ntk', 16, 0.25);
    });

    test('a scale is a factor of what follows', () => {
      const scaled = serial(dense({ inputScale: '1' }), phi, scale(1.5), dense(), phi, dense());
      const weights = serial(dense({ inputScale: '1' }), phi, dense({ weightVar: 2.25 }), phi, dense());
      expectEqual(scaled, weights, 'nngp', 16);
    });

    test('a repeat is its layers, one after another', () => {
      const layers = [dense(), phi, dense()];
      const body = block(serial(...layers), 0.5);
      const folded = serial(dense({ inputScale: '1' }), repeat(3, body), dense());
      const flat = serial(dense({ inputScale: '1' }), body, body, body, dense());
      for (const which of kernels) expectEqual(folded, flat, which, 0);
    });
  });
}
