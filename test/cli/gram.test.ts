import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../lib/data/npy.js';
import { crossSweep, gramSweep } from '../../lib/depths.js';
import { compile, cross, gram } from '../../lib/kernel.js';
import { activation, dense, repeat, serial } from '../../lib/layers.js';
import { listing, npyFile, points, resgram, workplace } from './run.js';

const { path: cwd, write } = workplace();
const x = { data: points(9, 4), shape: [9, 4] };
const z = { data: points(20, 4).subarray(20, 48), shape: [7, 4] };
write('x.npy', npyFile(x.data, x.shape));
write('z.npy', npyFile(z.data, z.shape));
const network = { preset: 'huang', depth: 4, alpha: 0.3 } as const;
write('net.json', JSON.stringify(network));
write('family.json', JSON.stringify({ preset: 'huang', alpha: { gamma: 0.5 } }));
write('mlp.json', JSON.stringify({ preset: 'mlp' }));

/** What a reader of .npy files sees. */
function matrix(folder: string, name: string) {
  const { shape, type, payload } = readNpy(readFileSync(join(cwd, folder, name)), name);
  const bytes = Uint8Array.from(payload).buffer;
  return { shape: [...shape], values: type.name === 'float32' ? new Float32Array(bytes) : new Float64Array(bytes) };
}

async function run(...args: string[]) {
  const result = await resgram(['gram', ...args], { cwd });
  expect(result).toMatchObject({ code: 0 });
  return result;
}

describe('the matrices', () => {
  test('are those of the library, bit for bit', async () => {
    await run('--network', 'net.json', '--data', 'x.npy', '--out', 'plain');
    const expected = await gram(compile(network), x, ['nngp', 'ntk']);
    for (const name of ['nngp', 'ntk'] as const) {
      expect(matrix('plain', `${name}.npy`)).toEqual({ shape: [9, 9], values: expected[name].values });
    }
    expect(listing(join(cwd, 'plain'))).toEqual(['gram.json', 'nngp.npy', 'ntk.npy']);
  });

  test('with --against are rows of --data by rows of the other', async () => {
    await run('--network', 'net.json', '--data', 'x.npy', '--against', 'z.npy', '--kernel', 'ntk', '--out', 'cross');
    const expected = await cross(compile(network), x, z, 'ntk');
    expect(matrix('cross', 'ntk.npy')).toEqual({ shape: [9, 7], values: expected.data });
    expect(listing(join(cwd, 'cross'))).toEqual(['gram.json', 'ntk.npy']);
  });

  test('with --depths have a file for each depth, whatever the order they are asked in', async () => {
    await run('--network', 'family.json', '--data', 'x.npy', '--depths', '5,1,2', '--out', 'depths');
    const family = { preset: 'huang', alpha: { gamma: 0.5 } } as const;
    const expected = await gramSweep(family, [1, 2, 5], x, ['nngp', 'ntk']);
    for (const [i, depth] of [1, 2, 5].entries()) {
      for (const name of ['nngp', 'ntk'] as const) {
        expect(matrix('depths', `${name}-L${depth}.npy`).values).toEqual(expected[i]?.[name].values);
      }
    }
    const { matrices } = JSON.parse(readFileSync(join(cwd, 'depths', 'gram.json'), 'utf8'));
    expect(matrices.map((one: { depth: number; kernel: string }) => `${one.kernel}-L${one.depth}.npy`)).toEqual(
      matrices.map((one: { file: string }) => one.file),
    );
    expect(listing(join(cwd, 'depths'))).toHaveLength(7);
  });

  test('with --depths and --against, too; --depths replaces the depth in the file', async () => {
    await run(
      '--network',
      'net.json',
      '--data',
      'x.npy',
      '--against',
      'z.npy',
      '--depths',
      '3',
      '--kernel',
      'nngp',
      '--out',
      'both',
    );
    const [expected] = await crossSweep({ preset: 'huang', alpha: 0.3 }, [3], x, z, 'nngp');
    expect(matrix('both', 'nngp-L3.npy').values).toEqual(expected?.data);
  });

  test('in float32 are those of the library in float32', async () => {
    await run(
      '--network',
      'net.json',
      '--data',
      'x.npy',
      '--precision',
      'float32',
      '--kernel',
      'ntk',
      '--out',
      'single',
    );
    const expected = await gram(compile(network), x, 'ntk', { precision: 'float32' });
    expect(matrix('single', 'ntk.npy')).toEqual({ shape: [9, 9], values: expected.values });
  });

  test('carry a scale where the kernel leaves the range of doubles', async () => {
    const deep = { preset: 'tirer', depth: 5000, alpha: 1 } as const;
    const { stdout } = await run(
      '--network',
      JSON.stringify(deep),
      '--data',
      'x.npy',
      '--kernel',
      'nngp',
      '--out',
      'deep',
      '--json',
    );
    const expected = await gram(compile(deep), x, 'nngp');
    expect(expected.logScale).toBeGreaterThan(700);
    expect(JSON.parse(stdout).matrices[0].logScale).toBe(expected.logScale);
    expect(matrix('deep', 'nngp.npy').values).toEqual(expected.values);
  });
});

