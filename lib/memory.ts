/** What will not fit is refused before anything is allocated: the system would otherwise kill the process later. */

import { KernelError } from './errors.js';
import { native, type Precision } from './native.js';

/** The share of the available memory that one call may plan with; the rest is for everyone else. */
const share = 0.8;
/** Not worth a look at the system's figures. */
const negligible = 32 * 2 ** 20;

export const bytesOf: Readonly<Record<Precision, number>> = { float64: 8, float32: 4 };

/**
 * Refuses (ERR_OUT_OF_MEMORY) `bytes` beyond 0.8 of what the system and the cgroup leave; `what` needs them, `remedy`
 * says how to need less.
 */
export function requireMemory(what: string, bytes: number, remedy: string): void {
  if (bytes < negligible) return;
  const available = native().availableMemory() * share;
  if (bytes <= available) return;
  throw new KernelError(
    'ERR_OUT_OF_MEMORY',
    `${what}: needs ${mebibytes(bytes)} MiB, but only ${mebibytes(available)} MiB may be used (0.8 of what is available); ${remedy}`,
    { needed: bytes, available },
  );
}

/** An array for results. The engine's own limits count as memory, too. */
export function allocate(length: number, precision: 'float64'): Float64Array;
export function allocate(length: number, precision: Precision): Float64Array | Float32Array;
export function allocate(length: number, precision: Precision): Float64Array | Float32Array {
  try {
    return precision === 'float64' ? new Float64Array(length) : new Float32Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new KernelError(
      'ERR_OUT_OF_MEMORY',
      `a result of ${length} numbers: ${mebibytes(length * bytesOf[precision])} MiB cannot be had (${error.message}); use fewer rows`,
      { needed: length * bytesOf[precision] },
      { cause: error },
    );
  }
}

function mebibytes(bytes: number): string {
  return String(Math.ceil(bytes / 2 ** 20));
}
