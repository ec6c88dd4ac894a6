import type { CommanderError } from 'commander';
import { KernelError } from '../errors.js';
import { inCommandWords } from './command-words.js';
import { exitCodeOf } from './exit-codes.js';
import { printable } from './printable.js';

export interface Failure {
  readonly exitCode: number;
  /** What a person reads, on stderr. */
  readonly text: string;
  /** What a program reads, on stdout, when --json was given. */
  readonly json: string;
}

/**
 * Turns whatever was thrown into one message, one JSON document and one exit code. `options` are those of the command
 * that ran, "--depths" and so on; a message names no others.
 */
export function describeFailure(thrown: unknown, debug = false, options?: ReadonlySet<string>): Failure {
  const error = asKernelError(thrown);
  const stack = debug ? `\n${stackOf(thrown)}` : '';
  const help =
    error.code === 'ERR_INTERNAL' && !debug
      ? '\nthis is a bug in resgram: please report it with the output of --debug'
      : '';
  const message = inCommandWords(error.message, options);
  return {
    exitCode: exitCodeOf(error.code),
    text: printable(`resgram: ${message}${help}${stack}\n`),
    json: `${JSON.stringify({ error: { code: error.code, message, details: error.details } }, plain, 2)}\n`,
  };
}

function asKernelError(thrown: unknown): KernelError {
  if (thrown instanceof KernelError) return thrown;
  if (isSystemError(thrown)) return systemError(thrown);
  if (
    thrown instanceof RangeError &&
    /allocation failed|invalid (typed )?array (buffer )?length/i.test(thrown.message)
  ) {
    return new KernelError('ERR_OUT_OF_MEMORY', `could not allocate memory (${thrown.message.toLowerCase()})`);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new KernelError('ERR_INTERNAL', `unexpected failure: ${message}`);
}

/** "error: unknown option '--tok'\n(Did you mean --top?)" in the words of our other messages. */
export function usageError(error: CommanderError, command: string): KernelError {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\.$/, '')
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/s, (_, names: string) => `; did you mean ${names}?`);
  return new KernelError('ERR_ARGUMENT', `${message}\nsee: ${command} --help`, { command, reason: error.code });
}

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
}

function isSystemError(thrown: unknown): thrown is SystemError {
  return thrown instanceof Error && 'syscall' in thrown && 'code' in thrown && typeof thrown.code === 'string';
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  EIO: 'the device failed',
};

function systemError(error: SystemError): KernelError {
  const reason = systemReasons[error.code] ?? error.message;
  const where = error.path === undefined ? 'input or output' : error.path;
  return new KernelError('ERR_IO', `${where}: ${reason}`, { systemCode: error.code, path: error.path ?? null });
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}

/** Details may hold numbers that JSON has no word for. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
