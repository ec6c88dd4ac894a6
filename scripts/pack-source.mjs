#!/usr/bin/env node
// Packs resgram-source, the sources of the addon, beside `npm pack`: node scripts/pack-source.mjs [FOLDER]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quietly, run, SetupError, tail } from './lib/console.mjs';
import { writeSourcePackage } from './prebuild/source-package.mjs';

await run(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'resgram-source-'));
  try {
    writeSourcePackage(folder);
    const into = path.resolve(process.argv[2] ?? '.');
    const { ok, output } = quietly('npm', ['pack', '--silent', '--pack-destination', into], { cwd: folder });
    if (!ok) throw new SetupError(`npm pack of the sources:\n${tail(output)}`);
    console.log(output.trim());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
