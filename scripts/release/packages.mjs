// The tarballs of a release, packed here or taken as they were packed, and what each of them must hold.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { done, note, SetupError } from '../lib/console.mjs';
import { addonFile, platformKey } from '../lib/paths.mjs';
import { inspect } from '../prebuild/inspect.mjs';
import { writeSourcePackage } from '../prebuild/source-package.mjs';
import { packageFolder, target, targetNames, version } from '../prebuild/targets.mjs';
import { openTarball, packFolder, packMain } from './pack.mjs';
import { tighten } from './tighten.mjs';

const largestPackage = 10e6;
const largestMain = 1e6;
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** This clone's build in the place of the package that is published for this platform. */
function localPackage(of, place) {
  mkdirSync(place, { recursive: true });
  if (!existsSync(addonFile)) throw new SetupError(`${addonFile} is missing; npm run setup makes it`);
  copyFileSync(addonFile, path.join(place, of.addon));
  const library = path.join(path.dirname(addonFile), of.library);
  if (existsSync(library)) copyFileSync(library, path.join(place, of.library));
  const manifest = { name: of.package, version: version(), ...of.npm, main: of.addon };
  writeFileSync(path.join(place, 'package.json'), JSON.stringify(manifest));
  return place;
}

/** Packs everything that there is into folder/tarballs; returns the tarballs. */
function pack(folder, local) {
  rmSync(folder, { recursive: true, force: true });
  const into = path.join(folder, 'tarballs');
  const here = platformKey();
  if (!targetNames.includes(here)) throw new SetupError(`no package is made for ${here}`);
  const built = targetNames.filter((name) => existsSync(path.join(packageFolder(name), 'package.json')));
  const places = local ? [localPackage(target(here), path.join(folder, 'local', here))] : built.map(packageFolder);
  if (!local && !built.includes(here))
    throw new SetupError(`prebuilds/${here} is missing; 'npm run prebuild -- ${here}' makes it`);
  const tarballs = [packMain(into), packFolder(writeSourcePackage(path.join(folder, 'source')), into)];
  for (const place of places) {
    tarballs.push(packFolder(place, into));
    if (!local) {
      note(path.basename(place), 'packing');
      tighten(tarballs.at(-1).tarball);
    }
  }
  return tarballs.map(({ tarball }) => tarball);
}

/** The tarballs of a folder: of all packages, or it is no release. */
function given(place) {
  const names = ['resgram', 'resgram-source', ...targetNames.map((name) => target(name).package)];
  const files = names.map((name) => `${name}-${version()}.tgz`);
  const there = existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('.tgz')) : [];
  const [lacking, strange] = [files.filter((f) => !there.includes(f)), there.filter((f) => !files.includes(f))];
  if (lacking.length > 0 || strange.length > 0)
    throw new SetupError(`${place} must hold a tarball of each package; lacks ${lacking}, has besides ${strange}`);
  return files.map((file) => path.join(place, file));
}

function checkMain({ manifest, files, unpackedSize }) {
  if (unpackedSize > largestMain)
    throw new SetupError(`resgram has ${unpackedSize} bytes unpacked, more than ${largestMain}`);
  const wanted = Object.fromEntries(targetNames.map((name) => [target(name).package, version()]));
  const named = JSON.stringify(manifest.optionalDependencies);
  if (named !== JSON.stringify(wanted))
    throw new SetupError(`resgram names ${named}, expected ${JSON.stringify(wanted)}`);
  done('resgram', `${unpackedSize} bytes unpacked, the limit is ${largestMain}; ${files.length} files`);
}

function checkPlatform(of, { place, files, size, unpackedSize }) {
  inspect(of, { addon: path.join(place, of.addon), openblas: path.join(place, of.library) });
  const expected = [of.addon, of.library, 'LICENSE', 'NOTICES.txt', 'README.md', 'package.json'].sort();
  if (files.toSorted().join() !== expected.join())
    throw new SetupError(`${of.package} holds ${files}, expected ${expected}`);
  const said = `${megabytes(size)} packed, the limit is ${megabytes(largestPackage)}; ${megabytes(unpackedSize)} unpacked`;
  if (size > largestPackage) throw new SetupError(`${of.package} has ${said}`);
  done(of.name, said);
}

/** The name of the package in a tarball that npm has named: resgram-linux-x64-0.1.0.tgz → resgram-linux-x64. */
export const packageOf = (tarball) => path.basename(tarball, '.tgz').replace(/-\d+\..*$/, '');

/** Rows of { manifest, tarball } of resgram, its sources and the platforms that there are, each as it must be. */
export function collect(folder, { local, tarballs }) {
  const all = tarballs === undefined ? pack(folder, local) : given(path.resolve(tarballs));
  const opened = all.map((tarball) => openTarball(tarball, path.join(folder, 'unpacked', packageOf(tarball))));
  for (const { manifest, tarball } of opened)
    if (manifest.version !== version())
      throw new SetupError(
        `${tarball} is version ${manifest.version}, expected ${version()}; 'npm run prebuild' makes it anew`,
      );
  const [main, source, ...platforms] = opened;
  checkMain(main);
  for (const row of platforms) {
    const of = targetNames.map(target).find((each) => each.package === row.manifest.name);
    if (local && of.name === platformKey())
      note(of.name, 'the addon of this clone, in the place of the one that is published');
    else checkPlatform(of, row);
  }
  return { main, source, platforms };
}
