// The change log keeps its form, and becomes a version.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { released } from '../../scripts/changelog.mjs';

const text = readFileSync(path.resolve(import.meta.dirname, '..', '..', 'CHANGELOG.md'), 'utf8');

test('CHANGELOG.md has what is to come on top, then versions with dates, each in parts of known names', () => {
  const titles = text.match(/^## .*$/gm) ?? [];
  expect(titles[0]).toBe('## Unreleased');
  for (const title of titles.slice(1)) expect(title).toMatch(/^## \d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)$/);
  for (const part of text.match(/^### .*$/gm) ?? [])
    expect(part).toMatch(/^### (Added|Changed|Fixed|Removed|Security)$/);
});

test('what is unreleased gets a version and a date', () => {
  const before = '# Changes\n\n## Unreleased\n\n### Added\n\n- A.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- B.\n';
  expect(released(before, '0.2.0', '2026-02-02')).toBe(
    '# Changes\n\n## Unreleased\n\n## 0.2.0 (2026-02-02)\n\n### Added\n\n- A.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- B.\n',
  );
  expect(() => released(before, '0.1.0', '2026-02-02')).toThrow('has 0.1.0 already');
  expect(() => released(before, 'next', '2026-02-02')).toThrow("expected a version like 0.2.0, got 'next'");
  expect(() => released(released(before, '0.2.0', ''), '0.3.0', '')).toThrow('nothing is below Unreleased');
});
