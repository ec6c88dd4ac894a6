// Compiles the addon for a target with the pinned cross compiler, in build-prebuild/TARGET.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quietly, SetupError, tail } from '../lib/console.mjs';
import { provideWheelOf } from '../lib/openblas.mjs';
import { at, readJson } from '../lib/paths.mjs';
import { jobs } from '../lib/steps.mjs';
import { compileBuiltins } from './builtins.mjs';
import { provideWheel } from './wheel.mjs';

/** The program `zig`: a C++ compiler and the libraries of every target in one wheel. */
export function provideCompiler() {
  const { compiler } = readJson(at('scripts', 'prebuild.lock.json'));
  return path.join(provideWheel(compiler, 'the cross compiler', ['zig']).folder, compiler.package, 'zig');
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
function linking(target, builtins, stripped) {
  const flags =
    target.format.kind === 'elf'
      ? [`-Wl,--version-script=${at('scripts', 'prebuild', 'exports.map')}`]
      : ['-Wl,-rpath,@loader_path'];
  return [...flags, '-rtlib=none', `'${builtins}'`, ...(stripped ? ['-s'] : [])].join(' ');
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
  const builtins = compileBuiltins(folder, zig, target, env);
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
      CMAKE_SHARED_LINKER_FLAGS: linking(target, builtins, stripped),
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
