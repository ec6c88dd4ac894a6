// A network whose tangent kernel is infinite: every verb says so before work starts, and its NNGP is there.
import { describe, expect, test } from 'vitest';
import { compare } from '../../lib/compare/compare.js';
import { gramSweep } from '../../lib/depths.js';
import { KernelError } from '../../lib/errors.js';
import { compile, cross, diagonal, gram, profile } from '../../lib/kernel.js';
import { activation, dense, type Layer, repeat, residual, serial } from '../../lib/layers.js';
import { mlp } from '../../lib/presets.js';
import { regress } from '../../lib/regress.js';
import { study } from '../../lib/study.js';
import { sync } from '../../lib/sync.js';
import { hasTangent } from '../../lib/tangent.js';
import { madeData } from '../compare/data.js';

const x = [
  [1, 0],
  [0.6, 0.8],
  [-0.8, 0.6],
];
const step = activation('sign');
const first = dense({ inputScale: '1' });
const network = serial(first, repeat(2, serial(activation('erf'), dense())), step, dense());

describe('asking for the tangent kernel of a network with sign', () => {
  const kernel = compile(network);
  const asking: [verb: string, ask: () => unknown][] = [
    ['gram', () => gram(kernel, x, 'ntk')],
    ['gram, beside the NNGP', () => gram(kernel, x, ['nngp', 'ntk'])],
    ['cross', () => cross(kernel, x, x, 'ntk')],
    ['diagonal', () => diagonal(kernel, x, 'ntk')],
    ['profile', () => profile(kernel, [0, 1], 'ntk')],
    ['regress, whose default it is', () => regress(kernel, x, [1, 2, 3])],
    ['study', () => study(kernel, x).gram('ntk')],
    ['sync.gram', () => sync.gram(kernel, x, 'ntk')],
  ];
  test.each(asking)('%s', async (_verb, ask) => {
    const error = await refusalOf(ask);
    expect(error.code).toBe('ERR_NETWORK');
    expect(error.message).toMatch(
      /^layers\[2\] \(sign\): has no tangent kernel: .*; ask for its NNGP alone \(kernel=nngp\)$/,
    );
    expect(error.details.path).toBe('layers[2]');
  });
  test('gramSweep', async () => {
    const error = await refusalOf(() => gramSweep({ preset: 'mlp', activation: 'sign' }, [1, 2], x, 'ntk'));
    expect(error.message).toMatch(/\(sign\): has no tangent kernel/);
  });
  test.each(['ntk', 'nngp'] as const)('compare, of whose smoothness there is nothing to say (%s)', async (kernel) => {
    const data = await madeData({ rows: 20, features: 2, target: (row) => row[0] as number });
    const options = { networks: [{ preset: 'mlp', activation: 'sign' }], convention: 'jacot', kernel } as const;
    const error = await refusalOf(() => compare(data, options));
    expect(error.code).toBe('ERR_NETWORK');
    expect(error.message).toMatch(
      /^networks: MLP: layers\[1\] \(sign\): its kernel has no finite slope .*take its NNGP$/,
    );
  });
});

test('the NNGP of a network with sign is that of one hidden layer, (2/π) asin ρ', () => {
  using kernel = compile(mlp({ depth: 1, activation: 'sign' }));
  expect(kernel.tangent).toBe(false);
  const { values } = sync.gram(kernel, x, 'nngp');
  for (const [i, a] of x.entries()) {
    for (const [j, b] of x.entries()) {
      const rho = (a[0] as number) * (b[0] as number) + (a[1] as number) * (b[1] as number);
      expect(values[3 * i + j]).toBeCloseTo((2 / Math.PI) * Math.asin(Math.min(1, Math.max(-1, rho))), 7);
    }
  }
});

describe('where the activation is', () => {
  const inside: [what: string, layer: Layer, tangent: boolean][] = [
    ['in a repeat', serial(first, repeat(2, serial(step, dense()))), false],
    ['in a repeat of none', serial(first, repeat(0, serial(step, dense())), dense()), true],
    ['in a body', serial(first, residual(serial(dense(), step, dense())), dense()), false],
    ['in a body times 0', serial(first, residual(serial(dense(), step, dense()), { bodyScale: 0 }), dense()), true],
    ['in a shortcut', serial(first, residual(dense(), { shortcut: serial(step, dense()) }), dense()), false],
    ['nowhere', serial(first, activation('tanh'), dense()), true],
  ];
  test.each(inside)('%s', (_what, layer, tangent) => expect(hasTangent(layer)).toBe(tangent));
});

async function refusalOf(ask: () => unknown): Promise<KernelError> {
  try {
    await ask();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    return error as KernelError;
  }
  throw new Error('was not refused');
}
