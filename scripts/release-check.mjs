#!/usr/bin/env node
// Everything about a release that can be known before it is published:
// node scripts/release-check.mjs [--local | --tarballs FOLDER] [--require all | NAME,...] [--repository OWNER/NAME]
//
// Packs resgram, its sources and the platform packages in prebuilds/, reads what the tarballs hold, and uses them as a new user
// would: installed by npm from a registry on this machine into an empty folder, without a compiler, then from modules of both
// kinds, TypeScript, a thread, the command line; on an old glibc, on musl, on ARM and on an old processor as far as this machine
// can. What it cannot is listed as not tried, and fails where --require names it.
//
// --local takes the addon of this clone's own build for this machine's platform package: what CI can do in a minute.
// --tarballs takes what was packed before, all seven: what will be published. --repository is where provenance will say that the
// packages come from.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { run, SetupError } from './lib/console.mjs';
import { at, platformKey } from './lib/paths.mjs';
import { target, targetNames } from './prebuild/targets.mjs';
import { checkPublishing, checkRepository, checkTypes } from './release/lint.mjs';
import { collect } from './release/packages.mjs';
import { dependencyTarballs, serveRegistry } from './release/registry.mjs';
import { NotTried, Tally } from './release/tally.mjs';
import * as trials from './release/trials.mjs';
import { User } from './release/user.mjs';
import { writeResult } from './test-results.mjs';

const folder = at('.cache', 'release');

/** Other systems and processors, with the package that is tried on each. */
const elsewhere = [
  ['old glibc', 'linux-x64', trials.oldGlibc],
  ['old CPU', 'linux-x64', trials.oldProcessor],
  ['arm64', 'linux-arm64', trials.foreignProcessor],
  ['musl', 'linux-x64-musl', trials.otherLibrary],
];

function options() {
  const { values } = parseArgs({
    options: {
      local: { type: 'boolean', default: false },
      tarballs: { type: 'string' },
      require: { type: 'string', default: '' },
      repository: { type: 'string' },
    },
  });
  if (values.local && values.tarballs)
    throw new SetupError('--local packs this clone, --tarballs takes what is packed');
  const names = elsewhere.map(([name]) => name);
  const required = values.require === 'all' ? names : values.require.split(',').filter((name) => name !== '');
  const unknown = required.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new SetupError(`--require: no such trial: ${unknown}; there are all, ${names.join(', ')}`);
  return { ...values, required };
}

await run(async () => {
  const { local, tarballs, required, repository } = options();
  const tally = new Tally();
  let registry;
  let user;
  try {
    const here = target(platformKey());
    const { main, source, platforms } = collect(folder, { local, tarballs });
    checkRepository(
      [main, source, ...platforms].map(({ manifest }) => manifest),
      repository,
    );
    await checkPublishing(main.tarball);
    await checkTypes(main.tarball);
    rmSync(path.join(folder, 'dependencies'), { recursive: true, force: true });
    const others = dependencyTarballs(path.join(folder, 'dependencies'));
    registry = await serveRegistry([main, source, ...platforms, ...others]);
    user = new User(registry.address);
    let values;
    await tally.attempt(here.name, async () => {
      ({ values } = await trials.install(user, here.package));
      await trials.importTime(user);
      await trials.modules(user);
      await trials.command(user);
      await trials.typescript(user);
      await trials.mended(user, here.package);
    });
    const packed = (name) => platforms.some(({ manifest }) => manifest.name === target(name).package);
    for (const [what, name, trial] of elsewhere) {
      await tally.attempt(what, () => {
        if (!packed(name)) throw new NotTried(`prebuilds/${name} is missing; 'npm run prebuild -- ${name}' makes it`);
        if (local && what === 'old glibc')
          throw new NotTried('the addon of this clone asks for the glibc of this machine');
        // apt and the emulators are at home there.
        if (here.name !== 'linux-x64') throw new NotTried(`this machine is ${here.name}, it is tried on linux-x64`);
        return trial(user, values);
      });
    }
    for (const name of targetNames.filter((each) => each.startsWith('darwin') && each !== here.name)) {
      await tally.attempt(name, () => {
        throw new NotTried(
          packed(name) ? 'macOS is not emulated; its files were read' : `prebuilds/${name} is missing`,
        );
      });
    }
    tally.close(required);
    writeResult('release', tally.result);
  } catch (error) {
    writeResult('release', { ...tally.result, failures: [String(error.message).split('\n')[0]] });
    throw error;
  } finally {
    user?.dispose();
    registry?.close();
  }
});
