#!/usr/bin/env node
// The packages on a machine that no addon is built ahead for: packed, installed into an empty project without running any
// script, the addon built from the package of sources by node-gyp, a kernel computed. With --tarballs FOLDER the packages are
// taken as they were packed.
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { done, quietly, run, SetupError, seconds, tail } from './lib/console.mjs';
import { at } from './lib/paths.mjs';
import { version } from './prebuild/targets.mjs';
import { writeResult } from './test-results.mjs';

const program = `
  import { compile, gram, mlp } from 'resgram';
  const { values } = await gram(compile(mlp({ depth: 2 })), [[1, 0], [0, 1], [1, 1]], 'ntk');
  const sound = values.length === 9 && values.every(Number.isFinite) && values[1] === values[3] && values[0] > values[1];
  console.log(sound ? 'computed' : values);
`;

await run(() => {
  const start = performance.now();
  const { values } = parseArgs({ options: { tarballs: { type: 'string' } } });
  const project = mkdtempSync(path.join(tmpdir(), 'resgram-package-'));
  const step = (what, command, ...args) => {
    const { ok, output } = quietly(command, args, { cwd: project });
    if (!ok) {
      writeResult('package', { failures: [what] });
      throw new SetupError(`${what}:\n${tail(output, 30)}`);
    }
    return output;
  };
  try {
    if (values.tarballs === undefined) {
      step('npm pack', 'npm', 'pack', at(), '--silent', '--ignore-scripts');
      step('npm run pack:source', process.execPath, at('scripts', 'pack-source.mjs'));
    } else {
      for (const name of ['resgram', 'resgram-source'].map((each) => `${each}-${version()}.tgz`))
        copyFileSync(path.resolve(values.tarballs, name), path.join(project, name));
    }
    const tarballs = readdirSync(project).filter((name) => name.endsWith('.tgz'));
    writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
    step(
      'npm install',
      'npm',
      'install',
      ...tarballs.map((name) => `./${name}`),
      '--ignore-scripts',
      // The packages of the platforms, which are not published yet.
      '--omit=optional',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
    );
    step('npm run setup in resgram-source', 'npm', 'explore', 'resgram-source', '--', 'npm', 'run', 'setup');
    writeFileSync(path.join(project, 'use.js'), program);
    const said = step('a kernel from the installed package', process.execPath, 'use.js');
    if (said !== 'computed') throw new SetupError(`the installed package computed ${said}`);
    writeResult('package', { passed: 1 });
    done('package', `installed, built and used in ${seconds(start)}`);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
