// What a built addon must be, found by reading the files: the oldest system it runs on, what it looks for and where, what it
// shows of itself, and whether the vector steps of every instruction set are inside.
import { readFileSync } from 'node:fs';
import { SetupError } from '../lib/console.mjs';
import { isOfTheSystem } from './builtins.mjs';
import { readElf } from './elf.mjs';
import { readMachO } from './mach-o.mjs';

const entries = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

/** Libraries of the system; everything else must be in the package. */
const systemLibraries =
  /^(lib(c|m|dl|rt|pthread)\.so\.\d|libc\.so|libc\.musl-\w+\.so\.1|ld-linux-[\w-]+\.so\.\d|\/usr\/lib\/libSystem\.B\.dylib)$/;

/**
 * Instructions by which a set is known, as a share of the code. Variable lengths are not decoded: every byte is taken for a
 * beginning, so other code has some by chance, which is why shares are compared and not counted.
 */
const signs = {
  // EVEX with 512 bits: 0x62, a bit that is 0, a bit that is 1, vector length 2.
  avx512: (code, i) =>
    code[i] === 0x62 && (code[i + 1] & 8) === 0 && (code[i + 2] & 4) !== 0 && ((code[i + 3] >> 5) & 3) === 2,
  // VEX with 256 bits, in three bytes or two.
  avx2: (code, i) =>
    (code[i] === 0xc4 && (code[i + 1] & 0x1f) >= 1 && (code[i + 1] & 0x1f) <= 3 && (code[i + 2] & 4) !== 0) ||
    (code[i] === 0xc5 && (code[i + 1] & 4) !== 0),
  // Fused multiply-adds of two doubles or four floats.
  neon: (code, i) => {
    if (i % 4 !== 0 || i + 4 > code.length) return false;
    const word = code.readUInt32LE(i) & 0xffa0fc00;
    return word === 0x4e20cc00 || word === 0x4ea0cc00;
  },
};

function share(code, sign) {
  let count = 0;
  for (let i = 0; i + 3 < code.length; i++) if (sign(code, i)) count++;
  return code.length === 0 ? 0 : count / code.length;
}

/** The code of the functions in a namespace, in one piece; mangled names hold length and name. */
function codeOf(symbols, namespace) {
  const part = `${namespace.length}${namespace}`;
  return Buffer.concat(symbols.filter(({ name }) => name.includes(`resgram4core${part}`)).map(({ code }) => code));
}

/** Rows of what is wrong with the vector steps, and what they are: 'avx512 262 kB'. */
function inspectLanes(target, symbols) {
  const wrong = [];
  const said = [];
  const codes = target.lanes.map((set) => [set, codeOf(symbols, set)]);
  for (const [set, code] of codes) {
    said.push(`${set} ${Math.round(code.length / 1024)} kB`);
    if (code.length < 50_000) wrong.push(`its steps for ${set} are ${code.length} bytes, expected more than 50000`);
  }
  const x64 = target.processor === 'x86_64';
  const wanted = x64 ? ['avx2', 'avx512'] : ['neon'];
  for (const set of wanted) {
    const own = share(codeOf(symbols, x64 ? set : 'baseline'), signs[set]);
    said.push(`1 in ${Math.round(1 / own)} bytes ${set}`);
    if (own < 1 / 400) wrong.push(`its steps for ${set} hold few instructions of it: ${own} of the bytes`);
    if (!x64) continue;
    const elsewhere = share(codeOf(symbols, 'baseline'), signs[set]);
    if (elsewhere > own / 8)
      wrong.push(`its steps for every processor hold instructions of ${set}: ${elsewhere} of the bytes`);
  }
  return { wrong, said };
}

const older = ([major, minor], [thanMajor, thanMinor]) =>
  major < thanMajor || (major === thanMajor && minor < thanMinor);
const differs = (have, want) => have.toSorted().join() !== want.toSorted().join();

