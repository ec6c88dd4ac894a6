// The packed package as a user has it: unpacked into node_modules, loaded as ESM and by require, its command run.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');
const { version, dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const binary = process.env.RESGRAM_BINARY ?? path.join(root, 'build', 'Release', 'resgram.node');

let project: string;
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: project, encoding: 'utf8', env: { ...process.env, RESGRAM_BINARY: binary } });

beforeAll(() => {
  project = mkdtempSync(path.join(tmpdir(), 'resgram-load-'));
  const modules = path.join(project, 'node_modules');
  mkdirSync(path.join(modules, 'resgram'), { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', project], { cwd: root });
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz')) as string;
  execFileSync('tar', [
    'xzf',
    path.join(project, tarball),
    '-C',
    path.join(modules, 'resgram'),
    '--strip-components=1',
  ]);
  // Only what package.json declares for users, not what development needs.
  const needed = new Set<string>();
  const visit = (name: string) => {
    if (needed.has(name)) return;
    needed.add(name);
    const manifest = JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8'));
    for (const inner of Object.keys(manifest.dependencies ?? {})) visit(inner);
  };
  for (const name of Object.keys(dependencies)) visit(name);
  for (const name of needed) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
}, 120_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test('loads as an ES module', () => {
  const script = `import * as resgram from 'resgram'; console.log(typeof resgram.mlp)`;
  expect(run(process.execPath, '--input-type=module', '-e', script).trim()).toBe('function');
});

test('loads by require', () => {
  expect(run(process.execPath, '-e', "console.log(typeof require('resgram').mlp)").trim()).toBe('function');
});

test('its command runs', () => {
  const command = path.join(project, 'node_modules', 'resgram', 'dist', 'cli', 'main.js');
  expect(run(process.execPath, command, '--version').trim()).toBe(version);
  expect(run(process.execPath, command, 'info')).toContain('OpenBLAS');
});
