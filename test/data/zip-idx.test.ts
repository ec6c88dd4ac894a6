import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { gatherRows } from '../../lib/data/array.js';
import { readIdx } from '../../lib/data/idx.js';
import { npyBytes } from '../../lib/data/npy.js';
import { readNpz } from '../../lib/data/npz.js';
import { readZipDirectory, readZipEntry } from '../../lib/data/zip.js';
import { expectFailure, expectRefusal, fixtures } from './support.js';

const limit = 2 ** 30;
const numpyFile = (name: string) => readFileSync(join(fixtures, 'numpy', name));
const matrix = npyBytes({ data: Float64Array.of(1, 2, 3, 4), shape: [2, 2] });
const zip = (files: Zippable) => Buffer.from(zipSync(files));

/** Overwrites bytes of the central directory's first entry, counted from its signature. */
function patched(bytes: Buffer, offset: number, values: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, copy.indexOf(Buffer.from('PK\x01\x02', 'latin1')) + offset);
  return copy;
}

function patchedEnd(bytes: Buffer, offset: number, values: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, copy.length - 22 + offset);
  return copy;
}

const readAll = async (bytes: Uint8Array) => {
  const entries = readZipDirectory(bytes, 'a.npz');
  return Promise.all(entries.map((entry) => readZipEntry(bytes, 'a.npz', entry, limit)));
};

describe('.npz', () => {
  it('reads what NumPy writes, stored and deflated', async () => {
    const stored = await readNpz(numpyFile('stored.npz'), 'stored.npz', {}, limit);
    expect([stored.xKey, stored.yKey, stored.x.shape, stored.y?.shape]).toEqual(['x', 'y', [2, 3], [2]]);
    const deflated = await readNpz(numpyFile('deflated.npz'), 'deflated.npz', {}, limit);
    expect([deflated.xKey, deflated.yKey, deflated.x.shape]).toEqual(['X', 'labels', [100, 3]]);
    const single = await readNpz(numpyFile('single.npz'), 'single.npz', {}, limit);
    expect([single.xKey, single.y]).toEqual(['arr_0', undefined]);
    expect(Array.from(await gatherRows(single.x, Uint32Array.of(1)))).toEqual([1.5, -2, 2.5]);
  });

  it('takes named arrays, and says which there are', async () => {
    const bytes = zip({ 'a.npy': matrix, 'b.npy': matrix });
    expect((await readNpz(bytes, 'f.npz', { xKey: 'b', yKey: 'a' }, limit)).xKey).toBe('b');
    await expectFailure(() => readNpz(bytes, 'f.npz', {}, limit), 'ERR_DATA', /usual name for samples.*: a, b/);
    await expectFailure(
      () => readNpz(bytes, 'f.npz', { xKey: 'c' }, limit),
      'ERR_ARGUMENT',
      /xKey: unknown array.*known: a, b/,
    );
  });

  it('names are labels: paths in them lead nowhere, prototypes are not touched', async () => {
    const bytes = zip({ '../../evil.npy': matrix, '__proto__.npy': matrix, 'x.npy': matrix });
    expect((await readNpz(bytes, 'f.npz', { yKey: '__proto__' }, limit)).yKey).toBe('__proto__');
  });

  it('a spreadsheet is recognised', () =>
    expectRefusal(
      () => readNpz(zip({ 'xl/workbook.xml': new Uint8Array(3) }), 'b.xlsx', {}, limit),
      'ERR_DATA',
      /CSV/,
    ));
});

