// Tools that come as wheels, pinned by version and hash in scripts/prebuild.lock.json, unpacked below .deps.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { note, SetupError } from '../lib/console.mjs';
import { download, findPip } from '../lib/openblas.mjs';
import { at, platformKey } from '../lib/paths.mjs';
import { zipEntries } from '../lib/zip.mjs';

/** The folder of a wheel that the lock file pins for this machine, and the Python that fetched it. */
export function provideWheel({ package: name, version, platforms }, what, programs = []) {
  const sha256 = platforms[platformKey()];
  if (sha256 === undefined) {
    const known = Object.keys(platforms).join(' or ');
    throw new SetupError(`${what} needs ${known}: scripts/prebuild.lock.json has no ${name} for ${platformKey()}`);
  }
  const { python, reason } = findPip();
  const folder = at('.deps', `${name}-${version}`);
  if (existsSync(folder)) return { folder, python };
  if (!python) throw new SetupError(`${what} cannot be fetched: ${reason}`);
  note(name, `fetching ${version}`);
  mkdirSync(at('.deps'), { recursive: true });
  const scratch = mkdtempSync(at('.deps', 'fetch-'));
  try {
    const { archive, obstacle } = download(python, { package: name, version, sha256 }, scratch);
    if (archive === undefined) throw new SetupError(`${what}: ${obstacle}`);
    const unpacked = path.join(scratch, 'unpacked');
    for (const entry of zipEntries(readFileSync(archive))) {
      const file = path.join(unpacked, entry.name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, entry.data());
    }
    for (const program of programs) chmodSync(path.join(unpacked, name, program), 0o755);
    renameSync(unpacked, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { folder, python };
}
