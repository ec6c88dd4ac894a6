/** Shared by the tests of what is refused. */

import { expect } from 'vitest';
import { KernelError } from '../../lib/errors.js';

/** The error that `act` throws; it must be an ERR_NETWORK. */
export function refusal(act: () => unknown): KernelError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    expect((error as KernelError).code).toBe('ERR_NETWORK');
    expect((error as KernelError).message).not.toMatch(/\.$|undefined|NaN'|\[object/);
    return error as KernelError;
  }
  throw new Error('was not refused');
}

/** Is everything in it frozen? */
export function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
