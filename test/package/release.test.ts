// What a release is refused for before anything is published.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { checkRepository } from '../../scripts/release/lint.mjs';
// @ts-expect-error: plain JavaScript without types
import { collect, packageOf } from '../../scripts/release/packages.mjs';
// @ts-expect-error: plain JavaScript without types
import { NotTried, Tally } from '../../scripts/release/tally.mjs';
// @ts-expect-error: plain JavaScript without types
import { bill, wrongWith } from '../../scripts/sbom.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');

describe('the repository that provenance will name', () => {
  const named = (repository?: unknown) => [
    { name: 'resgram', repository },
    { name: 'resgram-source', repository },
  ];

  test.each(['github:owner/name', 'git+https://github.com/owner/name.git', { url: 'git@github.com:owner/name.git' }])(
    'is taken as %j',
    (repository) => {
      expect(() => checkRepository(named(repository), 'owner/name')).not.toThrow();
    },
  );

  test.each([
    [
      undefined,
      'resgram, resgram-source names no repository, which provenance needs; add "repository": "github:owner/name"',
    ],
    ['github:owner/other', 'resgram comes from github:owner/other, this is owner/name; add'],
    ['github:another-owner/name', 'resgram comes from github:another-owner/name, this is owner/name'],
  ])('is refused as %j', (repository, why) => {
    expect(() => checkRepository(named(repository), 'owner/name')).toThrow(why);
  });

  test('is no matter where nothing is published', () => {
    expect(() => checkRepository(named(), undefined)).not.toThrow();
  });
});

describe('trials', () => {
  const tally = new Tally();

  test('that this machine cannot make are left, others that fail are failures', async () => {
    await tally.attempt('one', () => undefined);
    await tally.attempt('two', () => {
      throw new NotTried('no emulator');
    });
    await expect(tally.attempt('three', () => Promise.reject(new Error('wrong values')))).rejects.toThrow(
      'wrong values',
    );
    expect(tally.result).toEqual({ passed: 1, skipped: ['trial: two'] });
  });

  test('that are required must have been made', () => {
    expect(() => tally.close(['one'])).not.toThrow();
    expect(() => tally.close(['one', 'two'])).toThrow('--require asks for two, not tried on this machine');
  });
});

test('`npm publish` in a clone is refused with what publishes', () => {
  const script = path.join(root, 'scripts', 'release', 'refuse-publish.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('a clone is not what is published: its package.json names no platform packages');
});

test.each([
  [['--local', '--tarballs', 'x'], '--local packs this clone, --tarballs takes what is packed'],
  [['--require', 'riscv'], 'no such trial: riscv; there are all, old glibc, old CPU, arm64, musl'],
])('release-check %j is refused', (words, why) => {
  const script = path.join(root, 'scripts', 'release-check.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8', cwd: root });
  expect(status).toBe(1);
  expect(stderr).toContain(why);
});

test('a folder that lacks a package is no release', () => {
  const tarballs = path.join(root, 'test', 'fixtures');
  expect(() => collect(path.join(root, '.cache', 'release'), { local: false, tarballs })).toThrow(
    /must hold a tarball of each package; lacks resgram-\d.*,resgram-source-\d.*,resgram-linux-x64-\d/,
  );
});

describe('the bill of materials', () => {
  const { metadata, components } = bill();

  test('has every package with all that is inside, each with name, version, address and licence', () => {
    expect(wrongWith([metadata.component, ...metadata.tools.components, ...components])).toEqual([]);
    expect(metadata.component.name).toBe('resgram');
    expect(metadata.tools.components[0]).toMatchObject({ name: 'ziglang', hashes: [{ alg: 'SHA-256' }] });
    const named = (name: string) => components.find((each: { name: string }) => each.name === name);
    const inside = ({ components: inner }: { components: { name: string }[] }) => inner.map(({ name }) => name);
    expect(inside(named('resgram-source'))).toEqual(['node-addon-api', 'node-api-headers']);
    expect(inside(named('resgram-linux-arm64'))).toEqual([
      'scipy-openblas32',
      'libcxx',
      'compiler_rt',
      'node-addon-api',
    ]);
    expect(named('commander')).toBeDefined();
  });

  test('is refused where a component is empty', () => {
    const one = {
      'bom-ref': 'one',
      name: 'one',
      version: '1',
      purl: 'pkg:npm/one@1',
      licenses: [{ expression: 'MIT' }],
    };
    expect(wrongWith([one])).toEqual([]);
    expect(wrongWith([{ ...one, components: [{ ...one, name: ' ' }] }])).toEqual([
      'one has no name',
      'one is there twice',
    ]);
    expect(wrongWith([{ ...one, version: undefined, licenses: [{ license: {} }] }])).toEqual([
      'one has no version',
      'one has no licence',
    ]);
  });
});

test('the workflow takes the addon from where the trials unpack it', () => {
  expect(packageOf('/a/resgram-linux-x64-musl-1.20.3-rc.1.tgz')).toBe('resgram-linux-x64-musl');
  const workflow = readFileSync(path.join(root, '.github', 'workflows', 'release.yml'), 'utf8');
  const [, before] = /unpacked\/(\S*)\$\{\{ matrix\.target \}\}\/package\/resgram\.node/.exec(workflow) ?? [];
  expect(`${before}linux-x64`).toBe(packageOf('resgram-linux-x64-0.1.0.tgz'));
});
