// Writes the package of a target into prebuilds/TARGET: addon, OpenBLAS, the texts that their licences ask for.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { at, readJson } from '../lib/paths.mjs';
import { inside, licenseOf } from './inside.mjs';
import { stripElf } from './strip.mjs';
import { packageFolder, version } from './targets.mjs';

const require = createRequire(import.meta.url);

/** What is inside beside resgram, with the files that hold its licence. */
function parts(target, openblas, compiler) {
  const rows = inside(target.name);
  const napi = path.dirname(require.resolve('node-addon-api/package.json'));
  return [
    { ...rows.openblas, file: path.join(openblas, 'LICENSE.txt') },
    { ...rows.cxx, file: path.join(compiler, 'lib', 'libcxx', 'LICENSE.TXT') },
    { ...rows.builtins, file: path.join(compiler, 'LICENSE') },
    { ...rows.napi, file: path.join(napi, 'LICENSE.md') },
  ];
}

function manifest(target) {
  const { homepage, repository, author, engines } = readJson(at('package.json'));
  const [system] = target.npm.os;
  return {
    name: target.package,
    version: version(),
    description: `The native part of resgram for ${target.name}: the addon and its OpenBLAS. Install resgram, which brings it along`,
    license: licenseOf(target.name),
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
  const texts = parts(target, openblas, compiler);
  const rule = '='.repeat(80);
  const notices = texts.map(({ title, license, file }) => {
    if (!existsSync(file)) throw new Error(`${file}: the licence of ${title} is missing`);
    return `${rule}\n${title}\n${license}\n${rule}\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  const preface =
    `resgram itself is under the licence in LICENSE. ${target.addon} and ${target.library} also contain what follows, ` +
    'unchanged but for symbol tables that were left out:\n\n';
  writeFileSync(path.join(folder, 'NOTICES.txt'), preface + notices.join('\n'));
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest(target), null, 2)}\n`);
  writeFileSync(
    path.join(folder, 'README.md'),
    `# ${target.package}\n\nThe native part of resgram for ${target.name}. ` +
      'It comes with resgram by itself; there is nothing in it to import.\n',
  );
  return folder;
}
