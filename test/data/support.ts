import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { type ErrorCode, KernelError } from '../../lib/errors.js';

/** A folder for the files of one test file, removed at its end. */
export function scratchFolder(): { path: string; write: (name: string, content: string | Uint8Array) => string } {
  const path = mkdtempSync(join(tmpdir(), 'resgram-data-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

/** The KernelError with which a call fails; anything else fails the test. */
export async function failureOf(call: () => unknown): Promise<KernelError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
  throw new Error('expected a KernelError, but the call succeeded');
}

export async function expectFailure(call: () => unknown, code: ErrorCode, message: RegExp): Promise<KernelError> {
  const error = await failureOf(call);
  expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(message) });
  return error;
}

/** `expectFailure` as the whole of a test. */
export async function expectRefusal(call: () => unknown, code: ErrorCode, message: RegExp): Promise<void> {
  await expectFailure(call, code, message);
}

export const fixtures = join(import.meta.dirname, '..', 'fixtures');
export const examples = join(import.meta.dirname, '..', '..', 'examples');
