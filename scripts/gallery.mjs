#!/usr/bin/env node
// docs/studies: the studies at their usual size, as pages with figures. Names of studies make those alone; further options
// go to `resgram study`, for example: npm run gallery -- huang --seed 1
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, SetupError } from './lib/console.mjs';
import { at } from './lib/paths.mjs';

const pages = at('docs', 'studies');
const figures = path.join(pages, 'figures');

/** The page that leads to the others: what each found, and its figures. */
function index(/** @type {readonly string[]} */ names) {
  const parts = names.flatMap((name) => {
    const text = readFileSync(path.join(pages, `${name}.md`), 'utf8');
    const found = /^# (.*)$/m.exec(text)?.[1] ?? '';
    const shown = [...text.matchAll(/^!\[(.*)\]\((figures\/.*)\)$/gm)].map(
      ([, title, file]) => `<a href="${name}.md"><img src="${file}" alt="${title}" title="${title}" width="32%"></a>`,
    );
    return [`## [${name}](${name}.md): ${found}`, '', ...shown, ''];
  });
  const head = [
    '# What the papers claim, computed',
    '',
    'Made by `npm run gallery`: `resgram study` at its usual size.',
    '',
  ];
  return [...head, ...parts].join('\n');
}

await run(async () => {
  const { studyNames } = await import(at('dist', 'index.js'));
  const words = process.argv.slice(2);
  const named = words.filter((word) => studyNames.includes(word));
  const all = studyNames.filter((/** @type {string} */ name) => name !== 'overview');
  const chosen = named.length > 0 ? named : all;
  const others = words.filter((word) => !named.includes(word));
  mkdirSync(figures, { recursive: true });
  const work = mkdtempSync(path.join(tmpdir(), 'resgram-gallery-'));
  try {
    for (const name of chosen) {
      const out = path.join(work, name);
      const command = [at('dist', 'cli', 'main.js'), 'study', name, '--out', out, ...others];
      const { status } = spawnSync(process.execPath, command, { stdio: 'inherit', cwd: at() });
      if (status !== 0) throw new SetupError(`resgram study ${name} failed`);
      copyFileSync(path.join(out, 'report.md'), path.join(pages, `${name}.md`));
      for (const stale of readdirSync(figures).filter((file) => file.startsWith(`${name}-`)))
        rmSync(path.join(figures, stale));
      const drawn = readdirSync(path.join(out, 'figures')).filter((file) => file.endsWith('.svg'));
      for (const file of drawn) copyFileSync(path.join(out, 'figures', file), path.join(figures, file));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  writeFileSync(path.join(pages, 'README.md'), index(all));
  return 0;
});