describe('the network', () => {
  const layers = serial(
    dense({ inputScale: '1/d' }),
    activation('erf'),
    repeat(2, serial(dense(), activation('erf'))),
    dense(),
  );

  test('can be layers, on stdin', async () => {
    const args = ['gram', '--network', '-', '--data', 'x.npy', '--kernel', 'nngp', '--out', 'stdin'];
    expect((await resgram(args, { cwd, input: JSON.stringify(layers) })).code).toBe(0);
    const expected = await gram(compile(layers), x, 'nngp');
    expect(matrix('stdin', 'nngp.npy').values).toEqual(expected.values);
  });
});

describe('the output', () => {
  test('of two runs is the same, byte for byte', async () => {
    const args = ['--network', 'net.json', '--data', 'x.npy'];
    await Promise.all([run(...args, '--out', 'one', '--threads', '1'), run(...args, '--out', 'two', '--threads', '2')]);
    for (const file of listing(join(cwd, 'one'))) {
      expect(readFileSync(join(cwd, 'one', file)).equals(readFileSync(join(cwd, 'two', file))), file).toBe(true);
    }
  });

  test('--json prints gram.json and nothing else, and nothing on stderr', async () => {
    const { stdout, stderr } = await run('--network', 'net.json', '--data', 'x.npy', '--out', 'json', '--json');
    expect(stdout).toBe(readFileSync(join(cwd, 'json', 'gram.json'), 'utf8'));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      kind: 'gram',
      network,
      data: { name: 'x.npy', rows: 9, features: 4 },
      against: null,
      precision: 'float64',
      matrices: [
        { file: 'nngp.npy', kernel: 'nngp', depth: null, shape: [9, 9], logScale: 0 },
        { file: 'ntk.npy', kernel: 'ntk', depth: null, shape: [9, 9], logScale: 0 },
      ],
      provenance: { command: 'resgram gram --network net.json --data x.npy' },
    });
  });

  test('names the files on stdout; progress and notes are on stderr, and --quiet drops them', async () => {
    const loud = await run('--network', 'net.json', '--data', 'x.npy', '--out', 'loud');
    expect(loud.stdout).toBe('loud/nngp.npy  9 × 9\nloud/ntk.npy  9 × 9\n');
    expect(loud.stderr).toContain('x.npy: 9 rows, 4 features');
    const quiet = await run('--network', 'net.json', '--data', 'x.npy', '--out', 'quiet', '--quiet');
    expect(quiet.stderr).toBe('');
  });

  test('replaces files of the same names with --force, and leaves others alone', async () => {
    await run('--network', 'net.json', '--data', 'x.npy', '--out', 'again');
    write('again/mine.txt', 'keep me');
    expect(
      (await resgram(['gram', '--network', 'mlp.json', '--depths', '1', '--data', 'x.npy', '--out', 'again'], { cwd }))
        .code,
    ).toBe(6);
    await run('--network', '{"preset": "mlp", "depth": 1}', '--data', 'x.npy', '--out', 'again', '--force');
    const expected = await gram(compile({ preset: 'mlp', depth: 1 }), x, 'ntk');
    expect(matrix('again', 'ntk.npy').values).toEqual(expected.values);
    expect(readFileSync(join(cwd, 'again', 'mine.txt'), 'utf8')).toBe('keep me');
  });

  test('goes to resgram-gram unless told otherwise', async () => {
    await run('--network', 'net.json', '--data', 'x.npy', '--kernel', 'ntk');
    expect(existsSync(join(cwd, 'resgram-gram', 'ntk.npy'))).toBe(true);
  });
});
