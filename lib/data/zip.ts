import { promisify } from 'node:util';
import zlib, { inflateRaw } from 'node:zlib';
import { KernelError } from '../errors.js';
import { megabytes } from './allocate.js';
import { inSlices } from './slices.js';

const inflate = promisify(inflateRaw);

const maxEntries = 10_000;
/** DEFLATE cannot do better than 1032 : 1; what claims more is lying about its size. */
const maxRatio = 1032;

/** One file inside a zip archive. Its name is a label, never a path. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly compressedSize: number;
  readonly method: 'stored' | 'deflated';
  readonly crc: number;
  /** Offset of the local header. */
  readonly offset: number;
}

/**
 * The directory of a zip archive, read before anything is decompressed.
 *
 * Archives of several disks, encrypted entries, other methods than store and deflate, repeated names and zip64
 * (4 GiB and more) are refused with ERR_DATA, as is any size that the archive's own length makes impossible.
 */
export function readZipDirectory(bytes: Uint8Array, name: string): readonly ZipEntry[] {
  const fail = (problem: string) => damaged(name, problem);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(view);
  if (end === undefined) throw fail('the directory at its end is missing; the file may be cut off');
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) {
    throw fail('it uses the zip64 extension; save arrays beyond 4 GiB as .npy');
  }
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
    throw fail('it is one part of an archive of several');
  }
  if (count > maxEntries) throw fail(`it has ${count} entries, more than the limit of ${maxEntries}`);
  if (start + size > end) throw fail('its directory does not lie inside the file');

  const entries = new Map<string, ZipEntry>();
  let position = start;
  for (let i = 0; i < count; i++) {
    const { entry, next } = directoryEntry(view, bytes, position, start + size, fail);
    if (entries.has(entry.name)) throw fail(`the entry '${entry.name}' appears twice`);
    entries.set(entry.name, entry);
    position = next;
  }
  return [...entries.values()];
}

/** The end record is 22 bytes and a comment; it is searched from the end, where the comment's length must fit. */
function endRecord(view: DataView): number | undefined {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + 22 + view.getUint16(at + 20, true) === view.byteLength) {
      return at;
    }
  }
  return undefined;
}

function directoryEntry(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
  fail: (problem: string) => KernelError,
): { entry: ZipEntry; next: number } {
  if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50) throw fail('its directory is damaged');
  const nameLength = view.getUint16(at + 28, true);
  const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > end) throw fail('its directory is damaged');
  const label = Buffer.from(bytes.subarray(at + 46, at + 46 + nameLength)).toString('utf8');
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const compressedSize = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const offset = view.getUint32(at + 42, true);
  if ((flags & 1) !== 0) throw fail(`the entry '${label}' is encrypted`);
  if (method !== 0 && method !== 8) throw fail(`the entry '${label}' uses compression method ${method}, not deflate`);
  if ([compressedSize, size, offset].includes(0xffffffff)) throw fail(`the entry '${label}' uses zip64`);
  if (method === 0 ? size !== compressedSize : size > maxRatio * compressedSize + 64) {
    throw fail(`the entry '${label}' claims ${size} bytes from ${compressedSize}`);
  }
  if (offset + 30 + compressedSize > bytes.length) throw fail(`the entry '${label}' lies beyond the end of the file`);
  const crc = view.getUint32(at + 16, true);
  return {
    entry: { name: label, size, compressedSize, method: method === 0 ? 'stored' : 'deflated', crc, offset },
    next,
  };
}

/** The bytes of one entry, decompressed in the thread pool; its size and its checksum must be the declared ones. */
export async function readZipEntry(
  bytes: Uint8Array,
  archive: string,
  entry: ZipEntry,
  maxBytes: number,
): Promise<Uint8Array> {
  const fail = (problem: string) => damaged(archive, `the entry '${entry.name}' ${problem}`);
  if (entry.size > maxBytes) {
    throw fail(`has ${megabytes(entry.size)}, more than the limit of ${megabytes(maxBytes)} (maxBytes)`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = entry.offset;
  if (view.getUint32(at, true) !== 0x04034b50) throw fail('has no header where the directory says');
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + entry.compressedSize > bytes.length) throw fail('lies beyond the end of the file');
  const stored = bytes.subarray(start, start + entry.compressedSize);
  const content = entry.method === 'stored' ? stored : await inflated(stored, entry.size, fail);
  if (content.length !== entry.size) throw fail(`has ${content.length} bytes, its directory says ${entry.size}`);
  if ((await checksum(content)) !== entry.crc) throw fail('does not match its checksum; the file is damaged');
  return content;
}

async function checksum(content: Uint8Array): Promise<number> {
  let crc = 0;
  await inSlices(content.length, 8 * 2 ** 20, (from, to) => {
    crc = zlib.crc32(content.subarray(from, to), crc);
  });
  return crc;
}

async function inflated(stored: Uint8Array, size: number, fail: (problem: string) => KernelError): Promise<Uint8Array> {
  try {
    return (await inflate(stored, { maxOutputLength: Math.max(1, size) })) as Uint8Array;
  } catch (cause) {
    const tooLong = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw fail(tooLong ? `holds more than the ${size} bytes it declares` : 'cannot be decompressed; it is damaged');
  }
}

function damaged(name: string, problem: string): KernelError {
  return new KernelError('ERR_DATA', `${name} is not a sound zip archive: ${problem}`, { file: name });
}
