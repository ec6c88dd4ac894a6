/** Files with the layout of models, piece by piece. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import zlib from 'node:zlib';
import { reasonOf } from '../data/files.js';
import { breathe } from '../data/slices.js';
import { KernelError } from '../errors.js';
import {
  damaged,
  type FileFormat,
  headerBytes,
  type Layout,
  modelFormat,
  parseHeader,
  requireLittleEndian,
  type TensorPlace,
} from './layout.js';

/** A file that is open, and what its header says. */
export interface OpenFile {
  readonly file: FileHandle;
  readonly name: string;
  readonly layout: Layout;
}

/** Opens a file, checks its header and hands it over; closes it in the end. */
export async function withFile<R>(path: string, format: FileFormat, use: (opened: OpenFile) => Promise<R>): Promise<R> {
  requireLittleEndian();
  const name = basename(path);
  const file = await opened(path);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new KernelError('ERR_IO', `cannot read '${path}': it is not a regular file`, { path });
    const start = await bytesAt(file, 0, 8);
    const length = headerBytes(start, status.size, name, format);
    const header = await bytesAt(file, 8, length);
    const layout = parseHeader(Buffer.from(header).toString('utf8'), status.size, name, format);
    return await use({ file, name, layout });
  } finally {
    await file.close();
  }
}

const sliceBytes = 2 ** 20;

/** Numbers of a file, and the checksum that they should have. */
export interface Stretch {
  readonly file: FileHandle;
  /** Of the file, and as messages call these numbers. */
  readonly name: string;
  readonly what: string;
  readonly place: Pick<TensorPlace, 'from' | 'bytes'>;
  readonly checksum: unknown;
  readonly signal: AbortSignal | undefined;
  readonly format?: FileFormat;
}

/** The numbers, a slice at a time, checked against their checksum at the end. */
export async function* numbersIn(stretch: Stretch): AsyncGenerator<Float64Array> {
  const { file, name, what, checksum, signal, format = modelFormat } = stretch;
  const { from, bytes } = stretch.place;
  const buffer = new Float64Array(sliceBytes / 8);
  let sum = 0;
  for (let at = 0; at < bytes; ) {
    const amount = Math.min(sliceBytes, bytes - at);
    const slice = new Uint8Array(buffer.buffer, 0, amount);
    await fill(file, slice, from + at);
    sum = zlib.crc32(slice, sum);
    at += amount;
    yield buffer.subarray(0, amount / 8);
    await breathe(signal);
  }
  if (sum !== checksum) throw damaged(name, `the checksum of its ${what} does not agree`, format);
}

async function bytesAt(file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  return buffer.subarray(0, await fill(file, buffer, from));
}

/** One read may bring less than was asked for; returns what there was. */
async function fill(file: FileHandle, buffer: Uint8Array, from: number): Promise<number> {
  let at = 0;
  while (at < buffer.length) {
    const { bytesRead } = await file.read(buffer, at, buffer.length - at, from + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

async function opened(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no such file' : reasonOf(cause);
    throw new KernelError('ERR_IO', `cannot read '${path}': ${reason}`, { path, errno: code }, { cause });
  }
}
