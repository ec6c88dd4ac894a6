// What an addon package holds beside resgram itself: name, version, licence and where it was had from. The texts that go with the
// package and the bill of materials of a release are made of it.
import { createRequire } from 'node:module';
import { at, platformKey, readJson } from '../lib/paths.mjs';

const require = createRequire(import.meta.url);

/** The cross compiler, as it runs on this machine; where it does not, as it runs where releases are made. */
export function compilerHere() {
  const { package: name, version, platforms } = readJson(at('scripts', 'prebuild.lock.json')).compiler;
  return { name, version, sha256: platforms[platformKey()] ?? platforms['linux-x64'], license: 'MIT' };
}

/** Rows of { name, version, license, title, from }; `from` is the wheel or package it comes out of, with its hash. */
export function inside(target) {
  const lock = readJson(at('scripts', 'openblas.lock.json'));
  const { version, sha256 } = lock.platforms[target];
  const compiler = compilerHere();
  const napi = readJson(require.resolve('node-addon-api/package.json')).version;
  return {
    openblas: {
      name: lock.package,
      version,
      license: 'BSD-2-Clause AND BSD-3-Clause AND BSD-3-Clause-Open-MPI AND GPL-3.0-or-later WITH GCC-exception-3.1',
      title: `OpenBLAS with LAPACK and the run-time library of GNU Fortran, as built for ${lock.package} ${version}`,
      purl: `pkg:pypi/${lock.package}@${version}`,
      sha256,
    },
    cxx: {
      name: 'libcxx',
      version: compiler.version,
      license: 'Apache-2.0 WITH LLVM-exception',
      title: `libc++, libc++abi and libunwind of LLVM, as carried by ${compiler.name} ${compiler.version}`,
      purl: `pkg:pypi/${compiler.name}@${compiler.version}`,
      sha256: compiler.sha256,
    },
    builtins: {
      name: 'compiler_rt',
      version: compiler.version,
      license: 'MIT',
      title: `compiler_rt of Zig ${compiler.version}`,
      purl: `pkg:pypi/${compiler.name}@${compiler.version}`,
      sha256: compiler.sha256,
    },
    napi: {
      name: 'node-addon-api',
      version: napi,
      license: 'MIT',
      title: `node-addon-api ${napi}`,
      purl: `pkg:npm/node-addon-api@${napi}`,
    },
  };
}

/** The licence of an addon package, as an SPDX expression: ours and those of all that is inside. */
export function licenseOf(target) {
  const own = readJson(at('package.json')).license;
  const others = Object.values(inside(target)).flatMap(({ license }) => license.split(' AND '));
  return [...new Set([own, ...others])].join(' AND ');
}
