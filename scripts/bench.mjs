#!/usr/bin/env node
// The benches. node scripts/bench.mjs native [arguments of Google Benchmark] runs the C++ ones, and
// node scripts/bench.mjs NAME [arguments] runs bench/NAME.mjs on the built package; without a name all of them.
import { existsSync, readdirSync } from 'node:fs';
import { loudly, note, quietly, run, SetupError, tail } from './lib/console.mjs';
import { installCommand } from './lib/packages.mjs';
import { at } from './lib/paths.mjs';
import { cacheSays, cmakeProgram, jobs } from './lib/steps.mjs';

function native(more, alone) {
  if (!cacheSays('build', 'RESGRAM_HAS_BENCHMARK')) {
    const remedy = `Google Benchmark is missing: ${installCommand(['benchmark'])}, then npm run build:native`;
    if (alone) throw new SetupError(remedy);
    note('C++ benches', `skipped: ${remedy}`);
    return true;
  }
  const words = ['--build', at('build'), '--target', 'resgram_bench', '--parallel', String(jobs())];
  const built = quietly(cmakeProgram(), words);
  if (!built.ok) throw new SetupError(`the C++ benches do not compile:\n${tail(built.output, 60)}`);
  return loudly(at('build', 'resgram_bench'), more);
}

await run(() => {
  const names = readdirSync(at('bench'))
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -4));
  const [name, ...more] = process.argv.slice(2);
  if (name === 'native') return native(more, true) ? 0 : 1;
  if (name !== undefined && !names.includes(name)) {
    throw new SetupError(`no bench '${name}'; there are native, ${names.join(', ')}`);
  }
  if (!existsSync(at('dist', 'index.js'))) throw new SetupError('the package is not built; run `npm run build`');
  const script = (each) => loudly(process.execPath, [at('bench', `${each}.mjs`), ...more], { cwd: at() });
  if (name !== undefined) return script(name) ? 0 : 1;
  return [native([], false), ...names.map(script)].every(Boolean) ? 0 : 1;
});