describe('malformed archives', () => {
  const good = zip({ 'x.npy': [new Uint8Array(5000), { level: 9 }] });
  const two = zip({ 'x.npy': matrix, 'y.npy': matrix });
  const bomb = zip({ 'x.npy': [new Uint8Array(50 * 2 ** 20), { level: 9 }] });
  const secondName = two.lastIndexOf(Buffer.from('y.npy'));
  const duplicate = Buffer.from(two);
  duplicate.write('x.npy', secondName);
  const dataStart = 30 + 'x.npy'.length;
  const flipped = Buffer.from(zip({ 'x.npy': [matrix, { level: 0 }] }));
  flipped[dataStart + 130] = (flipped[dataStart + 130] as number) ^ 1;
  const le32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255];

  it('the frame of these tests is sound', async () => {
    expect((await readAll(good))[0]?.length).toBe(5000);
    expect((await readAll(two)).length).toBe(2);
  });

  const cases: [string, Uint8Array, RegExp][] = [
    ['no directory', good.subarray(0, 60), /directory at its end is missing/],
    ['cut off', good.subarray(0, -3), /directory at its end is missing/],
    ['duplicate names', duplicate, /'x\.npy' appears twice/],
    ['encrypted', patched(good, 8, [1, 0]), /is encrypted/],
    ['unknown method', patched(good, 10, [12, 0]), /compression method 12/],
    ['impossible ratio', patched(good, 24, le32(0x7fffffff)), /claims 2147483647 bytes from/],
    ['stored with two sizes', patched(good, 10, [0, 0]), /claims 5000 bytes from/],
    ['lying small size', patched(good, 24, le32(100)), /holds more than the 100 bytes it declares/],
    ['lying large size', patched(good, 24, le32(5001)), /has 5000 bytes, its directory says 5001/],
    ['wrong checksum', patched(good, 16, [1, 2, 3, 4]), /does not match its checksum/],
    ['flipped bit', flipped, /does not match its checksum/],
    ['offset outside', patched(good, 42, le32(0x7fffffff)), /beyond the end of the file/],
    ['offset elsewhere', patched(good, 42, le32(1)), /no header where the directory says/],
    ['zip64 sizes', patched(good, 24, [255, 255, 255, 255]), /uses zip64/],
    ['zip64 count', patchedEnd(good, 8, [255, 255, 255, 255]), /zip64/],
    ['several disks', patchedEnd(good, 4, [1, 0]), /one part of an archive of several/],
    ['too many entries', patchedEnd(good, 8, [0x20, 0x4e, 0x20, 0x4e]), /20000 entries, more than the limit/],
    ['more entries than there are', patchedEnd(good, 8, [2, 0, 2, 0]), /directory is damaged/],
    ['directory outside', patchedEnd(good, 16, le32(0x7fffffff)), /does not lie inside/],
  ];
  it.each(cases)('%s', (_, bytes, message) => expectRefusal(() => readAll(bytes), 'ERR_DATA', message));

  it('a bomb is refused by its declared size before it is inflated', async () => {
    expect(bomb.length).toBeLessThan(100_000);
    const [entry] = readZipDirectory(bomb, 'bomb.npz');
    const before = process.memoryUsage().arrayBuffers;
    await expectFailure(
      () => readZipEntry(bomb, 'bomb.npz', entry as never, 2 ** 20),
      'ERR_DATA',
      /50 MiB, more than the limit of 1\.0 MiB/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });
});

describe('IDX', () => {
  const idx = (type: number, shape: readonly number[], payload: Uint8Array) => {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.set([0, 0, type, shape.length]);
    for (const [axis, n] of shape.entries()) header.writeUInt32BE(n, 4 + 4 * axis);
    return Buffer.concat([header, payload]);
  };
  const bigEndian = (write: (b: Buffer) => void, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    write(buffer);
    return buffer;
  };

  it.each([
    ['uint8', 0x08, Buffer.from([0, 255]), [0, 255]],
    ['int8', 0x09, Buffer.from([1, 255]), [1, -1]],
    ['int16', 0x0b, bigEndian((b) => [b.writeInt16BE(-300, 0), b.writeInt16BE(300, 2)], 4), [-300, 300]],
    ['int32', 0x0c, bigEndian((b) => [b.writeInt32BE(-70000, 0), b.writeInt32BE(7, 4)], 8), [-70000, 7]],
    ['float32', 0x0d, bigEndian((b) => [b.writeFloatBE(-0.5, 0), b.writeFloatBE(2, 4)], 8), [-0.5, 2]],
    ['float64', 0x0e, bigEndian((b) => [b.writeDoubleBE(1 / 3, 0), b.writeDoubleBE(2, 8)], 16), [1 / 3, 2]],
  ])('%s', async (_, type, payload, expected) => {
    const array = readIdx(idx(type, [2, 1], payload), 'a.idx');
    expect(Array.from(await gatherRows(array, Uint32Array.of(0, 1)))).toEqual(expected);
  });

  it('reads MNIST', () => {
    const images = readIdx(gunzipSync(readFileSync(join(fixtures, 'mnist2-200-images.idx.gz'))), 'images');
    expect([images.shape, images.type.name]).toEqual([[400, 28, 28], 'uint8']);
  });

  it.each([
    ['wrong start', Buffer.from([0, 1, 8, 1, 0, 0, 0, 0]), /must begin with 00 00/],
    ['unknown type', idx(0x0a, [1], Buffer.alloc(1)), /must begin with 00 00/],
    ['no axes', Buffer.from([0, 0, 8, 0]), /must begin with 00 00/],
    ['cut in the header', idx(8, [2, 2], Buffer.alloc(4)).subarray(0, 9), /header needs 12 bytes/],
    ['cut in the data', idx(8, [2, 2], Buffer.alloc(3)), /announces 2 × 2 uint8 values \(4 bytes\), 3 bytes follow/],
    ['trailing bytes', idx(8, [2, 2], Buffer.alloc(5)), /5 bytes follow/],
    ['product beyond 2^53', idx(8, [2 ** 31, 2 ** 31, 2 ** 31], Buffer.alloc(5)), /too many bytes/],
  ])('malformed: %s', (_, bytes, message) => expectRefusal(() => readIdx(bytes, 'bad.idx'), 'ERR_DATA', message));
});
