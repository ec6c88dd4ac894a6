// What is built ahead of time: one platform package each. The name of a target is what lib/platform.ts calls the platform.
import { at, readJson } from '../lib/paths.mjs';

// zig: the compiler's name of the target, with the glibc or the macOS that the addon must run on. wheels: the tags under
// which OpenBLAS is published for it. lanes: the instruction sets that the addon chooses from at run time.
//
// cpu: the oldest processor of the kind. evex512 alone enables no instruction; it lets the functions that ask for AVX-512 use
// registers of 512 bits, which this compiler, told every feature of the processor, otherwise denies them.
const x64 = { processor: 'x86_64', cpu: 'x86_64+evex512', lanes: ['baseline', 'avx2', 'avx512'] };
const rows = {
  'linux-x64': {
    zig: 'x86_64-linux-gnu.2.28',
    system: 'Linux',
    ...x64,
    npm: { os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    wheels: ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64'],
    format: { kind: 'elf', machine: 'x86_64', glibc: [2, 28] },
  },
  'linux-arm64': {
    zig: 'aarch64-linux-gnu.2.28',
    system: 'Linux',
    processor: 'aarch64',
    cpu: 'generic',
    npm: { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] },
    wheels: ['manylinux_2_28_aarch64', 'manylinux_2_27_aarch64'],
    format: { kind: 'elf', machine: 'aarch64', glibc: [2, 28] },
    lanes: ['baseline'],
  },
  'linux-x64-musl': {
    zig: 'x86_64-linux-musl',
    system: 'Linux',
    ...x64,
    npm: { os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    wheels: ['musllinux_1_2_x86_64', 'musllinux_1_1_x86_64'],
    format: { kind: 'elf', machine: 'x86_64' },
  },
  'darwin-arm64': {
    zig: 'aarch64-macos.11.0',
    system: 'Darwin',
    processor: 'arm64',
    cpu: 'apple_m1',
    npm: { os: ['darwin'], cpu: ['arm64'] },
    wheels: ['macosx_11_0_arm64'],
    format: { kind: 'mach-o', machine: 'arm64', macos: [11, 0] },
    lanes: ['baseline'],
  },
  'darwin-x64': {
    zig: 'x86_64-macos.10.15',
    system: 'Darwin',
    ...x64,
    npm: { os: ['darwin'], cpu: ['x64'] },
    wheels: ['macosx_10_9_x86_64'],
    format: { kind: 'mach-o', machine: 'x86_64', macos: [10, 15] },
  },
};

export const targetNames = Object.keys(rows);

/** A target with its name, the name of its package and the file name of its OpenBLAS. */
export function target(name) {
  const row = rows[name];
  const library = `libscipy_openblas.${row.format.kind === 'elf' ? 'so' : 'dylib'}`;
  return { name, ...row, package: `resgram-${name}`, library, addon: 'resgram.node' };
}

export const version = () => readJson(at('package.json')).version;

/** Where the package of a target is written; its tarball is named by npm. */
export const packageFolder = (name) => at('prebuilds', name);
