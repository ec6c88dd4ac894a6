// Writes the package of a target into prebuilds/TARGET: addon, OpenBLAS, the texts that their licences ask for.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { at, readJson } from '../lib/paths.mjs';
import { stripElf } from './strip.mjs';
import { packageFolder, version } from './targets.mjs';

const require = createRequire(import.meta.url);

/** What is inside beside resgram, with the files that hold its licence. */
function parts(openblas, compiler) {
  const source = readJson(path.join(openblas, 'source.json'));
  const beside = (name) => path.join(path.dirname(require.resolve(`${name}/package.json`)), 'LICENSE.md');
  const { version: cross } = readJson(at('scripts', 'prebuild.lock.json')).compiler;
  return [
    {
      title: `OpenBLAS with LAPACK and the run-time library of GNU Fortran, as built for ${source.package} ${source.version}`,
      license: 'BSD-2-Clause AND BSD-3-Clause AND BSD-3-Clause-Open-MPI AND GPL-3.0-or-later WITH GCC-exception-3.1',
      file: path.join(openblas, 'LICENSE.txt'),
    },
    {
      title: `libc++, libc++abi and libunwind of LLVM, as carried by ziglang ${cross}`,
      license: 'Apache-2.0 WITH LLVM-exception',
      file: path.join(compiler, 'lib', 'libcxx', 'LICENSE.TXT'),
    },
    {
      title: `compiler_rt of Zig ${cross}`,
      license: 'MIT',
      file: path.join(compiler, 'LICENSE'),
    },
    {
      title: `node-addon-api ${readJson(require.resolve('node-addon-api/package.json')).version}`,
      license: 'MIT',
      file: beside('node-addon-api'),
    },
  ];
}

function manifest(target, license) {
  const { license: own, homepage, repository, author, engines } = readJson(at('package.json'));
  const [system] = target.npm.os;
  return {
    name: target.package,
    version: version(),
    description: `The native part of resgram for ${target.name}: the addon and its OpenBLAS. Install resgram, which brings it along`,
    license: `${own} AND ${license}`,
    ...(author && { author }),
    ...(homepage && { homepage }),
    ...(repository && { repository }),
    ...target.npm,
    engines,
    main: target.addon,
    files: [target.addon, target.library, 'LICENSE', 'NOTICES.txt', 'README.md'],
    preferUnplugged: true,
    resgram: {
      target: target.zig,
      ...(system === 'linux' && target.format.glibc && { glibc: target.format.glibc.join('.') }),
      ...(target.format.macos && { macos: target.format.macos.join('.') }),
    },
  };
}

/** Returns the folder. */
export function writePackage(target, { addon, openblas, compiler }) {
  const folder = packageFolder(target.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(addon, path.join(folder, target.addon));
  const library = readFileSync(path.join(openblas, 'lib', target.library));
  writeFileSync(path.join(folder, target.library), target.format.kind === 'elf' ? stripElf(library) : library);
  copyFileSync(at('LICENSE'), path.join(folder, 'LICENSE'));
  const inside = parts(openblas, compiler);
  const rule = '='.repeat(80);
  const notices = inside.map(({ title, license, file }) => {
    if (!existsSync(file)) throw new Error(`${file}: the licence of ${title} is missing`);
    return `${rule}\n${title}\n${license}\n${rule}\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  const preface =
    `resgram itself is under the licence in LICENSE. ${target.addon} and ${target.library} also contain what follows, ` +
    'unchanged but for symbol tables that were left out:\n\n';
  writeFileSync(path.join(folder, 'NOTICES.txt'), preface + notices.join('\n'));
  const license = [...new Set(inside.map((part) => part.license).flatMap((text) => text.split(' AND ')))]
    .filter((text) => text !== 'MIT')
    .join(' AND ');
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest(target, license), null, 2)}\n`);
  writeFileSync(
    path.join(folder, 'README.md'),
    `# ${target.package}\n\nThe native part of resgram for ${target.name}. ` +
      'It comes with resgram by itself; there is nothing in it to import.\n',
  );
  return folder;
}
