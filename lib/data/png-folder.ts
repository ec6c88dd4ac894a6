/** A folder of PNG images as one array of samples; subfolders are classes. */

import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KernelError } from '../errors.js';
import { megabytes } from './allocate.js';
import { elementTypes, type StoredArray } from './array.js';
import type { TargetColumn } from './features.js';
import { type FileContent, readDataFile, reasonOf } from './files.js';
import { decodePng, type PngImage } from './png-image.js';
import { breathe } from './slices.js';

/** The images of a folder, in the order of the names of folders and files. */
export interface ImageFolder {
  /** [n, height, width, channels]. */
  readonly array: StoredArray;
  /** The name of each image's folder; undefined where all lie in one. */
  readonly target?: TargetColumn;
  readonly messages: readonly string[];
}

/** A file, or a folder of images. */
export type DataSource = FileContent & { readonly folder?: ImageFolder };

/** Reads a data file, or the PNG images of a folder. Throws as `readDataFile` does, and ERR_DATA naming a bad image. */
export async function readSource(path: string, maxBytes: number, signal?: AbortSignal): Promise<DataSource> {
  const isFolder = await stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
  return isFolder ? readFolder(path, maxBytes, signal) : readDataFile(path, maxBytes, signal);
}

interface Entry {
  readonly path: string;
  /** Relative to the folder, for messages. */
  readonly name: string;
  readonly label?: string;
}

async function readFolder(path: string, maxBytes: number, signal?: AbortSignal): Promise<DataSource> {
  const name = basename(path);
  const { entries, ignored } = await entriesOf(path);
  const images: PngImage[] = [];
  const hash = createHash('sha256');
  let bytes = 0;
  let decoded = 0;
  for (const entry of entries) {
    signal?.throwIfAborted();
    const file = await readDataFile(entry.path, maxBytes, signal);
    const image = await decodePng(file.content, entry.name);
    const [first] = images;
    if (first !== undefined && (first.height !== image.height || first.width !== image.width)) {
      throw new KernelError(
        'ERR_DATA',
        `${entry.name} has ${image.height} × ${image.width} pixels, ${entries[0]?.name} has ${first.height} × ` +
          `${first.width}; all images of a folder must have one size, so crop or resize them`,
        { file: entry.name, expected: [first.height, first.width], got: [image.height, image.width] },
      );
    }
    images.push(image);
    hash.update(`${file.sha256}  ${entry.name}\n`);
    bytes += file.bytes;
    decoded += image.samples.byteLength;
    if (decoded > maxBytes) {
      throw new KernelError(
        'ERR_DATA',
        `${name}, decompressed, has more than the limit of ${megabytes(maxBytes)} after ${images.length} of ` +
          `${entries.length} images; raise the limit (maxBytes) if the folder is meant`,
        { maxBytes },
      );
    }
    await breathe(signal);
  }
  const colour = images.filter(({ channels }) => channels === 3).length;
  const labels = entries.map(({ label }) => label).filter((label) => label !== undefined);
  return {
    name,
    content: new Uint8Array(0),
    bytes,
    sha256: hash.digest('hex'),
    folder: {
      array: stacked(name, images),
      ...(labels.length === 0 ? {} : { target: targetOf(entries, labels) }),
      messages: [
        `${images.length} PNG images of ${images[0]?.height} × ${images[0]?.width} pixels, in the order of their names`,
        ...(labels.length === 0 ? [] : ['labels are the names of the folders']),
        ...(colour === 0 || colour === images.length
          ? []
          : [`${images.length - colour} grey images among ${colour} in colour were taken as RGB`]),
        ...(ignored === 0
          ? []
          : [
              ignored === 1
                ? '1 file that is not called .png was left out'
                : `${ignored} files that are not called .png were left out`,
            ]),
      ],
    },
  };
}

/** PNG files of the folder itself, or of its subfolders; both at once would leave some images without a label. */
async function entriesOf(path: string): Promise<{ readonly entries: readonly Entry[]; readonly ignored: number }> {
  const top = await listing(path);
  if (top.folders.length > 0 && top.images.length > 0) {
    throw new KernelError(
      'ERR_DATA',
      `${basename(path)} has images (${top.images[0]}) beside folders (${top.folders[0]}); expected all images in one ` +
        'folder, or one folder for each class',
      { file: basename(path) },
    );
  }
  const entries: Entry[] = top.images.map((image) => ({ path: join(path, image), name: image }));
  let ignored = top.others;
  for (const label of top.folders) {
    const inner = await listing(join(path, label));
    if (inner.folders.length > 0) {
      throw new KernelError(
        'ERR_DATA',
        `${join(basename(path), label)} has a folder (${inner.folders[0]}); expected images in one folder for each class`,
        { file: join(basename(path), label) },
      );
    }
    ignored += inner.others;
    for (const image of inner.images) entries.push({ path: join(path, label, image), name: join(label, image), label });
  }
  if (entries.length === 0) {
    throw new KernelError(
      'ERR_IO',
      `cannot read '${path}': it is a folder without PNG images; expected a data file, a folder of PNG images, or one ` +
        'with a folder of them for each class',
      { path },
    );
  }
  return { entries, ignored };
}

/** What lies in a folder, sorted by the names' characters; hidden files do not count. */
async function listing(path: string): Promise<{ images: string[]; folders: string[]; others: number }> {
  try {
    const found = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
    const folders: string[] = [];
    const files: string[] = [];
    for (const entry of found) {
      const isFolder = entry.isSymbolicLink()
        ? (await stat(join(path, entry.name))).isDirectory()
        : entry.isDirectory();
      (isFolder ? folders : files).push(entry.name);
    }
    const images = files.filter((file) => /\.png$/i.test(file));
    return { images: images.sort(), folders: folders.sort(), others: files.length - images.length };
  } catch (cause) {
    throw new KernelError('ERR_IO', `cannot read '${path}': ${reasonOf(cause)}`, { path }, { cause });
  }
}

/** All images with the channels and the white of the richest; 255 · 257 = 65535. */
function stacked(name: string, images: readonly PngImage[]): StoredArray {
  const { height, width } = images[0] as PngImage;
  const channels = images.some((image) => image.channels === 3) ? 3 : 1;
  const deep = images.some((image) => image.white === 65535);
  const pixels = height * width;
  const all = deep
    ? new Uint16Array(images.length * pixels * channels)
    : new Uint8Array(images.length * pixels * channels);
  let at = 0;
  for (const image of images) {
    const factor = deep && image.white === 255 ? 257 : 1;
    const own = image.channels;
    for (let i = 0; i < pixels * channels; i++, at++) {
      const from = own === channels ? i : Math.floor(i / channels);
      all[at] = (image.samples[from] as number) * factor;
    }
  }
  return {
    name,
    shape: [images.length, height, width, channels],
    type: deep ? elementTypes.u2 : elementTypes.u1,
    littleEndian: new Uint8Array(Uint16Array.of(1).buffer)[0] === 1,
    fortranOrder: false,
    payload: new Uint8Array(all.buffer),
    white: deep ? 65535 : 255,
  };
}

function targetOf(entries: readonly Entry[], labels: readonly string[]): TargetColumn {
  const levels = [...new Set(labels)];
  const codes = Int32Array.from(labels, (label) => levels.indexOf(label));
  return {
    file: 'folders',
    column: { kind: 'text', name: 'folder', codes, levels },
    place: (row) => ({ text: entries[row]?.name ?? '', details: { file: entries[row]?.name, row } }),
    messages: [],
  };
}
