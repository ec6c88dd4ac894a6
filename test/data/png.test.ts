import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { type BitDepth, encode, type ImageData } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { imagesOf, unitPixels } from '../../lib/data/images.js';
import { loadDataset, loadPair } from '../../lib/data/load.js';
import { loadPoints, loadPointsPair } from '../../lib/data/load-points.js';
import { decodePng } from '../../lib/data/png-image.js';
import { expectFailure, scratchFolder } from './support.js';

const scratch = scratchFolder();

/** A PNG of the given samples. */
function png(
  width: number,
  height: number,
  channels: number,
  samples: readonly number[],
  depth: BitDepth = 8,
): Uint8Array {
  const data = depth === 16 ? Uint16Array.from(samples) : Uint8Array.from(samples);
  return encode({ width, height, channels, depth, data } as ImageData);
}

let count = 0;
/** Writes files under a new folder; names may have subfolders. */
function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(scratch.path, `images${count++}`);
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const dark = png(2, 1, 1, [0, 51]);
const light = png(2, 1, 1, [255, 102]);

describe('one image', () => {
  it('grey and RGB of 8 and 16 bits as they are', async () => {
    expect(await decodePng(dark, 'x')).toMatchObject({ height: 1, width: 2, channels: 1, white: 255 });
    expect([...(await decodePng(light, 'x')).samples]).toEqual([255, 102]);
    const deep = await decodePng(png(1, 2, 3, [1, 2, 3, 65535, 300, 0], 16), 'x');
    expect(deep).toMatchObject({ height: 2, width: 1, channels: 3, white: 65535 });
    expect([...deep.samples]).toEqual([1, 2, 3, 65535, 300, 0]);
  });

  it('one bit per pixel, ten wide, written by the definition of the format', async () => {
    const chunk = (type: string, data: Buffer): Buffer => {
      const body = Buffer.concat([Buffer.from(type), data]);
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(data.length);
      sum.writeUInt32BE(crc32(body));
      return Buffer.concat([length, body, sum]);
    };
    const header = Buffer.from([0, 0, 0, 10, 0, 0, 0, 2, 1, 0, 0, 0, 0]);
    // No filter, then 1010101010 and 0000000011, rows ending with their byte.
    const rows = deflateSync(Buffer.from([0, 0b10101010, 0b10000000, 0, 0b00000000, 0b11000000]));
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const file = Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
    const image = await decodePng(file, 'x');
    expect(image).toMatchObject({ height: 2, width: 10, channels: 1, white: 255 });
    expect([...image.samples]).toEqual([255, 0, 255, 0, 255, 0, 255, 0, 255, 0, ...Array(8).fill(0), 255, 255]);
  });

  it('palettes become RGB', async () => {
    const indexed = encode({
      width: 2,
      height: 1,
      channels: 1,
      depth: 8,
      data: Uint8Array.of(1, 0),
      palette: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    });
    expect(await decodePng(indexed, 'x')).toMatchObject({ channels: 3, width: 2 });
    expect([...(await decodePng(indexed, 'x')).samples]).toEqual([4, 5, 6, 1, 2, 3]);
  });

  it('alpha is dropped where all is opaque, and refused with its pixel where not', async () => {
    expect([...(await decodePng(png(2, 1, 2, [7, 255, 9, 255]), 'x')).samples]).toEqual([7, 9]);
    expect([...(await decodePng(png(1, 1, 4, [1, 2, 3, 65535], 16), 'x')).samples]).toEqual([1, 2, 3]);
    const through = png(2, 2, 4, [1, 2, 3, 255, 1, 2, 3, 255, 1, 2, 3, 255, 1, 2, 3, 254]);
    await expect(decodePng(through, 'a/b.png')).rejects.toThrow(
      'a/b.png: the pixel in row 1, column 1 is transparent; expected opaque images, so flatten them onto a background first',
    );
  });

  it('what is cut off, damaged or no PNG is refused with its name', async () => {
    await expect(decodePng(dark.subarray(0, 20), 'cut.png')).rejects.toThrow(
      /^cut\.png is not a sound PNG image: the header/,
    );
    for (const length of [34, 50, dark.length - 1]) {
      await expect(decodePng(dark.subarray(0, length), 'cut.png'), `${length} bytes`).rejects.toThrow(
        /^cut\.png is not a sound/,
      );
    }
    for (let at = 0; at < dark.length; at++) {
      const flipped = Uint8Array.from(dark);
      flipped[at] = (flipped[at] as number) ^ 0x10;
      // Every byte of a PNG is checked by its signature or by a checksum.
      await expect(decodePng(flipped, 'x.png'), `byte ${at}`).rejects.toThrow(/^x\.png is not a sound PNG image/);
    }
    const vast = Uint8Array.from(dark);
    vast.set([0x7f, 0xff, 0xff, 0xff], 16);
    await expect(decodePng(vast, 'x.png')).rejects.toThrow(
      /announces 1 × 2147483647 pixels; expected sides from 1 to 16384/,
    );
  });
});

