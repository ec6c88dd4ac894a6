// A name that an older Node lacks, imported by itself, would fail before it can be told what is needed.
import buffers from 'node:buffer';
import { KernelError } from '../errors.js';
import { breathe } from './slices.js';

const step = 4 * 2 ** 20;

/** Text as bytes, without its byte order mark, once it is known to be UTF-8 without NUL. */
export async function checkedText(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<Buffer> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ((buffer[0] === 0xff && buffer[1] === 0xfe) || (buffer[0] === 0xfe && buffer[1] === 0xff)) {
    throw new KernelError('ERR_DATA', `${name} is UTF-16 text; save it as UTF-8`, { file: name });
  }
  const text = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? buffer.subarray(3) : buffer;
  for (let from = 0; from < text.length; ) {
    const to = characterBoundary(text, Math.min(text.length, from + step));
    const part = text.subarray(from, to);
    const zero = part.indexOf(0);
    if (zero >= 0) throw badByte(text, from + zero, name, 'is NUL; this is not a text file');
    if (!buffers.isUtf8(part)) {
      const at = from + firstInvalid(part);
      throw badByte(text, at, name, 'is not UTF-8; save the file as UTF-8');
    }
    from = to;
    await breathe(signal);
  }
  return text;
}

/** Moves back to the start of a character, so that a slice never cuts one. */
function characterBoundary(text: Buffer, at: number): number {
  if (at === text.length) return at;
  let boundary = at;
  while (boundary > at - 4 && ((text[boundary] as number) & 0xc0) === 0x80) boundary--;
  return boundary;
}

/** Bisects for the longest valid prefix; a prefix may end inside a character of at most four bytes. */
function firstInvalid(part: Buffer): number {
  let valid = 0;
  let invalid = part.length;
  while (invalid - valid > 64) {
    const middle = characterBoundary(part, (valid + invalid) >> 1);
    if (buffers.isUtf8(part.subarray(valid, middle))) valid = middle;
    else invalid = middle;
  }
  for (let at = valid; at < invalid; ) {
    const length = [1, 2, 3, 4].find((bytes) => buffers.isUtf8(part.subarray(at, at + bytes)));
    if (length === undefined) return at;
    at += length;
  }
  return valid;
}

function badByte(text: Buffer, at: number, name: string, problem: string): KernelError {
  const before = text.toString('latin1', 0, at);
  const line = (before.match(/\r\n|\n|\r/g)?.length ?? 0) + 1;
  const value = `0x${(text[at] as number).toString(16).padStart(2, '0')}`;
  return new KernelError('ERR_DATA', `${name}, line ${line}: the byte ${value} at offset ${at} ${problem}`, {
    file: name,
    line,
    offset: at,
  });
}
