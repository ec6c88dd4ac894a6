/** Tables in the angle against the steps, for every preset that has no biases and no other activation than ReLU's kind. */
import { describe, expect, test } from 'vitest';
import { activation, compile, cross, crossSweep, gram, gramSweep, type PresetSpec } from '../../lib/index.js';

const eps = 2 ** -52;

/** Points on and off the sphere, with what is delicate among them: equal, opposite, nearly equal, parallel and zero rows. */
function points(rows: number, columns: number): number[][] {
  let state = 7;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  const all: number[][] = [];
  for (let i = 0; i < rows; i++) {
    const fresh = Array.from({ length: columns }, next);
    const before = all[Math.floor((next() + 0.5) * i)] ?? fresh;
    const kinds = [fresh, before, before.map((v) => -v), before.map((v, k) => v + 1e-8 * (fresh[k] as number))];
    const more = [before.map((v) => 3 * v), fresh.map(() => 0)];
    all.push(i % 3 === 0 ? ([...kinds, ...more][(i / 3) % 6] as number[]) : fresh);
  }
  return all;
}

const x = points(60, 5);

const networks: readonly PresetSpec[] = [
  ...[1, 2, 5, 50, 1000].map((depth) => ({ preset: 'mlp' as const, depth })),
  { preset: 'mlp', depth: 4, activation: activation('leakyRelu', { slope: 0.2 }) },
  { preset: 'mlp', depth: 4, activation: 'abs' },
  ...[1, 5, 100].map((depth) => ({ preset: 'huang' as const, depth, alpha: 0.1 })),
  ...[1, 5, 100].map((depth) => ({ preset: 'tirer' as const, depth, alpha: 0.5 })),
  { preset: 'li', depth: 6, activation: 'relu' },
] as never;

describe.each(networks.map((network) => [JSON.stringify(network), network] as const))('%s', (_, network) => {
  const kernel = compile(network);
  // Each step rounds at random; near equal inputs the roundings of the angle add up.
  const slack = eps * (4 + kernel.program.steps.length + ((network as { depth?: number }).depth ?? 1) / 2);

  test('both paths agree, and say which they are', async () => {
    expect(kernel.path).toBe('table');
    const steps = await gram(kernel, x, ['nngp', 'ntk'], { path: 'steps' });
    const table = await gram(kernel, x, ['nngp', 'ntk'], { path: 'table' });
    for (const name of ['nngp', 'ntk'] as const) {
      const [a, b] = [steps[name], table[name]];
      expect([a.path, b.path]).toEqual(['steps', 'table']);
      expect(b.logScale).toBe(a.logScale);
      const n = a.size;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const size = Math.sqrt((a.values[i * n + i] as number) * (a.values[j * n + j] as number));
          const apart = Math.abs((a.values[i * n + j] as number) - (b.values[i * n + j] as number));
          expect(apart).toBeLessThanOrEqual(slack * size);
        }
      }
    }
  });
});

describe('which path', () => {
  test('few pairs take the steps, many the table', async () => {
    const kernel = compile({ preset: 'mlp', depth: 10 });
    const many = points(400, 3);
    expect((await gram(kernel, x.slice(0, 6), 'ntk')).path).toBe('steps');
    expect((await gram(kernel, many, 'ntk')).path).toBe('table');
    expect((await cross(kernel, many, many, 'nngp')).path).toBe('table');
    const one = points(1, 3);
    expect((await cross(kernel, many, one, 'nngp')).path).toBe('steps');
  });

  test('other activations and biases have no table', async () => {
    for (const network of [
      { preset: 'mlp', depth: 2, activation: 'erf' },
      { preset: 'mlp', depth: 2, bias: { var: 0.1, init: 'normal', trainable: true } },
    ]) {
      const kernel = compile(network as never);
      expect(kernel.path).toBe('steps');
      for (const path of [undefined, 'automatic', 'steps'] as const) {
        expect((await gram(kernel, x, 'ntk', path && { path })).path).toBe('steps');
      }
      // Whoever names the table gets it or an error, never the steps.
      const refused = {
        code: 'ERR_ARGUMENT',
        message: expect.stringMatching(/^path: .* there is no table of this kernel/),
      };
      await expect(gram(kernel, x, 'ntk', { path: 'table' })).rejects.toMatchObject(refused);
      await expect(cross(kernel, x, x, 'ntk', { path: 'table' })).rejects.toMatchObject(refused);
    }
  });

  test('several depths take the path that is asked for', async () => {
    const few = x.slice(0, 4);
    const relu = { preset: 'mlp' } as const;
    for (const path of ['steps', 'table'] as const) {
      const grams = await gramSweep(relu, [1, 3], few, 'ntk', { path });
      const crosses = await crossSweep(relu, [1, 3], few, few, 'ntk', { path });
      expect([...grams, ...crosses].map((matrix) => (matrix as { path: string }).path)).toEqual(Array(4).fill(path));
    }
    await expect(
      gramSweep({ preset: 'mlp', activation: 'erf' }, [1, 3], few, 'ntk', { path: 'table' }),
    ).rejects.toMatchObject({ code: 'ERR_ARGUMENT' });
  });

  test('an unknown path is refused', async () => {
    await expect(async () =>
      gram(compile({ preset: 'mlp', depth: 1 }), x, 'ntk', { path: 'tables' as never }),
    ).rejects.toMatchObject({
      code: 'ERR_ARGUMENT',
    });
  });
});