describe('folders', () => {
  it('a flat folder: images in the order of their names, white is 1, the grid is kept', async () => {
    const points = await loadPoints(folderOf({ 'b.png': light, 'a.PNG': dark, '.hidden.png': 'x', 'notes.txt': 'x' }));
    expect(points).toMatchObject({ kind: 'images', image: { height: 1, width: 2, channels: 1 } });
    expect([...points.x.data]).toEqual([0, 0.2, 1, 0.4]);
    expect(points.notes.messages).toEqual(
      expect.arrayContaining([
        '2 PNG images of 1 × 2 pixels, in the order of their names',
        '1 file that is not called .png was left out',
        'bytes of images were divided by 255',
      ]),
    );
    expect(imagesOf(points)).toEqual({ data: points.x.data, shape: [2, 2, 1] });
  });

  it('grey among colour becomes RGB, 8 bits among 16 keep their value', async () => {
    const folder = folderOf({ 'a.png': png(1, 1, 1, [51]), 'b.png': png(1, 1, 3, [65535, 0, 13107], 16) });
    const points = await loadPoints(folder);
    expect(points.image).toEqual({ height: 1, width: 1, channels: 3 });
    expect([...points.x.data]).toEqual([0.2, 0.2, 0.2, 1, 0, 0.2]);
    expect(points.notes.messages).toContain('1 grey images among 1 in colour were taken as RGB');
    expect(points.notes.messages).toContain('samples of images were divided by 65535');
  });

  it('subfolders are classes', async () => {
    const folder = folderOf({ 'cats/1.png': dark, 'dogs/1.png': light, 'cats/2.png': light, 'dogs/2.png': dark });
    symlinkSync(join(folder, 'dogs'), join(folder, 'emus'));
    const data = await loadDataset(folder);
    expect(data).toMatchObject({ task: 'classify', classes: ['cats', 'dogs', 'emus'], kind: 'images' });
    expect([...data.y]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...data.x.data]).toEqual([0, 0.2, 1, 0.4, 1, 0.4, 0, 0.2, 1, 0.4, 0, 0.2]);
    expect(data.notes.messages).toContain('labels are the names of the folders');
    expect(data.sources[0]).toMatchObject({ role: 'data', bytes: 3 * (dark.length + light.length) });
    const pair = await loadPair(folder, folder, { classes: ['dogs', 'cats'] });
    expect(pair.test.y).toEqual(pair.train.y);
  });

  it('its hash is that of names and contents', async () => {
    const [a, b, c] = await Promise.all(
      [
        { 'a.png': dark, 'b.png': light },
        { 'a.png': dark, 'b.png': light },
        { 'a.png': light, 'b.png': dark },
      ].map(async (files) => (await loadPoints(folderOf(files))).source.sha256),
    );
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  const refusals: [
    what: string,
    files: Record<string, Uint8Array | string>,
    code: 'ERR_DATA' | 'ERR_IO',
    message: RegExp,
  ][] = [
    [
      'images of unequal size',
      { 'a.png': dark, 'b.png': png(1, 2, 1, [0, 0]) },
      'ERR_DATA',
      /^b\.png has 2 × 1 pixels, a\.png has 1 × 2; all images of a folder must have one size/,
    ],
    [
      'a damaged image',
      { 'x/a.png': dark, 'x/b.png': dark.subarray(0, 60) },
      'ERR_DATA',
      /^x\/b\.png is not a sound PNG image/,
    ],
    [
      'a JPEG called PNG',
      { 'a.png': Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(60)]) },
      'ERR_DATA',
      /^a\.png is not a sound PNG image/,
    ],
    ['an empty file', { 'a.png': '' }, 'ERR_DATA', /a\.png is empty/],
    [
      'no images',
      { 'a.txt': 'x' },
      'ERR_IO',
      /it is a folder without PNG images; expected a data file, a folder of PNG images/,
    ],
    [
      'images beside folders',
      { 'a.png': dark, 'x/a.png': dark },
      'ERR_DATA',
      /has images \(a\.png\) beside folders \(x\)/,
    ],
    [
      'folders in classes',
      { 'x/a.png': dark, 'x/y/a.png': dark },
      'ERR_DATA',
      /has a folder \(y\); expected images in one folder for each class/,
    ],
  ];
  it.each(refusals)('%s: %#', async (_what, files, code, message) => {
    await expectFailure(() => loadPoints(folderOf(files)), code, message);
  });

  it('labels that are nowhere, limits, and two folders of unequal images', async () => {
    const flat = folderOf({ 'a.png': dark, 'b.png': light });
    await expectFailure(
      () => loadDataset(flat),
      'ERR_DATA',
      /has no targets: give a file of labels, .* \(labels\), or put the images of each class into a folder of its own; .* loadPoints/,
    );
    expect(imagesOf(await loadPoints(flat))).toEqual({ data: Float64Array.of(0, 0.2, 1, 0.4), shape: [2, 2, 1] });
    const plain = png(100, 100, 1, Array(10_000).fill(0));
    await expectFailure(
      () => loadPoints(folderOf({ 'a.png': plain, 'b.png': plain }), { maxBytes: 15_000 }),
      'ERR_DATA',
      /decompressed, has more than the limit of .* after 2 of 2 images; raise the limit \(maxBytes\)/,
    );
    const other = folderOf({ 'a.png': png(1, 1, 3, [1, 2, 3]) });
    await expectFailure(() => loadPointsPair(flat, other), 'ERR_SHAPE', /images of 1 × 1 × 3, .* images of 1 × 2 × 1/);
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    await expect(loadPoints(flat, { signal: abort.signal })).rejects.toThrow('enough');
  });
});

