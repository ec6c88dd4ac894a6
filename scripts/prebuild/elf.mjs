// Reads what a release must be certain of from a shared library in ELF (64 bits, least significant byte first).

const machines = { 62: 'x86_64', 183: 'aarch64' };
const dynamic = { needed: 1n, soname: 14n, rpath: 15n, runpath: 29n };
const sectionTypes = { symbols: 2, dynamic: 6, dynamicSymbols: 11, versionNeeds: 0x6ffffffe };

/**
 * { machine, needed, runpath, needs: [version names], exports, symbols: [{ name, address, code }] }. Symbols are functions
 * that are defined here; of a stripped library there are those of the dynamic table alone.
 */
export function readElf(bytes) {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error('not a 64-bit ELF file in the order of bytes of x86 and ARM');
  }
  const number = (at) => Number(bytes.readBigUInt64LE(at));
  const table = number(40);
  const sections = Array.from({ length: bytes.readUInt16LE(60) }, (_, i) => {
    const at = table + i * bytes.readUInt16LE(58);
    const field = (offset) => number(at + offset);
    return {
      type: bytes.readUInt32LE(at + 4),
      address: field(16),
      offset: field(24),
      size: field(32),
      link: bytes.readUInt32LE(at + 40),
      entries: bytes.readUInt32LE(at + 44),
    };
  });
  const text = (section, at) => {
    const start = sections[section].offset + at;
    return bytes.toString('latin1', start, bytes.indexOf(0, start));
  };
  const ofType = (type) => sections.find((section) => section.type === type);

  const fields = [];
  const listed = ofType(sectionTypes.dynamic);
  for (let at = listed?.offset ?? 0; listed && at < listed.offset + listed.size; at += 16) {
    fields.push([bytes.readBigUInt64LE(at), number(at + 8)]);
  }
  const texts = (tag) => fields.filter(([each]) => each === tag).map(([, at]) => text(listed.link, at));

  return {
    machine: machines[bytes.readUInt16LE(18)] ?? `machine ${bytes.readUInt16LE(18)}`,
    needed: texts(dynamic.needed),
    runpath: [...texts(dynamic.runpath), ...texts(dynamic.rpath)],
    needs: versionNeeds(bytes, ofType(sectionTypes.versionNeeds), text),
    ...namesOf(bytes, sections, text, number),
  };
}

/** The versions of symbols of other libraries that are asked for: GLIBC_2.17 and so on. */
function versionNeeds(bytes, section, text) {
  const found = new Set();
  if (section === undefined) return [];
  let library = section.offset;
  for (let i = 0; i < section.entries; i++) {
    let version = library + bytes.readUInt32LE(library + 8);
    for (let j = 0; j < bytes.readUInt16LE(library + 2); j++) {
      found.add(text(section.link, bytes.readUInt32LE(version + 8)));
      version += bytes.readUInt32LE(version + 12);
    }
    library += bytes.readUInt32LE(library + 12);
  }
  return [...found].sort();
}

function namesOf(bytes, sections, text, number) {
  const read = (section, choose) => {
    const rows = [];
    for (let at = section?.offset ?? 0; section && at < section.offset + section.size; at += 24) {
      const row = {
        name: text(section.link, bytes.readUInt32LE(at)),
        kind: bytes[at + 4] & 15,
        global: bytes[at + 4] >> 4 !== 0,
        hidden: (bytes[at + 5] & 3) !== 0,
        section: bytes.readUInt16LE(at + 6),
        address: number(at + 8),
        size: number(at + 16),
      };
      if (row.section !== 0 && row.name !== '' && choose(row)) rows.push(row);
    }
    return rows;
  };
  const find = (type) => sections.find((section) => section.type === type);
  const dynamicTable = find(sectionTypes.dynamicSymbols);
  const functions = read(find(sectionTypes.symbols) ?? dynamicTable, (row) => row.kind === 2 && row.size > 0);
  return {
    exports: read(dynamicTable, (row) => row.global && !row.hidden && row.section < 0xff00).map((row) => row.name),
    symbols: functions.map(({ name, address, size, section }) => {
      const start = address - sections[section].address + sections[section].offset;
      return { name, address, code: bytes.subarray(start, start + size) };
    }),
  };
}
