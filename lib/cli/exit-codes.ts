import type { ErrorCode } from '../errors.js';

/** One way in which the command ends. Scripts may rely on the numbers. */
export interface ExitCode {
  readonly code: number;
  readonly meaning: string;
  /** The error codes of the library that end the command this way. */
  readonly errors: readonly ErrorCode[];
}

/** Every exit code of `resgram`, in order; shown by `resgram --help` and in docs/cli.md. */
export const exitCodes = [
  { code: 0, meaning: 'done', errors: [] },
  { code: 1, meaning: 'a bug in resgram: please report it', errors: ['ERR_INTERNAL', 'ERR_DISPOSED', 'ERR_DETACHED'] },
  {
    code: 2,
    meaning: 'wrong use: an unknown or invalid option, or a network that means no kernel',
    errors: ['ERR_ARGUMENT', 'ERR_NETWORK', 'ERR_PROGRAM'],
  },
  {
    code: 3,
    meaning: 'wrong data: malformed, missing or infinite values, shapes that do not fit',
    errors: ['ERR_DATA', 'ERR_NOT_FINITE', 'ERR_SHAPE'],
  },
  {
    code: 4,
    meaning: 'the numbers have no answer: a singular matrix, no convergence, or a size out of range',
    errors: ['ERR_NOT_POSITIVE_DEFINITE', 'ERR_NO_CONVERGENCE', 'ERR_RANGE'],
  },
  { code: 5, meaning: 'more memory needed than there is', errors: ['ERR_OUT_OF_MEMORY'] },
  { code: 6, meaning: 'the output exists; --force replaces it', errors: ['ERR_OUTPUT_EXISTS'] },
  { code: 7, meaning: 'the native library cannot be loaded', errors: ['ERR_NATIVE_LOAD'] },
  { code: 8, meaning: 'a file or folder cannot be read or written', errors: ['ERR_IO'] },
  { code: 129, meaning: 'ended by SIGHUP (the terminal closed)', errors: [] },
  { code: 130, meaning: 'ended by SIGINT (Ctrl-C)', errors: [] },
  { code: 143, meaning: 'ended by SIGTERM', errors: [] },
] as const satisfies readonly ExitCode[];

/** The exit code for an error of the library. */
export function exitCodeOf(error: ErrorCode): number {
  return exitCodes.find(({ errors }) => (errors as readonly ErrorCode[]).includes(error))?.code ?? 1;
}
