import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { createGunzip } from 'node:zlib';
import { KernelError, nearestName } from '../errors.js';
import { megabytes } from './allocate.js';
import type { Source, SourceRole } from './dataset.js';
import { breathe } from './slices.js';

/** Largest file that is read unless the caller asks for another limit. */
export const defaultMaxBytes = 2 ** 31;

/** A file as read: the bytes a parser sees and the identity of what lies on disk. */
export interface FileContent {
  /** Base name, without the folder. */
  readonly name: string;
  /** Decompressed if the file is gzip. */
  readonly content: Uint8Array;
  /** Size and SHA-256 of the file itself. */
  readonly bytes: number;
  readonly sha256: string;
}

/** What a report says of a file. */
export function sourceOf({ name, bytes, sha256 }: FileContent, role: SourceRole, licence?: string): Source {
  return { name, bytes, sha256, role, ...(licence === undefined ? {} : { licence }) };
}

const readStep = 2 ** 20;

/**
 * Reads a regular file whole, with its hash, and undoes gzip.
 *
 * Devices, pipes and folders are refused: reading an endless device ends with the process killed for memory.
 * Throws ERR_IO when the file cannot be read and ERR_DATA when its size or its compression is refused.
 */
export async function readDataFile(path: string, maxBytes: number, signal?: AbortSignal): Promise<FileContent> {
  signal?.throwIfAborted();
  const name = basename(path);
  const { raw, sha256 } = await readRaw(path, maxBytes, signal);
  const content = raw[0] === 0x1f && raw[1] === 0x8b ? await gunzip(raw, name, maxBytes, signal) : raw;
  if (content.length === 0) throw new KernelError('ERR_DATA', `${name} is empty; expected samples`, { file: name });
  return { name, content, bytes: raw.length, sha256 };
}

async function readRaw(
  path: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ raw: Uint8Array; sha256: string }> {
  const file = await openForReading(path);
  try {
    const status = await file.stat();
    if (!status.isFile()) {
      const kind = status.isDirectory() ? 'a folder' : 'not a regular file';
      throw new KernelError('ERR_IO', `cannot read '${path}': it is ${kind}; expected a data file`, { path });
    }
    if (status.size > maxBytes) throw tooLarge(basename(path), status.size, maxBytes);
    return await readAll(file, path, status.size, signal);
  } finally {
    await file.close();
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? `no such file${await similarFile(path)}` : reasonOf(cause);
    throw new KernelError('ERR_IO', `cannot read '${path}': ${reason}`, { path, errno: code }, { cause });
  }
}

async function similarFile(path: string): Promise<string> {
  const siblings = await readdir(dirname(path)).catch(() => undefined);
  if (siblings === undefined) return ', and no such folder';
  const near = nearestName(basename(path), siblings);
  return near === undefined ? '' : `; did you mean '${near}'?`;
}

async function readAll(
  file: FileHandle,
  path: string,
  size: number,
  signal: AbortSignal | undefined,
): Promise<{ raw: Uint8Array; sha256: string }> {
  const raw = Buffer.allocUnsafeSlow(size);
  const hash = createHash('sha256');
  let position = 0;
  while (position < size) {
    const { bytesRead } = await file.read(raw, position, Math.min(readStep, size - position), position);
    if (bytesRead === 0) break;
    hash.update(raw.subarray(position, position + bytesRead));
    position += bytesRead;
    signal?.throwIfAborted();
  }
  const after = await file.stat();
  if (position !== size || after.size !== size) {
    throw new KernelError('ERR_IO', `'${path}' changed while it was read; try again when it is complete`, { path });
  }
  return { raw, sha256: hash.digest('hex') };
}

/** Decompresses in the thread pool into a buffer that grows only as data really arrive. */
async function gunzip(
  raw: Uint8Array,
  name: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const stream = createGunzip({ chunkSize: 2 ** 20 });
  let content = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(2 ** 20, 4 * raw.length)));
  let length = 0;
  try {
    stream.end(raw);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (length + chunk.length > maxBytes) throw tooLarge(`${name}, decompressed,`, length + chunk.length, maxBytes);
      if (length + chunk.length > content.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, 2 * content.length));
        content.copy(larger, 0, 0, length);
        content = larger;
      }
      chunk.copy(content, length);
      length += chunk.length;
      await breathe(signal);
    }
  } catch (cause) {
    if (cause instanceof KernelError || signal?.aborted) throw cause;
    throw new KernelError(
      'ERR_DATA',
      `${name} is not sound gzip data: ${reasonOf(cause)}; the file may be cut off or damaged`,
      { file: name },
      { cause },
    );
  } finally {
    stream.destroy();
  }
  return content.subarray(0, length);
}

function tooLarge(what: string, size: number, maxBytes: number): KernelError {
  return new KernelError(
    'ERR_DATA',
    `${what} has ${size === maxBytes ? 'at least ' : ''}${megabytes(size)}, more than the limit of ` +
      `${megabytes(maxBytes)}; raise the limit (maxBytes) if the file is meant`,
    { size, maxBytes },
  );
}

/** The system's words for a failed call, without the call's name and path. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message.replace(/^[A-Z0-9]+: /, '').replace(/, [a-z]+( '.*)?$/, '');
}
