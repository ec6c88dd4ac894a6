// What a user reads where no binary fits: one message each, with one command. The package stands in node_modules of a
// folder of its own, as npm leaves it; what this machine is not is said to Node beforehand.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abi } from '../../lib/native.js';
import { isOlder, platformName, prebuilt } from '../../lib/platform.js';
import { requireBuilt } from '../boundary/support.js';

const root = path.resolve(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
let folder: string;
const inside = (...parts: string[]) => path.join(folder, 'node_modules', ...parts);

beforeAll(async () => {
  await requireBuilt();
  // Real, as the loader says it: the temporary folder of macOS is a link. With a space, as folders of people have.
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'resgram loader-')));
  chmodSync(folder, 0o755);
  cpSync(path.join(root, 'dist'), inside('resgram', 'dist'), { recursive: true });
  copyFileSync(path.join(root, 'package.json'), inside('resgram', 'package.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const own = `resgram-${platformName()}`;

/** A package for a platform, with these bytes as its addon. */
function platformPackage(name: string, manifest: object, addon: string | Buffer) {
  rmSync(inside(name), { recursive: true, force: true });
  mkdirSync(inside(name), { recursive: true });
  writeFileSync(inside(name, 'package.json'), JSON.stringify({ name, version, ...manifest }));
  writeFileSync(inside(name, 'resgram.node'), addon);
  for (const kind of ['so', 'dylib']) writeFileSync(inside(name, `libscipy_openblas.${kind}`), '');
}

interface Machine {
  readonly platform?: string;
  readonly arch?: string;
  readonly glibc?: string;
  readonly node?: string;
  /** What any .node file holds, instead of what it holds. */
  readonly addon?: object;
}

/** The error of the first use on a machine of this kind. */
function refused(machine: Machine = {}, flags: readonly string[] = []): { code: string; message: string } {
  const pretend = `
    import Module from 'node:module';
    const { platform, arch, glibc, node, addon } = ${JSON.stringify(machine)};
    const say = (object, name, value) => value !== undefined && Object.defineProperty(object, name, { value });
    say(process, 'platform', platform);
    say(process, 'arch', arch);
    say(process, 'versions', node && { ...process.versions, node });
    if (glibc) process.report.getReport = () => ({ header: { glibcVersionRuntime: glibc } });
    if (addon) Module._extensions['.node'] = (module) => { module.exports = addon; };`;
  const use = `
    ${pretend}
    const { compile, mlp, KernelError } = await import('resgram');
    try {
      compile(mlp({ depth: 1 }));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message, ours: error instanceof KernelError }));
    }`;
  const words = [...flags, '--no-warnings', '--input-type=module', '--eval', use];
  const { stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, RESGRAM_BINARY: '' },
  });
  expect(stderr).toBe('');
  const { ours, ...error } = JSON.parse(stdout);
  expect(ours).toBe(true);
  expect(error.code).toBe('ERR_NATIVE_LOAD');
  expect(error.message).not.toMatch(/\.\.|\.$/);
  return error;
}

const elf = (machine: number) => {
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(machine, 18);
  return head;
};
const linux: Machine = { platform: 'linux', arch: 'x64', glibc: '2.36' };
const installs = `'npm install --include=optional --save-optional resgram-linux-x64@${version}' installs it`;
const builds =
  `'npm install resgram-source@${version} && npm explore resgram-source -- npm run setup' builds it, ` +
  'which needs a C++ compiler';

