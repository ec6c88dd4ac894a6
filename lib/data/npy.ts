import { KernelError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkedProduct } from './allocate.js';
import { type ElementType, elementTypes, type StoredArray } from './array.js';
import { parseNpyHeader } from './npy-header.js';

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const maxHeader = 64 * 1024;

export function looksLikeNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/**
 * The .npy format, versions 1 to 3: magic, version, header length, a Python dictionary, the elements.
 * Nothing in the file is evaluated. Throws ERR_DATA unless the elements fill the rest of the file exactly.
 */
export function readNpy(bytes: Uint8Array, name: string): StoredArray {
  const fail = (problem: string) => damaged(name, problem);
  if (!looksLikeNpy(bytes)) throw fail('it must begin with \\x93NUMPY');
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3 || bytes[7] !== 0) {
    throw fail(`format version ${bytes[6] ?? '?'}.${bytes[7] ?? '?'} is not one of 1.0, 2.0, 3.0`);
  }
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw fail('the file ends inside the header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeader) throw fail(`a header of ${length} bytes is more than the limit of ${maxHeader}`);
  if (bytes.length < start + length) throw fail('the file ends inside the header');

  const header = parseNpyHeader(Buffer.from(bytes.subarray(start, start + length)).toString('latin1'), fail);
  const { type, littleEndian } = elementTypeOf(header.descr, name);
  const payload = bytes.subarray(start + length);
  const expected = checkedProduct([...header.shape, type.bytes]);
  if (expected !== payload.length) {
    throw fail(
      `shape (${header.shape.join(', ')}) of ${type.name} needs ${expected ?? 'too many'} bytes, ` +
        `${payload.length} follow the header; the file may be cut off`,
    );
  }
  return { name, shape: header.shape, type, littleEndian, fortranOrder: header.fortranOrder, payload };
}

function elementTypeOf(descr: string, name: string): { type: ElementType; littleEndian: boolean } {
  const [, order, code] = /^([<>|])([a-z]\d+)$/.exec(descr) ?? [];
  const type = (Object.entries(elementTypes) as [string, ElementType][]).find(([known]) => known === code)?.[1];
  // One-byte types have no byte order, and only they may say so.
  if (type !== undefined && (order !== '|' || type.bytes === 1)) return { type, littleEndian: order !== '>' };
  const why = descr.includes('O')
    ? 'holds Python objects (a pickle), which are never read; save it as float64'
    : `has element type '${descr}'; expected float, integer or bool numbers: ${Object.keys(elementTypes).join(', ')}`;
  throw new KernelError('ERR_DATA', `${name} ${why}`, { file: name, descr });
}

function damaged(name: string, problem: string): KernelError {
  return new KernelError('ERR_DATA', `${name} is not a sound .npy file: ${problem}`, { file: name });
}

const littleEndianMachine = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The header of a row-major little-endian array, padded so that the elements start at a multiple of 64 bytes. */
export function npyHeader(type: 'float64' | 'float32', shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${type === 'float64' ? '<f8' : '<f4'}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length);
  header.set(magic);
  header[6] = 1;
  header.writeUInt16LE(length, 8);
  header.write(`${text.padEnd(length - 1)}\n`, 10, 'latin1');
  return header;
}

const chunkBytes = 4 * 2 ** 20;

/**
 * The bytes of an .npy file, part by part. The parts after the header are views of the tensor on a little-endian
 * machine, so that writing a Gram matrix needs no second copy of it.
 */
export function* npyChunks({ data, shape }: Tensor): Generator<Uint8Array> {
  if (checkedProduct(shape) !== data.length) {
    throw new KernelError('ERR_SHAPE', `cannot write ${data.length} numbers as shape [${shape.join(', ')}]`, { shape });
  }
  yield npyHeader(data instanceof Float32Array ? 'float32' : 'float64', shape);
  for (let from = 0; from < data.byteLength; from += chunkBytes) {
    const part = new Uint8Array(data.buffer, data.byteOffset + from, Math.min(chunkBytes, data.byteLength - from));
    yield littleEndianMachine ? part : swapped(part, data.BYTES_PER_ELEMENT);
  }
}

/** An .npy file as one array of bytes. */
export function npyBytes(tensor: Tensor): Uint8Array {
  return Buffer.concat([...npyChunks(tensor)]);
}

function swapped(part: Uint8Array, width: number): Uint8Array {
  const copy = Buffer.from(part);
  return width === 8 ? copy.swap64() : copy.swap32();
}
