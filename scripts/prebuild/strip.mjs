// Takes out of an ELF library what its loading does not need: the table of local symbols, 2 MB of OpenBLAS, and debug
// information. What is in memory when the library runs, and where in the file it lies, stays to the byte.

const header = { sections: 40, sectionSize: 58, sectionCount: 60, nameSection: 62 };
const inMemory = 2n;

/** The library without the sections at its end that are not loaded; 64 bits, least significant byte first. */
export function stripElf(bytes) {
  const size = bytes.readUInt16LE(header.sectionSize);
  const count = bytes.readUInt16LE(header.sectionCount);
  const table = Number(bytes.readBigUInt64LE(header.sections));
  const sections = Array.from({ length: count }, (_, i) => bytes.subarray(table + i * size, table + (i + 1) * size));
  const offset = (section) => Number(section.readBigUInt64LE(24));
  const loaded = (section) => (section.readBigUInt64LE(8) & inMemory) !== 0n;
  // Numbers of sections are used within the file, so only those behind the last loaded one may go.
  const kept = sections.findLastIndex(loaded) + 1;
  const end = Math.min(...sections.slice(kept).map(offset));
  const names = sections[bytes.readUInt16LE(header.nameSection)];
  const last = Math.max(...sections.slice(1, kept).map((each) => offset(each)));
  if (!(end >= last) || table < end)
    throw new Error('the sections of this library lie in an order that is not understood');

  const texts = bytes.subarray(offset(names), offset(names) + Number(names.readBigUInt64LE(32)));
  const moved = Buffer.from(names);
  moved.writeBigUInt64LE(BigInt(end), 24);
  const padding = Buffer.alloc((8 - ((end + texts.length) % 8)) % 8);
  const head = Buffer.from(bytes.subarray(0, end));
  head.writeBigUInt64LE(BigInt(end + texts.length + padding.length), header.sections);
  head.writeUInt16LE(kept + 1, header.sectionCount);
  head.writeUInt16LE(kept, header.nameSection);
  return Buffer.concat([head, texts, padding, ...sections.slice(0, kept), moved]);
}
