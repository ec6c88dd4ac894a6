// What means no kernel, or none that can be computed: refused with the layer's path and the remedy, by the library and
// by the program alike.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, test, vi } from 'vitest';
import {
  activation,
  compile,
  conv,
  cross,
  dense,
  type ErrorCode,
  gram,
  head,
  KernelError,
  type Layer,
  loadDataset,
  parseNetwork,
  repeat,
  type Samples,
  serial,
} from '../../lib/index.js';
import { npyFile, resgram, workplace } from './run.js';

vi.setConfig({ testTimeout: 60_000 });
const { path: cwd, write } = workplace();

const vectors = { data: Float64Array.from({ length: 90 }, (_, i) => Math.cos(i)), shape: [30, 3] };
// On a circle, so that there is one table of one variance.
const long = {
  data: Float64Array.from({ length: 60 }, (_, i) => 3e3 * (i % 2 === 0 ? Math.cos(i) : Math.sin(i - 1))),
  shape: [30, 2],
};
const images = { data: Float64Array.from({ length: 96 }, (_, i) => Math.sin(i)), shape: [2, 4, 4, 3] };
const larger = { data: Float64Array.from({ length: 150 }, (_, i) => Math.sin(i)), shape: [2, 5, 5, 3] };
const data = { vectors, long, images, larger };
for (const [name, { data: values, shape }] of Object.entries(data)) write(`${name}.npy`, npyFile(values, shape));

interface Case {
  readonly name: string;
  readonly network: Layer;
  readonly x: keyof typeof data;
  readonly z?: keyof typeof data;
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly says: RegExp;
  readonly exit: number;
}

const first = dense({ inputScale: '1' });
const entry = conv(3, { inputScale: '1/d' });
/** As a file may hold it: layers that the builders would refuse at once. */
const raw = (...layers: readonly object[]): Layer => ({ kind: 'serial', layers }) as unknown as Layer;
const phi = (pieces: readonly object[]) => ({ kind: 'tabulated', scale: 1, pieces });

const cases: readonly Case[] = [
  {
    name: 'a filter of even size',
    network: raw(entry, { ...conv(3), size: 4 }, head('pool'), dense()),
    x: 'images',
    code: 'ERR_NETWORK',
    path: 'layers[1]',
    says: /layers\[1\] \(conv\): size: expected an odd number, .* got 4; use 3 or 5/,
    exit: 2,
  },
  {
    name: 'images of two sizes',
    network: serial(entry, activation('relu'), head('pool'), dense()),
    x: 'images',
    z: 'larger',
    code: 'ERR_SHAPE',
    path: undefined,
    says: /5 × 5.*4 × 4|4 × 4.*5 × 5/,
    exit: 3,
  },
  {
    name: 'a head on vectors',
    network: raw(first, activation('relu'), head('pool'), dense()),
    x: 'vectors',
    code: 'ERR_NETWORK',
    path: 'layers[2]',
    says: /layers\[2\] \(head\): takes images but gets vectors; vectors need no head but dense\(\)/,
    exit: 2,
  },
  {
    name: 'an activation without fresh weights before it',
    network: raw(first, activation('relu'), { kind: 'repeat', times: 2, layer: activation('erf') }, dense()),
    x: 'vectors',
    code: 'ERR_NETWORK',
    path: 'layers[2].layer',
    says: /layers\[2\]\.layer \(erf\): needs Gaussian input, .*; put dense\(\) before it/,
    exit: 2,
  },
  {
    name: 'quadrature that does not converge',
    network: serial(first, activation('relu'), repeat(2, serial(dense(), activation('tanh'))), dense()),
    x: 'long',
    code: 'ERR_NO_CONVERGENCE',
    path: 'layers[2].layer.layers[1]',
    says: /layers\[2\]\.layer\.layers\[1\] \(tanh\): a table .* only good to [\d.]*[1-9]\d*(e-\d+)?; .*smaller weights or inputs/,
    exit: 4,
  },
  {
    name: 'a variance that an activation forbids',
    network: serial(dense({ inputScale: '1', weightVar: 1e6 }), activation('silu'), dense()),
    x: 'long',
    code: 'ERR_RANGE',
    path: 'layers[1]',
    says: /layers\[1\] \(silu\): the variance of row 0 is above 1e\+08 .* or relu, which silu tends to .* would help/,
    exit: 4,
  },
  {
    name: 'φ whose dual diverges: a jump has no tangent kernel',
    network: raw(
      first,
      phi([
        { from: -1, to: 0, coefficients: [1] },
        { from: 0, to: 1, coefficients: [2] },
      ]),
      dense(),
    ),
    x: 'vectors',
    code: 'ERR_NETWORK',
    path: 'layers[1]',
    says: /layers\[1\] \(tabulated\): pieces\[1\]: φ jumps by 1 at 0, .*; make the pieces meet, or take activation\('sign'\)/,
    exit: 2,
  },
  {
    name: 'sign, asked for its tangent kernel',
    network: serial(first, repeat(2, serial(activation('sign'), dense())), dense()),
    x: 'vectors',
    code: 'ERR_NETWORK',
    path: 'layers[1].layer.layers[0]',
    says: /layers\[1\]\.layer\.layers\[0\] \(sign\): has no tangent kernel: .*; ask for its NNGP alone/,
    exit: 2,
  },
];

async function refused(call: () => unknown): Promise<KernelError> {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  expect(error).toBeInstanceOf(KernelError);
  return error as KernelError;
}

describe.each(cases)('$name', ({ network, x, z, code, path, says, exit }) => {
  test('is refused by the library, given layers and given JSON', async () => {
    const run = async (layers: Layer) => {
      using kernel = compile(layers);
      const samples: Samples = data[x];
      return z === undefined
        ? await gram(kernel, samples, ['nngp', 'ntk'])
        : await cross(kernel, samples, data[z], 'ntk');
    };
    const parsed = () => run(parseNetwork(JSON.parse(JSON.stringify(network))) as Layer);
    for (const call of [() => run(network), parsed]) {
      const error = await refused(call);
      expect(error.message).toMatch(says);
      expect({ code: error.code, path: error.details.path }).toEqual({ code, path });
    }
  });

  test(`is refused by the program, which ends with ${exit}`, async () => {
    write('net.json', JSON.stringify(network));
    const against = z === undefined ? [] : ['--against', `${z}.npy`];
    const args = ['gram', '--network', 'net.json', '--data', `${x}.npy`, ...against];
    const { code: status, stdout, stderr } = await resgram([...args, '--json'], { cwd });
    const { error } = JSON.parse(stdout) as { error: { code: string; details: { path?: string } } };
    expect(stderr).toMatch(says);
    expect({ status, code: error.code }).toEqual({ status: exit, code });
    if (path !== undefined) expect(error.details.path).toBe(path);
  });
});

test('a folder of images of two sizes is refused with the file', async () => {
  for (const [i, width] of [3, 3, 4].entries()) {
    mkdirSync(join(cwd, 'png', 'a'), { recursive: true });
    const image = { width, height: 2, channels: 1, depth: 8, data: new Uint8Array(2 * width) } as const;
    writeFileSync(join(cwd, 'png', 'a', `${i}.png`), encode(image));
  }
  const error = await refused(() => loadDataset(join(cwd, 'png')));
  expect(error.message).toMatch(/2\.png.*one size, so crop or resize them/);
  const { stderr } = await resgram(['compare', 'png'], { cwd });
  expect(stderr).toMatch(/2\.png.*one size, so crop or resize them/);
});
