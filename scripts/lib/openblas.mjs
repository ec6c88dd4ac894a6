// OpenBLAS: the registry's wheel unpacked into .deps/openblas, or the system's library.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { capture, done, note, quietly, SetupError, tail } from './console.mjs';
import { demand, install, installCommand, onPath } from './packages.mjs';
import { at, platformKey, readJson } from './paths.mjs';
import { zipEntries } from './zip.mjs';

const folder = at('.deps', 'openblas');
const recordFile = path.join(folder, 'source.json');

/** What RESGRAM_OPENBLAS asks for: 'wheel', 'system', or 'auto' (the wheel if it can be had). */
export function wanted() {
  const value = process.env.RESGRAM_OPENBLAS || 'auto';
  if (value !== 'auto' && value !== 'wheel' && value !== 'system') {
    throw new SetupError(`RESGRAM_OPENBLAS: expected wheel, system or auto, got '${value}'`);
  }
  return value;
}

/** The wheel for a platform: { package, version, sha256 }, or undefined where none is published. */
function locked(platform = platformKey()) {
  const lock = readJson(at('scripts', 'openblas.lock.json'));
  const row = lock.platforms[platform];
  return row && { package: lock.package, ...row };
}

function record() {
  try {
    return readJson(recordFile);
  } catch {
    return {};
  }
}

/** Is the wheel of the lock file unpacked? */
export function haveWheel() {
  const wheel = locked();
  return wheel !== undefined && record().sha256 === wheel.sha256;
}

/** A python3 whose pip can fetch the wheel (20.3 learnt the manylinux tags it carries), or why there is none. */
export function findPip() {
  let reason = 'no python3 with pip';
  for (const python of [process.env.PYTHON, 'python3', 'python'].filter(Boolean)) {
    if (!python.includes('/') && !onPath(python)) continue;
    const version = /^pip (\d+)\.(\d+)/.exec(capture(python, ['-m', 'pip', '--version']) ?? '');
    if (!version) continue;
    if (Number(version[1]) * 100 + Number(version[2]) >= 2003) return { python };
    reason = `pip ${version[1]}.${version[2]} is too old (20.3 is needed)`;
  }
  return { reason };
}

