/** Importing the package is quick: one module, none of the packages it depends on, and no addon before the first kernel. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

test('the entry imports modules of Node alone; packages only where they are used', () => {
  const text = readFileSync(path.join(root, 'dist', 'index.js'), 'utf8');
  const imported = [...text.matchAll(/^(?:import|export)\b[^;]*?(?:from\s*)?["']([^"'\n]+)["'];$/gm)].map(
    ([, name]) => name as string,
  );
  expect(imported).toContain('node:module');
  expect(imported.filter((name) => !name.startsWith('node:'))).toEqual([]);
  const later = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map(([, name]) => name as string);
  expect(later.toSorted()).toEqual(['csv-parse', 'fast-png']);
  for (const name of later) expect(dependencies).toHaveProperty([name]);
});

test('it exports what the catalogue does, and the addon waits for the first kernel', async () => {
  const child = `
    const loaded = [];
    const { dlopen } = process;
    process.dlopen = (...words) => (loaded.push(words[1]), dlopen.apply(process, words));
    const resgram = await import('./dist/index.js');
    const before = [...loaded];
    resgram.compile(resgram.mlp({ depth: 2 }));
    console.log(JSON.stringify({ names: Object.keys(resgram), before, after: loaded.length }));`;
  const told = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', child], { cwd: root, encoding: 'utf8' }),
  );
  expect(told.before).toEqual([]);
  expect(told.after).toBe(1);
  expect(told.names.toSorted()).toEqual(Object.keys(await import('../../lib/index.js')).toSorted());
});
