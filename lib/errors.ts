/** Every way in which resgram refuses or fails. Scripts may switch on these. */
export const errorCodes = [
  'ERR_ARGUMENT',
  'ERR_NETWORK',
  'ERR_PROGRAM',
  'ERR_NOT_FINITE',
  'ERR_SHAPE',
  'ERR_DETACHED',
  'ERR_RANGE',
  'ERR_NOT_POSITIVE_DEFINITE',
  'ERR_NO_CONVERGENCE',
  'ERR_OUT_OF_MEMORY',
  'ERR_DISPOSED',
  'ERR_DATA',
  'ERR_OUTPUT_EXISTS',
  'ERR_IO',
  'ERR_NATIVE_LOAD',
  'ERR_INTERNAL',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Where and how much: { path }, { row, column }, { pivot, suggestedRidge }… */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The one error class of the package. The message says what was expected, what came, where, and what helps. Rows, columns
 * and samples are counted from 0, in messages as in details: they are indices into what the caller passed. (Lines of
 * files, which editors count from 1, are counted from 1.)
 */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** The known name closest to a mistyped one, if it is close enough to be what was meant. */
export function nearestName(given: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** "expected one of a, b, c; did you mean b?" for a name that is not in a catalogue. */
export function unknownName(what: string, given: string, known: readonly string[]): string {
  const near = nearestName(given, known);
  return `unknown ${what} '${given}'; ${near === undefined ? '' : `did you mean '${near}'? `}known: ${known.join(', ')}`;
}

/** Levenshtein distance, two rows at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
