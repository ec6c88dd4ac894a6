// Reads the files of a zip archive (a Python wheel is one). Enough of the format for archives that pip has verified:
// stored and deflated entries, no encryption, no zip64.
import { inflateRawSync } from 'node:zlib';

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/** Yields { name, data() } for every file in the archive, in the order of its directory. */
export function* zipEntries(archive) {
  // The end record is 22 bytes and a comment of at most 64 KiB; its signature is looked for from the back.
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new Error('not a zip archive: no end record');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error('damaged zip archive: directory entry expected');
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const size = archive.readUInt32LE(at + 24);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    if (name.endsWith('/')) continue;
    yield {
      name,
      data() {
        const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
        const bytes = archive.subarray(start, start + packed);
        if (method !== 0 && method !== 8) throw new Error(`${name}: unknown zip method ${method}`);
        const content = method === 0 ? bytes : inflateRawSync(bytes);
        if (content.length !== size) throw new Error(`${name}: expected ${size} bytes, got ${content.length}`);
        return content;
      },
    };
  }
}
