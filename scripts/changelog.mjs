#!/usr/bin/env node
// Makes a version of what is below "Unreleased" in CHANGELOG.md: node scripts/changelog.mjs X.Y.Z
import { readFileSync, writeFileSync } from 'node:fs';
import { done, run, SetupError } from './lib/console.mjs';
import { at, readJson } from './lib/paths.mjs';

const parts = (version) => version.split('.').map(Number);

function isLater(version, than) {
  const [a, b] = [parts(version), parts(than)];
  const i = a.findIndex((part, j) => part !== b[j]);
  return i >= 0 && a[i] > b[i];
}

/** The text with a heading for the version below an empty "Unreleased". */
export function released(text, version, date) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) throw new SetupError(`expected a version like 0.2.0, got '${version}'`);
  if (text.includes(`\n## ${version} `)) throw new SetupError(`CHANGELOG.md has ${version} already`);
  const [, before, entries, after] = /^([\s\S]*?\n## Unreleased\n)([\s\S]*?)((?:\n## [\s\S]*)?)$/.exec(text) ?? [];
  if (entries === undefined) throw new SetupError('CHANGELOG.md has no part called Unreleased');
  if (!/^- /m.test(entries)) throw new SetupError('nothing is below Unreleased');
  return `${before}\n## ${version} (${date})\n${entries}${after}`;
}

if (import.meta.filename === process.argv[1]) {
  await run(() => {
    const version = process.argv[2];
    const old = readJson(at('package.json')).version;
    const text = released(readFileSync(at('CHANGELOG.md'), 'utf8'), version, new Date().toISOString().slice(0, 10));
    // The first release may be of the version that is being worked on.
    if (version !== old && !isLater(version, old)) throw new SetupError(`${version} is not later than ${old}`);
    writeFileSync(at('CHANGELOG.md'), text);
    for (const file of ['package.json', 'package-lock.json']) {
      const content = readFileSync(at(file), 'utf8');
      // The first one or two are the package's own, in the head of the file.
      const head = file === 'package.json' ? 1 : 2;
      let seen = 0;
      const changed = content.replace(/"version": "([^"]+)"/g, (all, found) =>
        found === old && seen++ < head ? `"version": "${version}"` : all,
      );
      writeFileSync(at(file), changed);
    }
    done('change log', `${version}; now commit, and tag v${version}`);
  });
}
