// Compiler, make, CMake, Python: found, installed, or asked for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { capture, done, quietly, SetupError, tail } from './console.mjs';
import { findPip, haveWheel, pythonTool, wanted } from './openblas.mjs';
import { install, installCommand, onPath } from './packages.mjs';
import { isClone } from './paths.mjs';

const oldestCmake = [3, 21];
const cmakeFromPython = '3.31.10';

export const compilerName = () => process.env.CXX || 'c++';

function haveCompiler() {
  // On macOS /usr/bin/c++ is a stub that opens a dialogue until the command line tools are there.
  if (process.platform === 'darwin' && capture('xcode-select', ['-p']) === undefined) return false;
  return capture(compilerName(), ['--version']) !== undefined;
}

function cmakeVersion(program) {
  const found = /(\d+)\.(\d+)(?:\.\d+)?/.exec(capture(program, ['--version']) ?? '');
  if (!found) return undefined;
  const enough = Number(found[1]) - oldestCmake[0] || Number(found[2]) - oldestCmake[1];
  return { version: found[0], enough: enough >= 0 };
}

/** What the newest parts of the library in use look like: a compiler may take -std=c++20 and lack them. */
const probe = `
#include <bit>
#include <memory>
#include <numbers>
#include <span>
int main() { return static_cast<int>(std::make_unique_for_overwrite<double[]>(1) == nullptr); }
`;

function checkLanguage() {
  const scratch = mkdtempSync(path.join(tmpdir(), 'resgram-'));
  try {
    const source = path.join(scratch, 'probe.cpp');
    writeFileSync(source, probe);
    const { ok, output } = quietly(compilerName(), ['-std=c++20', '-fsyntax-only', source]);
    if (!ok) {
      throw new SetupError(
        `${compilerName()} does not know enough of C++20 (GCC 11 and Xcode 15 do). It said:\n${tail(output, 8)}\n` +
          'Please install a newer compiler, or name one: CXX=/path/to/g++ npm run setup',
      );
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const tools = {
  compiler: { title: 'a C++ compiler', present: haveCompiler },
  make: { title: 'make', present: () => onPath('make') || (isClone && onPath('ninja')) },
  cmake: { title: 'CMake', present: () => !isClone || cmakeVersion('cmake') !== undefined },
  python: {
    title: 'Python with pip',
    present: () => findPip().python !== undefined || (isClone && (wanted() === 'system' || haveWheel())),
  },
};

const missingTools = () => Object.keys(tools).filter((need) => !tools[need].present());

/** Everything the native build runs on; returns the CMake to use (undefined where the build needs none). */
export function provideTools() {
  if (process.env.CXX && capture(process.env.CXX, ['--version']) === undefined) {
    throw new SetupError(`CXX=${process.env.CXX}: no compiler that can be run; name another, or unset it`);
  }
  let missing = missingTools();
  // Whoever installs the package of sources is told what is missing; only a clone's set-up brings it.
  if (missing.length > 0 && isClone) {
    install(missing);
    missing = missingTools();
  }
  // CMake has a second source (pip), and Python is needed only where there is no system OpenBLAS.
  if (missing.includes('compiler') || missing.includes('make')) {
    const titles = missing.map((need) => tools[need].title).join(', ');
    throw new SetupError(`missing: ${titles}. Please run\n\n    ${installCommand(missing)}\n\nand try again`);
  }
  checkLanguage();
  const compiler = (capture(compilerName(), ['--version']) ?? '').split('\n')[0];
  if (!isClone) {
    done('tools', compiler);
    return undefined;
  }
  const cmake = provideCmake();
  done('tools', `${compiler}; CMake ${cmakeVersion(cmake).version}`);
  return cmake;
}

/** The system's CMake; where that is too old or cannot be installed, the one that Python's registry carries. */
export function provideCmake() {
  const system = cmakeVersion('cmake');
  if (system?.enough) return 'cmake';
  const own = pythonTool('cmake', cmakeFromPython, 'cmake/data/bin/cmake');
  if (own) return own;
  const state = system ? `CMake ${system.version} is too old (${oldestCmake.join('.')} is needed)` : 'CMake is missing';
  throw new SetupError(
    `${state}, and it could not be installed. Please run\n\n    ${installCommand(['cmake'])}\n\nand try again`,
  );
}
