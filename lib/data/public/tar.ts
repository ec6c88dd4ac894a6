/** The members of a tar archive as npm packs them (ustar): a block of 512 bytes each, then the contents in whole blocks. */

import { KernelError } from '../../errors.js';

const block = 512;

/** Those of the given names. Throws ERR_DATA where the archive is cut off or one of them is not in it. */
export function tarMembers(
  archive: Uint8Array,
  names: readonly string[],
  file: string,
): ReadonlyMap<string, Uint8Array> {
  const members = new Map<string, Uint8Array>();
  let at = 0;
  while (at + block <= archive.length && archive[at] !== 0) {
    const header = archive.subarray(at, at + block);
    const size = octal(header, 124, 12);
    if (octal(header, 148, 8) !== checksum(header))
      throw damaged(file, `the header at byte ${at} does not match its sum`);
    const [prefix, last] = [text(header, 345, 155), text(header, 0, 100)];
    const name = prefix === '' ? last : `${prefix}/${last}`;
    const kind = header[156];
    at += block;
    if (at + size > archive.length) throw damaged(file, `'${name}' is cut off`);
    if ((kind === 0 || kind === 0x30) && names.includes(name)) members.set(name, archive.subarray(at, at + size));
    at += Math.ceil(size / block) * block;
  }
  for (const name of names) if (!members.has(name)) throw damaged(file, `it has no '${name}'`);
  return members;
}

function text(header: Uint8Array, from: number, length: number): string {
  const field = Buffer.from(header.subarray(from, from + length));
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function octal(header: Uint8Array, from: number, length: number): number {
  return Number.parseInt(text(header, from, length).trim() || '0', 8);
}

/** Of all bytes, those of the sum itself being blanks. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

function damaged(file: string, problem: string): KernelError {
  return new KernelError('ERR_DATA', `${file} is not the archive that was expected: ${problem}`, { file });
}
