import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { readNpy } from '../../lib/data/npy.js';
import { compile, cross, gram } from '../../lib/kernel.js';
import type { Network } from '../../lib/presets.js';
import { npyFile, points, resgram, workplace } from './run.js';

const { path: cwd, write } = workplace();
const x = { data: points(5, 24), shape: [5, 3, 4, 2] };
const z = { data: points(9, 24).subarray(6 * 24), shape: [3, 3, 4, 2] };
const network = { preset: 'barzilai', depth: 2, alpha: 0.5, head: 'pool' } as const;
write('x.npy', npyFile(x.data, x.shape));
write('z.npy', npyFile(z.data, z.shape));
write('rows.npy', npyFile(x.data, [5, 24]));
write('signals.npy', npyFile(x.data, [5, 1, 12, 2]));
write('net.json', JSON.stringify(network));
write('vectors.json', JSON.stringify({ preset: 'mlp', depth: 2 }));

// Four images of 2 × 3 grey pixels, in two classes.
const bytes = Array.from({ length: 4 }, (_, i) => Uint8Array.from({ length: 6 }, (__, k) => (37 * i + 53 * k) % 256));
for (const [i, data] of bytes.entries()) {
  const folder = join(cwd, 'png', i < 2 ? 'a' : 'b');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${i}.png`), encode({ width: 3, height: 2, channels: 1, depth: 8, data }));
}
mkdirSync(join(cwd, 'empty'));
const idx = Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3]), ...bytes]);
write('images-idx3-ubyte', idx);
const grey = {
  data: Float64Array.from(
    bytes.flatMap((image) => [...image]),
    (byte) => byte / 255,
  ),
  shape: [4, 2, 3, 1],
};

function matrix(folder: string, name = 'ntk.npy') {
  const { shape, payload } = readNpy(readFileSync(join(cwd, folder, name)), name);
  return { shape: [...shape], values: new Float64Array(Uint8Array.from(payload).buffer) };
}

async function run(...args: string[]) {
  const result = await resgram(['gram', ...args], { cwd });
  expect(result).toMatchObject({ code: 0 });
  return result;
}

async function ntk(spec: Network, images: typeof x) {
  using kernel = compile(spec);
  return (await gram(kernel, images, 'ntk')).values;
}

describe('resgram gram on images', () => {
  test('arrays keep their grid, and say so', async () => {
    const { stderr } = await run('--network', 'net.json', '--data', 'x.npy', '--kernel', 'ntk', '--out', 'plain');
    expect(matrix('plain')).toEqual({ shape: [5, 5], values: await ntk(network, x) });
    expect(stderr).toContain('x.npy: 5 images of 3 × 4 × 2');
    const summary = JSON.parse(readFileSync(join(cwd, 'plain', 'gram.json'), 'utf8'));
    expect(summary).toMatchObject({ network, data: { rows: 5, image: { height: 3, width: 4, channels: 2 } } });
  });

  test('two sets, and depths', async () => {
    await run('--network', 'net.json', '--data', 'x.npy', '--against', 'z.npy', '--kernel', 'ntk', '--out', 'cross');
    using kernel = compile(network);
    expect(matrix('cross')).toEqual({ shape: [5, 3], values: (await cross(kernel, x, z, 'ntk')).data });
    const family = '{"preset": "cntk", "head": "trace"}';
    await run('--network', family, '--data', 'x.npy', '--kernel', 'ntk', '--depths', '1,3', '--out', 'depths');
    const alone = await ntk({ preset: 'cntk', head: 'trace', depth: 3 }, x);
    // A network that ends at depth 3 scales its sums otherwise than one that goes on: the last digit may differ.
    const swept = matrix('depths', 'ntk-L3.npy').values;
    expect(swept).toHaveLength(alone.length);
    for (const [i, value] of swept.entries()) {
      expect(Math.abs(value - (alone[i] as number))).toBeLessThanOrEqual(4 * Number.EPSILON * value);
    }
  });

  test('folders of PNG files and IDX are the same images', async () => {
    const { stderr } = await run('--network', 'net.json', '--data', 'png', '--kernel', 'ntk', '--out', 'fromPng');
    expect(stderr).toContain('4 PNG images of 2 × 3 pixels, in the order of their names');
    await run('--network', 'net.json', '--data', 'images-idx3-ubyte', '--kernel', 'ntk', '--out', 'fromIdx');
    const expected = { shape: [4, 4], values: await ntk(network, grey) };
    expect(matrix('fromPng')).toEqual(expected);
    expect(matrix('fromIdx')).toEqual(expected);
  });

  test('one row of pixels is a signal', async () => {
    const same = '{"preset": "cntk", "depth": 2, "head": "trace", "padding": "same"}';
    await run('--network', same, '--data', 'signals.npy', '--kernel', 'ntk', '--out', 'signals');
    expect(matrix('signals').values).toEqual(await ntk(JSON.parse(same), { data: x.data, shape: [5, 12, 2] }));
  });

  test('pixels of unit length', async () => {
    const { stderr } = await run(
      '--network',
      'net.json',
      '--data',
      'x.npy',
      '--unit-pixels',
      '--kernel',
      'nngp',
      '--out',
      'unit',
    );
    expect(stderr).toContain('every pixel was divided by the length of its 2 channels');
    // Σ_jj = (1 + α²)^L / C₀ for every pixel, so under a trace head the diagonal would be that; a pooled one is below it.
    const { values } = matrix('unit', 'nngp.npy');
    for (let i = 0; i < 5; i++) expect(values[6 * i]).toBeLessThan(1.25 ** 2 / 2);
  });

  test('networks on vectors get the images flattened', async () => {
    await run('--network', 'vectors.json', '--data', 'x.npy', '--kernel', 'ntk', '--out', 'flat');
    expect(matrix('flat').values).toEqual(await ntk({ preset: 'mlp', depth: 2 }, { data: x.data, shape: [5, 24] }));
  });

  test('spectra too', async () => {
    const { stdout } = await resgram(['spectrum', '--network', 'net.json', '--data', 'png', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'spectrum', data: { rows: 4, image: { height: 2 } } });
  });
});

test('resgram compare flattens the images of a folder, and says so', async () => {
  for (let i = 0; i < 24; i++) {
    const folder = join(cwd, 'classes', i % 2 === 0 ? 'even' : 'odd');
    mkdirSync(folder, { recursive: true });
    const data = Uint8Array.from({ length: 9 }, (_, k) => (k % 2 === i % 2 ? 200 : 30) + ((7 * i + 11 * k) % 40));
    writeFileSync(join(folder, `${i}.png`), encode({ width: 3, height: 3, channels: 1, depth: 8, data }));
  }
  const args = [
    'compare',
    'classes',
    '--networks',
    'mlp,resnet:0.1',
    '--depths',
    '1,2',
    '--splits',
    '3',
    '--out',
    'report',
  ];
  const { code, stdout } = await resgram(args, { cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('These networks see an image as a list of pixels in no order');
  const { data } = JSON.parse(readFileSync(join(cwd, 'report', 'report.json'), 'utf8'));
  expect(data).toMatchObject({
    name: 'classes',
    image: { height: 3, width: 3, channels: 1 },
    classes: [
      { label: 'even', count: 12 },
      { label: 'odd', count: 12 },
    ],
  });
});

describe('refusals', () => {
  const cases: [what: string, args: string[], code: number, message: RegExp][] = [
    [
      'rows for a network on images',
      ['--network', 'net.json', '--data', 'rows.npy'],
      3,
      /rows\.npy: expected images, because the network begins with conv\(\), got rows of 24 numbers/,
    ],
    [
      'unit pixels of rows',
      ['--network', 'vectors.json', '--data', 'rows.npy', '--unit-pixels'],
      2,
      /unit-?pixels: expected images, but rows\.npy holds rows/i,
    ],
    [
      'too long',
      ['--network', 'net.json', '--data', 'x.npy', '--max-hours', '1e-12'],
      2,
      /hours on .* threads, more than the 1e-12 allowed; .* allow more \(--max-hours\)$/m,
    ],
    [
      'no hours',
      ['--network', 'net.json', '--data', 'x.npy', '--max-hours', '0'],
      2,
      /--max-hours: expected a number of hours above 0, got '0'/,
    ],
    [
      'a filter too large',
      [
        '--network',
        '{"kind":"serial","layers":[{"kind":"conv","size":5,"padding":"valid","inputScale":"1"},{"kind":"head","read":"pool"},{"kind":"dense"}]}',
        '--data',
        'x.npy',
      ],
      3,
      /layers\[0\] \(conv\): 'valid' filters of 5 × 5 pixels leave nothing of 3 × 4/,
    ],
    ['a folder of no images', ['--network', 'net.json', '--data', 'empty'], 8, /it is a folder without PNG images/],
  ];
  test.each(cases)('%s', async (_what, args, code, message) => {
    const result = await resgram(['gram', ...args, '--out', 'never'], { cwd });
    expect(result.stderr).toMatch(message);
    expect(result.code).toBe(code);
  });

  test('profiles are for vectors', async () => {
    const result = await resgram(['profile', '--network', 'net.json'], { cwd });
    expect(result).toMatchObject({ code: 2 });
    expect(result.stderr).toMatch(/^resgram: a profile is over the angle/);
  });
});