/** Fetches and unpacks the wheel; returns undefined when done, else the reason why not. */
function fetchWheel() {
  const wheel = locked();
  if (!wheel) return `no wheel is published for ${platformKey()}`;
  const { python, reason } = findPip();
  if (!python) return reason;
  note('OpenBLAS', `fetching ${wheel.package} ${wheel.version}`);
  mkdirSync(at('.deps'), { recursive: true });
  const scratch = mkdtempSync(at('.deps', 'fetch-'));
  try {
    const { archive, obstacle } = download(python, wheel, scratch);
    if (archive === undefined) return obstacle;
    unpack(archive, path.join(scratch, 'openblas'), wheel);
    rmSync(folder, { recursive: true, force: true });
    renameSync(path.join(scratch, 'openblas'), folder);
    return undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** One wheel with its hash checked by pip, for this machine or for the given platform tags: its file, or the obstacle. */
export function download(python, { package: name, version, sha256 }, into, tags = []) {
  const requirements = path.join(into, 'requirements.txt');
  writeFileSync(requirements, `${name}==${version} --hash=sha256:${sha256}\n`);
  const options = ['--require-hashes', '--only-binary=:all:', '--no-deps', '--disable-pip-version-check', '--quiet'];
  const platforms = tags.map((tag) => `--platform=${tag}`);
  const words = ['-m', 'pip', 'download', ...options, ...platforms, '-r', requirements, '-d', into];
  const { ok, output } = quietly(python, words);
  if (!ok) return { obstacle: `pip could not fetch ${name} ${version}:\n${tail(output, 6)}` };
  const archive = readdirSync(into).find((file) => file.endsWith('.whl'));
  return archive === undefined
    ? { obstacle: `pip fetched no wheel:\n${tail(output, 6)}` }
    : { archive: path.join(into, archive) };
}

/** The wheel of another platform, whose wheels carry one of the tags, below .deps/openblas-PLATFORM; returns the folder. */
export function provideWheelOf(platform, tags) {
  const place = at('.deps', `openblas-${platform}`);
  const wheel = locked(platform);
  if (wheel === undefined) throw new SetupError(`scripts/openblas.lock.json has no wheel for ${platform}`);
  const recorded = path.join(place, 'source.json');
  if (existsSync(recorded) && readJson(recorded).sha256 === wheel.sha256) return place;
  const { python, reason } = findPip();
  if (!python) throw new SetupError(`the OpenBLAS wheel of ${platform} cannot be fetched: ${reason}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(at('.deps'), { recursive: true });
  const scratch = mkdtempSync(at('.deps', 'fetch-'));
  try {
    const { archive, obstacle } = download(python, wheel, scratch, tags);
    if (archive === undefined) throw new SetupError(`OpenBLAS for ${platform}: ${obstacle}`);
    unpack(archive, path.join(scratch, 'openblas'), wheel);
    renameSync(path.join(scratch, 'openblas'), place);
    return place;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Library, headers and licence out of the wheel; the record goes last. */
function unpack(archive, into, wheel) {
  for (const entry of zipEntries(readFileSync(archive))) {
    const kept =
      /^scipy_openblas32\/((?:lib|include)\/[\w.-]+)$/.exec(entry.name)?.[1] ??
      /\.dist-info\/licenses\/(LICENSE\.txt)$/.exec(entry.name)?.[1];
    if (kept === undefined) continue;
    const target = path.join(into, kept);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, entry.data());
  }
  writeFileSync(path.join(into, 'source.json'), `${JSON.stringify(wheel, null, 2)}\n`);
}

/** The linker's view of the system's OpenBLAS; CMake checks it properly. */
function haveSystem() {
  const homebrew = ['/opt/homebrew/opt/openblas/lib', '/usr/local/opt/openblas/lib'];
  if (process.platform === 'darwin') return homebrew.some((place) => existsSync(place));
  const compiler = process.env.CXX ?? 'c++';
  return ['openblas', 'openblasp'].some((name) => {
    const found = capture(compiler, [`-print-file-name=lib${name}.so`]);
    return found?.startsWith('/') && existsSync(found);
  });
}

/** Makes an OpenBLAS available and returns which: 'wheel' or 'system'. */
export function provideOpenblas() {
  const want = wanted();
  if (want !== 'system') {
    if (!haveWheel()) {
      const obstacle = fetchWheel();
      if (obstacle !== undefined) {
        if (want === 'wheel') throw new SetupError(`OpenBLAS wheel: ${obstacle}`);
        note('OpenBLAS', `no wheel, so the system's library: ${obstacle}`);
        return provideSystem();
      }
    }
    done('OpenBLAS', `${record().version} (wheel ${record().package})`);
    return 'wheel';
  }
  return provideSystem();
}

function provideSystem() {
  if (!haveSystem())
    demand(['openblas'], 'OpenBLAS is missing: its wheel cannot be had here, nor is a library installed');
  if (!haveSystem()) {
    throw new SetupError(
      `the linker finds no libopenblas after its installation; please check ${installCommand(['openblas'])}`,
    );
  }
  done('OpenBLAS', "the system's library");
  return 'system';
}

/** Python packages whose programs the scripts use: unpacked below .deps/python, called without Python. */
export function pythonTool(name, version, program) {
  const target = at('.deps', 'python', `${name}-${version}`);
  const binary = path.join(target, program);
  if (existsSync(binary)) return binary;
  if (!findPip().python) install(['python']);
  const { python } = findPip();
  if (!python) return undefined;
  note(name, `fetching ${version}`);
  const options = ['--only-binary=:all:', '--no-deps', '--disable-pip-version-check', '--quiet', '--upgrade'];
  quietly(python, ['-m', 'pip', 'install', ...options, '--target', target, `${name}==${version}`]);
  return existsSync(binary) ? binary : undefined;
}
