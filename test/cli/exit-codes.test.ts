import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../lib/cli/errors.js';
import { exitCodeOf, exitCodes } from '../../lib/cli/exit-codes.js';
import { type ErrorCode, errorCodes, KernelError } from '../../lib/errors.js';

test('every error code ends the command in exactly one way', () => {
  const listed = exitCodes.flatMap(({ errors }) => errors as readonly ErrorCode[]);
  expect([...listed].sort()).toEqual([...errorCodes].sort());
  expect(new Set(exitCodes.map(({ code }) => code)).size).toBe(exitCodes.length);
});

test('no error ends like success or like a signal', () => {
  for (const code of errorCodes) {
    expect(exitCodeOf(code)).toBeGreaterThan(0);
    expect(exitCodeOf(code)).toBeLessThan(128);
  }
});

describe('what is told about a failure', () => {
  test('a KernelError: its message for people, code and details for programs', () => {
    const failure = describeFailure(
      new KernelError('ERR_NOT_FINITE', 'x: row 17, column 4 is NaN', { row: 17, column: 4 }),
    );
    expect(failure.exitCode).toBe(3);
    expect(failure.text).toBe('resgram: x: row 17, column 4 is NaN\n');
    expect(JSON.parse(failure.json)).toEqual({
      error: { code: 'ERR_NOT_FINITE', message: 'x: row 17, column 4 is NaN', details: { row: 17, column: 4 } },
    });
  });

  test('details that JSON cannot say do not break the document', () => {
    const details = { value: Number.NaN, bytes: 2n ** 60n, range: [Number.NEGATIVE_INFINITY, 1] };
    const failure = describeFailure(new KernelError('ERR_RANGE', 'out of range', details));
    expect(JSON.parse(failure.json).error.details).toEqual({
      value: 'NaN',
      bytes: '1152921504606846976',
      range: ['-Infinity', 1],
    });
  });

  test('an error of the system names the path and the reason', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: 'out/ntk.npy',
    });
    expect(describeFailure(error)).toMatchObject({ exitCode: 8, text: 'resgram: out/ntk.npy: the disk is full\n' });
  });

  test('an allocation that V8 refuses is a lack of memory', () => {
    let thrown: unknown;
    try {
      new ArrayBuffer(Number.MAX_SAFE_INTEGER);
    } catch (error) {
      thrown = error;
    }
    expect(describeFailure(thrown).exitCode).toBe(5);
  });

  test('anything else is our bug, says so, and shows its stack only with --debug', () => {
    const bug = new TypeError('cannot read x of undefined', { cause: new Error('the reason') });
    const failure = describeFailure(bug);
    expect(failure.exitCode).toBe(1);
    expect(failure.text).toContain('please report it');
    expect(failure.text).not.toContain('    at ');
    const debugged = describeFailure(bug, true);
    expect(debugged.text).toContain('    at ');
    expect(debugged.text).toContain('caused by Error: the reason');
    expect(describeFailure('a string').exitCode).toBe(1);
  });
});
