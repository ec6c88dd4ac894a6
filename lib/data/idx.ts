import { KernelError } from '../errors.js';
import { checkedProduct } from './allocate.js';
import { type ElementType, elementTypes, type StoredArray } from './array.js';

/** The type byte of the format. */
const idxTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, elementTypes.u1],
  [0x09, elementTypes.i1],
  [0x0b, elementTypes.i2],
  [0x0c, elementTypes.i4],
  [0x0d, elementTypes.f4],
  [0x0e, elementTypes.f8],
]);

const maxAxes = 8;

/** Two zero bytes, a known type, a plausible number of axes. */
export function looksLikeIdx(bytes: Uint8Array): boolean {
  const axes = bytes[3] ?? 0;
  return bytes[0] === 0 && bytes[1] === 0 && idxTypes.has(bytes[2] ?? 0) && axes >= 1 && axes <= maxAxes;
}

/**
 * The IDX format of MNIST: 00 00, type, number of axes, one big-endian uint32 per axis, then the elements, big-endian.
 * Throws ERR_DATA unless the elements fill the rest of the file exactly.
 */
export function readIdx(bytes: Uint8Array, name: string): StoredArray {
  if (!looksLikeIdx(bytes)) {
    throw damaged(name, 'it must begin with 00 00, a type from 08 to 0e and the number of axes, 1 to 8');
  }
  const type = idxTypes.get(bytes[2] as number) as ElementType;
  const axes = bytes[3] as number;
  const header = 4 + 4 * axes;
  if (bytes.length < header) throw damaged(name, `the header needs ${header} bytes, the file has ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis, false));
  const expected = checkedProduct([...shape, type.bytes]);
  if (expected !== bytes.length - header) {
    throw damaged(
      name,
      `its header announces ${shape.join(' × ')} ${type.name} values (${expected ?? 'too many'} bytes), ` +
        `${bytes.length - header} bytes follow; the file may be cut off`,
    );
  }
  return { name, shape, type, littleEndian: false, fortranOrder: false, payload: bytes.subarray(header) };
}

function damaged(name: string, problem: string): KernelError {
  return new KernelError('ERR_DATA', `${name} is not a sound IDX file: ${problem}`, { file: name });
}
