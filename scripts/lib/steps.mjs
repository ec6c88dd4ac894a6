// The steps of the set-up, each with the question whether it is up to date.
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import path from 'node:path';
import { done, note, quietly, SetupError, seconds, tail } from './console.mjs';
import { provideOpenblas, wanted } from './openblas.mjs';
import { addonFile, at, isClone, platformKey, readJson } from './paths.mjs';
import { filesBelow, fingerprint, isFresh, stamp } from './stamps.mjs';
import { provideTools } from './tools.mjs';

/** npm as the running npm knows itself, else the one on the PATH. */
function npm(args) {
  const own = process.env.npm_execpath;
  const [program, words] = own?.endsWith('.js') ? [process.execPath, [own, ...args]] : ['npm', args];
  return quietly(program, words, { cwd: at() });
}

/** Does node_modules hold what the lock file asks for? npm keeps a list of what it installed; optional ones may lack. */
export function packagesFresh() {
  if (!isClone) return true;
  try {
    const asked = readJson(at('package-lock.json')).packages;
    const present = readJson(at('node_modules', '.package-lock.json')).packages;
    return Object.entries(asked).every(
      ([place, { version, optional }]) => place === '' || optional || present[place]?.version === version,
    );
  } catch {
    return false;
  }
}

export function installPackages() {
  const start = performance.now();
  note('packages', 'npm ci');
  // No package may run a script of its own: none needs to, and nothing but the registry's archives comes in.
  const { ok, output } = npm(['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund']);
  if (!ok) {
    // npm says what went wrong first and explains its options afterwards.
    const said = output
      .split('\n')
      .filter((line) => !line.startsWith('npm warn'))
      .slice(0, 12)
      .join('\n');
    throw new SetupError(`npm ci failed:\n${said}`);
  }
  done('packages', `installed in ${seconds(start)}`);
}

const nativeInputs = () => [
  ...filesBelow('native', 'CMakeLists.txt', 'binding.gyp', 'scripts/addon.cmake', 'scripts/openblas.cmake'),
  ...filesBelow('scripts/openblas.lock.json', '.deps/openblas/source.json'),
];

function nativeHash() {
  const facts = [
    platformKey(),
    process.versions.modules,
    readJson(at('package.json')).version,
    wanted(),
    process.env.CXX ?? '',
  ];
  const addon = existsSync(addonFile) ? statSync(addonFile) : undefined;
  return fingerprint(nativeInputs(), [...facts, addon?.size ?? 0, addon?.mtimeMs ?? 0]);
}

export const nativeFresh = () => existsSync(addonFile) && isFresh('native', nativeHash());

/** Compilers running side by side: a core each, and about a gigabyte. */
export function jobs() {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / 2 ** 30)));
}

export function buildNative() {
  const cmake = provideTools();
  const openblas = provideOpenblas();
  const start = performance.now();
  note('addon', 'compiling');
  if (isClone) compileWithCmake(cmake, openblas);
  else compileWithGyp(openblas);
  stamp('native', nativeHash());
  done('addon', `built in ${seconds(start)}`);
}

function compileWithCmake(cmake, openblas) {
  const tool = at('node_modules', 'cmake-js', 'bin', 'cmake-js');
  const options = ['--log-level', 'error', `--CDRESGRAM_OPENBLAS=${openblas}`];
  if (cmake !== 'cmake') options.push('--cmake-path', cmake);
  if (process.env.RESGRAM_WERROR) options.push(`--CDRESGRAM_WERROR=${process.env.RESGRAM_WERROR}`);
  const call = (verb, more = []) => quietly(process.execPath, [tool, verb, ...options, ...more], { cwd: at() });
  let configured = call('configure');
  if (!configured.ok && existsSync(at('build', 'CMakeCache.txt'))) {
    // A folder made by another CMake, generator or place cannot be reused; once from scratch, then.
    rmSync(at('build', 'CMakeCache.txt'));
    rmSync(at('build', 'CMakeFiles'), { recursive: true, force: true });
    configured = call('configure');
  }
  if (!configured.ok) throw new SetupError(`CMake could not configure the build:\n${tail(configured.output, 40)}`);
  const built = call('build', ['--target', 'resgram', '--parallel', String(jobs())]);
  if (!built.ok) throw new SetupError(`the addon does not compile:\n${tail(built.output, 60)}`);
}

function compileWithGyp(openblas) {
  const env = { ...process.env, RESGRAM_OPENBLAS: openblas };
  const built = quietly(process.execPath, [at('scripts', 'gyp.mjs'), path.dirname(addonFile)], { cwd: at(), env });
  if (!built.ok) throw new SetupError(`the addon does not compile:\n${tail(built.output, 60)}`);
}

const entry = at('dist', 'index.js');

const typescriptHash = () =>
  fingerprint(
    filesBelow('lib', 'tsconfig.json', 'scripts/bundle.mjs', 'scripts/declarations.mjs'),
    ['typescript', 'rolldown'].map((name) => readJson(at('package.json')).devDependencies?.[name]),
  );

export const typescriptFresh = () => !isClone || (existsSync(entry) && isFresh('typescript', typescriptHash()));

export function buildTypescript() {
  const start = performance.now();
  const hash = typescriptHash();
  note('TypeScript', 'compiling');
  const { ok, output } = quietly(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at()], {
    cwd: at(),
  });
  if (!ok) throw new SetupError(`the TypeScript does not compile:\n${tail(output, 60)}`);
  prune();
  const bundled = quietly(process.execPath, [at('scripts', 'bundle.mjs')], { cwd: at() });
  if (!bundled.ok) throw new SetupError(`the package cannot be bundled:\n${tail(bundled.output, 60)}`);
  stamp('typescript', hash);
  done('TypeScript', `compiled in ${seconds(start)}`);
}

/** Outputs whose source is gone would otherwise be imported for ever. */
function prune() {
  for (const file of filesBelow('build-ts')) {
    const source = file.replace(/^build-ts/, 'lib').replace(/\.d\.ts$|\.js$/, '.ts');
    if (source.endsWith('.ts') && !existsSync(at(source))) rmSync(at(file));
  }
}

/** Is this variable true in the cache of a build folder? */
export function cacheSays(folder, name, wanted = /^(1|TRUE|ON|YES)$/) {
  return wanted.test(cacheEntry(folder, name) ?? '');
}

function cacheEntry(folder, name) {
  try {
    const cache = readFileSync(at(folder, 'CMakeCache.txt'), 'utf8');
    return new RegExp(`^${name}:\\w+=(.*)$`, 'm').exec(cache)?.[1];
  } catch {
    return undefined;
  }
}

/** The CMake that made build/: the system's, or the one in .deps. */
export function cmakeProgram() {
  return cacheEntry('build', 'CMAKE_COMMAND') ?? 'cmake';
}
