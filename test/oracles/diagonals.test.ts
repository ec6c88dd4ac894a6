/**
 * What every preset makes of one input, in closed form: the normalisations of the literature. With ReLU at its
 * variance-preserving scale S(x, x) = K(x, x) and Ṡ(x, x) = 1, so the recursions become sums.
 */

import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/kernel.js';
import type { PresetSpec } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Samples } from '../../lib/tensor.js';

/** An input with x·x = q in d dimensions. */
const x = [0.6, -0.3, 1.1, 0.2];
const q = x.reduce((sum, value) => sum + value * value, 0);
const d = x.length;

const depths = [0, 1, 2, 7, 100] as const;

interface Diagonal {
  readonly nngp: number;
  readonly ntk: number;
}

function expectDiagonal(spec: PresetSpec, want: Diagonal, input: Samples = [x]): void {
  using kernel = compile(spec);
  const got = sync.diagonal(kernel, input, ['nngp', 'ntk']);
  for (const which of ['nngp', 'ntk'] as const) {
    const value = (got[which].values[0] as number) * Math.exp(got[which].logScale);
    // Each layer rounds a few times, the closed form once per factor.
    const tolerance = 8 * (spec.depth + 2) * Number.EPSILON * want[which];
    expect(Math.abs(value - want[which]), `${which} of ${JSON.stringify(spec)}`).toBeLessThanOrEqual(tolerance);
  }
}

describe('the diagonal of every preset', () => {
  for (const L of depths) {
    test(`mlp of ${L} layers: K = w^(L+1) x·x and L + 1 times that, L times with a frozen head`, () => {
      expectDiagonal({ preset: 'mlp', depth: L }, { nngp: q, ntk: (L + 1) * q });
      expectDiagonal({ preset: 'mlp', depth: L, convention: 'huang' }, { nngp: q, ntk: L * q });
      const w = 1.0625;
      const grown = w ** (L + 1) * q;
      expectDiagonal({ preset: 'mlp', depth: L, weightVar: w }, { nngp: grown, ntk: (L + 1) * grown });
    });

    test(`mlp of ${L} layers, tirer convention: half of it is left by each layer`, () => {
      const nngp = (2 ** -L * q) / d;
      expectDiagonal({ preset: 'mlp', depth: L, convention: 'tirer' }, { nngp, ntk: (L + 1) * nngp });
    });

    test(`mlp of ${L} layers with biases: x·x + lβ² behind layer l; only (L + 1)(x·x + β²) of the NTK if they start at zero`, () => {
      const b = 0.25;
      const normal = { var: b, init: 'normal', trainable: true } as const;
      const sum = (L + 1) * (q + b) + (b * L * (L + 1)) / 2;
      expectDiagonal({ preset: 'mlp', depth: L, bias: normal }, { nngp: q + (L + 1) * b, ntk: sum });
      const zero = { ...normal, init: 'zero' } as const;
      expectDiagonal({ preset: 'mlp', depth: L, bias: zero }, { nngp: q, ntk: (L + 1) * (q + b) });
    });

    test(`huang of ${L} blocks: (1 + A)^L and 2LA(1 + A)^(L−1), for lists product and sum`, () => {
      const A = 0.3 ** 2;
      const nngp = (1 + A) ** L * q;
      expectDiagonal({ preset: 'huang', depth: L, alpha: 0.3 }, { nngp, ntk: (2 * L * A * nngp) / (1 + A) });
      const alpha = Array.from({ length: L }, (_, l) => 0.1 + l / 100);
      const product = alpha.reduce((all, a) => all * (1 + a * a), q);
      const sum = alpha.reduce((all, a) => all + (2 * a * a * product) / (1 + a * a), 0);
      expectDiagonal({ preset: 'belfer', depth: L, alpha }, { nngp: product, ntk: sum });
    });

    test(`tirer of ${L} blocks: 2(1 + A)^L + 2LA(1 + A)^(L−1) with A = α²/2, over d`, () => {
      const A = 0.8 ** 2 / 2;
      const nngp = ((1 + A) ** L * q) / d;
      expectDiagonal({ preset: 'tirer', depth: L, alpha: 0.8 }, { nngp, ntk: 2 * nngp + (2 * L * A * nngp) / (1 + A) });
    });
  }
});

describe('the diagonal of images whose pixels all have length 1', () => {
  /** Five pixels of two channels, at these angles. */
  const image = (angles: readonly number[]): Samples => ({
    data: Float64Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
    shape: [1, angles.length, 2],
  });
  const varied = image([0.1, 2, -1.3, 0.8, 3]);
  const constant = image([0.7, 0.7, 0.7, 0.7, 0.7]);
  const channels = 2;

  // Under circular padding a mean over a window of equal numbers is that number, so each pixel is a vector network.
  for (const L of depths) {
    test(`barzilai of ${L} blocks: (1 + α²)^L/C₀, whatever the filters; 2Lα²(1 + α²)^(L−1)/C₀ with frozen ends`, () => {
      const alpha = 0.4;
      const nngp = (1 + alpha ** 2) ** L / channels;
      const inner = (2 * L * alpha ** 2 * nngp) / (1 + alpha ** 2);
      for (const [head, input] of [
        ['pixel', varied],
        ['trace', varied],
        ['pool', constant],
      ] as const) {
        for (const innerSize of [1, 3]) {
          const spec = { preset: 'barzilai', depth: L, alpha, head, innerSize } as const;
          expectDiagonal(spec, { nngp, ntk: 2 * nngp + inner }, input);
          expectDiagonal({ ...spec, frozenEnds: true }, { nngp, ntk: inner }, input);
        }
      }
    });

    if (L === 0) continue;
    test(`cntk of ${L} layers: 1/C₀ and (L + 1)/C₀`, () => {
      for (const [head, input] of [
        ['trace', varied],
        ['pool', constant],
      ] as const) {
        expectDiagonal({ preset: 'cntk', depth: L, head }, { nngp: 1 / channels, ntk: (L + 1) / channels }, input);
      }
    });
  }
});
