/** The closed forms against networks that the package itself samples: in the mean, and in how fast they come near. */

import { describe, expect, test } from 'vitest';
import { empiricalMean, widthConvergence } from '../../lib/finite/monte-carlo.js';
import { compile } from '../../lib/kernel.js';
import { dense } from '../../lib/layers.js';
import { type Network, presetNames } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import type { Tensor } from '../../lib/tensor.js';
import { pictures } from '../conformance/catalogue.js';
import { refusal } from '../verbs/support.js';

/** Lengths from 0.4 to 1.7. */
const vectors: Tensor = {
  data: Float64Array.of(1, 0.2, -0.3, 0.3, -0.2, 0.2, -0.9, 1.2, 0.8, -1.1, -0.35, 0.35),
  shape: [4, 3],
};
const images = pictures(4, [3, 4], 2, 3, true);

/** Rows and pixels of zeros, at which a bias that starts at zero trains through φ′(0). */
const withZeros: Tensor = { data: Float64Array.of(0, 0, 0, 1, 0.2, -0.3, 0.3, -0.2, 0.2), shape: [3, 3] };
const background: Tensor = { data: new Float64Array(2 * 16), shape: [2, 4, 4, 1] };
background.data.set([1, -0.5], 5);
background.data.set([0.7, 0.4], 16 + 9);

const bias = { var: 0.3, init: 'normal', trainable: true } as const;
const zeroBias = { var: 0.3, init: 'zero', trainable: true } as const;
const cases: readonly (readonly [string, Network, Tensor])[] = [
  ['mlp', { preset: 'mlp', depth: 3, activation: 'erf', bias }, vectors],
  ['huang', { preset: 'huang', depth: 2, alpha: 0.6 }, vectors],
  ['belfer', { preset: 'belfer', depth: 2, alpha: { gamma: 0.5 }, activation: 'gelu' }, vectors],
  ['tirer', { preset: 'tirer', depth: 2, alpha: 0.8 }, vectors],
  ['li', { preset: 'li', depth: 3, residualScale: 2, activation: 'softplus' }, vectors],
  ['barzilai', { preset: 'barzilai', depth: 2, alpha: 0.6, head: 'pool' }, images],
  ['cntk', { preset: 'cntk', depth: 2, head: 'trace' }, images],
  ['zero rows, relu', { preset: 'mlp', depth: 2, bias: zeroBias }, withZeros],
  ['zero rows, abs', { preset: 'mlp', depth: 2, activation: 'abs', bias: zeroBias }, withZeros],
  ['zero background', { preset: 'cntk', depth: 2, head: 'pool', bias: zeroBias }, background],
];

test('every preset is among them', () => {
  expect(presetNames.filter((name) => !cases.some(([own]) => own === name))).toEqual([]);
});

describe('closed forms are means over wide networks', () => {
  const names = ['nngp', 'ntk'] as const;
  // 40 networks or more and 20 comparisons a case: 4 standard errors are passed by chance once in 200 runs of one.
  test.each(cases)('%s', { timeout: 60_000 }, async (_, network, x) => {
    const [width, networks] = x === images || x === background ? [128, 100] : [512, 40];
    using kernel = compile(network);
    const limits = sync.gram(kernel, x, names);
    const found = await empiricalMean(network, x, names, { width, networks, seed: 100, outputs: 4 });
    for (const name of names) {
      const { values, standardErrors } = found[name];
      expect(found[name].networks).toBe(networks);
      const scale = Math.max(...limits[name].values);
      for (const [i, limit] of limits[name].values.entries()) {
        // The bias of order 1/width, of which 4/width of the diagonal is more than any of these networks has.
        const room = 4 * (standardErrors[i] as number) + (4 / width) * scale;
        expect(Math.abs((values[i] as number) - limit), `${name}, ${i}`).toBeLessThan(room);
        // And that says something.
        expect(room).toBeLessThan(0.12 * scale);
      }
    }
  });
});

describe('single networks come near by width^-1/2', () => {
  test.each([cases[0], cases[3], cases[4], cases[5]] as typeof cases)(
    '%s',
    { timeout: 60_000 },
    async (_, network, x) => {
      const [widths, networks] = x === images ? [[16, 32, 64, 128], 120] : [[64, 128, 256, 512], 48];
      const found = await widthConvergence(network, x, ['nngp', 'ntk'], { widths, networks });
      for (const { kernel, slope, slopeStandardError, widths: list } of Object.values(found)) {
        // The tenth that the theory is held to, and chance.
        const [found, error] = [slope as number, slopeStandardError as number];
        expect(error, kernel).toBeLessThan(0.06);
        expect(Math.abs(found + 0.5), `${kernel}: ${found} ± ${error}`).toBeLessThan(0.1 + 2 * error);
        // What is left of a mean of 48 or more is a seventh of one, and the bias.
        for (const { error, meanError, width } of list) expect(meanError).toBeLessThan(error / 2 + 4 / width);
      }
    },
  );

  test('a kernel that is no matter of chance has no slope', async () => {
    // One layer is linear in its weights: both kernels are inner products of the data, whatever was drawn.
    const found = await widthConvergence(dense({ inputScale: '1' }), vectors, ['nngp', 'ntk'], {
      widths: [8, 64],
      networks: 4,
    });
    for (const { slope, slopeStandardError, widths: list } of Object.values(found)) {
      expect([slope, slopeStandardError]).toEqual([null, null]);
      for (const { error } of list) expect(error).toBeLessThan(1e-15);
    }
  });

  test('a kernel that is not the limit keeps its distance', async () => {
    // The NTK of another depth in place of the limit is what a wrong formula looks like: no slope.
    const wrong = await empiricalMean(cases[0]?.[1] as Network, vectors, 'ntk', { width: 256, networks: 8 });
    using other = compile({ preset: 'mlp', depth: 2, activation: 'erf', bias });
    const limit = sync.gram(other, vectors, 'ntk').values;
    const far = Math.max(
      ...wrong.values.map(
        (value, i) => Math.abs(value - (limit[i] as number)) - 8 * (wrong.standardErrors[i] as number),
      ),
    );
    expect(far).toBeGreaterThan(0.1);
  });
});

describe('refusals', () => {
  const network = { preset: 'mlp', depth: 1 } as const;
  test('of options that say nothing', async () => {
    await refusal(() => empiricalMean(network, vectors, 'ntk', { width: 8, networks: 1 }), 'ERR_ARGUMENT');
    await refusal(() => widthConvergence(network, vectors, 'ntk', { widths: [8] }), 'ERR_ARGUMENT');
    await refusal(() => widthConvergence(network, vectors, 'ntk', { widths: [8, 8] }), 'ERR_ARGUMENT');
    await refusal(
      () => empiricalMean({ ...network, activation: 'sign' }, vectors, 'ntk', { width: 8, networks: 2 }),
      'ERR_NETWORK',
    );
    const zeros = { data: new Float64Array(6), shape: [2, 3] };
    const error = await refusal(() => widthConvergence(network, zeros, 'ntk', { widths: [8, 16] }), 'ERR_RANGE');
    expect(error.message).toMatch(/neither 0 nor beyond the range/);
  });

  test('an abort between networks', async () => {
    const stop = new AbortController();
    const call = empiricalMean(network, vectors, 'ntk', {
      width: 64,
      networks: 1000,
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase.startsWith('network')) stop.abort(new Error('enough'));
      },
    });
    await expect(call).rejects.toThrow('enough');
  });
});