describe('a binary that cannot be had', () => {
  test('no package for the platform, which npm left out: the command that installs it', () => {
    const { message } = refused(linux);
    expect(message).toContain(`does not load on linux-x64 with Node ${process.versions.node}`);
    expect(message).toContain(`${inside('resgram', 'build', 'Release', 'resgram.node')}: no such file`);
    expect(message).toContain('resgram-linux-x64: not installed');
    expect(message).toContain(installs);
    expect(message).not.toContain('npm explore');
  });

  test('a package of another version', () => {
    platformPackage('resgram-linux-x64', { version: '0.0.7' }, elf(62));
    const { message } = refused(linux);
    expect(message).toContain(`resgram-linux-x64: is version 0.0.7, expected ${version}`);
    expect(message).toContain(installs);
    rmSync(inside('resgram-linux-x64'), { recursive: true });
  });

  test.each([
    ['another processor', elf(183), 'is made for linux arm64, this is linux x64'],
    [
      'another system',
      Buffer.from('cffaedfe0c000001'.padEnd(64, '0'), 'hex'),
      'is made for darwin arm64, this is linux x64',
    ],
  ])('a binary for %s', (_name, bytes, why) => {
    platformPackage('resgram-linux-x64', {}, bytes);
    const { message } = refused(linux);
    expect(message).toContain(`resgram-linux-x64: ${why}`);
    expect(message).toContain(installs);
    rmSync(inside('resgram-linux-x64'), { recursive: true });
  });

  test.each([
    ['another boundary', { abi: abi + 1, version }, `has ABI number ${abi + 1}, expected ${abi}`],
    ['another version inside', { abi, version: '9.9.9' }, `is version 9.9.9, expected ${version}`],
  ])('a binary with %s', (_name, addon, why) => {
    platformPackage('resgram-linux-x64', {}, elf(62));
    const { message } = refused({ ...linux, addon });
    expect(message).toContain(`resgram-linux-x64: ${why}. `);
    expect(message).toContain(installs);
    rmSync(inside('resgram-linux-x64'), { recursive: true });
  });

  test('a binary that the system refuses to open', () => {
    platformPackage(own, {}, 'not a library');
    const { message } = refused();
    expect(message).toMatch(
      new RegExp(`${own}: .*(invalid ELF header|file too short|exec format error|not a mach-o)`, 'i'),
    );
    expect(message).toContain(builds);
    rmSync(inside(own), { recursive: true });
  });

  test.each([
    ['its OpenBLAS', 'libscipy_openblas.so', undefined, 'lacks libscipy_openblas.so'],
    ['the addon', 'resgram.node', undefined, 'lacks resgram.node'],
    ['half of its package.json', 'package.json', '{ "name":', 'has a package.json that cannot be read: Unexpected end'],
  ])('a package without %s: the command that installs it anew', (_name, file, left, why) => {
    const name = 'resgram-linux-x64';
    platformPackage(name, {}, elf(62));
    if (left === undefined) rmSync(inside(name, file));
    else writeFileSync(inside(name, file), left);
    const { message } = refused(linux);
    expect(message).toContain(`${name}: ${inside(name)} ${why}`);
    const install = `npm install --include=optional --save-optional ${name}@${version}`;
    expect(message).toContain(`'rm -r "${inside(name)}" && ${install}' installs it anew`);
    rmSync(inside(name), { recursive: true });
  });

  const permission = ['--permission', '--experimental-permission'].find((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag),
  );
  test.each([
    ['no addons', ['--no-addons'], 'Node was told --no-addons, as an argument or in NODE_OPTIONS; start it without'],
    [
      'few permissions',
      [permission as string, '--allow-fs-read=*'],
      "Node's permissions keep addons out; start it with --allow-addons as well",
    ],
  ])('a Node that was told of %s', (_name, flags, help) => {
    platformPackage(own, {}, 'never opened');
    const { message } = refused({}, flags);
    expect(message).toContain(`${own}: Cannot load native addon because loading addons is disabled. ${help}`);
    rmSync(inside(own), { recursive: true });
  });

  test.each(['esm', 'cjs'] as const)('a bundle with resgram in it, %s: mark it external', async (format) => {
    const file = path.join(folder, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const input = path.join(folder, 'app.mjs');
    const use = 'compile(mlp({ depth: 1 })); } catch (error) { console.log(error.code, error.message); }';
    writeFileSync(input, `import { compile, mlp } from 'resgram'; try { ${use}`);
    const bundle = await rolldown({ input, platform: 'node', external: ['fast-png', 'csv-parse'], logLevel: 'silent' });
    await bundle.write({ file, format, codeSplitting: false });
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(
      `ERR_NATIVE_LOAD the code of resgram is in ${format === 'esm' ? file : 'a bundle'}, away from its package, by which ` +
        "the native library is found; mark 'resgram' as external in the options of the bundler",
    );
  });

  test('a C library that is too old for it', () => {
    const { message } = refused({ ...linux, glibc: '2.17' });
    expect(message).toContain(`The one built ahead needs glibc 2.28 or newer, this is 2.17; ${builds}`);
  });

  test('sources beside it: built, they come before the package of the platform; of another version or unbuilt, they are named', () => {
    const file = inside('resgram-source', 'build', 'Release', 'resgram.node');
    mkdirSync(path.dirname(file), { recursive: true });
    const manifest = (of: string) =>
      writeFileSync(inside('resgram-source', 'package.json'), JSON.stringify({ name: 'resgram-source', version: of }));
    manifest(version);
    expect(refused(linux).message).toContain(
      `resgram-source: installed and not built yet; resgram-linux-x64: not installed`,
    );
    expect(refused(linux).message).toMatch(/'npm explore resgram-source -- npm run setup' builds it/);
    writeFileSync(file, elf(62));
    expect(refused({ ...linux, addon: { abi: abi + 1, version } }).message).toContain(
      `resgram-source: has ABI number ${abi + 1}, expected ${abi}; resgram-linux-x64: not installed`,
    );
    manifest('0.0.7');
    expect(refused(linux).message).toContain(`resgram-source: is version 0.0.7, expected ${version}`);
    rmSync(inside('resgram-source'), { recursive: true });
  });

  test('a processor for which none is built ahead: it can be built', () => {
    const { message } = refused({ ...linux, arch: 'riscv64' });
    expect(message).toContain(`None is built ahead for linux-riscv64; ${builds}`);
  });

  test('a system on which resgram does not run', () => {
    expect(refused({ platform: 'win32' }).message).toBe(
      'resgram runs on Linux and macOS, this is win32; on Windows it runs under WSL',
    );
    expect(refused({ platform: 'freebsd' }).message).toBe('resgram runs on Linux and macOS, this is freebsd');
  });

  test('an old Node', () => {
    expect(refused({ node: '20.18.3' }).message).toBe(
      'resgram needs Node 20.19 or newer, this is 20.18.3; install a newer Node',
    );
  });
});

test('versions are compared by their numbers', () => {
  expect(isOlder('20.9.1', '20.19')).toBe(true);
  expect(isOlder('20.19.0', '20.19')).toBe(false);
  expect(isOlder('2.4', '2.28')).toBe(true);
  expect(isOlder('22.0.0-rc.1', '20.19')).toBe(false);
});

test('the platforms of the loader are those that are built ahead', async () => {
  const targets = (await import(path.join(root, 'scripts', 'prebuild', 'targets.mjs'))) as {
    targetNames: readonly string[];
    target(name: string): { package: string; addon: string };
  };
  expect(targets.targetNames).toEqual(prebuilt);
  for (const name of prebuilt) {
    expect(targets.target(name)).toMatchObject({ package: `resgram-${name}`, addon: 'resgram.node' });
  }
});

describe('a folder that cannot be written', () => {
  // Root may write everywhere.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

  test('the set-up says so in one message', () => {
    const place = inside('read-only');
    cpSync(path.join(root, 'scripts'), path.join(place, 'scripts'), { recursive: true });
    copyFileSync(path.join(root, 'package.json'), path.join(place, 'package.json'));
    chmodSync(place, 0o555);
    const { status, stderr } = spawnSync(process.execPath, [path.join(place, 'scripts', 'setup.mjs')], {
      encoding: 'utf8',
      ...user,
    });
    chmodSync(place, 0o755);
    expect(status).toBe(1);
    expect(stderr.trim()).toMatch(
      /^resgram set-up stopped: cannot write .*\.cache.*, .* is read-only for this user; .* of your own$/,
    );
  });

  test('the command says so in one message, before it computes', () => {
    cpSync(path.join(root, 'node_modules', 'commander'), inside('commander'), { recursive: true });
    const place = path.join(folder, 'results');
    mkdirSync(place);
    writeFileSync(path.join(place, 'network.json'), '{ "preset": "mlp", "depth": 1 }');
    writeFileSync(path.join(place, 'x.csv'), '1,0\n0,1\n');
    chmodSync(place, 0o555);
    const words = ['gram', '--network', 'network.json', '--data', 'x.csv', '--out', 'kernels'];
    const main = inside('resgram', 'dist', 'cli', 'main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
      cwd: place,
      encoding: 'utf8',
      ...user,
    });
    chmodSync(place, 0o755);
    expect({ status, stdout, stderr }).toEqual({
      status: 8,
      stdout: '',
      stderr: "resgram: cannot write 'kernels': permission denied\n",
    });
  });
});
