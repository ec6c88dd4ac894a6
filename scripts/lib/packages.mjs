// The distribution's packages: what a missing tool is called there, and how it is installed.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { capture, note, quietly, SetupError, tail } from './console.mjs';

/** Is there such a program on the PATH? */
export function onPath(program) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      // not in this folder
    }
  }
  return false;
}

// One row per package manager: how it installs without asking, and what it calls each need.
const managers = [
  {
    program: 'apt-get',
    refresh: ['apt-get', 'update', '-q'],
    install: ['apt-get', 'install', '-y', '-q', '--no-install-recommends'],
    names: {
      compiler: ['g++'],
      make: ['make'],
      cmake: ['cmake'],
      python: ['python3', 'python3-pip'],
      openblas: ['libopenblas-dev'],
      gtest: ['libgtest-dev'],
      benchmark: ['libbenchmark-dev'],
    },
  },
  {
    program: 'dnf',
    install: ['dnf', 'install', '-y', '-q'],
    names: {
      compiler: ['gcc-c++'],
      make: ['make'],
      cmake: ['cmake'],
      python: ['python3', 'python3-pip'],
      openblas: ['openblas-devel'],
      gtest: ['gtest-devel'],
      benchmark: ['google-benchmark-devel'],
    },
  },
  {
    program: 'apk',
    install: ['apk', 'add', '--no-cache', '-q'],
    names: {
      compiler: ['g++'],
      make: ['make'],
      cmake: ['cmake'],
      python: ['python3', 'py3-pip'],
      openblas: ['openblas-dev'],
      gtest: ['gtest-dev'],
      benchmark: ['benchmark-dev'],
    },
  },
  {
    program: 'pacman',
    install: ['pacman', '-S', '--needed', '--noconfirm', '-q'],
    names: {
      compiler: ['gcc'],
      make: ['make'],
      cmake: ['cmake'],
      python: ['python', 'python-pip'],
      openblas: ['openblas'],
      gtest: ['gtest'],
      benchmark: ['benchmark'],
    },
  },
  {
    program: 'zypper',
    install: ['zypper', '--non-interactive', '--quiet', 'install', '--no-recommends'],
    names: {
      compiler: ['gcc-c++'],
      make: ['make'],
      cmake: ['cmake'],
      python: ['python3', 'python3-pip'],
      openblas: ['openblas-devel'],
      gtest: ['gtest'],
      benchmark: ['benchmark-devel'],
    },
  },
  {
    // Apple's compiler and make come with the command line tools, which no package manager installs.
    program: 'brew',
    unprivileged: true,
    install: ['brew', 'install', '--quiet'],
    names: {
      cmake: ['cmake'],
      python: ['python'],
      openblas: ['openblas'],
      gtest: ['googletest'],
      benchmark: ['google-benchmark'],
    },
  },
];

function manager() {
  const candidates = process.platform === 'darwin' ? managers.filter((m) => m.program === 'brew') : managers;
  return candidates.find((m) => onPath(m.program));
}

/** The words before a command that needs root: none for root, sudo where it can work, undefined where nothing can. */
function privilege(row) {
  if (row.unprivileged || process.getuid?.() === 0) return [];
  if (!onPath('sudo')) return undefined;
  if (process.stdin.isTTY) return ['sudo'];
  return capture('sudo', ['-n', 'true']) === undefined ? undefined : ['sudo', '-n'];
}

/** What a person would type to install `needs`, for messages. */
export function installCommand(needs) {
  if (process.platform === 'darwin' && needs.some((need) => need === 'compiler' || need === 'make')) {
    return 'xcode-select --install';
  }
  const row = manager();
  if (!row) {
    return process.platform === 'darwin'
      ? `install Homebrew, then: brew install ${needs.flatMap((need) => managers.at(-1).names[need] ?? []).join(' ')}`
      : `install ${needs.join(', ')} with your system's package manager`;
  }
  const sudo = row.unprivileged || process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}${row.program} ${row.install
    .slice(1)
    .filter((word) => !word.startsWith('-'))
    .join(' ')} ${needs.flatMap((need) => row.names[need] ?? []).join(' ')}`;
}

/** Installs what `needs` are called here. True when the package manager said it did; never throws. */
export function install(needs) {
  const row = manager();
  const names = row ? needs.flatMap((need) => row.names[need] ?? []) : [];
  const sudo = row && privilege(row);
  if (names.length === 0 || sudo === undefined) return false;
  note('packages', `installing ${names.join(', ')} with ${row.program}`);
  // sudo asks for its password on the terminal itself, so the rest may be quiet.
  const go = (words) => {
    const [program, ...args] = [...sudo, ...words];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' };
    return quietly(program, args, { env });
  };
  // Package lists may be missing or old, so they are refreshed; where that fails the packages may still be at hand.
  if (row.refresh) go(row.refresh);
  const { ok, output } = go([...row.install, ...names]);
  if (!ok) note('packages', `${row.program} could not:\n${tail(output, 8)}`);
  return ok;
}

/** Installs `needs` or stops with what to type. */
export function demand(needs, why) {
  if (!install(needs)) throw new SetupError(`${why}. Please run\n\n    ${installCommand(needs)}\n\nand try again`);
}
