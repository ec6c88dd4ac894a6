import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dataset, LoadOptions } from '../../lib/data/dataset.js';
import { loadDataset } from '../../lib/data/load.js';
import { createRandom, type Random } from '../../lib/data/rng.js';
import { KernelError } from '../../lib/errors.js';
import { fixtures, scratchFolder } from './support.js';

const scratch = scratchFolder();
const casesPerSeed = 400;

/** Bytes on which parsers of these formats stumble. */
const special = Buffer.from('\0\xff\x80",;\t\n\r 09.-eE+(){}[]\'\\PK\x93N\x1f\x8b', 'latin1');

function mutated(original: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(original);
  for (let k = random.below(4) + 1; k > 0; k--) {
    const at = random.below(bytes.length + 1);
    const length = random.below(Math.min(16, bytes.length - at + 1));
    const kind = random.below(6);
    if (kind === 0 && at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    else if (kind === 1 && at < bytes.length) bytes[at] = special[random.below(special.length)] as number;
    else if (kind === 2) bytes = bytes.subarray(0, at);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    else {
      const inserted = Buffer.from(
        Array.from({ length: length + 1 }, () => special[random.below(special.length)] as number),
      );
      bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
    }
  }
  return bytes;
}

/** What every data set promises, whatever it was made from. */
function expectSound({ x, y, features, classes, notes }: Dataset): void {
  const [n, d] = x.shape;
  expect([x.data.length, y.length, features.length, notes.n, notes.d]).toEqual([n * d, n, d, n, d]);
  expect(n * d).toBeGreaterThan(0);
  expect(new Set(features).size).toBe(d);
  expect(x.data.every((value) => Number.isFinite(value) && !Object.is(value, -0))).toBe(true);
  if (classes === undefined) expect(y.every(Number.isFinite)).toBe(true);
  else expect(y.every((label) => Number.isInteger(label) && label >= 0 && label < classes.length)).toBe(true);
}

const numpyFile = (name: string) => readFileSync(join(fixtures, 'numpy', name));
const iris = readFileSync(join(fixtures, 'iris.csv'), 'utf8').split('\n');
const flowers = [iris[0], ...iris.slice(1, 20), ...iris.slice(60, 80), ...iris.slice(120, 130)].join('\n');
const quoted = flowers.replaceAll(/(setosa|species)/g, '"$1"');
const idx = Buffer.concat([Buffer.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3]), Buffer.alloc(24, 7)]);
const labels = scratch.write('labels.txt', 'a\nb\na\nb\n');
const twoLabels = scratch.write('two-labels.txt', 'a\nb\n');

const bases: [string, Buffer, LoadOptions?][] = [
  ['CSV', Buffer.from(flowers)],
  ['CSV with quotes', Buffer.from(quoted), { missing: 'mean', oneHot: true }],
  ['CSV, rows dropped', Buffer.from(flowers), { missing: 'drop-rows', limit: 20, order: 'random' }],
  ['gzipped CSV', gzipSync(flowers)],
  ['.npy', numpyFile('f8-little.npy')],
  ['.npy, column-major', numpyFile('fortran-big.npy'), { missing: 'mean' }],
  ['.npy, version 3', numpyFile('version-3.npy'), { target: 1 }],
  ['.npy of integers', numpyFile('i8-big.npy')],
  ['.npy of images', numpyFile('images.npy'), { labels: twoLabels }],
  ['.npz', numpyFile('deflated.npz')],
  ['.npz, stored', numpyFile('stored.npz'), { yKey: 'y' }],
  ['IDX', idx, { labels }],
];

describe('mutated files are read soundly or refused with a KernelError', () => {
  it.each(bases)('%s', async (name, original, options) => {
    const path = scratch.write('fuzz.bin', original);
    expectSound(await loadDataset(path, { task: 'regress', ...options }).catch(() => loadDataset(path, options)));
    const random = createRandom(
      20_260,
      bases.findIndex(([base]) => base === name),
    );
    let refused = 0;
    for (let k = 0; k < casesPerSeed; k++) {
      const bytes = mutated(original, random);
      writeFileSync(path, bytes);
      try {
        expectSound(await loadDataset(path, { ...options, maxBytes: 2 ** 22 }));
      } catch (error) {
        const hint = `case ${k}: ${bytes.length < 600 ? bytes.toString('latin1') : bytes.length}`;
        if (!(error instanceof KernelError)) throw new Error(hint, { cause: error });
        expect(error.code, hint).not.toBe('ERR_INTERNAL');
        expect(error.message.length, hint).toBeLessThan(1000);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(casesPerSeed / 20);
  });

  it('labels', async () => {
    const data = scratch.write('four.csv', 'a,b\n1,2\n3,4\n5,6\n7,9\n');
    const random = createRandom(20_261);
    for (const original of [readFileSync(labels), Buffer.from([0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 0, 1])]) {
      for (let k = 0; k < casesPerSeed; k++) {
        writeFileSync(join(scratch.path, 'fuzz.labels'), mutated(original, random));
        try {
          expectSound(await loadDataset(data, { labels: join(scratch.path, 'fuzz.labels') }));
        } catch (error) {
          if (!(error instanceof KernelError)) throw new Error(`case ${k}`, { cause: error });
        }
      }
    }
  });
});
