// A registry of npm on this machine that knows the packed tarballs and what they need, and nothing else: `npm install resgram`
// is tried against it before there is anything to install from elsewhere.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { SetupError } from '../lib/console.mjs';
import { at, readJson } from '../lib/paths.mjs';

/** What users get beside resgram, taken from node_modules: every package there that is not for development alone. */
export function dependencyTarballs(into) {
  mkdirSync(into, { recursive: true });
  const { packages } = readJson(at('node_modules', '.package-lock.json'));
  const runtime = Object.entries(packages).filter(([place, { dev, devOptional }]) => place && !dev && !devOptional);
  return runtime.map(([place, { version }]) => {
    const tarball = path.join(into, `${place.replace(/^node_modules\//, '').replaceAll('/', '+')}-${version}.tgz`);
    if (!existsSync(tarball)) {
      // A folder called package, as npm has it; renaming inside tar is not the same everywhere.
      const staged = path.join(into, 'staged');
      const own = (file) => path.relative(at(place), file).split(path.sep)[0] !== 'node_modules';
      cpSync(at(place), path.join(staged, 'package'), { recursive: true, filter: own });
      const { status, stderr } = spawnSync('tar', ['czf', tarball, '-C', staged, 'package'], { encoding: 'utf8' });
      rmSync(staged, { recursive: true });
      if (status !== 0) throw new SetupError(`tar ${place}: ${stderr}`);
    }
    return { manifest: readJson(at(place, 'package.json')), tarball };
  });
}

/** Serves rows of { manifest, tarball } on a port of this machine; returns { address, close() }. */
export async function serveRegistry(rows) {
  const worker = new Worker(new URL('./registry-server.mjs', import.meta.url), { workerData: rows });
  const address = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { address, close: () => worker.terminate() };
}
