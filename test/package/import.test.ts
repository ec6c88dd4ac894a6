/** Importing the package is quick: few modules, none of the packages it depends on, and no addon before the first kernel. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** What a bundled file names: modules at once, and modules when they are used. */
function importsOf(file: string) {
  const text = readFileSync(path.join(root, 'dist', file), 'utf8');
  const names = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name as string);
  return {
    atOnce: names(/(?:^|[;\n])(?:import|export)\b[^;"'`()]*["'`]([^"'`\n]+)["'`]/g),
    later: names(/\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)/g),
  };
}

test('the entry is five files at most, and imports modules of Node alone; packages only where they are used', () => {
  const files = ['index.js'];
  const packages: string[] = [];
  const later: string[] = [];
  for (const file of files) {
    const imports = importsOf(file);
    later.push(...imports.later.filter((name) => !name.startsWith('.')));
    for (const name of imports.atOnce) {
      if (!name.startsWith('.')) packages.push(name);
      else if (!files.includes(path.join(path.dirname(file), name))) files.push(path.join(path.dirname(file), name));
    }
  }
  expect(files.length).toBeLessThanOrEqual(5);
  expect(packages).toContain('node:module');
  expect(packages.filter((name) => !name.startsWith('node:'))).toEqual([]);
  const modules = later.filter((name) => name.startsWith('node:'));
  expect(modules).toEqual(['node:child_process']);
  expect(packages).not.toContain('node:child_process');
  expect(later.filter((name) => !modules.includes(name)).toSorted()).toEqual(['csv-parse', 'fast-png']);
  for (const name of later.filter((each) => !modules.includes(each))) expect(dependencies).toHaveProperty([name]);
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
