// Reads what a release must be certain of from a shared library in Mach-O (64 bits, one architecture).
import { createHash } from 'node:crypto';

const machines = { 16777223: 'x86_64', 16777228: 'arm64' };
const commands = {
  segment: 0x19,
  symbols: 0x02,
  dynamicSymbols: 0x0b,
  loads: [0x0c, 0x80000018, 0x8000001f],
  name: 0x0d,
  rpath: 0x8000001c,
  signature: 0x1d,
  oldestMacos: 0x24,
  buildVersion: 0x32,
};

/**
 * { machine, needed, name, rpath, macos, exports, weak, symbols: [{ name, address, code }], signature }. `weak` are the exports
 * that another library may replace; `signature` is undefined
 * where there is none, else { adHoc, sound }: do the hashes of all pages agree with the file?
 */
export function readMachO(bytes) {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error('not a 64-bit Mach-O file of one architecture');
  const found = { needed: [], rpath: [], exports: [], symbols: [] };
  const segments = [];
  const text = (at) => bytes.toString('latin1', at, bytes.indexOf(0, at));
  const machine = bytes.readUInt32LE(4);
  found.machine = machines[machine] ?? `machine ${machine}`;
  let table;
  let at = 32;
  for (let i = 0; i < bytes.readUInt32LE(16); i++) {
    const command = bytes.readUInt32LE(at);
    if (command === commands.segment) segments.push(...sectionsOf(bytes, at));
    else if (command === commands.symbols) table = at;
    else if (commands.loads.includes(command)) found.needed.push(text(at + bytes.readUInt32LE(at + 8)));
    else if (command === commands.name) found.name = text(at + bytes.readUInt32LE(at + 8));
    else if (command === commands.rpath) found.rpath.push(text(at + bytes.readUInt32LE(at + 8)));
    else if (command === commands.oldestMacos) found.macos = release(bytes.readUInt32LE(at + 8));
    else if (command === commands.buildVersion) found.macos = release(bytes.readUInt32LE(at + 12));
    else if (command === commands.signature) found.signature = checkSignature(bytes, bytes.readUInt32LE(at + 8));
    at += bytes.readUInt32LE(at + 4);
  }
  if (table !== undefined) Object.assign(found, namesOf(bytes, table, segments, text));
  return found;
}

const release = (packed) => [packed >>> 16, (packed >>> 8) & 255];

function sectionsOf(bytes, segment) {
  return Array.from({ length: bytes.readUInt32LE(segment + 64) }, (_, i) => {
    const at = segment + 72 + 80 * i;
    return {
      address: Number(bytes.readBigUInt64LE(at + 32)),
      size: Number(bytes.readBigUInt64LE(at + 40)),
      offset: bytes.readUInt32LE(at + 48),
      // Instructions and nothing else.
      code: (bytes.readUInt32LE(at + 64) & 0x80000000) !== 0,
    };
  });
}

function namesOf(bytes, table, sections, text) {
  const first = bytes.readUInt32LE(table + 8);
  const strings = bytes.readUInt32LE(table + 16);
  const rows = Array.from({ length: bytes.readUInt32LE(table + 12) }, (_, i) => {
    const at = first + 16 * i;
    return {
      name: text(strings + bytes.readUInt32LE(at)),
      type: bytes[at + 4],
      section: bytes[at + 5],
      weak: (bytes.readUInt16LE(at + 6) & 0x80) !== 0,
      address: Number(bytes.readBigUInt64LE(at + 8)),
    };
  }).filter((row) => (row.type & 0xe0) === 0 && (row.type & 0x0e) === 0x0e);
  // External and not private to the library.
  const exported = rows.filter((row) => (row.type & 0x11) === 0x01);
  // A function reaches to the next.
  const functions = rows.filter((row) => sections[row.section - 1]?.code).sort((a, b) => a.address - b.address);
  const symbols = functions.map(({ name, address, section }, i) => {
    const { address: base, offset, size } = sections[section - 1];
    const next = functions[i + 1];
    const end = next !== undefined && next.section === section ? next.address : base + size;
    return { name, address, code: bytes.subarray(address - base + offset, end - base + offset) };
  });
  const weak = exported.filter((row) => row.weak).map((row) => row.name);
  return { exports: exported.map((row) => row.name), weak, symbols };
}

/** The blob of blobs; the directory of hashes is the one of type 0. Numbers in it have the most significant byte first. */
function checkSignature(bytes, start) {
  for (let i = 0; i < bytes.readUInt32BE(start + 8); i++) {
    if (bytes.readUInt32BE(start + 12 + 8 * i) !== 0) continue;
    const at = start + bytes.readUInt32BE(start + 16 + 8 * i);
    const hashes = at + bytes.readUInt32BE(at + 16);
    const limit = bytes.readUInt32BE(at + 32);
    const [length, kind, , page] = bytes.subarray(at + 36, at + 40);
    if (kind !== 2 || length !== 32) return { adHoc: false, sound: false };
    const sound = Array.from({ length: bytes.readUInt32BE(at + 28) }, (_, j) => {
      const content = bytes.subarray(j * 2 ** page, Math.min((j + 1) * 2 ** page, limit));
      const stated = bytes.subarray(hashes + 32 * j, hashes + 32 * (j + 1));
      return createHash('sha256').update(content).digest().equals(stated);
    }).every(Boolean);
    return { adHoc: (bytes.readUInt32BE(at + 12) & 2) !== 0, sound };
  }
  return { adHoc: false, sound: false };
}
