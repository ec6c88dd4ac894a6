/** Which machine a shared library is made for, by its first bytes: told before the system's loader says less. */

import { closeSync, openSync, readSync } from 'node:fs';

const elfMachines: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};
const machMachines: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };

/** 'linux arm64', 'darwin x64', 'win32', in Node's words; undefined of files that are none of these. */
export function madeFor(path: string): string | undefined {
  const head = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, head, 0, head.length, 0) < head.length) return undefined;
  } finally {
    closeSync(file);
  }
  if (head.readUInt32BE(0) === 0x7f454c46) {
    // Byte 5 is 2 where the most significant byte comes first.
    const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
    return `linux ${elfMachines[machine] ?? `machine ${machine}`}`;
  }
  if (head.readUInt32LE(0) === 0xfeedfacf) {
    const machine = head.readUInt32LE(4);
    return `darwin ${machMachines[machine] ?? `machine ${machine}`}`;
  }
  return head.toString('latin1', 0, 2) === 'MZ' ? 'win32' : undefined;
}
