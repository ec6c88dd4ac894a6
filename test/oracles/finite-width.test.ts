/**
 * Kernels against averages over sampled networks: catches a formula that is wrong in the same way in the package, in
 * the plain recursion of these tests and in the references.
 */

import { describe, expect, test } from 'vitest';
import { type ActivationName, activationRecord } from '../../lib/activations.js';
import { createRandom } from '../../lib/data/rng.js';
import { compile } from '../../lib/kernel.js';
import { type ActivationLayer, activation } from '../../lib/layers.js';
import type { PresetSpec } from '../../lib/presets.js';
import { sync } from '../../lib/sync.js';
import { type FiniteNetwork, sample } from './finite-network.js';

/** Lengths from 0.4 to 1.7, one pair almost opposite. */
const points = [
  [1, 0.2, -0.3],
  [0.3, -0.2, 0.2],
  [-0.9, 1.2, 0.8],
  [-1.1, -0.2, 0.35],
];
const width = 300;
/** A residual block takes four times the work of a layer, and its skip makes it vary less. */
const drawsOf = (spec: PresetSpec) => (spec.preset === 'mlp' ? 110 : 60);

const everything = { first: true, hidden: true, head: true };
const normal = { var: 0.3, init: 'normal', trainable: true } as const;
const zero = { var: 0.3, init: 'zero', trainable: true } as const;

interface Case {
  readonly name: string;
  readonly spec: PresetSpec;
  readonly phi: ActivationLayer;
  readonly network: Partial<FiniteNetwork>;
}

const relu = (scale: number) => activation('relu', { scale });
const cases: Case[] = [
  { name: 'mlp', spec: { preset: 'mlp', depth: 2 }, phi: relu(Math.SQRT2), network: { trains: everything } },
  {
    name: 'mlp, huang convention',
    spec: { preset: 'mlp', depth: 2, convention: 'huang' },
    phi: relu(Math.SQRT2),
    network: { trains: { first: true, hidden: true, head: false } },
  },
  {
    name: 'mlp, tirer convention',
    spec: { preset: 'mlp', depth: 2, convention: 'tirer' },
    phi: relu(1),
    network: { trains: everything, inputScale: 1 / 3 },
  },
  {
    name: 'mlp, normal bias',
    spec: { preset: 'mlp', depth: 2, bias: normal },
    phi: relu(Math.SQRT2),
    network: { trains: everything, bias: normal },
  },
  {
    name: 'mlp, bias that starts at zero',
    spec: { preset: 'mlp', depth: 2, bias: zero },
    phi: relu(Math.SQRT2),
    network: { trains: everything, bias: zero },
  },
  {
    name: 'huang',
    spec: { preset: 'huang', depth: 2, alpha: 0.6 },
    phi: relu(Math.SQRT2),
    network: { alpha: 0.6, trains: { first: false, hidden: true, head: false } },
  },
  {
    name: 'tirer',
    spec: { preset: 'tirer', depth: 2, alpha: 0.8 },
    phi: relu(1),
    network: { alpha: 0.8, trains: everything, inputScale: 1 / 3 },
  },
  ...(['erf', 'gelu'] as const).map(
    (name): Case => ({
      name: `mlp ${name}`,
      spec: { preset: 'mlp', depth: 2, activation: name },
      phi: activation(name),
      network: { trains: everything },
    }),
  ),
  {
    name: 'mlp leaky ReLU',
    spec: { preset: 'mlp', depth: 2, activation: activation('leakyRelu', { slope: -0.4, scale: 1.2 }) },
    phi: activation('leakyRelu', { slope: -0.4, scale: 1.2 }),
    network: { trains: everything },
  },
];

describe('limits of sampled networks', () => {
  for (const [stream, { name, spec, phi, network }] of cases.entries()) {
    test(`${name}: within four standard errors`, () => {
      const record = activationRecord(phi.name as ActivationName);
      const finiteNetwork: FiniteNetwork = {
        width,
        depth: spec.depth,
        inputScale: 1,
        trains: everything,
        ...network,
        phi: (u) => phi.scale * record.phi(u, phi.params as never),
        slope: (u) => phi.scale * record.slope(u, phi.params as never),
      };
      const random = createRandom(1, stream);
      const draws = drawsOf(spec);
      const samples = Array.from({ length: draws }, () => sample(finiteNetwork, points, random));
      using kernel = compile(spec);
      for (const which of ['nngp', 'ntk'] as const) {
        const { values } = sync.gram(kernel, points, which);
        const at = (i: number, j: number) => values[i * points.length + j] as number;
        for (let i = 0; i < points.length; i++) {
          for (let j = 0; j <= i; j++) {
            const drawn = samples.map((one) => (one[which][i] as number[])[j] as number);
            const mean = drawn.reduce((sum, value) => sum + value, 0) / draws;
            const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
            const size = Math.sqrt(at(i, i) * at(j, j));
            // The expectation at finite width is off the limit by a multiple of depth/width.
            const slack = 4 * Math.sqrt(variance / draws) + (spec.depth / width) * size;
            expect(Math.abs(mean - at(i, j)), `${which}[${i}, ${j}] = ${at(i, j)}, sampled ${mean}`).toBeLessThan(
              slack,
            );
            // The test must be able to tell: four standard errors are a few percent.
            expect(slack / size).toBeLessThan(0.13);
          }
        }
      }
    });
  }
});
