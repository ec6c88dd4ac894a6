#!/usr/bin/env node
// Writes docs/verification.md: measures the package against every golden file, on every instruction set there is.
import { loudly, run } from './lib/console.mjs';
import { at } from './lib/paths.mjs';

await run(() => {
  const words = [at('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/oracles/verification.test.ts'];
  const { RESGRAM_SIMD: _, ...env } = process.env;
  const measure = (more) => loudly(process.execPath, words, { cwd: at(), env: { ...env, ...more } });
  if (!measure({ RESGRAM_WRITE_VERIFICATION: 'new' })) return 1;
  // Asked for more than the machine has, the core takes what there is.
  const others = process.arch === 'x64' ? ['avx2', 'baseline'] : [];
  const more = others.map((simd) => measure({ RESGRAM_WRITE_VERIFICATION: 'more', RESGRAM_SIMD: simd }));
  return more.every(Boolean) ? 0 : 1;
});
