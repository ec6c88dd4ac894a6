import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A native addon in a worker thread shares the process with its siblings: a crash would take them along.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
