#!/usr/bin/env node
// Writes docs/verification.md: measures the package against every golden file.
import { loudly, run } from './lib/console.mjs';
import { at } from './lib/paths.mjs';

await run(() => {
  const words = [at('node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/oracles/verification.test.ts'];
  const env = { ...process.env, RESGRAM_WRITE_VERIFICATION: '1' };
  return loudly(process.execPath, words, { cwd: at(), env }) ? 0 : 1;
});
