// Compiles the addon for a target with the pinned cross compiler, in build-prebuild/TARGET.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { note, quietly, SetupError, tail } from '../lib/console.mjs';
import { download, findPip, provideWheelOf } from '../lib/openblas.mjs';
import { at, platformKey, readJson } from '../lib/paths.mjs';
import { jobs } from '../lib/steps.mjs';
import { zipEntries } from '../lib/zip.mjs';

/** The program `zig`: a C++ compiler and the libraries of every target in one wheel. */
export function provideCompiler() {
  const { compiler } = readJson(at('scripts', 'prebuild.lock.json'));
  const sha256 = compiler.platforms[platformKey()];
  if (sha256 === undefined) {
    const known = Object.keys(compiler.platforms).join(' or ');
    throw new SetupError(`prebuilding needs ${known}: scripts/prebuild.lock.json has no compiler for ${platformKey()}`);
  }
  const folder = at('.deps', `${compiler.package}-${compiler.version}`);
  const program = path.join(folder, compiler.package, 'zig');
  if (existsSync(program)) return program;
  const { python, reason } = findPip();
  if (!python) throw new SetupError(`the cross compiler cannot be fetched: ${reason}`);
  note('compiler', `fetching ${compiler.package} ${compiler.version}`);
  mkdirSync(at('.deps'), { recursive: true });
  const scratch = mkdtempSync(at('.deps', 'fetch-'));
  try {
    const wheel = { package: compiler.package, version: compiler.version, sha256 };
    const { archive, obstacle } = download(python, wheel, scratch);
    if (archive === undefined) throw new SetupError(`the cross compiler: ${obstacle}`);
    const unpacked = path.join(scratch, 'unpacked');
    for (const entry of zipEntries(readFileSync(archive))) {
      const file = path.join(unpacked, entry.name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, entry.data());
    }
    chmodSync(path.join(unpacked, compiler.package, 'zig'), 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return program;
}

/** Programs of one word, as CMake and ccache want them; ccache knows a compiler by its name. */
function wrap(folder, zig, target) {
  const wrapper = (name, words) => {
    const file = path.join(folder, name);
    const text = `#!/bin/sh\nexec '${zig}' ${words} "$@"\n`;
    // An unchanged file keeps its time, by which ccache tells compilers apart.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text, { mode: 0o755 });
    return file;
  };
  mkdirSync(folder, { recursive: true });
  return {
    c: wrapper('clang', `cc -target ${target.zig} -mcpu=${target.cpu}`),
    cxx: wrapper('clang++', `c++ -target ${target.zig} -mcpu=${target.cpu}`),
    ar: wrapper('ar', 'ar'),
    ranlib: wrapper('ranlib', 'ranlib'),
  };
}

/** Flags of the linker: nothing but Node's entry is seen from outside, and OpenBLAS is found beside the addon. */
function linking(target, stripped) {
  const flags =
    target.format.kind === 'elf'
      ? [`-Wl,--version-script=${at('scripts', 'prebuild', 'exports.map')}`]
      : ['-Wl,-rpath,@loader_path'];
  return [...flags, ...(stripped ? ['-s'] : [])].join(' ');
}

/**
 * Compiles for a target. Returns the addon twice: as it was linked first, with its symbols, for inspection, and stripped;
 * and the folder of its OpenBLAS.
 */
export function compile(target, cmake, zig) {
  const openblas = provideWheelOf(target.name, target.wheels);
  const folder = at('build-prebuild', target.name);
  const programs = wrap(path.join(folder, 'bin'), zig, target);
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: at('.cache', 'zig'), ZIG_LOCAL_CACHE_DIR: at('.cache', 'zig') };
  const call = (what, words) => {
    const { ok, output } = quietly(cmake, words, { cwd: at(), env });
    if (!ok) throw new SetupError(`${target.name}: ${what}:\n${tail(output, 60)}`);
  };
  const link = (stripped) => {
    const definitions = {
      CMAKE_BUILD_TYPE: 'Release',
      CMAKE_SYSTEM_NAME: target.system,
      CMAKE_SYSTEM_PROCESSOR: target.processor,
      CMAKE_CXX_COMPILER: programs.cxx,
      // It takes -O3 for -O2 and keeps frame pointers, unless told past its own options.
      CMAKE_CXX_FLAGS: '-g0 -fomit-frame-pointer -Xclang -O3 -Wno-pass-failed',
      CMAKE_AR: programs.ar,
      CMAKE_RANLIB: programs.ranlib,
      CMAKE_SHARED_LINKER_FLAGS: linking(target, stripped),
      // The system of the machine that compiles has nothing to offer; on macOS the tool is looked for and not used.
      CMAKE_DISABLE_FIND_PACKAGE_GTest: 'ON',
      CMAKE_DISABLE_FIND_PACKAGE_benchmark: 'ON',
      CMAKE_INSTALL_NAME_TOOL: '/bin/false',
      RESGRAM_OPENBLAS: 'wheel',
      RESGRAM_OPENBLAS_WHEEL: openblas,
    };
    const words = Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`);
    call('CMake could not configure', ['-S', at(), '-B', folder, ...words]);
    call('the addon does not compile', ['--build', folder, '--target', 'resgram', '--parallel', String(jobs())]);
    return path.join(folder, 'Release', target.addon);
  };
  const inspected = path.join(folder, `with-symbols-${target.addon}`);
  copyFileSync(link(false), inspected);
  return { inspected, addon: link(true), openblas };
}
