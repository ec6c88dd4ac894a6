// The public surface is written down; a change of it is seen in review.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { apiReport } from '../../scripts/api-report.mjs';
import { requireBuilt } from '../boundary/support.js';

beforeAll(requireBuilt);

let report: string;

test('docs/api.md is what the declarations say; `npm run api` writes it', () => {
  report = apiReport();
  expect(report).toBe(readFileSync(path.resolve(import.meta.dirname, '..', '..', 'docs', 'api.md'), 'utf8'));
});

test('it names what is exported, without comments and without what is private', () => {
  for (const name of ['function compile(', 'class KernelError extends Error', 'interface Gram ', 'const sync: ']) {
    expect(report).toContain(name);
  }
  expect(report).not.toMatch(/\/\*\*|^\s*private /m);
});
