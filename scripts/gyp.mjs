#!/usr/bin/env node
// The node-gyp build of the addon: node scripts/gyp.mjs [OUTPUT FOLDER], by default build-gyp/Release.
//
// node-gyp always builds into build/ beside binding.gyp, which is cmake-js's place, so it runs in build-gyp/tree, a
// folder of links. It never downloads headers: it gets those of the running Node, else those of node-api-headers.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { done, note, quietly, run, SetupError, seconds, tail } from './lib/console.mjs';
import { withLock } from './lib/lock.mjs';
import { at } from './lib/paths.mjs';
import { jobs } from './lib/steps.mjs';

const require = createRequire(import.meta.url);

/** A folder with include/node for --nodedir. */
function nodeFolder() {
  const own = path.resolve(realpathSync(process.execPath), '..', '..');
  const header = (name) => path.join(own, 'include', 'node', name);
  if (existsSync(header('common.gypi')) && existsSync(header('node_version.h'))) {
    const text = readFileSync(header('node_version.h'), 'utf8');
    const number = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
    if (`v${number('MAJOR')}.${number('MINOR')}.${number('PATCH')}` === process.version) return own;
  }
  return synthesised();
}

/** Node-API is all that the addon includes; node-gyp only asks for a common.gypi beside it. */
function synthesised() {
  const folder = at('build-gyp', 'node');
  const include = path.join(folder, 'include', 'node');
  cpSync(require('node-api-headers').include_dir, include, { recursive: true });
  const gypi = {
    target_defaults: {
      default_configuration: 'Release',
      cflags: ['-fPIC', '-pthread'],
      configurations: { Release: {}, Debug: {} },
      conditions: [["OS=='mac'", { libraries: ['-undefined dynamic_lookup'] }]],
    },
  };
  writeFileSync(path.join(include, 'common.gypi'), `${JSON.stringify(gypi, null, 2)}\n`);
  return folder;
}

/** The project's node-gyp, or the one that npm carries. */
function nodeGyp() {
  const candidates = [
    process.env.npm_config_node_gyp,
    path.resolve(
      realpathSync(process.execPath),
      '..',
      '..',
      'lib',
      'node_modules',
      'npm',
      'node_modules',
      'node-gyp',
      'bin',
      'node-gyp.js',
    ),
  ];
  try {
    return require.resolve('node-gyp/bin/node-gyp.js');
  } catch {
    const found = candidates.find((file) => file && existsSync(file));
    if (found) return found;
  }
  throw new SetupError('node-gyp is missing: run `npm install node-gyp`, or start this script through `npm run setup`');
}

function linkTree(tree) {
  mkdirSync(tree, { recursive: true });
  for (const name of ['binding.gyp', 'package.json', 'native', '.deps']) {
    const link = path.join(tree, name);
    rmSync(link, { force: true });
    // The package of sources has it below native/, where no package manager takes it for an order to build.
    const target = [at(name), at('native', name)].find((place) => existsSync(place));
    if (target !== undefined) symlinkSync(target, link);
  }
}

await run(async () => {
  const output = path.resolve(process.argv[2] ?? at('build-gyp', 'Release'));
  const start = performance.now();
  const openblas = process.env.RESGRAM_OPENBLAS;
  const env = { ...process.env };
  if (openblas === 'auto' || openblas === '') delete env.RESGRAM_OPENBLAS;
  note('node-gyp', 'compiling');
  await withLock('gyp', () => {
    const tree = at('build-gyp', 'tree');
    linkTree(tree);
    const words = [
      nodeGyp(),
      'configure',
      'build',
      `--nodedir=${nodeFolder()}`,
      '--jobs',
      String(jobs()),
      '--loglevel',
      'warn',
    ];
    const built = quietly(process.execPath, words, { cwd: tree, env });
    if (!built.ok) throw new SetupError(`node-gyp failed:\n${tail(built.output, 60)}`);
    mkdirSync(output, { recursive: true });
    for (const name of ['resgram.node', 'libscipy_openblas.so', 'libscipy_openblas.dylib']) {
      const from = path.join(tree, 'build', 'Release', name);
      if (!existsSync(from)) continue;
      // Replaced, never overwritten: a process may have the old one loaded.
      copyFileSync(from, path.join(output, `${name}.new`));
      renameSync(path.join(output, `${name}.new`), path.join(output, name));
    }
  });
  done('node-gyp', `${path.relative(at(), path.join(output, 'resgram.node'))} built in ${seconds(start)}`);
});
