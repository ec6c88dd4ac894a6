/**
 * The layout of a model file: SafeTensors. Eight bytes with the length of a JSON header (little-endian), the header,
 * and the tensors one after the other as raw little-endian doubles. docs/model-format.md says what they mean.
 */

import { endianness } from 'node:os';
import zlib from 'node:zlib';
import { KernelError } from '../errors.js';
import { isRecord } from '../place.js';

/** A kind of file with this layout. */
export interface FileFormat {
  readonly name: string;
  /** Raised when a reader of this version would misread the file. */
  readonly version: number;
  /** As messages call it. */
  readonly what: 'model' | 'network';
  /** What makes such files, for who passes another: "x and y write". */
  readonly writers: string;
}

export const modelFormat: FileFormat = {
  name: 'resgram-model',
  version: 1,
  what: 'model',
  writers: "'resgram fit' and save() write",
};
export const networkFormat: FileFormat = {
  name: 'resgram-network',
  version: 1,
  what: 'network',
  writers: 'save() of a sampled network writes',
};

/** Names and networks take a few kilobytes, notes perhaps some megabytes. */
const maxHeaderBytes = 64 * 2 ** 20;
const headStart = 8;

export interface TensorPlace {
  readonly shape: readonly number[];
  /** Bytes from the beginning of the file. */
  readonly from: number;
  readonly bytes: number;
}

export interface Layout {
  /** The record of the model, as JSON. */
  readonly model: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, TensorPlace>;
}

export function requireLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new KernelError('ERR_IO', 'model files are little-endian, and this machine is not; convert them elsewhere');
}

/** The bytes before the tensors. */
export function headOf(
  model: object,
  shapes: ReadonlyMap<string, readonly number[]>,
  format: FileFormat = modelFormat,
): Uint8Array {
  const record = JSON.stringify(model);
  const checksum = String(zlib.crc32(record));
  const metadata = { format: format.name, version: String(format.version), model: record, checksum };
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, shape] of shapes) {
    const end = offset + 8 * countOf(shape);
    header[name] = { dtype: 'F64', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  // Spaces bring the first tensor to a multiple of eight bytes.
  const length = Math.ceil(text.length / 8) * 8;
  if (length > maxHeaderBytes) {
    throw new KernelError(
      'ERR_DATA',
      `the notes of a model: expected at most ${maxHeaderBytes} bytes of JSON, got ${length}; keep them in a file of their own`,
    );
  }
  const head = Buffer.alloc(headStart + length, 0x20);
  head.writeBigUInt64LE(BigInt(length), 0);
  text.copy(head, headStart);
  return head;
}

/** How many bytes the header takes, out of the first eight. */
export function headerBytes(start: Uint8Array, fileBytes: number, name: string, format = modelFormat): number {
  if (start.length < headStart) throw noModel(name, `it has ${start.length} bytes`, format);
  const length = Buffer.from(start).readBigUInt64LE(0);
  if (length > BigInt(maxHeaderBytes) || length < 2n)
    throw noModel(name, 'it does not begin with the length of a header', format);
  const end = headStart + Number(length);
  if (end > fileBytes) throw cutShort(name, end, fileBytes, format);
  return Number(length);
}

/** Reads the header; refuses (ERR_DATA) other files, later versions and files that were cut short. */
export function parseHeader(text: string, fileBytes: number, name: string, format = modelFormat): Layout {
  const start = headStart + Buffer.byteLength(text, 'utf8');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw noModel(name, `its header is no JSON (${(cause as Error).message})`, format);
  }
  if (!isRecord(header)) throw noModel(name, 'its header is no object', format);
  const { __metadata__: metadata, ...entries } = header;
  if (!isRecord(metadata) || metadata.format !== format.name)
    throw noModel(name, 'its header does not say that it is one', format);
  const version = Number(metadata.version);
  if (version !== format.version) {
    throw new KernelError(
      'ERR_DATA',
      `${name}: expected format version ${format.version}, got ${String(metadata.version).slice(0, 20)}; ` +
        (version > format.version
          ? 'a later release of resgram wrote it, use that one'
          : `save the ${format.what} again`),
      { file: name, version: metadata.version, supported: format.version },
    );
  }
  const tensors = new Map<string, TensorPlace>();
  let offset = 0;
  for (const [key, entry] of Object.entries(entries)) {
    const place = placeOf(entry, offset);
    if (place === undefined) throw damaged(name, `its header describes '${key.slice(0, 40)}' wrongly`, format);
    tensors.set(key, { ...place, from: start + place.from });
    offset += place.bytes;
  }
  if (start + offset > fileBytes) throw cutShort(name, start + offset, fileBytes, format);
  if (start + offset < fileBytes) {
    throw damaged(name, `it has ${fileBytes - start - offset} bytes too many`, format);
  }
  if (String(zlib.crc32(String(metadata.model))) !== metadata.checksum) {
    throw damaged(name, 'the checksum of its record does not agree', format);
  }
  let model: unknown;
  try {
    model = JSON.parse(String(metadata.model));
  } catch {
    throw damaged(name, `its record of the ${format.what} is no JSON`, format);
  }
  if (!isRecord(model)) throw damaged(name, `its record of the ${format.what} is no object`, format);
  return { model, tensors };
}

/** Tensors follow each other without gaps. */
function placeOf(entry: unknown, offset: number): TensorPlace | undefined {
  if (!isRecord(entry) || entry.dtype !== 'F64') return undefined;
  const { shape, data_offsets: offsets } = entry;
  if (!Array.isArray(shape) || shape.length < 1 || shape.length > 4) return undefined;
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 1)) return undefined;
  const bytes = 8 * countOf(shape as number[]);
  if (!Number.isSafeInteger(bytes)) return undefined;
  if (!Array.isArray(offsets) || offsets[0] !== offset || offsets[1] !== offset + bytes) return undefined;
  return { shape: shape as number[], from: offset, bytes };
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function noModel(name: string, why: string, { what, writers }: FileFormat): KernelError {
  return new KernelError('ERR_DATA', `${name}: expected a ${what} file of resgram, but ${why}; ${writers} such files`, {
    file: name,
  });
}

export function damaged(name: string, why: string, { what } = modelFormat): KernelError {
  return new KernelError('ERR_DATA', `${name}: the ${what} file is damaged: ${why}; save the ${what} again`, {
    file: name,
  });
}

function cutShort(name: string, expected: number, got: number, { what }: FileFormat): KernelError {
  return new KernelError(
    'ERR_DATA',
    `${name}: the ${what} file is cut short: expected ${expected} bytes, got ${got}; copy or save it again`,
    { file: name, expected, got },
  );
}
