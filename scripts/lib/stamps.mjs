// Which steps are up to date: a step's stamp is a hash of all that it read, kept in .cache/stamps.json.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson, root } from './paths.mjs';

const file = at('.cache', 'stamps.json');

function stamps() {
  try {
    return readJson(file);
  } catch {
    return {};
  }
}

/** Every file below the given files and folders (relative to the root), sorted; missing ones are skipped. */
export function filesBelow(...places) {
  const found = [];
  const visit = (place) => {
    let entries;
    try {
      entries = readdirSync(path.join(root, place), { withFileTypes: true });
    } catch (error) {
      if (error.code === 'ENOTDIR') found.push(place);
      return;
    }
    for (const entry of entries) {
      const inner = path.join(place, entry.name);
      if (entry.isDirectory()) visit(inner);
      else found.push(inner);
    }
  };
  places.forEach(visit);
  return found.sort();
}

/** Hash of the contents of files and of any further facts. */
export function fingerprint(files, facts) {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const name of files) hash.update(`\0${name}\0`).update(readFileSync(path.join(root, name)));
  return hash.digest('hex').slice(0, 32);
}

export function isFresh(step, hash) {
  return stamps()[step] === hash;
}

export function stamp(step, hash) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify({ ...stamps(), [step]: hash }, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}
