// The package resgram-source: what builds the addon where it is installed, for machines that none is built ahead for.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson } from '../lib/paths.mjs';

/** What it holds of the clone; a folder is meant with all that is in it. */
const held = ['native', 'scripts/setup.mjs', 'scripts/gyp.mjs', 'scripts/openblas.lock.json', 'scripts/lib', 'LICENSE'];

function manifest() {
  const { version, license, homepage, repository, author, engines, gypfile, binary, devDependencies } = readJson(
    at('package.json'),
  );
  return {
    name: 'resgram-source',
    version,
    description: 'The sources of the native part of resgram, which build it where none is built ahead',
    license,
    ...(author && { author }),
    ...(homepage && { homepage }),
    ...(repository && { repository }),
    type: 'module',
    engines,
    os: ['linux', 'darwin'],
    // npm would otherwise build at installation, before anyone has a compiler.
    gypfile,
    binary,
    scripts: { setup: 'node scripts/setup.mjs native' },
    dependencies: Object.fromEntries(
      ['node-addon-api', 'node-api-headers'].map((name) => [name, devDependencies[name]]),
    ),
  };
}

const readme = `# resgram-source

The C++ sources of resgram's native part. Install it beside resgram, of the same version, where no native part is built ahead:

    npm install resgram-source@${readJson(at('package.json')).version}
    npm explore resgram-source -- npm run setup

This needs a C++20 compiler, make and Python; it fetches OpenBLAS, or takes the system's. resgram finds what was built.
`;

/** Writes the package into an empty folder. */
export function writeSourcePackage(folder) {
  rmSync(folder, { recursive: true, force: true });
  for (const name of held) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    cpSync(at(name), path.join(folder, name), { recursive: true });
  }
  // At the top, some package managers would run node-gyp on it at installation, whatever the manifest says.
  cpSync(at('binding.gyp'), path.join(folder, 'native', 'binding.gyp'));
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  writeFileSync(path.join(folder, 'README.md'), readme);
  return folder;
}