describe('pixels of unit length', () => {
  it('every pixel is divided by the length of its channels; zeros stay', () => {
    const images = { data: Float64Array.of(3, 4, 0, 0, -5, 12, 1e-200, 1e-200), shape: [2, 2, 2] };
    const unit = unitPixels(images);
    expect(unit.shape).toEqual([2, 2, 2]);
    const wanted = [0.6, 0.8, 0, 0, -5 / 13, 12 / 13, Math.SQRT1_2, Math.SQRT1_2];
    for (const [i, value] of wanted.entries()) expect(unit.data[i]).toBeCloseTo(value, 15);
    expect(images.data[0]).toBe(3);
  });

  it('as an option of the reader, which says so', async () => {
    const points = await loadPoints(folderOf({ 'a.png': png(1, 2, 3, [0, 0, 0, 3, 4, 0]) }), { unitPixels: true });
    expect(points.x.data[3]).toBeCloseTo(0.6, 15);
    expect(points.notes.messages).toContain(
      'every pixel was divided by the length of its 3 channels; 1 pixel is zero and stayed so',
    );
    await expectFailure(
      () => loadPoints(scratch.write('rows.csv', '1,2\n3,4\n'), { unitPixels: true }),
      'ERR_ARGUMENT',
      /unitPixels: expected images, but rows\.csv holds rows of numbers/,
    );
  });

  it('rows are no images', async () => {
    const points = await loadPoints(scratch.write('rows2.csv', '1,2\n3,4\n'));
    expect(() => imagesOf(points)).toThrow(
      /^rows2\.csv: expected images, because the network begins with conv\(\), got rows of 2 numbers/,
    );
  });
});
