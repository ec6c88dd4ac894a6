import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its name.
  resolve: { alias: { resgram: path.join(import.meta.dirname, 'lib', 'index.ts') } },
  test: {
    include: ['test/**/*.test.ts'],
    // A native addon in a worker thread shares the process with its siblings: a crash would take them along.
    pool: 'forks',
    // By default one CPU is kept back, of two then half; half a file's time is spent on one thread.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
