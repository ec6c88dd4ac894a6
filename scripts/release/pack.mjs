// Tarballs as they are published. package.json of the clone names no platform packages, because npm could not install what is
// not published yet; they are put in here, with the version of the package itself.
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quietly, SetupError, tail } from '../lib/console.mjs';
import { at, readJson } from '../lib/paths.mjs';
import { target, targetNames } from '../prebuild/targets.mjs';

/** npm's own words of a package in a folder: { filename, size, unpackedSize, files }. */
function npmPack(folder, ...words) {
  const { ok, output } = quietly('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (!ok) throw new SetupError(`npm pack in ${folder}:\n${tail(output)}`);
  const told = JSON.parse(output);
  // An array, or from npm 12 on an object by name.
  return Array.isArray(told) ? told[0] : Object.values(told)[0];
}

/** The manifest of the published package. What only work on it needs stays at home. */
export function publishedManifest(manifest = readJson(at('package.json'))) {
  const { devDependencies: _, scripts: __, ...published } = manifest;
  const optionalDependencies = Object.fromEntries(targetNames.map((name) => [target(name).package, manifest.version]));
  // Installed by who needs it; named, because strict package managers let no package see another that it does not name. Any
  // version, because the loader says more of a wrong one than they do.
  const peerDependencies = { 'resgram-source': '*' };
  const peerDependenciesMeta = { 'resgram-source': { optional: true } };
  return { ...published, optionalDependencies, peerDependencies, peerDependenciesMeta };
}

/** Packs resgram into a folder; returns what npm tells, with the tarball's place as `tarball`. */
export function packMain(into) {
  const staged = path.join(into, 'staged');
  rmSync(staged, { recursive: true, force: true });
  for (const { path: file } of npmPack(at(), '--dry-run').files) {
    mkdirSync(path.dirname(path.join(staged, file)), { recursive: true });
    copyFileSync(at(file), path.join(staged, file));
  }
  writeFileSync(path.join(staged, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
  const told = packFolder(staged, into);
  rmSync(staged, { recursive: true });
  return told;
}

/** Packs a folder that holds a package; returns what npm tells, with the tarball's place as `tarball`. */
export function packFolder(folder, into) {
  mkdirSync(into, { recursive: true });
  const told = npmPack(folder, '--pack-destination', into);
  // npm writes @scope/name as scope-name.
  return { ...told, tarball: path.join(into, told.filename.replace('@', '').replace('/', '-')) };
}

/** What a tarball holds, unpacked into a folder: { tarball, manifest, place, files, size, unpackedSize }. */
export function openTarball(tarball, into) {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const { ok, output } = quietly('tar', ['xzf', tarball, '-C', into]);
  if (!ok) throw new SetupError(`tar xzf ${tarball}:\n${tail(output)}`);
  const place = path.join(into, 'package');
  const files = readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(place, path.join(entry.parentPath, entry.name)));
  const unpackedSize = files.reduce((sum, file) => sum + statSync(path.join(place, file)).size, 0);
  const manifest = readJson(path.join(place, 'package.json'));
  return { tarball, manifest, place, files, size: statSync(tarball).size, unpackedSize };
}
