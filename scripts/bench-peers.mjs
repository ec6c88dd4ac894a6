#!/usr/bin/env node
// Installs what `npm run bench` compares with, in the versions of bench/peers, below .cache/peers:
//
//   node scripts/bench-peers.mjs [scipy | tangents | npm]...     without a name all of them
//
//   scipy      NumPy and SciPy in a virtual environment (240 MB)
//   tangents   neural-tangents with the JAX it needs, in another (2.6 GB: it imports TensorFlow); Python 3.9 to 3.11
//   npm        ml-matrix and numpy-ts, and ydf-training for bench:uci --forest
//
// Nothing of it becomes part of the package. PYTHON names the interpreter to use.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { capture, done, note, quietly, run, SetupError, seconds, tail } from './lib/console.mjs';
import { at } from './lib/paths.mjs';

const folder = (...parts) => at('.cache', 'peers', ...parts);
const wanted = (...parts) => at('bench', 'peers', ...parts);

/** Is what stands in `place` made from this list? The stamp goes last, so a broken install is made again. */
const stampOf = (place) => path.join(place, 'installed-from');
const isFresh = (place, list) =>
  existsSync(stampOf(place)) && readFileSync(stampOf(place), 'utf8') === readFileSync(list, 'utf8');

/** A Python of one of these versions, newest first, that can make virtual environments. */
function findPython(versions) {
  const names = [process.env.PYTHON, ...versions.map((version) => `python3.${version}`), 'python3'].filter(Boolean);
  for (const name of names) {
    const told = capture(name, ['-c', 'import ensurepip, sys, venv; print(sys.version_info.minor)']);
    if (told !== undefined && versions.includes(Number(told))) return name;
  }
  const list = versions.map((version) => `3.${version}`).join(', ');
  throw new SetupError(
    `no Python of ${list} with venv and pip (on Debian: python3-venv); PYTHON=/path/to/it names one`,
  );
}

function environment(name, versions) {
  const list = wanted(`requirements-${name}.txt`);
  const place = folder(name);
  if (isFresh(place, list)) return done(name, 'there already');
  const python = findPython(versions);
  const start = performance.now();
  note(name, 'installing');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(folder(), { recursive: true });
  const step = (command, ...words) => {
    const { ok, output } = quietly(command, words);
    if (!ok)
      throw new SetupError(`${name}: ${[path.basename(command), ...words].join(' ')} failed:\n${tail(output, 12)}`);
  };
  step(python, '-m', 'venv', place);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '--only-binary=:all:'];
  step(path.join(place, 'bin', 'python'), ...pip, '-r', list);
  writeFileSync(stampOf(place), readFileSync(list));
  done(name, `installed in ${seconds(start)}`);
}

function packages() {
  const list = wanted('package.json');
  const place = folder('npm');
  if (isFresh(place, list)) return done('npm', 'there already');
  const start = performance.now();
  mkdirSync(place, { recursive: true });
  copyFileSync(list, path.join(place, 'package.json'));
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { ok, output } = quietly('npm', words, { cwd: place });
  if (!ok) throw new SetupError(`npm install failed:\n${tail(output, 12)}`);
  writeFileSync(stampOf(place), readFileSync(list));
  done('npm', `installed in ${seconds(start)}`);
}

const peers = {
  // What publishes wheels of these versions.
  scipy: () => environment('scipy', [13, 12, 11]),
  tangents: () => environment('tangents', [11, 10, 9]),
  npm: packages,
};

await run(() => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !Object.hasOwn(peers, name));
  if (unknown !== undefined) throw new SetupError(`no peer '${unknown}'; there are ${Object.keys(peers).join(', ')}`);
  for (const name of names.length > 0 ? names : Object.keys(peers)) peers[name]();
});
