// What `npm pack` holds: everything a user needs to run resgram, and nothing else; and what builds the addon elsewhere.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @ts-expect-error scripts have no types
import { writeSourcePackage } from '../../scripts/prebuild/source-package.mjs';
// @ts-expect-error scripts have no types
import { publishedManifest } from '../../scripts/release/pack.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');
const json = (name: string) => JSON.parse(readFileSync(path.join(root, name), 'utf8'));

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

// npm reports an array, or from version 12 on an object keyed by package name.
function pack(): Packed {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const told = JSON.parse(
    execFileSync('npm', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return (Array.isArray(told) ? told[0] : Object.values(told)[0]) as Packed;
}

/** Every file of the package matches one of these. */
const belongs = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^dist\/[\w/-]+\.(js|d\.ts)$/,
  /^schemas\/[\w-]+\.schema\.json$/,
];

test('what is installed with the package is what it imports or builds with', () => {
  const sources = ['lib', 'scripts'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|cmake)$/.test(name))
      .map((name) => path.join(root, folder, name)),
  );
  const text = sources.map((name) => readFileSync(name, 'utf8')).join('\n');
  const unused = Object.keys(json('package.json').dependencies).filter(
    (name) => !new RegExp(`['"\`]${name}['"/]`).test(text),
  );
  expect(unused).toEqual([]);
});

describe('npm pack', () => {
  let packed: Packed;
  let names: string[];
  const missing = (wanted: readonly string[]) => wanted.filter((name) => !names.includes(name));
  beforeAll(() => {
    packed = pack();
    names = packed.files.map((file) => file.path).sort();
  });

  test('holds no file that does not belong', () => {
    expect(names.filter((name) => !belongs.some((pattern) => pattern.test(name)))).toEqual([]);
  });

  test('holds what package.json points to, and the legal and readable parts', () => {
    const { bin, exports: entries } = json('package.json');
    const targets = [bin.resgram, entries['.'].types, entries['.'].default].map((name: string) =>
      path.posix.normalize(name),
    );
    expect(missing([...targets, 'package.json', 'README.md', 'LICENSE'])).toEqual([]);
  });

  test('holds the declarations that the entry leads to, and no others', () => {
    const declared = ['dist/index.d.ts'];
    for (const name of declared) {
      const text = readFileSync(path.join(root, name), 'utf8');
      for (const [, target] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
        const file = path.posix.join(path.posix.dirname(name), (target as string).replace(/\.js$/, '.d.ts'));
        if (!declared.includes(file)) declared.push(file);
      }
    }
    expect(names.filter((name) => name.startsWith('dist/') && name.endsWith('.d.ts'))).toEqual(declared.toSorted());
  });

  test('declarations ask for the libraries of the compiler that they need', () => {
    const asks = /^\/\/\/ <reference lib="esnext\.disposable"/gm;
    const asking = (folder: string) =>
      names
        .filter((name) => name.endsWith('.d.ts'))
        .map((name) => path.join(root, name.replace(/^dist/, folder)))
        .flatMap((file) => readFileSync(file, 'utf8').match(asks) ?? []);
    expect(asking('dist').length).toBeGreaterThan(0);
    expect(asking('dist')).toEqual(asking('build-ts'));
  });

  test('is small: no data, no library', () => {
    // The manifest of the clone has more in it than the one that is published.
    const manifest = packed.files.find((file) => file.path === 'package.json')?.size ?? Number.NaN;
    const published = packed.unpackedSize - manifest + JSON.stringify(publishedManifest(), null, 2).length;
    expect(published).toBeLessThan(1_000_000);
    // No file is of another kind than the code.
    expect(packed.files.filter((file) => file.size > 200_000)).toEqual([]);
  });
});

describe('resgram-source', () => {
  let folder: string;
  let names: string[];
  beforeAll(() => {
    folder = writeSourcePackage(mkdtempSync(path.join(tmpdir(), 'resgram-source-')));
    names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds all sources of the addon and what builds them', () => {
    const sources = readFileSync(path.join(root, 'native', 'sources.txt'), 'utf8')
      .trim()
      .split('\n');
    const headers = readdirSync(path.join(root, 'native'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.hpp'))
      .map((name) => `native/${name}`);
    const builders = [
      'native/sources.txt',
      'native/binding.gyp',
      'scripts/setup.mjs',
      'scripts/gyp.mjs',
      'scripts/openblas.lock.json',
      'LICENSE',
    ];
    expect(names).toEqual(expect.arrayContaining([...sources, ...headers, ...builders]));
  });

  test('every script it holds imports only scripts that it holds', () => {
    for (const name of names.filter((each) => each.startsWith('scripts/') && each.endsWith('.mjs'))) {
      for (const [, target] of readFileSync(path.join(root, name), 'utf8').matchAll(
        /(?:from|import\()\s*'(\.[^']+)'/g,
      )) {
        expect(names, `${name} imports ${target}`).toContain(
          path.posix.join(path.posix.dirname(name), target as string),
        );
      }
    }
  });

  test('has nothing at its top that a package manager would build from', () => {
    expect(names.filter((name) => !name.includes('/') && name.endsWith('.gyp'))).toEqual([]);
  });

  test('is of the same version, runs nothing at installation, and depends on headers alone', () => {
    const { version } = json('package.json');
    const own = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    expect(own).toMatchObject({ name: 'resgram-source', version, gypfile: false });
    expect(Object.keys(own.scripts)).toEqual(['setup']);
    expect(Object.keys(own.dependencies)).toEqual(['node-addon-api', 'node-api-headers']);
    expect(Object.values(own.dependencies)).not.toContain(undefined);
  });
});

describe('package.json', () => {
  test('runs nothing when the package is installed', () => {
    const { scripts, gypfile } = json('package.json');
    // With binding.gyp at the top, npm would otherwise call node-gyp by itself.
    expect(gypfile).toBe(false);
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(name);
  });

  test('nothing is built ahead by the way: npm runs `prebuild` before a script called `build`', () => {
    expect(json('package.json').scripts).toHaveProperty('prebuild');
    expect(json('package.json').scripts).not.toHaveProperty('build');
  });

  test('every script it names exists', () => {
    for (const command of Object.values<string>(json('package.json').scripts)) {
      const script = /^node (scripts\/\S+)/.exec(command)?.[1];
      if (script !== undefined) expect(existsSync(path.join(root, script)), command).toBe(true);
    }
  });

  test('asks npm for headers only: cmake-js takes them from node-api-headers', () => {
    expect(json('package.json').binary.napi_versions).toEqual([9]);
  });

  test('the lock file holds no addresses, so any registry serves', () => {
    const packages = Object.values<{ resolved?: string; integrity?: string }>(json('package-lock.json').packages);
    expect(packages.filter((each) => each.resolved !== undefined)).toEqual([]);
    expect(packages.slice(1).filter((each) => each.integrity === undefined)).toEqual([]);
  });
});

describe('scripts/openblas.lock.json', () => {
  test('pins one wheel by hash for every platform', () => {
    const { platforms } = json('scripts/openblas.lock.json');
    expect(Object.keys(platforms).sort()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64',
      'linux-arm64-musl',
      'linux-x64',
      'linux-x64-musl',
    ]);
    const rows = Object.values<{ version: string; sha256: string }>(platforms);
    for (const row of rows) {
      expect(row.version).toMatch(/^0\.3\.\d+\.\d+\.\d+$/);
      expect(row.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(new Set(rows.map((row) => row.sha256)).size).toBe(rows.length);
  });
});