function inspectElf(target, addon, openblas) {
  const wrong = [];
  const floor = (file) =>
    file.needs
      .map((name) => /^GLIBC_(\d+)\.(\d+)/.exec(name))
      .filter(Boolean)
      .map((found) => [Number(found[1]), Number(found[2])])
      .reduce((a, b) => (older(a, b) ? b : a), [0, 0]);
  const said = [];
  for (const [what, file] of [
    [target.addon, addon],
    [target.library, openblas],
  ]) {
    if (target.format.glibc) {
      const needs = floor(file);
      said.push(`${what} needs glibc ${needs.join('.')}`);
      if (older(target.format.glibc, needs))
        wrong.push(`${what} needs glibc ${needs.join('.')}, not ${target.format.glibc.join('.')}`);
      if (needs[0] === 0) wrong.push(`${what} says of no symbol which glibc it needs`);
    } else if (floor(file)[0] > 0) {
      wrong.push(`${what} needs glibc`);
    }
    const foreign = file.needs.filter((name) => /^(GLIBCXX|CXXABI|GCC|LIBC\+\+)/.test(name));
    if (foreign.length > 0) wrong.push(`${what} needs a C++ library of the system: ${foreign.join(', ')}`);
  }
  if (differs(addon.runpath, ['$ORIGIN'])) wrong.push(`looks for libraries in ${addon.runpath}, expected $ORIGIN`);
  if (!addon.needed.includes(target.library)) wrong.push(`does not ask for ${target.library}`);
  return { wrong, said };
}

function inspectMachO(target, addon, openblas) {
  const wrong = [];
  const said = [];
  for (const [what, file] of [
    [target.addon, addon],
    [target.library, openblas],
  ]) {
    said.push(`${what} needs macOS ${file.macos?.join('.')}`);
    if (!file.macos || older(target.format.macos, file.macos)) {
      wrong.push(`${what} needs macOS ${file.macos?.join('.')}, not ${target.format.macos.join('.')}`);
    }
    // Without one the system ends the process on ARM; on Intel's processors it asks for none.
    if (file.signature === undefined) {
      if (target.format.machine === 'arm64') wrong.push(`${what} is not signed`);
    } else if (!file.signature.sound) wrong.push(`${what} has a signature that does not agree with it`);
  }
  if (addon.signature?.adHoc) said.push('signed ad hoc');
  if (differs(addon.rpath, ['@loader_path']))
    wrong.push(`looks for libraries in ${addon.rpath}, expected @loader_path`);
  if (!addon.needed.includes(`@rpath/${target.library}`)) wrong.push(`does not ask for @rpath/${target.library}`);
  if (openblas.name !== `@rpath/${target.library}`) wrong.push(`${target.library} calls itself ${openblas.name}`);
  return { wrong, said };
}

/** Reads addon and OpenBLAS of a target; returns what they are, or throws with everything that is wrong. */
export function inspect(target, files) {
  const elf = target.format.kind === 'elf';
  const read = (file) => (elf ? readElf : readMachO)(readFileSync(file));
  const addon = read(files.addon);
  const openblas = read(files.openblas);
  const { wrong, said } = (elf ? inspectElf : inspectMachO)(target, addon, openblas);
  for (const [what, file] of [
    [target.addon, addon],
    [target.library, openblas],
  ]) {
    if (file.machine !== target.format.machine) wrong.push(`${what} is made for ${file.machine}`);
    const strange = file.needed.filter((name) => !systemLibraries.test(name) && !name.endsWith(target.library));
    if (strange.length > 0) wrong.push(`${what} asks for ${strange.join(', ')}, which no machine need have`);
  }
  const underscore = elf ? '' : '_';
  // The linker for macOS hides nothing: operators new and delete are shown as what they are in C++, for others to replace, and
  // two names are of its own making.
  const operators = (addon.weak ?? []).filter((name) => /^__Z(nw|na|dl|da)/.test(name));
  const linkers = elf ? [] : ['__mh_dylib_header', '___dso_handle'];
  const shown = addon.exports.filter((name) => !operators.includes(name) && !linkers.includes(name));
  const wanted = entries.map((name) => underscore + name);
  if (differs(shown, wanted)) {
    wrong.push(`shows ${shown.slice(0, 8).join(', ')} … (${shown.length}), expected ${wanted.join(', ')}`);
  }
  if (files.inspected !== undefined) {
    const { symbols } = read(files.inspected);
    const lanes = inspectLanes(target, symbols);
    wrong.push(...lanes.wrong);
    const own = symbols.map(({ name }) => name.slice(underscore.length)).filter(isOfTheSystem);
    if (own.length > 0) wrong.push(`has ${own.join(', ')} of its own, expected those of the C library`);
    said.push(...lanes.said);
  }
  if (wrong.length > 0) throw new SetupError(`${target.name}:\n  ${wrong.join('\n  ')}`);
  return said;
}
