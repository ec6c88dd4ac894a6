#!/usr/bin/env node
// Everything about a release that can be known before it is published: node scripts/release-check.mjs [--local]
//
// Packs resgram and the platform packages in prebuilds/, reads their files, and uses them as a new user would: installed by
// npm from a registry on this machine into an empty folder, without a compiler, then from modules of both kinds, TypeScript, a
// thread, the command line; on an old glibc, on musl, on ARM and on an old processor as far as this machine can.
// --local takes the addon of this clone's own build for this machine's platform package: what CI can do in a minute.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { done, note, run, SetupError } from './lib/console.mjs';
import { addonFile, at, platformKey, readJson } from './lib/paths.mjs';
import { inspect } from './prebuild/inspect.mjs';
import { writeSourcePackage } from './prebuild/source-package.mjs';
import { packageFolder, target, targetNames, version } from './prebuild/targets.mjs';
import { checkPublishing, checkTypes } from './release/lint.mjs';
import { packFolder, packMain, publishedManifest } from './release/pack.mjs';
import { dependencyTarballs, serveRegistry } from './release/registry.mjs';
import * as trials from './release/trials.mjs';
import { User } from './release/user.mjs';
import { writeResult } from './test-results.mjs';

const largestPackage = 10e6;
const folder = at('.cache', 'release');

/** This clone's build in the place of the package that is published for this platform. */
function localPackage(of) {
  const place = path.join(folder, 'local', of.name);
  mkdirSync(place, { recursive: true });
  if (!existsSync(addonFile)) throw new SetupError(`${addonFile} is missing; npm run setup makes it`);
  copyFileSync(addonFile, path.join(place, of.addon));
  const library = path.join(path.dirname(addonFile), of.library);
  if (existsSync(library)) copyFileSync(library, path.join(place, of.library));
  const manifest = { name: of.package, version: version(), ...of.npm, main: of.addon };
  writeFileSync(path.join(place, 'package.json'), JSON.stringify(manifest));
  return place;
}

function packages(local) {
  const built = targetNames.filter((name) => existsSync(path.join(packageFolder(name), 'package.json')));
  const here = platformKey();
  if (!targetNames.includes(here)) throw new SetupError(`no package is made for ${here}`);
  const places = new Map(built.map((name) => [name, packageFolder(name)]));
  if (local) places.set(here, localPackage(target(here)));
  if (!places.has(here)) throw new SetupError(`prebuilds/${here} is missing; 'npm run prebuild -- ${here}' makes it`);
  return [...places].map(([name, place]) => {
    const of = target(name);
    const own = readJson(path.join(place, 'package.json'));
    if (own.version !== version())
      throw new SetupError(`${place} is version ${own.version}; 'npm run prebuild' makes it anew`);
    const told = packFolder(place, path.join(folder, 'tarballs'));
    if (local && name === here) {
      note(name, 'the addon of this clone, in the place of the one that is published');
    } else {
      const addon = path.join(place, of.addon);
      inspect(of, { addon, openblas: path.join(place, of.library) });
      const names = told.files.map((file) => file.path).sort();
      const expected = [of.addon, of.library, 'LICENSE', 'NOTICES.txt', 'README.md', 'package.json'].sort();
      if (names.join() !== expected.join()) throw new SetupError(`${of.package} holds ${names}, expected ${expected}`);
      if (told.size > largestPackage)
        throw new SetupError(`${of.package} has ${told.size} bytes, more than ${largestPackage}`);
      done(name, `${(told.size / 1e6).toFixed(1)} MB packed, ${(told.unpackedSize / 1e6).toFixed(1)} MB unpacked`);
    }
    return { name, manifest: own, tarball: told.tarball };
  });
}

await run(async () => {
  const local = process.argv.includes('--local');
  rmSync(folder, { recursive: true, force: true });
  let registry;
  let user;
  try {
    const main = packMain(path.join(folder, 'tarballs'));
    packFolder(writeSourcePackage(path.join(folder, 'source')), path.join(folder, 'tarballs'));
    done('resgram', `${(main.unpackedSize / 1e6).toFixed(2)} MB unpacked, ${main.files.length} files`);
    await checkPublishing(main.tarball);
    await checkTypes(main.tarball);
    const built = packages(local);
    const own = { manifest: publishedManifest(), tarball: main.tarball };
    registry = await serveRegistry([own, ...built, ...dependencyTarballs(path.join(folder, 'dependencies'))]);
    user = new User(registry.address);
    const here = target(platformKey());
    const { values } = await trials.install(user, here.package);
    await trials.importTime(user);
    await trials.modules(user);
    await trials.command(user);
    await trials.typescript(user);
    await trials.mended(user, here.package);
    const has = (name) => built.some((each) => each.name === name) && !(local && name === here.name);
    // Other systems and processors are tried where apt and the emulators are at home.
    const emulates = here.name === 'linux-x64';
    if (emulates && has('linux-x64')) {
      await trials.oldGlibc(user, values);
      await trials.oldProcessor(user, values);
    }
    if (emulates && has('linux-arm64')) await trials.foreignProcessor(user, values);
    if (emulates && has('linux-x64-musl')) await trials.otherLibrary(user, values);
    const unrun = ['darwin-arm64', 'darwin-x64'].filter((name) => has(name) && name !== here.name);
    for (const name of unrun) note(name, 'read, not run: macOS is not emulated');
    writeResult('release', { passed: 1 });
  } catch (error) {
    writeResult('release', { failures: [String(error.message).split('\n')[0]] });
    throw error;
  } finally {
    user?.dispose();
    registry?.close();
  }
});
