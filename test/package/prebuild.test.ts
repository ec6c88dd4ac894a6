// What reads built libraries, and what makes them smaller, on those that this machine has.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { readElf } from '../../scripts/prebuild/elf.mjs';
// @ts-expect-error: plain JavaScript without types
import { inspect } from '../../scripts/prebuild/inspect.mjs';
// @ts-expect-error: plain JavaScript without types
import { readMachO } from '../../scripts/prebuild/mach-o.mjs';
// @ts-expect-error: plain JavaScript without types
import { stripElf } from '../../scripts/prebuild/strip.mjs';
// @ts-expect-error: plain JavaScript without types
import { target } from '../../scripts/prebuild/targets.mjs';
// @ts-expect-error: plain JavaScript without types
import { publishedManifest } from '../../scripts/release/pack.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const addon = path.join(root, 'build', 'Release', 'resgram.node');

interface Code {
  readonly name: string;
  readonly code: Buffer;
}

// The set-up's own build is ELF on Linux alone.
describe.skipIf(process.platform !== 'linux')('a library of Linux', () => {
  const bytes = readFileSync(addon);

  test('is read: processor, where it looks for libraries, what it asks for, functions of every instruction set', () => {
    const read = readElf(bytes);
    expect(read.machine).toBe(process.arch === 'x64' ? 'x86_64' : 'aarch64');
    expect(read.runpath).toEqual(['$ORIGIN']);
    expect(read.needed).toContain('libc.so.6');
    expect(read.needs).toEqual(expect.arrayContaining([expect.stringMatching(/^GLIBC_2\.\d+$/)]));
    expect(read.exports).toContain('napi_register_module_v1');
    const symbols: readonly Code[] = read.symbols;
    const lanes = symbols.filter(({ name }) => name.includes('resgram4core8baseline'));
    expect(lanes.reduce((sum, { code }) => sum + code.length, 0)).toBeGreaterThan(50_000);
  });

  test('without its symbols is the same library, and works', () => {
    const small: Buffer = stripElf(bytes);
    expect(small.length).toBeLessThan(0.95 * bytes.length);
    const { symbols: _, ...before } = readElf(bytes);
    const { symbols: __, ...after } = readElf(small);
    expect(after).toEqual(before);
    const folder = mkdtempSync(path.join(tmpdir(), 'resgram-strip-'));
    try {
      writeFileSync(path.join(folder, 'resgram.node'), small);
      for (const name of before.needed.filter((each: string) => each.includes('scipy'))) {
        copyFileSync(path.join(path.dirname(addon), name), path.join(folder, name));
      }
      const says = `console.log(require(${JSON.stringify(path.join(folder, 'resgram.node'))}).version)`;
      expect(execFileSync(process.execPath, ['-e', says], { encoding: 'utf8' }).trim()).toMatch(/^\d+\.\d+\.\d+/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that is no release is refused with everything that is wrong', () => {
    // Built here, it takes the C++ library of this machine.
    const files = { addon, openblas: addon };
    expect(() => inspect(target('linux-x64'), files)).toThrow(/needs a C\+\+ library of the system: .*GLIBCXX/);
    expect(() => inspect(target(process.arch === 'x64' ? 'linux-arm64' : 'linux-x64'), files)).toThrow(/is made for/);
    expect(() => readMachO(bytes)).toThrow('not a 64-bit Mach-O file of one architecture');
  });
});

test('what is published names the platform packages of its own version, and nothing of the workshop', () => {
  const { name, version, optionalDependencies, scripts, devDependencies, ...rest } = publishedManifest();
  expect(name).toBe('resgram');
  expect(Object.keys(optionalDependencies)).toHaveLength(5);
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([version]));
  expect({ scripts, devDependencies }).toEqual({});
  // Seen by the loader where it is installed, and never installed by itself.
  expect(Object.keys(rest.peerDependencies)).toEqual(Object.keys(rest.peerDependenciesMeta));
  expect(rest.peerDependenciesMeta).toEqual({ 'resgram-source': { optional: true } });
});
