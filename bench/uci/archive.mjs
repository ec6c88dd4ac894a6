// @ts-check
// The files of a .tar.gz archive: the two header fields that matter, names and sizes, and nothing is written to disk.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const block = 512;
const text = (bytes) => bytes.toString('utf8').replace(/\0.*$/s, '');

/**
 * @param {string} file
 * @returns {Map<string, string>} path → content, of regular files
 */
export function readArchive(file) {
  const bytes = gunzipSync(readFileSync(file));
  const files = new Map();
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block);
    const name = text(header.subarray(0, 100));
    if (name === '') return files;
    const size = Number.parseInt(text(header.subarray(124, 136)).trim(), 8);
    const prefix = text(header.subarray(257, 262)) === 'ustar' ? text(header.subarray(345, 500)) : '';
    const kind = String.fromCharCode(header[156] ?? 0);
    if (!Number.isSafeInteger(size) || at + block + size > bytes.length) {
      throw new Error(`${file}: cut short, or not a tar archive, at byte ${at}`);
    }
    if (kind === '0' || kind === '\0') {
      const path = `${prefix === '' ? '' : `${prefix}/`}${name}`.replace(/^\.\//, '');
      files.set(path, bytes.subarray(at + block, at + block + size).toString('utf8'));
    }
    at += block + Math.ceil(size / block) * block;
  }
  throw new Error(`${file}: cut short, or not a tar archive: it has no end`);
}
