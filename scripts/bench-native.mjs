#!/usr/bin/env node
// The C++ benches: node scripts/bench-native.mjs [arguments of Google Benchmark]
import { loudly, quietly, run, SetupError, tail } from './lib/console.mjs';
import { installCommand } from './lib/packages.mjs';
import { at } from './lib/paths.mjs';
import { cacheSays, cmakeProgram, jobs } from './lib/steps.mjs';

await run(() => {
  // It may have come after CMake last looked.
  if (!cacheSays('build', 'RESGRAM_HAS_BENCHMARK')) quietly(cmakeProgram(), [at('build')]);
  if (!cacheSays('build', 'RESGRAM_HAS_BENCHMARK')) {
    throw new SetupError(`Google Benchmark is missing: ${installCommand(['benchmark'])}`);
  }
  const words = ['--build', at('build'), '--target', 'resgram_bench', '--parallel', String(jobs())];
  const built = quietly(cmakeProgram(), words);
  if (!built.ok) throw new SetupError(`the C++ benches do not compile:\n${tail(built.output, 60)}`);
  return loudly(at('build', 'resgram_bench'), process.argv.slice(2)) ? 0 : 1;
});
