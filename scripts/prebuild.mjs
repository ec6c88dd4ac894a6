#!/usr/bin/env node
// The addon for other machines than this: node scripts/prebuild.mjs [TARGET]..., by default all of them.
//
// Each is compiled with one pinned cross compiler, read to see that it is what it must be, and written as a package into
// prebuilds/TARGET. Nothing is fetched but wheels, by their hashes.
import path from 'node:path';
import { done, note, run, SetupError, seconds } from './lib/console.mjs';
import { withLock } from './lib/lock.mjs';
import { at } from './lib/paths.mjs';
import { installPackages, packagesFresh } from './lib/steps.mjs';
import { provideCmake } from './lib/tools.mjs';
import { compile, provideCompiler } from './prebuild/compile.mjs';
import { inspect } from './prebuild/inspect.mjs';
import { target, targetNames } from './prebuild/targets.mjs';
import { writePackage } from './prebuild/write-package.mjs';

await run(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !targetNames.includes(name));
  if (unknown.length > 0)
    throw new SetupError(`no such target: ${unknown.join(', ')}; there are ${targetNames.join(', ')}`);
  await withLock('prebuild', () => {
    if (!packagesFresh()) installPackages();
    const cmake = provideCmake();
    const compiler = provideCompiler();
    for (const name of asked.length > 0 ? asked : targetNames) {
      const start = performance.now();
      const of = target(name);
      note(name, 'compiling');
      const built = compile(of, cmake, compiler);
      const said = inspect(of, { ...built, openblas: path.join(built.openblas, 'lib', of.library) });
      const folder = writePackage(of, { ...built, compiler: path.dirname(compiler) });
      done(name, `${path.relative(at(), folder)} in ${seconds(start)}: ${said.join(', ')}`);
    }
  });
});
