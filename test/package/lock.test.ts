// The lock of the set-up scripts.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { withLock } from '../../scripts/lib/lock.mjs';

const name = `test-${process.pid}`;
const file = path.resolve(import.meta.dirname, '..', '..', '.cache', `${name}.lock`);
afterEach(() => rmSync(file, { force: true }));

function leave(content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

test('a lock that names nobody is not waited for forever', async () => {
  leave('');
  await expect(withLock(name, () => 'done', 200)).rejects.toThrow(
    `${file} does not say whose lock it is; if no other ${name} runs in this folder, delete it`,
  );
  expect(existsSync(file)).toBe(true);
});

test('a lock whose owner writes its name late, and ends, is taken', async () => {
  leave('');
  setTimeout(() => rmSync(file), 100);
  expect(await withLock(name, () => 'done', 60_000)).toBe('done');
});

test('a lock left by a process that is gone is taken over, and given back', async () => {
  leave('2147483646');
  expect(await withLock(name, () => existsSync(file), 200)).toBe(true);
  expect(existsSync(file)).toBe(false);
});
